"""Who the client is: STARTTLS, its certificate, and AUTH.

Promises: nothing that was said or sent before TLS counts after it (RFC 3207 section 4.2); a password is never
asked for in the clear; the dialogue of AUTH is aiosmtpd's, the judgement is `check_login`'s.
"""

import asyncio
import hashlib
import ssl
from typing import Any

from aiosmtpd.smtp import AuthResult, LoginPassword, _AuthMechAttr

from gateway.intake import replies
from gateway.intake.reception import Reception
from gateway.intake.session import Conversation


class Identified(Conversation):
    """A conversation that can be made secure and can know its client."""

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(reception, loop)
        self.client_certificate: str | None = None
        self.login: str | None = None
        self._login_failures = 0
        self._auth_methods = {
            "PLAIN": _AuthMechAttr(self.auth_PLAIN, True),
            "LOGIN": _AuthMechAttr(self.auth_LOGIN, True),
        }

    async def smtp_STARTTLS(self, argument: str) -> None:  # noqa: N802
        """RFC 3207. What the client has said and sent so far is forgotten."""
        context = self.reception.tls
        if argument:
            await self.answer(replies.BAD_SYNTAX)
        elif self.tls_version is not None:
            await self.answer(replies.TLS_ALREADY)
        elif context is None:
            await self.answer(replies.NO_TLS)
        else:
            await self.send(replies.START_TLS.line)
            await self._handshake(context)

    async def _handshake(self, context: ssl.SSLContext) -> None:
        self.busy = True
        end = self.loop.time() + self.reception.limits.handshake_s
        transport = None
        # From here to the new transport no turn of the loop may pass: what was sent in clear ends here.
        self._reader.discard()
        try:
            transport = await self.loop.start_tls(
                self._writer.transport,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=self.reception.limits.handshake_s,
            )
        except (OSError, ssl.SSLError):
            # asyncio doesn't tell the protocol of a connection that died in its handshake; uvloop does.
            self.abort()
            self.connection_lost(None)
        finally:
            self.busy = False
            if transport is None:
                if self.loop.time() >= end:
                    self.reception.events.limit("handshake_s")
                self.reception.events.refused(replies.NO_TLS.code, "handshake")
        if transport is not None:
            self._secured(transport)

    def _secured(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self._reader.switch(transport)
        self._writer._transport = transport  # type: ignore[attr-defined]
        self._replace_writer(self._writer)  # type: ignore[attr-defined]
        tls = transport.get_extra_info("ssl_object")
        self.tls_version = tls.version()
        certificate = tls.getpeercert(binary_form=True)
        self.client_certificate = hashlib.sha256(certificate).hexdigest() if certificate else None
        self.session = self._create_session()
        self.reset()

    @property
    def may_login(self) -> bool:
        return self.reception.check_login is not None and self.tls_version is not None

    async def smtp_AUTH(self, argument: str) -> None:  # noqa: N802
        """RFC 4954 with PLAIN and LOGIN."""
        if self.reception.check_login is None:
            await self.answer(replies.NOT_OFFERED)
        elif self.tls_version is None:
            await self.answer(replies.TLS_FOR_LOGIN)
        elif self.login is not None or self.envelope.mail_from is not None:
            await self.answer(replies.BAD_SEQUENCE)
        else:
            mechanism, _, initial = argument.partition(" ")
            await super().smtp_AUTH(f"{mechanism.upper()} {initial}".strip())
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
        pair, check = result.auth_data, self.reception.check_login
        if isinstance(pair, LoginPassword) and check is not None:
            self.busy = True
            try:
                name, password = pair.login.decode("utf-8"), pair.password.decode("utf-8")
                if await check(name, password):
                    self.login = name
                    return AuthResult(success=True)
            except UnicodeDecodeError:
                # Not a name of ours, then: the same answer as for a wrong password.
                result = AuthResult(success=False, handled=False)
            finally:
                self.busy = False
        self._login_failures += 1
        return AuthResult(success=False, handled=result.handled)
