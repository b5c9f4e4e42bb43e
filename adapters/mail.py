"""Delivery by mail: the parcel becomes an encrypted mail, sent through the configured relay.

It promises that the outer mail says nothing about the patient (subject, headers and file names come from the
kenmerk and the due time alone), that content which isn't ciphertext is refused, and that every try of one
delivery bears the same Message-ID, so that a mail that arrives twice is recognisable. A receipt means that
the relay took the mail; bounces come back to the gateway's own address.
"""

import hashlib
import re
import string
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from adapters import base, ciphertext
from adapters.address import Address, check_address
from adapters.base import Context, Parcel, Receipt, Refused
from adapters.relay import Relay

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
_MONTHS = (
    "januari februari maart april mei juni juli augustus september oktober november december".split()  # noqa: SIM905
)
_DELIVERY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KENMERK = re.compile(r"[A-Za-z0-9-]{1,40}")


def _check_subject(template: str) -> str:
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    if not names <= {"kenmerk", "uiterlijk"} or any(ord(letter) < 32 for letter in template):
        raise ValueError("may only use {kenmerk} and {uiterlijk}, on one line")
    template.format(kenmerk="", uiterlijk="")
    return template


class MailOptions(base.Options):
    """`to`: the organisation's address. `subject`: text with {kenmerk} and {uiterlijk} to be filled in."""

    to: Address
    subject: Annotated[str, AfterValidator(_check_subject)] = (
        "Nieuwe aanmelding {kenmerk} – contact uiterlijk {uiterlijk}"
    )


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MailAdapter:
    """Sends parcels by mail; `context.parts["relay"]` is the way out."""

    name: ClassVar[str] = "mail"
    Options: ClassVar[type[MailOptions]] = MailOptions

    def __init__(
        self, options: MailOptions, context: Context, *, now: Callable[[], datetime] = _utc_now
    ) -> None:
        relay = context.parts.get("relay")
        if not isinstance(relay, Relay):
            raise TypeError('the mail adapter needs context.parts["relay"]')
        self._options = options
        self._context = context
        self._relay = relay
        self._now = now
        self._from = check_address(parseaddr(context.sender)[1])

    async def send(self, parcel: Parcel) -> Receipt:
        """Mail the parcel; the receipt is the relay's."""
        mail = self.compose(parcel)
        return await self._relay.send(self._from, [self._options.to], mail)

    async def probe(self) -> None:
        """Whether the relay is reachable and trusted."""
        await self._relay.probe()

    async def close(self) -> None:
        """Nothing to give back: the connections are the relay's, and shared."""

    def compose(self, parcel: Parcel) -> bytes:
        """The complete mail (RFC 5322, CRLF, ASCII); Refused if the parcel isn't fit to be mailed."""
        ciphertext.check(parcel.media_type, parcel.ciphertext)
        if not _DELIVERY_ID.fullmatch(parcel.delivery_id) or not _KENMERK.fullmatch(parcel.kenmerk):
            raise Refused("parcel_malformed")
        try:
            message = _BODIES[parcel.media_type](parcel)
            self._address(message, parcel)
            return message.as_bytes()
        except ValueError:
            raise Refused("parcel_malformed") from None

    def _address(self, message: EmailMessage, parcel: Parcel) -> None:
        """Put on the outside whatever a stranger may read."""
        subject = self._options.subject.format(kenmerk=parcel.kenmerk, uiterlijk=_in_dutch(parcel.due_at))
        name, _ = parseaddr(self._context.sender)
        message["From"] = HeaderAddress(display_name=name, addr_spec=self._from)
        message["To"] = HeaderAddress(addr_spec=self._options.to)
        message["Subject"] = f"SPOED: {subject}" if parcel.urgent else subject
        message["Date"] = format_datetime(self._now())
        message["Message-ID"] = f"<{parcel.delivery_id}@{self._context.domain}>"
        if parcel.reply_to is not None:
            message["Reply-To"] = HeaderAddress(addr_spec=check_address(parcel.reply_to))
        # RFC 3834: a machine wrote this, so that machines don't answer it.
        message["Auto-Submitted"] = "auto-generated"
        message["X-InBeeld-Loop"] = self._context.domain


def _in_dutch(moment: datetime) -> str:
    """`do 26 november 14:05`, as the clock in Amsterdam shows it."""
    local = moment.astimezone(_AMSTERDAM)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"


def _part(content_type: str, text: str) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = content_type
    part.set_payload(text)
    return part


def _pgp_mime(parcel: Parcel) -> EmailMessage:
    """RFC 3156 section 4."""
    message = EmailMessage(policy=SMTP)
    # Fixed by the content, so that every try of one delivery is the same mail.
    boundary = f"=-{hashlib.sha256(parcel.ciphertext).hexdigest()[:32]}"
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = (
        f'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="{boundary}"'
    )
    version = _part("application/pgp-encrypted", "Version: 1\r\n")
    version["Content-Description"] = "PGP/MIME version identification"
    sealed = _part('application/octet-stream; name="encrypted.asc"', parcel.ciphertext.decode("ascii"))
    sealed["Content-Disposition"] = 'inline; filename="encrypted.asc"'
    message.set_payload([version, sealed])
    return message


def _smime(parcel: Parcel) -> EmailMessage:
    """RFC 8551 section 3.3."""
    message = EmailMessage(policy=SMTP)
    message.set_content(parcel.ciphertext, "application", "pkcs7-mime", cte="base64")
    message.set_param("smime-type", ciphertext.smime_type(parcel.ciphertext))
    message.set_param("name", "smime.p7m")
    message["Content-Disposition"] = 'attachment; filename="smime.p7m"'
    return message


def _jose(parcel: Parcel) -> EmailMessage:
    """No standard says how a JWE is mailed: an attachment that `inbeeld collect` and browsers can open."""
    message = EmailMessage(policy=SMTP)
    message.set_content(
        f"De bijlage bevat de versleutelde aanmelding {parcel.kenmerk}.\n"
        "Open haar met de sleutel van uw organisatie.\n"
    )
    message.add_attachment(parcel.ciphertext, "application", "jose", filename="aanmelding.jose")
    message.set_boundary(f"=-{hashlib.sha256(parcel.ciphertext).hexdigest()[:32]}")
    return message


_BODIES: dict[str, Callable[[Parcel], EmailMessage]] = {
    ciphertext.PGP: _pgp_mime,
    ciphertext.SMIME: _smime,
    ciphertext.JOSE: _jose,
}
