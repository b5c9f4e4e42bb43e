"""Runs the steps: which one, when, and in which thread.

It promises that the same code runs whether the gateway serves or `inbeeld tick` asks once, that a step starts
at once when there is work for it and within a second when the work came from another process or became due,
and that stopping finishes what is under way and hands back what is not.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from gateway.log import Log
from gateway.mailbox.oldkeys import OldKeys
from gateway.mailbox.queue import Mailbox
from gateway.metrics import Metrics
from gateway.pipeline.alarms import Alarms
from gateway.pipeline.deadlines import Deadlines
from gateway.pipeline.dispatch import Dispatch
from gateway.pipeline.orders import Orders
from gateway.pipeline.receive import Receive
from gateway.pipeline.retire import Retire
from gateway.pipeline.signalen import AskAround
from gateway.quarantine.copies import SetAside
from gateway.store import inbox, outbox
from gateway.store.engine import Store
from gateway.store.worker import WorkerLock, take_over

THREADS = 4
"""How many mails are received side by side in one process."""

BATCH = 64
RETIRE_EVERY = timedelta(hours=1)
POLL_EVERY = timedelta(seconds=15)
"""How often it is looked whom to ask; how often each is asked, its options say."""


def utc_now() -> datetime:
    """The time by the machine's clock."""
    return datetime.now(UTC)


class Schedule:
    """The worker's heart. `now` gives the time, so that a test or a `tick` can set it."""

    def __init__(
        self,
        *,
        store: Store,
        receive: Receive,
        dispatch: Dispatch,
        deadlines: Deadlines,
        mailbox: Mailbox,
        orders: Orders,
        retire: Retire,
        old_keys: OldKeys,
        ask: AskAround,
        set_aside: SetAside,
        alarms: Alarms | None = None,
        log: Log,
        metrics: Metrics,
        lock: WorkerLock,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store, self._receive, self._dispatch = store, receive, dispatch
        self._alarms, self._ask, self._orders = alarms, ask, orders
        self._old_keys = old_keys
        self._deadlines, self._mailbox, self._retire, self._lock = deadlines, mailbox, retire, lock
        self._set_aside = set_aside
        self._log, self._metrics, self._now = log, metrics, now
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="inbeeld-receive")
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._mail, self._parcel = asyncio.Event(), asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._stopping = False
        self.lease = uuid.uuid4().hex

    def mail_came(self) -> None:
        """A mail was kept: receive it now."""
        self._mail.set()

    def start(self) -> None:
        """Start every loop, in the running event loop."""
        self._take_over()
        self._loops = [
            asyncio.create_task(self._loop("receive", self._mail, self._receive_batch)),
            asyncio.create_task(self._loop("dispatch", self._parcel, self._dispatch_more)),
        ]
        every = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._scheduler.add_job(self._sweep, "interval", seconds=1, **every)
        self._scheduler.add_job(
            self._clean, "interval", seconds=RETIRE_EVERY.total_seconds(), next_run_time=self._now(), **every
        )
        self._scheduler.add_job(self._poll, "interval", seconds=POLL_EVERY.total_seconds(), **every)
        self._scheduler.start()

    async def stop(self, grace: float = 30.0) -> None:
        """Finish what is under way, hand back the rest; a slow peer is given `grace` seconds."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._mail.set()
        self._parcel.set()
        late = (await asyncio.wait(self._loops, timeout=grace))[1] if self._loops else set()
        # A loop that is late waits for room among deliveries to slow peers: they have had their time.
        await self._dispatch.finish(0 if late else grace)
        await asyncio.gather(*self._loops)
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(inbox.release, self._store, self.lease)
        await asyncio.to_thread(self._dispatch.hand_back, self._now())
        self._lock.release()

    async def drain(self) -> dict[str, int]:
        """Run every step until nothing is due any more; gives what was done."""
        self._take_over()
        done = {"received": 0, "fired": 0, "dispatched": 0}
        await asyncio.to_thread(self._mailbox.sweep, self._now())
        await asyncio.to_thread(self._set_aside.sweep, self._now())
        await self._poll()
        while True:
            counts = {
                "received": await self._receive_batch(),
                "ordered": await asyncio.to_thread(self._orders.run, self._now()),
                "fired": await asyncio.to_thread(self._deadlines.run, self._now()),
                "sealed": await asyncio.to_thread(self._set_aside.run, self._now()),
                "alarmed": await asyncio.to_thread(self._alarm),
                "dispatched": await self._dispatch_batch(),
            }
            if not any(counts.values()):
                break
            done = {name: done[name] + counts[name] for name in done}
        await self._clean()
        return done

    def _take_over(self) -> None:
        """What a killed worker left is ours, if nobody else is there."""
        if self._lock.acquire():
            take_over(self._store, self._now())

    async def _loop(self, name: str, event: asyncio.Event, step: Callable[[], Awaitable[int]]) -> None:
        while not self._stopping:
            event.clear()
            try:
                if await step():
                    event.set()
            except Exception as error:  # noqa: BLE001 - a database that is away must not stop us
                self._log.failed(name, error)
            await event.wait()

    async def _receive_batch(self) -> int:
        now = self._now()
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(self._threads, inbox.claim, self._store, now, self.lease, BATCH)
        tasks = [loop.run_in_executor(self._threads, self._receive.run, row, now) for row in rows]
        for task in asyncio.as_completed(tasks):
            await task
            self._parcel.set()
        return len(rows)

    async def _dispatch_more(self) -> int:
        return await self._dispatch.feed(self._now())

    async def _dispatch_batch(self) -> int:
        return await self._dispatch.run(self._now())

    async def _sweep(self) -> None:
        """Fire due clocks, and look for work that another process left or that became due."""
        try:
            await asyncio.to_thread(self._orders.run, self._now())
        except Exception as error:  # noqa: BLE001 - the next sweep tries again
            self._log.failed("orders", error)
        try:
            await asyncio.to_thread(self._set_aside.run, self._now())
        except Exception as error:  # noqa: BLE001 - the next sweep tries again
            self._log.failed("set_aside", error)
        try:
            await asyncio.to_thread(self._deadlines.run, self._now())
            await asyncio.to_thread(self._alarm)
            await asyncio.to_thread(self._mailbox.sweep, self._now())
            await asyncio.to_thread(self._measure)
        except Exception as error:  # noqa: BLE001 - the next sweep tries again
            self._log.failed("deadlines", error)
        self._mail.set()
        self._parcel.set()

    async def _poll(self) -> None:
        """Ask the receivers that want to be asked, each at its own pace."""
        try:
            await self._ask.run(self._now())
        except Exception as error:  # noqa: BLE001 - the next round asks again
            self._log.failed("poll", error)

    async def _clean(self) -> None:
        try:
            await asyncio.to_thread(self._mailbox.expire, self._now())
            await asyncio.to_thread(self._old_keys.run, self._now())
            await asyncio.to_thread(self._retire.run, self._now())
            await asyncio.to_thread(self._set_aside.sweep, self._now())
            if self._alarms:
                await asyncio.to_thread(self._alarms.check_keys, self._now())
        except Exception as error:  # noqa: BLE001 - the next round tries again
            self._log.failed("retire", error)

    def _alarm(self) -> int:
        return int(self._alarms.run(self._now())) if self._alarms else 0

    def _measure(self) -> None:
        with self._store.read() as session:
            self._metrics.waiting.set(inbox.waiting(session))
            for status, number in outbox.counts(session).items():
                self._metrics.unsent.labels(status).set(number)
