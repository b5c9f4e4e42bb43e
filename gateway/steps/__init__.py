"""The stages of a referral; each takes rows from the store, does its work and commits one move."""
