"""The front server tried, for `inbeeld check --front`: two mails go in at its side, and we take them at ours.

It promises that nothing of it is kept, that a real mail which comes meanwhile is told to come again later
(451), and that what is told is what the gate itself would make of what came through.
"""

import asyncio
import contextlib
import re
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from ipaddress import ip_address

import aiosmtplib
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Received

from gateway.app.findings import Finding
from gateway.gate.authenticity import Envelope, Rules
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sandbox.tasks import to_examine
from gateway.settings import Settings

PATIENCE = 60.0
"""Seconds that the front server has for taking a mail and passing it on."""

LARGEST = 1 << 20
_RECEIVED = re.compile(rb"(?is)(?:[^\r\n]+\r?\n)*?Received:")
"""Every mail server writes one (RFC 5321, 4.4); we send none."""
WHAT = "front server"
Judge = Callable[[Envelope, bytes], Iterator[Finding]]


@dataclass
class FrontProbe:
    """One try. `readers` judge what came; `stranger` is a domain that nobody has, in whose name the forged
    field speaks."""

    settings: Settings
    readers: Readers
    now: datetime
    stranger: str = field(default_factory=lambda: f"{secrets.token_hex(8)}.invalid")
    _came: dict[str, tuple[Envelope, bytes]] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _hopeless: bool = False
    """Whether a second mail would fare as the first did, a minute or two later."""

    async def run(self, front: tuple[str, int], tls: ssl.SSLContext) -> list[Finding]:
        """Send both, and tell what came of them."""
        try:
            async with self._listening(tls):
                own = self.settings.gateway.address
                found = await self._tried(front, own, self._verdict)
                if self._hopeless:
                    return found
                bounced = own.replace("@", f"+b.{secrets.token_hex(8)}@")
                return [*found, *await self._tried(front, bounced, self._returns)]
        except OSError as error:
            told = f"we can't listen on {self.settings.smtp.listen} ({(error.strerror or 'no').lower()})"
            mend = "stop the gateway while this is tried: the front server keeps what comes meanwhile"
            if isinstance(error, PermissionError):
                mend = "as root: INBEELD_AS_ROOT=1 inbeeld check --front HOST:PORT"
            return [Finding("front-probe", "error", WHAT, told, mend)]

    @contextlib.asynccontextmanager
    async def _listening(self, tls: ssl.SSLContext) -> AsyncIterator[None]:
        host, _, port = self.settings.smtp.listen.rpartition(":")

        def made() -> SMTP:
            return SMTP(self, data_size_limit=LARGEST, hostname=self.settings.gateway.domain, tls_context=tls)

        server = await asyncio.get_running_loop().create_server(made, host.strip("[]") or None, int(port))
        try:
            yield
        finally:
            server.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Received) -> str:  # noqa: N802
        """One of ours is looked at; whatever else comes is not for us to keep."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        if self.stranger.encode() not in raw:
            return "451 4.3.2 not serving yet, please try again later"
        ip = str(session.peer[0]) if session.peer else "127.0.0.1"
        trusted = any(ip_address(ip) in network for network in self.settings.smtp.trusted_relays)
        to = tuple(envelope.rcpt_tos)
        found = Envelope(
            (envelope.mail_from or "").strip("<>"), to, ip, session.host_name or "", trusted_relay=trusted
        )
        self._came[to[0].lower()] = found, raw
        self._news.set()
        return "250 2.0.0 seen"

    async def _tried(self, front: tuple[str, int], to: str, judge: Judge) -> list[Finding]:
        self._news.clear()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._send(front, to)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            if code := _answered(error):
                told = f"refuses a mail to {to} from the null sender ({code})"
                again = "try again in some minutes (greylisting); else its log says which filter is away"
                return [Finding("front-probe", "error", WHAT, told, again if code < 500 else "")]
            self._hopeless = True
            return [Finding("front-probe", "error", WHAT, f"{front[0]}:{front[1]} takes no mail")]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while to.lower() not in self._came:
                    self._news.clear()
                    await self._news.wait()
        if (found := self._came.get(to.lower())) is None:
            self._hopeless = True
            told = f"took a mail to {to}, which did not come to {self.settings.smtp.listen} within a minute"
            return [Finding("front-probe", "error", WHAT, told)]
        if not _RECEIVED.match(found[1]):
            self._hopeless = True
            told = (
                f"{front[0]}:{front[1]} is this gateway itself, or passes mail on without a line of its own"
            )
            mend = "name the server to which our MX record points"
            return [Finding("front-probe", "error", WHAT, told, mend)]
        return await asyncio.to_thread(lambda: list(judge(*found)))

    async def _send(self, front: tuple[str, int], to: str) -> None:
        """As the internet does, with a field that only the front itself may write."""
        mail = EmailMessage()
        mail["Authentication-Results"] = (
            f"{self.settings.gate.front_id}; dmarc=pass header.from={self.stranger}"
        )
        mail["From"], mail["To"], mail["Subject"] = (
            f"probe@{self.stranger}",
            to,
            "InBeeld: the front is tried",
        )
        mail["Date"], mail["Message-ID"] = format_datetime(self.now), make_msgid(domain=self.stranger)
        mail.set_content("Sent by 'inbeeld check --front'. Nobody has to do anything.\n")
        strangers = ssl.create_default_context()
        strangers.check_hostname, strangers.verify_mode = False, ssl.CERT_NONE
        client = aiosmtplib.SMTP(hostname=front[0], port=front[1], timeout=PATIENCE, tls_context=strangers)
        async with client:
            await client.sendmail("", [to], mail.as_bytes())

    def _verdict(self, envelope: Envelope, raw: bytes) -> Iterator[Finding]:
        gate = self.settings.gate
        rules = Rules("front", self.settings.gateway.domain, gate.front_id)
        (examined,) = self.readers.run([to_examine(raw, envelope, rules, self.now, {})])
        if isinstance(examined, Unreadable):
            yield Finding("front-probe", "error", WHAT, "passed on something else than what was sent")
            return
        proof = examined.proof
        if proof.result == "proven" or proof.code == "claimed":
            told = f"passed on a field in the name of {gate.front_id} that a stranger wrote"
            yield Finding("front-strips", "error", WHAT, told)
        elif proof.code == "not_trusted":
            told = f"comes from {envelope.peer_ip}, which is not in smtp.trusted_relays"
            yield Finding("front-silent", "error", WHAT, told)
        elif proof.code in ("no_result", "unreadable"):
            yield Finding(
                "front-silent", "error", WHAT, f"wrote no verdict as {gate.front_id} that we can read"
            )
        else:
            told = f"took the forged field away and wrote its own, as {gate.front_id}"
            yield Finding("front-probe", "ok", WHAT, told)

    def _returns(self, envelope: Envelope, raw: bytes) -> Iterator[Finding]:
        told = f"passes on bounces and answers to {envelope.rcpt_tos[0]}"
        if envelope.mail_from:
            yield Finding("front-probe", "error", WHAT, "gives a mail from the null sender another sender")
        else:
            yield Finding("front-probe", "ok", WHAT, told)


def _answered(error: Exception) -> int | None:
    """The code with which a server said no; none where it spoke no SMTP, or nothing at all."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException) and 400 <= error.code < 600:
        return error.code
    return None
