"""Group commit: many mails that arrive together share one transaction.

Promises: a mail's future is done only after its row is committed, or has failed with `CannotKeep`; one bad
row fails alone; never more than `max_waiting` mails wait; `close` commits what was handed in before it.
`insert` runs in one thread, never twice at a time, and must treat a digest it already has as success.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from gateway.errors import CannotKeep
from gateway.store.inbox import Kept

Waiting = tuple[Kept, "asyncio.Future[None]"]


class Committer:
    """Give mails with `submit` or `keep`, from the event loop only."""

    def __init__(
        self, insert: Callable[[Sequence[Kept]], None], *, max_batch: int = 256, max_waiting: int = 1024
    ) -> None:
        self._insert = insert
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._waiting: list[Waiting] = []
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inbeeld-commit")
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    def submit(self, kept: Kept) -> "asyncio.Future[None]":
        """A future that is done when the mail is committed. Raises `CannotKeep` when no more mails may wait.

        Cancelling the future changes nothing for the mail.
        """
        if self._closed:
            raise CannotKeep("closed")
        if len(self._waiting) >= self._max_waiting:
            raise CannotKeep("full")
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._waiting.append((kept, future))
        if self._worker is None:
            # The task starts in the next turn of the loop, so mails of this turn share the transaction.
            self._worker = loop.create_task(self._work())
        return future

    async def keep(self, kept: Kept) -> None:
        """Commit one mail, or raise `CannotKeep`. Cancelling the caller doesn't stop the commit."""
        await asyncio.shield(self.submit(kept))

    async def close(self) -> None:
        """Commit what is waiting, then stop the thread. New mails get `CannotKeep`."""
        self._closed = True
        if self._worker is not None:
            await asyncio.shield(self._worker)
        self._thread.shutdown(wait=True)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._max_batch], self._waiting[self._max_batch :]
                outcomes = await loop.run_in_executor(self._thread, self._commit, [kept for kept, _ in batch])
                for (_, future), outcome in zip(batch, outcomes, strict=True):
                    if future.done():
                        continue
                    if outcome is None:
                        future.set_result(None)
                    else:
                        future.set_exception(outcome)
        finally:
            self._worker = None

    def _commit(self, batch: list[Kept]) -> list[CannotKeep | None]:
        problem = self._try(batch)
        if problem is None or len(batch) == 1:
            return [problem] * len(batch)
        return [self._try([kept]) for kept in batch]

    def _try(self, batch: list[Kept]) -> CannotKeep | None:
        try:
            self._insert(batch)
        except Exception as error:  # noqa: BLE001
            # Whatever went wrong, the client must come back. A database error's text can hold the row.
            return CannotKeep(type(error).__name__)
        return None
