"""From a received mail to a committed row: seal, digest, and one commit for many (group commit).

Promises: a mail is sealed before anything else sees it; `done` is told an id only after the row is committed;
the commit goes on when the client has gone, and the same mail sent again by the same sender to the same
recipients has the same digest; one bad row fails alone, but when the store takes nothing at all everybody who
waits is told at once; never more than `max_waiting` mails wait; `close` commits what was handed in before it.

Sealing stays on the event loop: HPKE takes 0.1 ms and holds Python's lock, so a thread would gain nothing.
"""

import asyncio
import hashlib
import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from queue import SimpleQueue
from typing import NamedTuple, Protocol

from gateway.errors import CannotKeep, StoreAway
from gateway.gate.authenticity import Envelope, pack
from gateway.store.inbox import Kept

Outcome = CannotKeep | None

_TELL_S = 0.1
# How long mails are gathered for one commit: so many turns of the loop, and no longer than this.
_TURNS = 32
_GATHER_S = 0.002


class Events(Protocol):
    """Who hears what happens. Codes are closed; nothing here ever comes from a mail."""

    def accepted(self, mails: Sequence[tuple[str, int]]) -> None:
        """These mails (id and size) were committed just now."""

    def refused(self, code: int, reason: str) -> None:
        """A client got this 4xx or 5xx (`gateway.intake.replies`)."""

    def limit(self, name: str) -> None:
        """A limit was hit, by its name in `Limits`."""

    def failed(self, step: str, kind: str) -> None:
        """Our own trouble: in `seal`, `commit`, `session` or `room`; `kind` is the class of the error."""

    def abuse(self, peer_ip: str, reason: str) -> None:
        """A client did what no mail server does; for whoever keeps such clients out (fail2ban)."""


class _Waiting(NamedTuple):
    kept: Kept
    done: Callable[[Outcome], None]


