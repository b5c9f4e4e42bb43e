"""The commands of a mail transaction (RFC 5321), with SIZE, 8BITMIME, SMTPUTF8 and PIPELINING.

Promises: 250 to the final dot only after the commit; 451 when it could not be kept, never a 5xx for our own
trouble; only configured recipients.
"""

import asyncio

from gateway.errors import CannotKeep
from gateway.gate.envelope import Envelope
from gateway.intake import replies
from gateway.intake.address import is_address, parse_path
from gateway.intake.content import Content
from gateway.intake.identity import Identified
from gateway.intake.reception import Reception
from gateway.intake.replies import Reply

_BODIES = {"7BIT", "8BITMIME"}
_MAX_HELLO = 255


class Smtp(Identified):
    """One connection that speaks SMTP."""

    commands = {
        name.encode("ascii"): f"smtp_{name}"
        for name in ("EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT", "STARTTLS", "AUTH")
    } | {b"VRFY": "smtp_VRFY", b"EXPN": "smtp_EXPN", b"HELP": "smtp_HELP"}
    # RFC 3207 section 4.
    before_tls = frozenset({b"EHLO", b"NOOP", b"STARTTLS", b"QUIT"})
    # They bring no mail further; endless ones are an attack.
    idle_commands = frozenset({b"EHLO", b"HELO", b"RSET", b"NOOP", b"VRFY", b"EXPN", b"HELP"})

    def __init__(self, reception: Reception, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(reception, loop)
        self.smtputf8 = False

    # Hello

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """RFC 5321 section 4.1.1.1: the extensions, in one write."""
        if await self._hello(hostname, extended=True):
            reception = self.reception
            offers = [f"SIZE {reception.limits.message_bytes}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
            if reception.tls is not None and self.tls_version is None:
                offers.append("STARTTLS")
            if self.may_login:
                offers.append("AUTH PLAIN LOGIN")
            offers.append("ENHANCEDSTATUSCODES")
            lines = [f"250-{self.hostname}", *(f"250-{offer}" for offer in offers[:-1]), f"250 {offers[-1]}"]
            await self.send(("\r\n".join(lines) + "\r\n").encode("ascii"))

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802
        """The greeting without extensions."""
        if await self._hello(hostname, extended=False):
            await self.send(f"250 {self.hostname}\r\n".encode("ascii"))

    async def _hello(self, hostname: str, *, extended: bool) -> bool:
        if not hostname or len(hostname) > _MAX_HELLO or not hostname.isprintable() or " " in hostname:
            await self.answer(replies.BAD_SYNTAX)
            return False
        self.reset()
        self.session.extended_smtp = extended
        self.session.host_name = hostname
        return True

    # The transaction

    async def smtp_MAIL(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 section 4.1.1.2."""
        await self.answer(self._mail(argument))

    def _mail(self, argument: str) -> Reply:
        if not self.session.host_name:
            return replies.HELLO_FIRST
        if self.envelope.mail_from is not None:
            return replies.BAD_SEQUENCE
        path = parse_path("FROM:", argument)
        if path is None:
            return replies.BAD_SYNTAX
        parameters = path.parameters
        if parameters and not self.session.extended_smtp:
            return replies.UNKNOWN_OPTION
        smtputf8 = "SMTPUTF8" in parameters
        if parameters.pop("SMTPUTF8", None) is not None:
            return replies.BAD_SYNTAX
        if (parameters.pop("BODY", "7BIT") or "").upper() not in _BODIES:
            return replies.BAD_SYNTAX
        size = parameters.pop("SIZE", "0") or ""
        if not (size.isascii() and size.isdigit() and len(size) <= 20):
            return replies.BAD_SYNTAX
        if self.may_login:
            # RFC 4954 section 5: who the client says submitted it. We believe only what it proved.
            parameters.pop("AUTH", None)
        if parameters:
            return replies.UNKNOWN_OPTION
        if path.address and not is_address(path.address):
            return replies.BAD_SENDER
        if not path.address.isascii() and not smtputf8:
            return replies.NEEDS_SMTPUTF8
        if int(size) > self.reception.limits.message_bytes:
            self.reception.events.limit("message_bytes")
            return replies.TOO_BIG
        self.smtputf8 = smtputf8
        self.envelope.mail_from = path.address
        return replies.SENDER_OK

    async def smtp_RCPT(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 section 4.1.1.3."""
        await self.answer(self._rcpt(argument))

    def _rcpt(self, argument: str) -> Reply:
        if self.envelope.mail_from is None:
            return replies.BAD_SEQUENCE
        path = parse_path("TO:", argument)
        if path is None:
            return replies.BAD_SYNTAX
        if path.parameters:
            return replies.UNKNOWN_OPTION
        if len(self.envelope.rcpt_tos) >= self.reception.limits.recipients:
            self.reception.events.limit("recipients")
            return replies.TOO_MANY_RECIPIENTS
        # RFC 5321 section 4.5.1: postmaster may come without a domain.
        if not is_address(path.address) and path.address.lower() != "postmaster":
            return replies.BAD_RECIPIENT
        if not path.address.isascii() and not self.smtputf8:
            return replies.NEEDS_SMTPUTF8
        if not self.reception.accepts(path.address):
            return replies.NO_SUCH_RECIPIENT
        if path.address not in self.envelope.rcpt_tos:
            self.envelope.rcpt_tos.append(path.address)
        return replies.RECIPIENT_OK

    async def smtp_DATA(self, argument: str) -> None:  # noqa: N802
        """RFC 5321 section 4.1.1.4."""
        if argument:
            await self.answer(replies.BAD_SYNTAX)
        elif self.envelope.mail_from is None:
            await self.answer(replies.BAD_SEQUENCE)
        elif self._reader.pending:
            # RFC 2920 section 3.1: DATA ends a group. Who goes on talking wants its mail read as commands.
            self.leave(replies.SENT_TOO_EARLY)
        elif not self.envelope.rcpt_tos:
            await self.answer(replies.NO_RECIPIENT)
        else:
            content = Content(self.reception.limits, self.reception.memory, self.reception.long_line)
            try:
                await self._receive(content)
            finally:
                self.patience.end_content(self.loop.time())

    async def _receive(self, content: Content) -> None:
        complete = self._reader.collect(content)
        self.patience.start_content(content, self.loop.time())
        try:
            await self.send(replies.GO_AHEAD.line)
            await complete
        except BaseException:
            content.wipe()
            raise
        fault = content.judge()
        if fault is None:
            await self._keep(content)
            return
        content.wipe()
        if fault.reason in _LIMITS:
            self.reception.events.limit("drain_bytes" if content.hopeless else fault.reason)
        self.reset()
        if content.hopeless:
            self.leave(fault)
        else:
            await self.answer(fault)

    async def _keep(self, content: Content) -> None:
        self.busy = True
        try:
            raw = content.unstuffed()
            id, kept = self.reception.keeper.keep(self._sealable(), raw, content.wipe)
            del raw
            # The client may vanish while we wait; the commit must not.
            await asyncio.shield(kept)
        except CannotKeep:
            reply = replies.NOT_KEPT
        else:
            reply = Reply(250, f"2.0.0 kept {id}", "ok")
            self.strikes = 0
        finally:
            self.busy = False
            self.reset()
        await self.answer(reply)

    def _sealable(self) -> Envelope:
        return Envelope(
            mail_from=self.envelope.mail_from or "",
            rcpt_tos=tuple(self.envelope.rcpt_tos),
            peer_ip=self.peer_ip,
            helo=self.session.host_name or "",
            tls=self.tls_version,
            trusted_relay=self.trusted,
            client_certificate=self.client_certificate,
            login=self.login,
            smtputf8=self.smtputf8,
        )

    # The rest

    async def smtp_RSET(self, argument: str) -> None:  # noqa: N802
        """Forget the transaction."""
        if argument:
            await self.answer(replies.BAD_SYNTAX)
        else:
            self.reset()
            await self.answer(replies.OK)

    async def smtp_NOOP(self, argument: str) -> None:  # noqa: N802
        """Nothing."""
        await self.answer(replies.OK)

    async def smtp_VRFY(self, argument: str) -> None:  # noqa: N802
        """Never tells who exists (RFC 5321 section 7.3)."""
        await self.answer(replies.CANNOT_VERIFY)

    async def smtp_EXPN(self, argument: str) -> None:  # noqa: N802
        """There are no lists."""
        await self.answer(replies.NOT_OFFERED)

    async def smtp_HELP(self, argument: str) -> None:  # noqa: N802
        """Where to read on."""
        await self.answer(replies.HELP)

    async def smtp_QUIT(self, argument: str) -> None:  # noqa: N802
        """Goodbye."""
        await self.send(replies.BYE.line)
        self.leave()


_LIMITS = {"message_bytes", "memory_bytes", "line_bytes", "header_bytes", "received_hops"}
