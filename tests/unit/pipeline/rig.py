"""A schedule with steps that do what a test wants, in a loop in which time passes at once."""

import asyncio
import selectors
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline import schedule as steps
from gateway.pipeline.schedule import Schedule, Step
from gateway.store.worker import BEAT_EVERY
from tests.story.journal import Journal

BEGIN = datetime(2031, 3, 29, 23, 0, tzinfo=UTC)


class Loop(asyncio.SelectorEventLoop):
    """An event loop in which time passes only while nobody has anything to do, and then at once."""

    def __init__(self, traveller: Any) -> None:
        super().__init__(selectors.DefaultSelector())
        self._passed, self._traveller = 0.0, traveller
        select = self._selector.select  # type: ignore[attr-defined]

        def wait(timeout: float | None) -> object:
            if timeout:
                self._passed += timeout
                self._traveller.shift(timeout)
            return select(0)

        self._selector.select = wait  # type: ignore[attr-defined]

    def time(self) -> float:
        """Seconds that passed."""
        return self._passed


class Present:
    """Stands where a worker's presence stands."""

    every = BEAT_EVERY

    def __init__(self) -> None:
        self.beats: list[tuple[datetime, list[str]]] = []
        self.failures: list[Exception] = []

    def beat(self, now: datetime, wall: datetime, stalled: list[str], trouble: Collection[str] = ()) -> int:
        """As `gateway.store.worker.Presence.beat`."""
        if self.failures:
            raise self.failures.pop()
        self.beats.append((wall, stalled))
        return 0

    def leave(self) -> None:
        """Nothing to give back."""


class Plain(Step):
    """A step that notes when it ran, and does what a test wants."""

    def __init__(self, name: str, every: float = 1, follows: bool = False) -> None:
        self.name, self.every, self.follows = name, timedelta(seconds=every), follows
        self.ran: list[float] = []
        self.results: list[int | Exception] = []
        self.handed_back = 0

    async def run(self, now: datetime) -> int:
        """Note it."""
        self.ran.append(asyncio.get_running_loop().time())
        result = self.results.pop(0) if self.results else 0
        if isinstance(result, Exception):
            raise result
        return result

    async def hand_back(self, now: datetime) -> None:
        """Note it."""
        self.handed_back += 1


class Rig:
    """A schedule in a loop of its own; `play` is the story that is told in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.journal, self.present = Journal(), Present()

        async def at_once(work: Callable[..., Any], *arguments: Any) -> Any:
            return work(*arguments)

        monkeypatch.setattr(steps.asyncio, "to_thread", at_once)

    def play(
        self,
        chosen: list[Step],
        story: Callable[[Schedule, Any], Any],
        *,
        last_seen: datetime | None = None,
        set_back: Callable[[datetime], int] = lambda _: 0,
    ) -> None:
        """Serve these steps while the story is told, and stop."""

        async def tell() -> None:
            schedule = Schedule(
                chosen,
                presence=self.present,  # type: ignore[arg-type]
                log=Log(self.journal),
                metrics=Metrics(),
                set_back=set_back,
            )
            schedule.start(last_seen)
            await story(schedule, traveller)
            await schedule.stop()

        with (
            time_machine.travel(BEGIN, tick=False) as traveller,
            asyncio.Runner(loop_factory=lambda: Loop(traveller)) as runner,
        ):
            runner.run(tell())
