"""The command line: one file per command group.

One voice: lower case, short, no stack traces. What went wrong says what to do next, on standard error; every
command that shows something has `--json` for machines.
"""
