"""Room to look at passwords: each takes 19 MiB, and a processor for a while.

It promises that few are looked at at once, that who waits for it takes no thread with which pages are
answered, and that one who comes when many wait already is told at once to come back.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from gateway.web import problems
from gateway.web.problems import Problem

AT_ONCE = 4
WAITING = 20
"""So many passwords are looked at, and so many more may wait for it."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Room:
    """Runs what looks at a password in threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
        self._inside = 0

    async def run(self, look: Callable[[*Ts], T], *args: *Ts) -> T:
        """What `look(*args)` gives; raises `Problem` when there is no room."""
        if self._inside >= AT_ONCE + WAITING:
            raise Problem(problems.BUSY, headers={"Retry-After": "10"})
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, look, *args)
        finally:
            self._inside -= 1
