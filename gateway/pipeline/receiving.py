"""Claims mails that wait and lets them be received, several at a time.

It promises that a mail which was claimed and not received is handed back when the worker stops.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from gateway.pipeline.receive import Receive
from gateway.pipeline.step import Step
from gateway.store import inbox
from gateway.store.engine import Store

THREADS = 4
"""How many mails are received side by side in one process."""

BATCH = 64


class Receiving(Step):
    """The step."""

    name = "receive"

    def __init__(self, *, store: Store, receive: Receive, lease: str) -> None:
        self._store, self._receive, self._lease = store, receive, lease
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="inbeeld-receive")

    async def run(self, now: datetime) -> int:
        """Receive what waits; gives how many mails that were."""
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(self._threads, inbox.claim, self._store, now, self._lease, BATCH)
        await asyncio.gather(
            *(loop.run_in_executor(self._threads, self._receive.run, row, now) for row in rows)
        )
        return len(rows)

    async def hand_back(self, now: datetime) -> None:
        """The worker stops: another may have what is left."""
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(inbox.release, self._store, self._lease)
