"""A mail server for the demo and the tests: it plays the GP's and the organisation's side of the wire.

It promises to be a real SMTP server on loopback (STARTTLS required, or TLS from the first byte), to keep
every message it took with its envelope and TLS version, and to misbehave exactly as told:
`peer.next(BUSY, TAKEN)`. It keeps everything in memory and relays nothing.
"""

import asyncio
import hmac
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PATIENCE_S = 300.0
"""How long to wait for what must come, in seconds: so long that no busy machine reaches it."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came over the wire; `envelope_from` is "" for the null return path."""

    envelope_from: str
    recipients: tuple[str, ...]
    content: bytes
    tls: str


@dataclass(frozen=True, slots=True)
class PeerAct:
    """What to do with one transaction.

    `reply` is the SMTP answer `at` that point, None drops the connection there. `keep` says whether a message
    that was sent whole is kept. With `wait` the answer comes only after `MailPeer.release()`. With `only`,
    an act at RCPT concerns that one recipient.
    """

    at: Literal["mail", "rcpt", "data"]
    reply: str | None
    keep: bool = False
    wait: bool = False
    only: str | None = None


TAKEN = PeerAct("data", "250 2.0.0 Ok: queued as 4CK7XQ0Z1", keep=True)
BUSY = PeerAct("data", "451 4.3.0 Try again later")
GREYLISTED = PeerAct("rcpt", "450 4.2.0 Come back later")
NO_SUCH_USER = PeerAct("rcpt", "550 5.1.1 No such user here")
CONTENT_REFUSED = PeerAct("data", "550 5.7.1 Not wanted")
ANSWER_LOST = PeerAct("data", None, keep=True)
DROPPED = PeerAct("mail", None)
SLOW = PeerAct("data", TAKEN.reply, keep=True, wait=True)


