"""A mail as a mail: its parts, its text, its thread, and whether a machine wrote it. Pure."""
