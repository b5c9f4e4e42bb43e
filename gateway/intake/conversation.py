"""One client's connection: greeting, command lines, answers, timers and the end of it.

Promises: a connection ends by itself, whatever the client does or leaves undone; memory stays bounded
whatever arrives; a line ends with CRLF and nothing else is a line (RFC 5321 section 2.3.8), so that no two
servers can disagree where a mail ends; an unexpected error is a fixed 451 and a content-free event; answers
to commands that came together leave in one write.

This is the one place where aiosmtpd is bypassed. Its class stays the base, and its AUTH dialogue is used as
it is. Its constructor, reader, command loop and timer are not: they cost more than a whole mail (the class is
inspected by reflection for every connection, every command waits for a future), the limits in them are shared
by all connections, the timer stands still during DATA, and DATA is kept line by line. Here the event loop's
own call with new bytes obeys every whole line at once, and no task exists unless something must be waited for
(a handshake, a password).
"""

import asyncio
import re
import ssl
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, cast

from aiosmtpd.smtp import SMTP

from gateway.intake import replies
from gateway.intake.committer import Events, Keeper
from gateway.intake.content import Content
from gateway.intake.guessing import Guessing
from gateway.intake.limits import Connections, Limits, Memory, Patience, Standing
from gateway.intake.replies import Reply
from gateway.intake.room import Room

# A command that has not ended after so many bytes ends the connection.
_HOPELESS = 65536
# What a client sends while it must wait is read from the socket up to here.
_AHEAD = 65536
# So many answers are written at once.
_GATHERED = 256
# A line of an AUTH dialogue (RFC 4954 section 4).
_DIALOGUE_LINE = 12288
# Turns of the event loop after which a client that spoke before its greeting has been heard.
_TURNS = 3
# Stands for a line that was answered already; no line holds a NUL.
_REFUSED = b"\0"


@dataclass(frozen=True, slots=True)
class Reception:
    """What all connections of one listener share: its rules and its counters; see `Listener` for each."""

    hostname: str
    limits: Limits
    accepts: Callable[[str], bool]
    is_return_address: Callable[[str], bool]
    keeper: Keeper
    events: Events
    tls: ssl.SSLContext | None
    require_tls: bool
    standing: Callable[[str], Standing]
    guessing: Guessing | None
    room: Room
    connections: Connections
    memory: Memory
    long_line: re.Pattern[bytes]
    open: "set[Conversation]"


class Command(NamedTuple):
    """What a verb does; `idle` ones bring no mail further, and endless ones are an attack."""

    obey: Callable[[Any, str], None]
    before_tls: bool = False
    idle: bool = False


