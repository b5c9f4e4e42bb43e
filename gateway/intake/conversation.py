"""One client's connection: greeting, command lines, answers, timers and the end of it.

Promises: a connection ends by itself, whatever the client does or leaves undone; memory stays bounded
whatever arrives; a line ends with CRLF and nothing else is a line (RFC 5321 section 2.3.8), so that no two
servers can disagree where a mail ends; an unexpected error is a fixed 451 and a content-free event; answers
to commands that came together leave in one write.

This is the one place where aiosmtpd is bypassed. Its class stays the base, and its AUTH dialogue is used as
it is. Its constructor, reader, command loop and timer are not: they cost more than a whole mail (the class is
inspected by reflection for every connection, every command waits for a future), the limits in them are shared
by all connections, the timer stands still during DATA, and DATA is kept line by line. Here the event loop's
own call with new bytes obeys every whole line at once; only a handshake or a password has a task.
"""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from aiosmtpd.smtp import SMTP

from gateway.intake import replies
from gateway.intake.content import BadLine, Content, Lines, LineTooLong
from gateway.intake.limits import Patience, Standing
from gateway.intake.replies import SmtpReply

if TYPE_CHECKING:
    from gateway.intake.listener import Reception

# What a client sends while it must wait is read from the socket up to here; so many answers leave at once.
_AHEAD, _GATHERED = 65536, 256
# Turns of the event loop after which a client that spoke before its greeting has been heard.
_TURNS = 3
# A line that was answered already; no line holds a NUL.
REFUSED = b"\0"


class Command(NamedTuple):
    """What a verb does; `idle` ones bring no mail further, and endless ones are an attack."""

    obey: Callable[[Any, str], None]
    before_tls: bool = False
    idle: bool = False


