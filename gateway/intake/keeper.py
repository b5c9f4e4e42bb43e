"""From a received mail to a committed row: seal, digest, hand to the committer.

Promises: the mail is sealed before anything else sees it; the same mail sent again by the same sender to the
same recipients has the same digest; after the commit `on_kept` is called and the event is given, also when
the client has gone.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from gateway.errors import CannotKeep
from gateway.gate.envelope import Envelope, pack
from gateway.intake.committer import Committer
from gateway.store.inbox import Kept


class Events(Protocol):
    """Who hears what happens. Codes are closed; nothing here ever comes from a mail."""

    def accepted(self, id: str, size: int) -> None:
        """A mail of `size` bytes is committed."""

    def refused(self, code: int, reason: str) -> None:
        """A client got this 4xx or 5xx (`gateway.intake.replies`)."""

    def limit(self, name: str) -> None:
        """A limit was hit, by its name in `Limits`."""

    def failed(self, step: str, kind: str) -> None:
        """Our own trouble: in `seal`, `commit` or `session`; `kind` is the class of the error."""


class Keeper:
    """Keeps mails. `seal` gets the plaintext and the context `inbox:<id>`; `now` gives aware UTC."""

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
        self._pending: set[asyncio.Future[None]] = set()

    def keep(
        self, envelope: Envelope, raw: bytes, done: Callable[[], None]
    ) -> tuple[str, "asyncio.Future[None]"]:
        """The new row's id and a future of its commit. `done` is called at the end in any case, once.

        `CannotKeep` at once, or from the future, means that the client must come back.
        """
        id = secrets.token_hex(16)
        size = len(raw)
        try:
            try:
                sealed = self._seal(pack(envelope, raw), f"inbox:{id}")
            except Exception as error:  # noqa: BLE001
                self._events.failed("seal", type(error).__name__)
                raise CannotKeep("seal") from None
            try:
                future = self._committer.submit(
                    Kept(id, self._now(), digest(self._digest_key, envelope, raw), sealed, size)
                )
            except CannotKeep as error:
                self._events.failed("commit", str(error))
                raise
        except BaseException:
            done()
            raise

        def finish(future: "asyncio.Future[None]") -> None:
            self._pending.discard(future)
            done()
            problem = None if future.cancelled() else future.exception()
            if problem is not None:
                self._events.failed("commit", str(problem))
            else:
                self._events.accepted(id, size)
                self._on_kept()

        self._pending.add(future)
        future.add_done_callback(finish)
        return id, future

    async def settled(self) -> None:
        """Wait until every commit under way has ended."""
        while self._pending:
            await asyncio.wait(list(self._pending))


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