class MailPeer:
    """A scripted SMTP server: `async with MailPeer(cert, key) as peer: … await peer.wait_for(1)`."""

    def __init__(
        self,
        cert: Path,
        key: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        hostname: str = "peer.example",
        implicit_tls: bool = False,
        starttls: bool = True,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.messages: list[Received] = []
        self.opened = 0
        self.tls_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls_context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.tls_context.load_cert_chain(cert, key)
        self._address = (host, port)
        self._hostname = hostname
        self._implicit_tls = implicit_tls
        self._starttls = starttls
        self._login = login
        self._script: deque[PeerAct] = deque()
        self._arrived = asyncio.Condition()
        self._held = asyncio.Event()
        self._released = asyncio.Event()
        self._lines: set[_Line] = set()
        self._server: asyncio.Server | None = None

    @property
    def host(self) -> str:
        """The address it listens on."""
        return self._address[0]

    @property
    def port(self) -> int:
        """The port it listens on: a free one was chosen at the first start if 0 was asked for."""
        return self._address[1]

    @property
    def connected(self) -> int:
        """How many clients are connected now."""
        return len(self._lines)

    def next(self, *acts: PeerAct) -> None:
        """Do this with the transactions to come, one each; afterwards messages are taken as usual."""
        self._script.extend(acts)

    def release(self) -> None:
        """Let the answers go that an act with `wait` holds back."""
        self._released.set()

    async def start(self) -> tuple[str, int]:
        """Listen, and give the address; a stopped peer comes back on the same port."""
        host, port = self._address
        self._server = await asyncio.get_running_loop().create_server(
            self._line, host, port, ssl=self.tls_context if self._implicit_tls else None
        )
        self._address = (host, self._server.sockets[0].getsockname()[1])
        return self._address

    async def stop(self) -> None:
        """Stop listening and hang up on everybody; what was received stays readable."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.hang_up()

    async def hang_up(self) -> None:
        """Break every connection, as a restarting server does, but keep listening."""
        lines = list(self._lines)
        for line in lines:
            line.abort()
        await asyncio.gather(*(line.ended for line in lines))

    def took(self, message: Received) -> None:
        """Called with each message."""

    async def wait_for(
        self,
        wanted: int | Callable[[Sequence[Received]], bool],
        timeout: float = PATIENCE_S,  # noqa: ASYNC109 - the demo says how long beside what
    ) -> list[Received]:
        """The messages, once there are `wanted` many or the predicate holds; TimeoutError otherwise."""

        def enough() -> bool:
            return len(self.messages) >= wanted if isinstance(wanted, int) else wanted(self.messages)

        async with asyncio.timeout(timeout), self._arrived:
            await self._arrived.wait_for(enough)
        return list(self.messages)

    async def wait_held(self, timeout: float = PATIENCE_S) -> None:  # noqa: ASYNC109
        """Return once an act with `wait` holds an answer back."""
        async with asyncio.timeout(timeout):
            await self._held.wait()

    async def wait_alone(self, timeout: float = PATIENCE_S) -> None:  # noqa: ASYNC109
        """Return once every client has gone; TimeoutError if one stays."""
        async with asyncio.timeout(timeout):
            await asyncio.gather(*(line.ended for line in self._lines))

    async def __aenter__(self) -> "MailPeer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _line(self) -> "_Line":
        return _Line(
            self,
            self._lines,
            hostname=self._hostname,
            ident="InBeeld peer",
            enable_SMTPUTF8=True,
            tls_context=self.tls_context if self._starttls and not self._implicit_tls else None,
            require_starttls=self._starttls and not self._implicit_tls,
            auth_required=self._login is not None,
            auth_require_tls=not self._implicit_tls,
            authenticator=self._check_login,
        )

    def _check_login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        user, password = self._login or ("", "")
        good = hmac.compare_digest(data.login, user.encode()) and hmac.compare_digest(
            data.password, password.encode()
        )
        return AuthResult(success=self._login is not None and good, handled=False, auth_data=data)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: "_Line", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        server.act = self._script.popleft() if self._script else TAKEN
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer(server, "mail")

    async def handle_RCPT(  # noqa: N802
        self, server: "_Line", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        concerned = server.act.only in (None, address)
        answer = await self._answer(server, "rcpt") if concerned else "250 2.1.5 Ok"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: "_Line", session: Session, envelope: Envelope) -> str:  # noqa: N802
        act = server.act
        if act.wait:
            self._held.set()
            await self._released.wait()
        if act.keep or act.at != "data":
            sender = envelope.mail_from or ""
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            # aiosmtpd's parser tells the null return path as "<>".
            message = Received(
                "" if sender == "<>" else sender, tuple(envelope.rcpt_tos), content, server.tls_version()
            )
            async with self._arrived:
                self.messages.append(message)
                self.took(message)
                self._arrived.notify_all()
        return await self._answer(server, "data")

    async def handle_exception(self, error: Exception) -> str:
        """Without it aiosmtpd logs the trace of every client that breaks off its handshake."""
        return "421 4.3.0 Closing"

    async def _answer(self, line: "_Line", at: Literal["mail", "rcpt", "data"]) -> str:
        act = line.act
        if act.at != at:
            return TAKEN.reply or "" if at == "data" else "250 2.1.0 Ok"
        if act.reply is None:
            line.abort()
            # aiosmtpd cancels this task when it sees that the connection is gone.
            await asyncio.Event().wait()
        return act.reply or ""


class _Line(SMTP):
    """One connection."""

    def __init__(self, peer: MailPeer, lines: set["_Line"], **options: Any) -> None:
        super().__init__(peer, **options)
        self.act = TAKEN
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._peer = peer
        self._lines = lines

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # After STARTTLS it is called a second time, for the same client.
        if self not in self._lines:
            self._lines.add(self)
            self._peer.opened += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._lines.discard(self)
        if not self.ended.done():
            self.ended.set_result(None)

    def abort(self) -> None:
        """Hang up without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def tls_version(self) -> str:
        encrypted = self.transport.get_extra_info("ssl_object") if self.transport is not None else None
        return (encrypted.version() or "") if encrypted is not None else ""
