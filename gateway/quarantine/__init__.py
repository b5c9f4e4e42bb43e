"""Mails that were set aside: what a beheerder sees of them, and what becomes of them."""
