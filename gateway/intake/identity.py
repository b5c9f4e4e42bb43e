"""Who the client is: STARTTLS, its certificate, and AUTH.

Promises: nothing that was said or sent before TLS counts after it (RFC 3207 section 4.2); a password is never
asked for in the clear. The dialogue of AUTH is aiosmtpd's, the judgement is `Guessing`'s; these two commands
are the only ones that must wait for something, each in a task of its own.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, _AuthMechAttr

from gateway.intake import replies
from gateway.intake.conversation import REFUSED, SmtpConversation
from gateway.intake.guessing import LoginVerdict

if TYPE_CHECKING:
    from gateway.intake.listener import Reception

# A line of an AUTH dialogue (RFC 4954 section 4).
_DIALOGUE_LINE = 12288


class Identified(SmtpConversation):
    """A conversation that can be made secure and can know its client."""

    def __init__(self, reception: "Reception", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(reception, loop)
        self.helo = ""
        self.extended = False
        self.client_certificate: str | None = None
        self.login: str | None = None
        self._login_failures = 0
        self._asked: asyncio.Future[bytes] | None = None
        self._task: asyncio.Task[None] | None = None

    # TLS

    def starttls(self, argument: str) -> None:
        """RFC 3207. What the client has said and sent so far is forgotten."""
        context = self.reception.tls
        if argument:
            self.answer(replies.BAD_SYNTAX)
        elif self.tls_version is not None:
            self.answer(replies.TLS_ALREADY)
        elif context is None:
            self.answer(replies.NO_TLS)
        else:
            self.answer(replies.START_TLS)
            self.begin(self._handshake(context))

    async def _handshake(self, context: ssl.SSLContext) -> None:
        limit = self.reception.limits.handshake_s
        end = self.loop.time() + limit
        transport = None
        # From here to the new transport no turn of the loop may pass: what was sent in clear ends here.
        self.forget_input()
        try:
            transport = await self.loop.start_tls(
                self.transport, self, context, server_side=True, ssl_handshake_timeout=limit
            )
        except (OSError, ssl.SSLError):
            # asyncio doesn't tell the protocol of a connection that died in its handshake; uvloop does.
            self.abort()
            self.connection_lost(None)
        finally:
            if transport is None:
                # A loop may count in whole milliseconds, and its timer end a little before the sum.
                if self.loop.time() + 0.01 >= end:
                    self.reception.events.limit("handshake_s")
                self.reception.events.refused(replies.NO_TLS.code, "handshake")
        if transport is not None:
            self._secured(transport)

    def _secured(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        tls = transport.get_extra_info("ssl_object")
        self.tls_version, self.line = tls.version(), encryption(tls)
        certificate = tls.getpeercert(binary_form=True)
        self.client_certificate = hashlib.sha256(certificate).hexdigest() if certificate else None
        self.helo, self.extended = "", False
        self.reset()

    # AUTH

    @property
    def may_login(self) -> bool:
        """Whether AUTH is offered to this client now."""
        return self.reception.guessing is not None and self.tls_version is not None

    def auth(self, argument: str) -> None:
        """RFC 4954 with PLAIN and LOGIN."""
        if self.reception.guessing is None:
            self.answer(replies.NOT_OFFERED)
        elif self.tls_version is None:
            self.answer(replies.TLS_FOR_LOGIN)
        elif self.login is not None or self.sender is not None:
            self.answer(replies.BAD_SEQUENCE)
        else:
            self.begin(self._auth(argument))

    async def _auth(self, argument: str) -> None:
        # What aiosmtpd's dialogue looks at.
        self.event_handler, self._handle_hooks, self._auth_require_tls = None, {}, False
        self._auth_methods = {
            "PLAIN": _AuthMechAttr(self.auth_PLAIN, True),
            "LOGIN": _AuthMechAttr(self.auth_LOGIN, True),
        }
        self.session = self._create_session()
        self.session.host_name, self.session.extended_smtp = self.helo, self.extended
        mechanism, _, initial = argument.partition(" ")
        await SMTP.smtp_AUTH(self, f"{mechanism.upper()} {initial}".strip())
        if self._login_failures >= self.reception.limits.login_failures:
            self.reception.events.limit("login_failures")
            self.leave(replies.TOO_MANY_LOGINS)

    def _authenticate(self, mechanism: str, auth_data: Any) -> AuthResult:
        return AuthResult(success=False, handled=False, auth_data=auth_data)

    async def auth_PLAIN(self, _: Any, args: list[str]) -> AuthResult:  # noqa: N802
        """RFC 4616."""
        return await self._judge(await super().auth_PLAIN(_, args))

    async def auth_LOGIN(self, _: Any, args: list[str]) -> AuthResult:  # noqa: N802
        """The older dialogue that Outlook still uses."""
        return await self._judge(await super().auth_LOGIN(_, args))

    async def _judge(self, result: AuthResult) -> AuthResult:
        pair, guessing = result.auth_data, self.reception.guessing
        handled = result.handled
        if isinstance(pair, LoginPassword) and guessing is not None:
            verdict = await guessing.judge(self.peer_ip, pair.login, pair.password)
            if verdict is LoginVerdict.RIGHT:
                self.login = pair.login.decode("utf-8")
                return AuthResult(success=True)
            self.abuse("login")
            if verdict is LoginVerdict.LATER:
                self.reception.events.limit("login_pause")
                self.answer(replies.LOGIN_LATER)
                handled = True
        self._login_failures += 1
        return AuthResult(success=False, handled=handled)

    # What waits

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
            self.fail(error)
        finally:
            self.busy = False
            self._task = None
        self.count_strikes()
        self.work()

    async def readline(self) -> bytes:
        """The client's next line in a dialogue; aiosmtpd asks for it. EOFError when none comes any more."""
        if self.ended or self.leaving:
            raise EOFError
        self._asked = self.loop.create_future()
        self.work()
        return await self._asked

    def proceed(self) -> None:
        """Give a dialogue that waits for it its next line."""
        asked = self._asked
        if asked is None:
            return
        line = self.next_line(_DIALOGUE_LINE)
        if line == REFUSED:
            # Nothing sensible can follow.
            self.leave()
        elif line is not None:
            self.patience.heard(self.loop.time())
            self._asked = None
            asked.set_result(line + b"\r\n")

    def hang_up(self) -> None:
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
        self.flush()


def encryption(tls: ssl.SSLObject | ssl.SSLSocket) -> str:
    """`TLSv1.3 TLS_AES_256_GCM_SHA384`: how a line is encrypted."""
    cipher = tls.cipher()
    return " ".join(filter(None, [tls.version(), cipher[0] if cipher else None]))
