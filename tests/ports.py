"""Free ports, for what must know its own before it listens."""

import itertools
import os
import socket
from collections.abc import Iterator
from functools import cache


def free_port() -> int:
    """A port at which nobody listens."""
    return next(port for port in _ports(os.getpid()) if _is_free(port))


@cache
def _ports(process: int) -> Iterator[int]:
    """The ports that a process tries, one after the other.

    None is one that the system gives to whoever connects, or it is taken again before it listens. Of ten
    processes that begin after each other each has a thousand for itself.
    """
    return (20_000 + number % 12_000 for number in itertools.count(process * 1_201))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
