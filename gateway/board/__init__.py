"""The board: what needs a beheerder now, the cases that run, and the page of each."""
