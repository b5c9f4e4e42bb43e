"""Sealing: `box` at rest, the other formats towards an organisation."""