class Conversation(SMTP):
    """The part of a connection that is the same for every command; `gateway.intake.commands` has those."""

    commands: ClassVar[Mapping[bytes, Command]] = MappingProxyType({})
    # Browsers and proxies that are made to talk to a mail server (cross-protocol attacks).
    foreign = frozenset({b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"HOST:", b"USER-AGENT:"})
    transport: asyncio.Transport
    patience: Patience

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        # Not aiosmtpd's own constructor, see above.
        self.loop = loop
        self.reception = reception
        self.hostname = reception.hostname
        self.strikes = 0
        self.peer_ip = ""
        self.standing = Standing.STRANGER
        self.tls_version: str | None = None
        # The transaction: its envelope, and its content while that comes in.
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.content: Content | None = None
        # `busy` is true while we, not the client, are the one to wait for.
        self.busy = False
        self._buffer = bytearray()
        self._searched = 0
        self._answers: list[bytes] = []
        self._asked: asyncio.Future[bytes] | None = None
        self._task: asyncio.Task[None] | None = None
        self._gone: asyncio.Future[None] | None = None
        self._inside = self._greeted = self._leaving = self._stopping = self._ended = False
        self._working = self._deaf = False
        self._paused = False

    # Coming and going

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there: count it, or turn it away."""
        reception = self.reception
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        # A socket of another family, or one that is gone already, has no address.
        self.peer_ip = str(peer[0]).partition("%")[0] if isinstance(peer, tuple) else "0.0.0.0"  # noqa: S104
        self.standing = reception.standing(self.peer_ip)
        stressed = reception.connections.stressed
        limit = reception.connections.enter(self.peer_ip, self.standing)
        self._inside = limit is None
        if limit is not None:
            reception.events.limit(limit)
            if limit != "connections":
                self.abuse(limit)
            self.transport.write(replies.TOO_MANY_CONNECTIONS.line)
            self.transport.close()
            return
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
        if not self._inside:
            return
        self._inside = False
        self._leaving = True
        self._timer.cancel()
        self._forget_input()
        self._hang_up()
        self.reception.connections.leave(self.peer_ip, self.standing)
        self.reception.open.discard(self)
        if self._gone is not None:
            self._gone.set_result(None)

    def eof_received(self) -> bool | None:
        """The client will send no more, but it may wait for our answers (half-close)."""
        if not self._inside:
            return False
        if self._leaving:
            self.transport.close()
            return False
        self._ended = True
        self._hang_up()
        if self.content is not None:
            self.leave()
        self._work()
        return self.tls_version is None

    def leave(self, reply: Reply | None = None) -> None:
        """Say `reply` and end the connection; after `linger_s` it is cut off."""
        if self._leaving or not self._inside:
            return
        self._flush()
        self._leaving = True
        transport = self.transport
        if reply is not None:
            transport.write(reply.line)
            self.reception.events.refused(reply.code, reply.reason)
        self._forget_input()
        self._hang_up()
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
        self._stop_when_idle()

    def _stop_when_idle(self) -> None:
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
            if not self._inside:
                self._gone.set_result(None)
        return self._gone

    def abort(self) -> None:
        """End the connection at once."""
        self._leaving = True
        if self._inside:
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
        if self._inside and not self._leaving and self._hurry:
            self._timer.cancel()
            self._look_at_clock()

    # What comes in

    def data_received(self, data: bytes) -> None:
        """Bytes from the client; after we said goodbye nobody listens."""
        if self._leaving:
            return
        if self.content is not None:
            rest = self.content.feed(data)
            if rest is None:
                return
            self._buffer += rest
            self._finish_content()
        else:
            self._buffer += data
        self._work()

    def pause_writing(self) -> None:
        """The client doesn't read its answers, so we don't read its commands."""
        self._paused = True

    def resume_writing(self) -> None:
        """It has read them."""
        self._paused = False
        self._work()

    def _work(self) -> None:
        """Obey every whole line that is there, until something must be waited for."""
        if self._working or not self._inside:
            return
        self._working = True
        try:
            if self._asked is not None:
                self._answer_asked(self._asked)
            limit = self.reception.limits.command_bytes
            while self._ready and (line := self._line(limit)) is not None:
                if line != _REFUSED:
                    self._obey(line)
                self._count_strikes()
                if len(self._answers) > _GATHERED:
                    self._flush()
            # A client that has finished hears the answers to all it has said.
            if self._ended and self._ready:
                self.leave()
        finally:
            self._working = False
        self._flush()
        self._listen()

    @property
    def _ready(self) -> bool:
        return (
            self._greeted
            and not self.busy
            and not self._leaving
            and self.content is None
            and not self._paused
        )

    def _line(self, limit: int) -> bytes | None:
        """The next line without its CRLF; None while there is none, `_REFUSED` when it was answered here."""
        buffer = self._buffer
        end = buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(buffer)
            if self._searched > _HOPELESS:
                self.reception.events.limit("command_bytes")
                self.leave(replies.COMMAND_TOO_LONG)
            return None
        self._searched = 0
        line = bytes(buffer[: end + 1])
        del buffer[: end + 1]
        text = line[:-2]
        if len(line) > limit:
            self.reception.events.limit("command_bytes")
            self.answer(replies.COMMAND_TOO_LONG)
        elif line[-2:] != b"\r\n" or b"\r" in text or b"\0" in text:
            self.answer(replies.BAD_LINE_END)
        else:
            return text
        return _REFUSED

    def _listen(self) -> None:
        """Read from the socket while there is room for what comes."""
        deaf = len(self._buffer) > _AHEAD and not self._leaving
        if deaf is not self._deaf:
            self._deaf = deaf
            if deaf:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()

    def _forget_input(self) -> None:
        """Free what the client has sent and nobody has read, and the mail that it didn't finish."""
        if self.content is not None:
            self.content.wipe()
            self.content = None
        self._buffer.clear()
        self._searched = 0
        if self._inside:
            self._listen()

    # A dialogue: the only command that has more lines, and a task to wait for them

    def begin(self, dialogue: "Coroutine[Any, Any, None]") -> None:
        """Let a coroutine lead the conversation until it ends."""
        self.busy = True
        # aiosmtpd's AUTH dialogue asks it for lines.
        self._reader = cast(asyncio.StreamReader, self)
        self._task = self.loop.create_task(self._lead(dialogue))

    async def _lead(self, dialogue: "Coroutine[Any, Any, None]") -> None:
        try:
            await dialogue
        except (ConnectionError, EOFError):
            self.leave()
        except Exception as error:  # noqa: BLE001
            self._failed(error)
        finally:
            self.busy = False
            self._task = None
        self._count_strikes()
        self._work()

    async def readline(self) -> bytes:
        """The client's next line in a dialogue; aiosmtpd asks for it. EOFError when none comes any more."""
        if self._ended or self._leaving:
            raise EOFError
        self._asked = self.loop.create_future()
        self._work()
        return await self._asked

    def _answer_asked(self, asked: "asyncio.Future[bytes]") -> None:
        line = self._line(_DIALOGUE_LINE)
        if line == _REFUSED:
            # Nothing sensible can follow.
            self.leave()
        elif line is not None:
            self.patience.heard(self.loop.time())
            self._asked = None
            asked.set_result(line + b"\r\n")

    def _hang_up(self) -> None:
        """Tell a dialogue that the client says no more."""
        asked, self._asked = self._asked, None
        if asked is not None and not asked.done():
            asked.set_exception(EOFError())

    async def push(self, status: str | bytes) -> None:
        """A reply that aiosmtpd made (only its AUTH dialogue does)."""
        line = status.encode("ascii") if isinstance(status, str) else status
        if line[:1] in b"45":
            self.strikes += 1
            self.reception.events.refused(int(line[:3]), "login")
        self._answers.append(line + b"\r\n")
        self._flush()

    # What goes out

    def answer(self, reply: Reply) -> None:
        """One reply; refusals are counted."""
        if reply.code >= 400:
            self.strikes += 1
            self.reception.events.refused(reply.code, reply.reason)
        self.say(reply.line)

    def say(self, line: bytes) -> None:
        """Bytes to the client, together with the other answers of this moment."""
        self._answers.append(line)
        if not self._working:
            self._flush()

    def _flush(self) -> None:
        if self._answers:
            if not self._leaving:
                self.transport.write(b"".join(self._answers))
            self._answers.clear()

    def _greet(self, turns: int) -> None:
        # Some turns of the loop, so that what a client sent before our greeting has been read by now.
        if self._leaving:
            return
        if turns:
            self.loop.call_soon(self._greet, turns - 1)
        elif self._buffer:
            self.abuse("talked_first")
            self.leave(replies.TALKED_FIRST)
        else:
            self._greeted = True
            self.transport.write(f"220 {self.hostname} ESMTP\r\n".encode("ascii"))
            self._work()

    # Commands

    def _obey(self, line: bytes) -> None:
        self.patience.heard(self.loop.time())
        try:
            self._command(line)
        except Exception as error:  # noqa: BLE001
            self._failed(error)
        self._stop_when_idle()

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

    def _count_strikes(self) -> None:
        if self.strikes > self.reception.limits.strikes and not self._leaving:
            self.reception.events.limit("strikes")
            self.abuse("strikes")
            self.leave(replies.TOO_MANY_STRIKES)

    def _failed(self, error: Exception) -> None:
        # Its text may hold what the client sent, so only its class is told, and only to our own side.
        self.reception.events.failed("session", type(error).__name__)
        self.reset()
        self.answer(replies.UNEXPECTED)

    @property
    def needs_tls(self) -> bool:
        """Whether this client must issue STARTTLS before anything else."""
        return self.tls_version is None and self.reception.require_tls and not self.trusted

    def reset(self) -> None:
        """Forget the transaction."""
        self.sender = None
        self.recipients = []

    def _finish_content(self) -> None:
        """The content of a mail has come to its end."""
        raise NotImplementedError
