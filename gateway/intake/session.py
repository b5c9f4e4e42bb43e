"""One client's connection: greeting, command loop, timers and the end of it.

Promises: a connection ends by itself, whatever the client does or leaves undone; an unexpected error is a
fixed 451 and a content-free event; every reply is one write. Built on aiosmtpd's session, whose weak spots
(LIBRARIES of the design: shared size limits, one timer, telling 500s, per-line DATA) are replaced here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Transaction

from gateway.intake import replies
from gateway.intake.inflow import BadLine, Inflow, LineTooLong
from gateway.intake.patience import Patience
from gateway.intake.reception import Reception
from gateway.intake.replies import Reply

# Browsers and proxies that are made to talk to a mail server (cross-protocol attacks).
_NOT_SMTP = {b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"HOST:", b"USER-AGENT:"}


class Conversation(SMTP):
    """The part of a connection that is the same for every command; `gateway.intake.smtp` has the commands."""

    commands: Mapping[bytes, str] = MappingProxyType({})
    before_tls: frozenset[bytes] = frozenset()
    idle_commands: frozenset[bytes] = frozenset()
    patience: Patience
    _reader: Inflow
    _closed: "asyncio.Future[None]"
    _writer: asyncio.StreamWriter
    session: Session
    envelope: Transaction
    transport: asyncio.Transport | None
    _timeout_handle: asyncio.TimerHandle

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        # Not aiosmtpd's own constructor: it inspects the class by reflection for every connection, which
        # takes longer than a whole mail, and it clears limits that all connections share.
        asyncio.StreamReaderProtocol.__init__(
            self, Inflow(loop=loop), client_connected_cb=self._cb_client_connected, loop=loop
        )
        self.loop = loop
        self.reception = reception
        self.hostname = reception.hostname
        self.enable_SMTPUTF8 = True
        self.event_handler = None
        self.transport = None
        self.strikes = 0
        self.peer_ip = ""
        self.trusted = False
        self.tls_version: str | None = None
        # `busy` is true while we, not the client, are the one to wait for.
        self.busy = False
        self._original_transport = None
        self._tls_protocol = None
        self._handle_hooks = {}
        self._auth_required = False
        self._auth_require_tls = False
        self._inside = False
        self._leaving = False
        self._stopping = False

    # Coming and going

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there: count it, or turn it away."""
        peer = transport.get_extra_info("peername")
        # A socket of another family, or one that is gone already, has no address.
        self.peer_ip = str(peer[0]).partition("%")[0] if isinstance(peer, tuple) else "0.0.0.0"  # noqa: S104
        self.trusted = self.reception.trusts(self.peer_ip)
        limit = self.reception.connections.enter(self.peer_ip, trusted=self.trusted)
        self._inside = limit is None
        if limit is not None:
            self.reception.events.limit(limit)
            transport.write(replies.TOO_MANY_CONNECTIONS.line)
            transport.close()
            return
        self.reception.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone. A commit under way goes on without it."""
        if not self._inside:
            return
        self._inside = False
        self.reception.connections.leave(self.peer_ip)
        self.reception.open.discard(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Bytes from the client; after we said goodbye nobody listens."""
        if self._inside and not self._leaving:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """The client will send no more, but it may wait for our answers (half-close)."""
        if not self._inside:
            return False
        if self._leaving:
            self._writer.transport.close()
            return False
        self._reader.feed_eof()
        return self.tls_version is None

    def leave(self, reply: Reply | None = None) -> None:
        """Say `reply` and end the connection; after `linger_s` it is cut off."""
        if self._leaving or not self._inside:
            return
        self._leaving = True
        transport = self._writer.transport
        if reply is not None:
            transport.write(reply.line)
            self.reception.events.refused(reply.code, reply.reason)
        # Ends whatever still waits for bytes of this client, and frees what it has sent.
        self._reader.discard()
        self._reader.feed_eof()
        if self.tls_version is None and reply is not None and transport.can_write_eof():
            # Closing a socket with unread bytes resets it, and the client would never see why.
            transport.write_eof()
        else:
            transport.close()
        self._timeout_handle.cancel()
        self._timeout_handle = self.loop.call_later(self.reception.limits.linger_s, transport.abort)

    def stop(self) -> None:
        """The listener stops: leave now, or when the mail that is on its way is in."""
        self._stopping = True
        if not self.in_transaction:
            self.leave(replies.STOPPING)

    @property
    def in_transaction(self) -> bool:
        """Whether a mail is on its way in."""
        return self.busy or self.patience.content is not None or self.envelope.mail_from is not None

    @property
    def gone(self) -> "asyncio.Future[None]":
        """Done when the connection is closed."""
        return self._closed

    def abort(self) -> None:
        """End the connection at once."""
        self._leaving = True
        if self._inside:
            self._writer.transport.abort()

    # Time

    def _reset_timeout(self, duration: float | None = None) -> None:
        # One timer that looks often enough, instead of one that is set anew for every command.
        now = self.loop.time()
        self.patience = Patience(self.reception.limits, now)
        self._timeout_handle = self.loop.call_at(self.patience.next_look(now), self._look_at_clock)

    def _look_at_clock(self) -> None:
        now = self.loop.time()
        late = None if self.busy else self.patience.ended(now)
        if late is not None:
            self.reception.events.limit(late)
            self.leave(replies.TOO_SLOW)
        else:
            self._timeout_handle = self.loop.call_at(self.patience.next_look(now), self._look_at_clock)

    # The command loop

    def reset(self) -> None:
        """Forget the transaction."""
        self.envelope = self._create_envelope()

    async def answer(self, reply: Reply) -> None:
        """One reply; refusals are counted."""
        if reply.code >= 400:
            self.strikes += 1
            self.reception.events.refused(reply.code, reply.reason)
        await self.send(reply.line)

    async def send(self, line: bytes) -> None:
        """Bytes in one write, waiting when the client doesn't read its answers."""
        if not self._leaving:
            self._writer.write(line)
            await self._writer.drain()

    async def push(self, status: str | bytes) -> None:
        """A reply that aiosmtpd made (only its AUTH dialogue does)."""
        line = status.encode("ascii") if isinstance(status, str) else status
        if line[:1] in b"45":
            self.strikes += 1
            self.reception.events.refused(int(line[:3]), "login")
        await self.send(line + b"\r\n")

    async def _handle_client(self) -> None:
        try:
            await self._greet()
            while not self._leaving and await self._one_command():
                pass
            self.leave()
        except ConnectionError:
            # The client vanished between two replies; `connection_lost` tidies up.
            self.abort()
        except Exception as error:  # noqa: BLE001
            self.reception.events.failed("session", type(error).__name__)
            self.leave(replies.UNEXPECTED)

    async def _greet(self) -> None:
        # Two turns of the loop, so that what a client sent before our greeting has been read by now.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if self._reader.pending:
            self.leave(replies.TALKED_FIRST)
        else:
            await self.send(f"220 {self.hostname} ESMTP\r\n".encode("ascii"))

    async def _one_command(self) -> bool:
        limits = self.reception.limits
        try:
            line = await self._reader.command(limits.command_bytes)
        except LineTooLong as problem:
            self.reception.events.limit("command_bytes")
            if problem.hopeless:
                self.leave(replies.COMMAND_TOO_LONG)
            else:
                await self.answer(replies.COMMAND_TOO_LONG)
        except BadLine:
            await self.answer(replies.BAD_LINE_END)
        else:
            if line is None:
                return False
            self.patience.heard(self.loop.time())
            await self._obey(line)
        if self._stopping and not self.in_transaction:
            self.leave(replies.STOPPING)
        if self.strikes > limits.strikes:
            self.reception.events.limit("strikes")
            self.leave(replies.TOO_MANY_STRIKES)
        return True

    async def _obey(self, line: bytes) -> None:
        word, _, rest = line.partition(b" ")
        verb = word.upper()
        name = self.commands.get(verb)
        if name is None:
            if verb in _NOT_SMTP:
                self.leave(replies.NOT_SMTP)
            else:
                await self.answer(replies.UNKNOWN_COMMAND)
            return
        if self.needs_tls and verb not in self.before_tls:
            await self.answer(replies.TLS_FIRST)
            return
        try:
            argument = rest.strip(b" ").decode("utf-8")
        except UnicodeDecodeError:
            await self.answer(replies.BAD_SYNTAX)
            return
        if verb in self.idle_commands:
            self.strikes += 1
        method: Callable[[str], Awaitable[Any]] = getattr(self, name)
        try:
            await method(argument)
        except (ConnectionError, EOFError):
            self.leave()
        except Exception as error:  # noqa: BLE001
            # Its text may hold what the client sent, so only its class is told, and only to our own side.
            self.reception.events.failed("session", type(error).__name__)
            self.reset()
            await self.answer(replies.UNEXPECTED)

    @property
    def needs_tls(self) -> bool:
        """Whether this client must issue STARTTLS before anything else."""
        return self.reception.require_tls and not self.trusted and self.tls_version is None
