"""A mail server for the tests: the demo's, that misbehaves exactly as told: `peer.next(BUSY, TAKEN)`.

It can ask for a login, speak TLS from the first byte, hold an answer back and hang up.
"""

import asyncio
import hmac
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from gateway.demo import peer
from gateway.demo.peer import PATIENCE_S, DemoPeer, Received


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


TAKEN = PeerAct("data", peer.TAKEN, keep=True)
BUSY = PeerAct("data", "451 4.3.0 Try again later")
GREYLISTED = PeerAct("rcpt", "450 4.2.0 Come back later")
NO_SUCH_USER = PeerAct("rcpt", "550 5.1.1 No such user here")
CONTENT_REFUSED = PeerAct("data", "550 5.7.1 Not wanted")
ANSWER_LOST = PeerAct("data", None, keep=True)
DROPPED = PeerAct("mail", None)
SLOW = PeerAct("data", TAKEN.reply, keep=True, wait=True)


class MailPeer(DemoPeer):
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
        super().__init__(cert, key, host=host, port=port, hostname=hostname)
        self.opened = 0
        self._implicit_tls = implicit_tls
        self._starttls = starttls
        self._login = login
        self._script: deque[PeerAct] = deque()
        self._held = asyncio.Event()
        self._released = asyncio.Event()
        self._lines: set[_Line] = set()

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

    async def stop(self) -> None:
        """Stop listening and hang up on everybody; what was received stays readable."""
        await super().stop()
        await self.hang_up()

    async def hang_up(self) -> None:
        """Break every connection, as a restarting server does, but keep listening."""
        lines = list(self._lines)
        for line in lines:
            line.abort()
        await asyncio.gather(*(line.ended for line in lines))

    def took(self, message: Received) -> None:
        """Called with each message."""

    async def wait_held(self, timeout: float = PATIENCE_S) -> None:  # noqa: ASYNC109
        """Return once an act with `wait` holds an answer back."""
        async with asyncio.timeout(timeout):
            await self._held.wait()

    async def wait_alone(self, timeout: float = PATIENCE_S) -> None:  # noqa: ASYNC109
        """Return once every client has gone; TimeoutError if one stays."""
        async with asyncio.timeout(timeout):
            await asyncio.gather(*(line.ended for line in self._lines))

    async def _listen(self) -> asyncio.Server:
        context = self.tls_context if self._implicit_tls else None
        loop = asyncio.get_running_loop()
        return await loop.create_server(self._line, self.host, self.port, ssl=context)

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

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(server, _Line)
        act = server.act
        if act.wait:
            self._held.set()
            await self._released.wait()
        if act.keep or act.at != "data":
            await self._keep(server, envelope)
        return await self._answer(server, "data")

    async def _keep(self, line: SMTP, envelope: Envelope) -> None:
        await super()._keep(line, envelope)
        self.took(self.messages[-1])

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
