"""How it goes with all cases together: figures, their pages, and health."""
