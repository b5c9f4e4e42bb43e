"""The page of one case, and what can be done there."""
