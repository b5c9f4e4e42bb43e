"""Bytes in, a Reading out: pure, no I/O."""
