"""The board: what needs a beheerder now, and the cases that run."""