class Committer:
    """Give mails with `submit`, from the event loop only.

    `insert` runs in one thread, never twice at a time; it must treat a digest it already has as success, and
    raise `StoreAway` where no other row would fare better.
    """

    def __init__(
        self, insert: Callable[[Sequence[Kept]], None], *, max_batch: int = 256, max_waiting: int = 1024
    ) -> None:
        self._insert = insert
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._waiting: list[_Waiting] = []
        self._batches: SimpleQueue[list[_Waiting] | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._committing = False
        self._idle: asyncio.Future[None] | None = None
        self._closed = False
        self.on_commit: Callable[[Sequence[Kept]], None] = lambda _: None
        """Told of each commit, after every mail of it was."""

    def submit(self, kept: Kept, done: Callable[[Outcome], None]) -> None:
        """Commit a mail; `done` is called from the loop, once, with None or with why it couldn't be kept.

        Raises `CannotKeep` when no more mails may wait.
        """
        if self._closed:
            raise CannotKeep("closed")
        if len(self._waiting) >= self._max_waiting:
            raise CannotKeep("full")
        self._waiting.append(_Waiting(kept, done))
        if not self._committing:
            self._committing = True
            if self._thread is None:
                self._loop = asyncio.get_running_loop()
                self._thread = threading.Thread(target=self._work, name="inbeeld-commit", daemon=True)
                self._thread.start()
            self._begin()

    async def settled(self) -> None:
        """Wait until every mail that was handed in has been committed, or can't be."""
        while self._committing:
            if self._idle is None:
                self._idle = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._idle)

    async def close(self) -> None:
        """Commit what is waiting, then stop the thread. New mails get `CannotKeep`."""
        self._closed = True
        await self.settled()
        if self._thread is not None:
            self._batches.put(None)
            self._thread.join()
            self._thread = None

    def _begin(self) -> None:
        """Begin a batch some turns of the loop from now, so that the mails of these share the transaction.

        When little happens they pass at once; when much happens, they bring more mails.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + _GATHER_S

        def turn(left: int) -> None:
            if left and loop.time() < end:
                loop.call_soon(turn, left - 1)
            else:
                self._next()

        turn(_TURNS)

    def _next(self) -> None:
        batch, self._waiting = self._waiting[: self._max_batch], self._waiting[self._max_batch :]
        if batch:
            self._batches.put(batch)
            return
        self._committing = False
        if self._idle is not None:
            self._idle.set_result(None)
            self._idle = None

    def _ended(self, batch: list[_Waiting], outcomes: list[Outcome]) -> None:
        if isinstance(outcomes[-1], StoreAway):
            # Who came meanwhile would wait as long for the same answer.
            outcomes += [outcomes[-1]] * len(self._waiting)
            batch, self._waiting = batch + self._waiting, []
        # Each in a call of its own: trouble with one client keeps no other from its answer.
        loop = asyncio.get_running_loop()
        for mail, outcome in zip(batch, outcomes, strict=True):
            loop.call_soon(mail.done, outcome)
        if kept := [mail.kept for mail, outcome in zip(batch, outcomes, strict=True) if outcome is None]:
            loop.call_soon(self.on_commit, kept)
        self._begin()

    # In the thread

    def _work(self) -> None:
        while (batch := self._batches.get()) is not None:
            outcomes = self._commit([mail.kept for mail in batch])
            loop = self._loop
            if loop is None or loop.is_closed():
                return
            loop.call_soon_threadsafe(self._ended, batch, outcomes)

    def _commit(self, batch: list[Kept]) -> list[Outcome]:
        problem = self._try(batch)
        if problem is None or isinstance(problem, StoreAway) or len(batch) == 1:
            return [problem] * len(batch)
        outcomes: list[Outcome] = []
        for kept in batch:
            away = outcomes and isinstance(outcomes[-1], StoreAway)
            outcomes.append(outcomes[-1] if away else self._try([kept]))
        return outcomes

    def _try(self, batch: list[Kept]) -> Outcome:
        try:
            self._insert(batch)
        except CannotKeep as problem:
            return problem
        except Exception as error:  # noqa: BLE001
            # Whatever went wrong, the client must come back. A database error's text can hold the row.
            return CannotKeep(type(error).__name__)
        return None


class Keeper:
    """Keeps mails. `seal` gets the plaintext and the context `inbox:<id>`; `now` gives aware UTC.

    `on_kept` is called after each commit, whatever became of the clients; `took` is told the network's mark
    and the size of what was kept. The event of what was accepted gathers for a moment: a line of the log for
    each mail costs as much as its commands.
    """

    def __init__(
        self,
        *,
        committer: Committer,
        seal: Callable[[bytes, str], bytes],
        digest_key: bytes,
        now: Callable[[], datetime],
        events: Events,
        on_kept: Callable[[], None],
    ) -> None:
        self._committer = committer
        self._seal = seal
        self._digest_key = digest_key
        self._now = now
        self._events = events
        self._on_kept = on_kept
        self._untold: list[tuple[str, int]] = []
        self.took: Callable[[str | None, int], None] = lambda mark, size: None
        committer.on_commit = self._committed

    def keep(
        self,
        envelope: Envelope,
        raw: bytes,
        network: str | None,
        line: str,
        done: Callable[[str | None], None],
    ) -> None:
        """Seal and commit a mail; `done` is called once: with its id, or None if the client must retry.

        `network` is the mark of the network whose share of unproven mail it takes, if it does; `line` says
        how the line was encrypted by which it came.
        """
        id = secrets.token_hex(16)
        try:
            sealed = self._seal(pack(envelope, raw), f"inbox:{id}")
        except Exception as error:  # noqa: BLE001
            self._events.failed("seal", type(error).__name__)
            done(None)
            return
        mark = digest(self._digest_key, envelope, raw)
        kept = Kept(id, self._now(), mark, sealed, len(raw), network, line)

        def ended(problem: Outcome) -> None:
            if problem is not None:
                self._events.failed("commit", str(problem))
            done(None if problem is not None else id)

        try:
            self._committer.submit(kept, ended)
        except CannotKeep as problem:
            ended(problem)

    def _committed(self, mails: Sequence[Kept]) -> None:
        self._on_kept()
        for kept in mails:
            self.took(kept.network, kept.size)
        if not self._untold:
            asyncio.get_running_loop().call_later(_TELL_S, self._tell)
        self._untold += [(kept.id, kept.size) for kept in mails]

    def _tell(self) -> None:
        mails, self._untold = self._untold, []
        if mails:
            self._events.accepted(mails)

    async def settled(self) -> None:
        """Wait until every commit under way has ended, and was told of."""
        await self._committer.settled()
        self._tell()


def digest(key: bytes, envelope: Envelope, raw: bytes) -> str:
    """Keyed BLAKE2b (hex) over sender, recipients and content: a retry has it in common with the first try.

    The connection is left out: a retry may come from another address of the same sender.
    """
    state = hashlib.blake2b(key=key, digest_size=32)
    for part in (envelope.mail_from, *sorted(envelope.rcpt_tos), ""):
        encoded = part.encode("utf-8")
        state.update(len(encoded).to_bytes(4, "big") + encoded)
    state.update(raw)
    return state.hexdigest()
