"""A step: one thing that the worker does again and again.

It promises that whatever runs steps needs to know nothing of any of them: each has a name, how often it is
due at the latest, and one way to be run.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def utc_now() -> datetime:
    """The time by the machine's clock."""
    return datetime.now(UTC)


class Step(ABC):
    """What a step is. Its `name` stands in the log and in the figures, and once in a worker."""

    name: str
    every: timedelta = SECOND
    follows = False
    """Whether it also runs at once when another step did something."""
    irrevocable = False
    """Whether what it does by the clock can't be taken back: it waits while the clock is in doubt."""
    wake: Callable[[], None] = staticmethod(lambda: None)
    """Asks to be run at once; set by whoever runs it."""

    @abstractmethod
    async def run(self, now: datetime) -> int:
        """Do what is due; gives how much that was. While it gives more than nothing, it is asked again."""

    async def finish(self, within: float | None = None) -> None:
        """Wait for what is still under way, and break off what takes longer than `within` seconds."""
        del within

    async def hand_back(self, now: datetime) -> None:
        """Give back what was claimed and not done: the worker stops."""
        del now


class Chore(Step):
    """A step that works in a thread: `work(now)` does what is due and gives how much that was."""

    def __init__(
        self,
        name: str,
        work: Callable[[datetime], int | None],
        every: timedelta = SECOND,
        *,
        irrevocable: bool = False,
    ) -> None:
        self.name, self.every, self._work, self.irrevocable = name, every, work, irrevocable

    async def run(self, now: datetime) -> int:
        """Do it, without keeping the other steps from running."""
        return await asyncio.to_thread(self._work, now) or 0
