"""How long a test waits for what must come before it says that it never came.

One limit for all, so long that no busy machine reaches it: a test that passes never waits for it, and one
that hangs still ends with its name. A time that is itself what a test is about stands in that test.
"""

import signal

PATIENCE_S = 300.0
"""Seconds."""


def heeds_interrupts() -> None:
    """What a child does at its start that is told to stop by ctrl-c.

    Whoever runs the tests in the background of a shell lets them, and their children, ignore it.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
