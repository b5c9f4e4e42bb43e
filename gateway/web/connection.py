"""A connection that tells which certificate its client showed, and does not wait for ever.

uvicorn checks client certificates, but passes nothing of them on; each request of the connection finds the
SHA-256 fingerprint (hex) in its state. It also waits for the rest of a request as long as a client likes: we
promise that a connection without a whole request ends after `patience` seconds, however slowly it talks, and
that one which takes nothing more of its answer does too.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.web.api.access import CERTIFICATE

UNFINISHED = ("IDLE", "SEND_BODY")
"""What h11 calls the states of a client that has more to say: a whole request, or the rest of one."""


class Connection(H11Protocol):
    """One connection."""

    patience = 30.0
    """So many seconds a client may take to send one whole request, or to take a part of its answer."""

    gone: Callable[[], None] = staticmethod(lambda: None)
    """Told when the connection is no more."""

    _impatience: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state: dict[str, Any] = {**self.app_state, CERTIFICATE: _fingerprint(transport)}
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """See `H11Protocol`: what came while we answered may be the beginning of the next request."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._rest()
        self._moves()
        self.gone()

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`: the client takes less than it is given."""
        super().pause_writing()
        self._stalls()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._moves()

    def _watch(self) -> None:
        """Let the time run while the client is to say something, and stop it once it has said all."""
        if repr(self.conn.their_state) not in UNFINISHED:
            self._rest()
        elif self._impatience is None and not self.transport.is_closing():
            self._impatience = self.loop.call_later(self.patience, self.transport.abort)

    def _rest(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None

    def _stalls(self) -> None:
        """Let the time run while an answer waits; what the client took in it gives them as much again."""
        self._moves()
        waits = self.transport.get_write_buffer_size()

        def left() -> None:
            if self.transport.get_write_buffer_size() < waits:
                self._stalls()
            else:
                self.transport.abort()

        self._stalled = self.loop.call_later(self.patience, left)

    def _moves(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


def _fingerprint(transport: asyncio.Transport) -> str:
    tls = transport.get_extra_info("ssl_object")
    shown = tls.getpeercert(binary_form=True) if isinstance(tls, ssl.SSLObject | ssl.SSLSocket) else None
    return hashlib.sha256(shown).hexdigest() if shown else ""
