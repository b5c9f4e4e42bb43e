"""The rules of a handover: pure, no I/O, no clock, no settings."""