class SmtpConversation(SMTP):
    """The part of a connection that is the same for every command; `gateway.intake.commands` has those."""

    commands: ClassVar[Mapping[bytes, Command]] = MappingProxyType({})
    # Browsers and proxies that are made to talk to a mail server (cross-protocol attacks).
    foreign = frozenset({b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"HOST:", b"USER-AGENT:"})
    transport: asyncio.Transport
    patience: Patience

    def __init__(self, reception: "Reception", loop: asyncio.AbstractEventLoop) -> None:
        # Not aiosmtpd's own constructor, see above.
        self.loop = loop
        self.reception = reception
        self.strikes = 0
        self.peer_ip = ""
        self.standing = Standing.STRANGER
        self.tls_version: str | None = None
        self.line = ""  # How it is encrypted: the version of TLS and the cipher.
        # The transaction: its envelope, and its content while that comes in.
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.content: Content | None = None
        # `busy` is true while we, not the client, are the one to wait for.
        self.busy = False
        self.lines = Lines()
        self._answers: list[bytes] = []
        self._gone: asyncio.Future[None] | None = None
        self.inside = self._greeted = self.leaving = self._stopping = self.ended = False
        self._working = self._deaf = self._paused = False

    # Coming and going

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there: count it, or turn it away."""
        reception = self.reception
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        # A socket that is gone already has no address.
        self.peer_ip = str(peer[0]).partition("%")[0] if isinstance(peer, tuple) else "0.0.0.0"  # noqa: S104
        self.standing = reception.standing(self.peer_ip)
        stressed = reception.connections.stressed
        limit = reception.connections.enter(self.peer_ip, self.standing)
        if limit is not None:
            reception.events.limit(limit)
            if limit != "connections":
                self.abuse(limit)
            self.transport.write(replies.TOO_MANY_CONNECTIONS.line)
            self.transport.close()
            return
        self.inside = True
        reception.open.add(self)
        now = self.loop.time()
        self.patience = Patience(reception.limits, now)
        self._timer = self.loop.call_at(self.patience.next_look(now, hurry=self._hurry), self._look_at_clock)
        self.loop.call_soon(self._greet, _TURNS)
        if reception.connections.stressed and not stressed:
            for other in list(reception.open):
                other.hurry()

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone. A commit under way goes on without it."""
        if not self.inside:
            return
        self.inside = False
        self.leaving = True
        self._timer.cancel()
        self.forget_input()
        self.hang_up()
        self.reception.connections.leave(self.peer_ip, self.standing)
        self.reception.open.discard(self)
        if self._gone is not None:
            self._gone.set_result(None)

    def eof_received(self) -> bool | None:
        """The client will send no more, but it may wait for our answers (half-close)."""
        if not self.inside:
            return False
        if self.leaving:
            self.transport.close()
            return False
        self.ended = True
        self.hang_up()
        if self.content is not None:
            self.leave()
        self.work()
        return self.tls_version is None

    def leave(self, reply: SmtpReply | None = None) -> None:
        """Say `reply` and end the connection; after `linger_s` it is cut off."""
        if self.leaving or not self.inside:
            return
        self.flush()
        self.leaving = True
        transport = self.transport
        if reply is not None:
            transport.write(reply.line)
            self.reception.events.refused(reply.code, reply.reason)
        self.forget_input()
        self.hang_up()
        if self.tls_version is None and reply is not None and transport.can_write_eof():
            # Closing a socket with unread bytes resets it, and the client would never see why.
            transport.write_eof()
        else:
            transport.close()
        self._timer.cancel()
        self._timer = self.loop.call_later(self.reception.limits.linger_s, transport.abort)

    def stop(self) -> None:
        """The listener stops: leave now, or when the mail that is on its way is in."""
        self._stopping = True
        self.stop_when_idle()

    def stop_when_idle(self) -> None:
        if self._stopping and not self.in_transaction:
            self.leave(replies.STOPPING)

    @property
    def trusted(self) -> bool:
        """Whether this is one of our own front servers."""
        return self.standing is Standing.FRONT

    @property
    def in_transaction(self) -> bool:
        """Whether a mail is on its way in."""
        return self.busy or self.content is not None or self.sender is not None

    @property
    def gone(self) -> "asyncio.Future[None]":
        """Done when the connection is closed."""
        if self._gone is None:
            self._gone = self.loop.create_future()
            if not self.inside:
                self._gone.set_result(None)
        return self._gone

    def abort(self) -> None:
        """End the connection at once."""
        self.leaving = True
        if self.inside:
            self.transport.abort()

    def abuse(self, reason: str) -> None:
        """Tell who it was that did what no mail server does; never of a front of our own."""
        if not self.trusted:
            self.reception.events.abuse(self.peer_ip, reason)

    # Time

    @property
    def _hurry(self) -> bool:
        return self.standing is Standing.STRANGER and self.reception.connections.stressed

    def _look_at_clock(self) -> None:
        now, hurry = self.loop.time(), self._hurry
        late = None if self.busy else self.patience.ended(now, hurry=hurry)
        if late is not None:
            self.reception.events.limit(late)
            if late.startswith("stress"):
                self.abuse(late)
            self.leave(replies.TOO_SLOW)
        else:
            self._timer = self.loop.call_at(self.patience.next_look(now, hurry=hurry), self._look_at_clock)

    def hurry(self) -> None:
        """There is stress now: the present timer may be set too far ahead."""
        if self.inside and not self.leaving and self._hurry:
            self._timer.cancel()
            self._look_at_clock()

    # What comes in

    def data_received(self, data: bytes) -> None:
        """Bytes from the client; after we said goodbye nobody listens."""
        if self.leaving:
            return
        if self.content is not None:
            rest = self.content.feed(data)
            if rest is None:
                return
            self.lines.add(rest)
            self.finish_content()
        else:
            self.lines.add(data)
        self.work()

    def pause_writing(self) -> None:
        """The client doesn't read its answers, so we don't read its commands."""
        self._paused = True

    def resume_writing(self) -> None:
        """It has read them."""
        self._paused = False
        self.work()

    def work(self) -> None:
        """Obey every whole line that is there, until something must be waited for."""
        if self._working or not self.inside:
            return
        self._working = True
        try:
            self.proceed()
            while self._ready and (line := self.next_line(self.reception.limits.command_bytes)) is not None:
                if line != REFUSED:
                    self._obey(line)
                self.count_strikes()
                if len(self._answers) > _GATHERED:
                    self.flush()
            # A client that has finished hears the answers to all it has said.
            if self.ended and self._ready:
                self.leave()
        finally:
            self._working = False
        self.flush()
        self._listen()

    @property
    def _ready(self) -> bool:
        return (
            self._greeted and not self.busy and not self.leaving and self.content is None and not self._paused
        )

    def next_line(self, limit: int) -> bytes | None:
        """The next line without its CRLF; None while there is none, `REFUSED` when it was answered here."""
        try:
            return self.lines.take(limit)
        except BadLine:
            self.answer(replies.BAD_LINE_END)
        except LineTooLong as problem:
            self.reception.events.limit("command_bytes")
            if problem.hopeless:
                self.leave(replies.COMMAND_TOO_LONG)
                return None
            self.answer(replies.COMMAND_TOO_LONG)
        return REFUSED

    def _listen(self) -> None:
        """Read from the socket while there is room for what comes."""
        deaf = len(self.lines) > _AHEAD and not self.leaving
        if deaf is not self._deaf:
            self._deaf = deaf
            if deaf:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()

    def forget_input(self) -> None:
        """Free what the client has sent and nobody has read, and the mail that it didn't finish."""
        if self.content is not None:
            self.content.wipe()
            self.content = None
        self.lines.clear()
        if self.inside:
            self._listen()

    # A dialogue: a command with more lines; `gateway.intake.identity` has the only one

    def proceed(self) -> None:
        """Give a dialogue that waits for it its next line."""

    def hang_up(self) -> None:
        """Tell a dialogue that the client says no more."""

    # What goes out

    def answer(self, reply: SmtpReply) -> None:
        """One reply; refusals are counted."""
        if reply.code >= 400:
            self.strikes += 1
            self.reception.events.refused(reply.code, reply.reason)
        self.say(reply.line)

    def say(self, line: bytes) -> None:
        """Bytes to the client, together with the other answers of this moment."""
        self._answers.append(line)
        if not self._working:
            self.flush()

    def flush(self) -> None:
        if self._answers:
            if not self.leaving:
                self.transport.write(b"".join(self._answers))
            self._answers.clear()

    def _greet(self, turns: int) -> None:
        # Some turns of the loop, so that what a client sent before our greeting has been read by now.
        if self.leaving:
            return
        if turns:
            self.loop.call_soon(self._greet, turns - 1)
        elif self.lines:
            self.abuse("talked_first")
            self.leave(replies.TALKED_FIRST)
        else:
            self._greeted = True
            self.transport.write(f"220 {self.reception.hostname} ESMTP\r\n".encode("ascii"))
            self.work()

    # Commands

    def _obey(self, line: bytes) -> None:
        self.patience.heard(self.loop.time())
        try:
            self._command(line)
        except Exception as error:  # noqa: BLE001
            self.fail(error)
        self.stop_when_idle()

    def _command(self, line: bytes) -> None:
        word, _, rest = line.partition(b" ")
        verb = word.upper()
        command = self.commands.get(verb)
        if command is None:
            if verb in self.foreign:
                self.abuse("not_smtp")
                self.leave(replies.NOT_SMTP)
            else:
                self.answer(replies.UNKNOWN_COMMAND)
            return
        if not command.before_tls and self.needs_tls:
            self.answer(replies.TLS_FIRST)
            return
        try:
            argument = rest.strip(b" ").decode("utf-8")
        except UnicodeDecodeError:
            self.answer(replies.BAD_SYNTAX)
            return
        self.strikes += command.idle
        command.obey(self, argument)

    def count_strikes(self) -> None:
        if self.strikes > self.reception.limits.strikes and not self.leaving:
            self.reception.events.limit("strikes")
            self.abuse("strikes")
            self.leave(replies.TOO_MANY_STRIKES)

    def fail(self, error: Exception) -> None:
        # Its text may hold what the client sent, so only its class is told, and only to our own side.
        self.reception.events.failed("session", type(error).__name__)
        self.reset()
        self.answer(replies.UNEXPECTED)

    @property
    def needs_tls(self) -> bool:
        """Whether this client must issue STARTTLS before anything else."""
        return self.tls_version is None and self.reception.require_tls and not self.trusted

    def reset(self) -> None:
        self.sender = None
        self.recipients = []

    def finish_content(self) -> None:
        """The content of a mail has come to its end."""
        raise NotImplementedError
