"""What a step of a worker is, and who runs them: each by itself, and each as often as it wants.

It promises that the same list runs whether the gateway serves or `inbeeld tick` asks once, and that nothing
needs to be known of any of them; that a step which fails or hangs keeps no other from running; that a step
starts at once when there is work for it, and soon when the work came from another process or became due; that
no step of the machine's clock stops anything, and that after a leap forward nothing irrevocable happens at
once; that a database which is away is told once, and once when it is back; that stopping finishes what is
under way and hands back what is not; and that a gateway which is paused does nothing but say that it lives.
"""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.clockwatch import ClockWatch
from gateway.store.engine import is_away
from gateway.store.worker import Presence

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def utc_now() -> datetime:
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


STALLED_AFTER = 120.0
"""A step that did not come back for so many seconds, beside its wait between two runs, is stalled."""

SET_BACK_FOR, SET_BACK_EVERY = 60.0, 10.0
"""How long after a step back, and how often, waits are looked at that may have begun by the old clock."""

LONGEST_WAIT = 8.0
"""How long a step waits at most before it asks a database that was away again, in seconds."""

GOES_ON = frozenset({"presence", "troubles", "erase"})
"""The steps that a gateway does while it is paused: they send nothing and change nothing about a case."""


class FromNowOn(BaseTrigger):  # type: ignore[misc]
    """Every so often, counted from now: what a clock leapt over is not made up for.

    APScheduler's own interval goes through every moment that was missed, one by one; a clock that is set two
    days ahead would keep it busy for minutes.
    """

    def __init__(self, every: timedelta) -> None:
        self._every = every

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The next moment; never one that has passed."""
        return now + self._every


class Schedule:
    """The worker's heart. `now` gives the time, so that a test or a `tick` can set it.

    The steps run in the order of the list when they are asked once, and side by side when the worker serves.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        *,
        presence: Presence,
        log: Log,
        metrics: Metrics,
        now: Callable[[], datetime] = utc_now,
        wall: Callable[[], datetime] = utc_now,
        paused: Callable[[], bool] = lambda: False,
        clock: ClockWatch | None = None,
        set_back: Callable[[datetime], int] = lambda _: 0,
        trouble: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._clock, self._set_back, self._trouble = clock or ClockWatch(), set_back, trouble
        self._set_back_again = self._set_back_until = float("inf")
        self._presence, self._log, self._metrics = presence, log, metrics
        self._paused, self._rests = paused, False
        self._now, self._wall = now, wall
        # Whoever is gone is noticed first: what it held can then be taken in the same round.
        self._beating = Chore("presence", self._beat, presence.every)
        self.steps = [self._beating, *steps]
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._wakes = {step.name: asyncio.Event() for step in self.steps}
        self._monotonic: Callable[[], float] = time.monotonic
        self._came_back = dict.fromkeys(self._wakes, self._monotonic())
        self._loops: list[asyncio.Task[None]] = []
        self._watch: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._present = asyncio.Event()
        """Set when others can tell that we live: what is claimed before would wait for its lease if we were
        killed."""
        self._away: set[str] = set()
        """The steps that the database failed, and that have not come through since."""

    def wake(self, name: str) -> None:
        """There is work for a step: run it now."""
        self._wakes[name].set()

    def start(self, last_seen: datetime | None = None) -> None:
        """Start every step, in the running event loop; `last_seen` is when a worker lived last."""
        self._rests = self._paused()
        # Seconds that no step of the machine's clock changes, and that a test can let pass.
        self._monotonic = asyncio.get_running_loop().time
        self._clock.goes_by(self._monotonic)
        if self._clock.began(last_seen, self._wall()):
            self._set_back_again = self._set_back_until = self._monotonic()
        for step in self.steps:
            step.wake = self._wakes[step.name].set
            self._came_back[step.name] = self._monotonic()
            self._loops.append(asyncio.create_task(self._loop(step)))
            self._scheduler.add_job(
                self._due, FromNowOn(step.every), args=[step.name], coalesce=True, misfire_grace_time=None
            )
        self._scheduler.start()
        self._watch = asyncio.create_task(self._watch_clock())

    async def stop(self, grace: float = 30.0) -> None:
        """Finish what is under way, hand back the rest; a slow peer is given `grace` seconds."""
        self._stopping.set()
        self._present.set()
        if self._watch:
            self._watch.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for wake in self._wakes.values():
            wake.set()
        late = (await asyncio.wait(self._loops, timeout=grace))[1] if self._loops else set()
        # A loop that is late waits for room among peers that are slow: they have had their time.
        await asyncio.gather(*(step.finish(0 if late else grace) for step in self.steps))
        await asyncio.gather(*self._loops)
        for step in self.steps:
            await self._safely(step, step.hand_back(self._now()))
        await asyncio.to_thread(self._presence.leave)

    async def drain(self, only: Collection[str] = ()) -> dict[str, int]:
        """Run every step until nothing is due any more; gives what was done. Raises the first failure.

        `only` names the steps to run, also while the gateway is paused.
        """
        self._rests = self._paused()
        goes = set(only) or (GOES_ON if self._rests else self._wakes.keys())
        done = {step.name: 0 for step in self.steps}
        errors: dict[str, Exception] = {}
        busy = True
        while busy:
            busy = False
            for step in self.steps:
                if step.name in errors or step.name not in goes:
                    continue
                try:
                    count = await step.run(self._now())
                    await step.finish()
                except Exception as error:  # noqa: BLE001 - the other steps still have their turn
                    self._log.failed(step.name, error)
                    errors[step.name] = error
                    continue
                done[step.name] += count
                busy = busy or count > 0
        if errors:
            raise next(iter(errors.values()))
        return done

    def ages(self) -> dict[str, float]:
        """How many seconds ago each step came back for the last time."""
        now = self._monotonic()
        return {name: now - at for name, at in self._came_back.items()}

    def _beat(self, now: datetime) -> int:
        self._rests = self._paused()
        ages = self.ages()
        for name, age in ages.items():
            self._metrics.step_age.labels(name).set(age)
        stalled = [
            step.name
            for step in self.steps
            if self._loops and ages[step.name] > STALLED_AFTER + step.every.total_seconds()
        ]
        return self._presence.beat(now, self._wall(), stalled, self._trouble())

    async def _loop(self, step: Step) -> None:
        wake, failures = self._wakes[step.name], 0
        if step is not self._beating:
            await self._present.wait()
            self._came_back[step.name] = self._monotonic()
        while not self._stopping.is_set():
            wake.clear()
            if self._rests and step.name not in GOES_ON:
                # It is asked again as often as it wants, and works as soon as the gateway goes on.
                self._came_back[step.name], failures = self._monotonic(), 0
                await wake.wait()
                continue
            if step.irrevocable and self._clock.in_doubt:
                self._came_back[step.name] = self._monotonic()
                await wake.wait()
                continue
            done = await self._safely(step, step.run(self._now()))
            if done is None:
                failures += 1
                if step is self._beating and step.name not in self._away:
                    # It fails by itself, which keeps nobody from working.
                    self._present.set()
                await self._back_off(failures)
                continue
            self._came_back[step.name], failures = self._monotonic(), 0
            self._present.set()
            if done:
                wake.set()
                for other in self.steps:
                    # What was taken over may be any step's.
                    if other.follows or step is self._beating:
                        self._wakes[other.name].set()
            await wake.wait()

    async def _safely(self, step: Step, work: Awaitable[int | None]) -> int | None:
        """Do a step's work; None if it failed."""
        try:
            done = await work
        except Exception as error:  # noqa: BLE001 - neither a bug nor a database that is away may stop us
            if not is_away(error):
                self._log.failed(step.name, error)
            else:
                if not self._away:
                    self._log.database_away(step.name, error)
                self._away.add(step.name)
            return None
        if step.name in self._away:
            # A step that only reads tells nothing of a database which takes no writes.
            self._away.discard(step.name)
            if not self._away:
                self._log.database_back()
        return done or 0

    async def _back_off(self, failures: int) -> None:
        """Wait before a step that failed is tried again, whatever wakes it meanwhile; but not at a stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(2.0 ** (failures - 1), LONGEST_WAIT)):
                await self._stopping.wait()

    async def _due(self, name: str) -> None:
        # APScheduler calls what is no coroutine in a thread, where an event must not be set.
        self.wake(name)

    async def _watch_clock(self) -> None:
        """Look every second whether the machine's clock was set.

        APScheduler waits by that clock: when it was set, every step is due at once, and then as before.
        """
        while True:
            await asyncio.sleep(1)
            step = self._clock.look()
            if step:
                self._log.clock_stepped(step)
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=utc_now())
            now = self._monotonic()
            if step < 0:
                self._set_back_again, self._set_back_until = now, now + SET_BACK_FOR
            if (
                now >= self._set_back_again
                and await self._safely(self._beating, self._begun_anew()) is not None
            ):
                # What was begun by the old clock writes its moments later.
                self._set_back_again = now + SET_BACK_EVERY
                if now >= self._set_back_until:
                    self._set_back_again = float("inf")

    async def _begun_anew(self) -> int:
        """Let waits that were written down by another clock begin anew."""
        changed = await asyncio.to_thread(self._set_back, self._now())
        if changed:
            for wake in self._wakes.values():
                wake.set()
        return changed
