"""Figures and health, as pages."""
