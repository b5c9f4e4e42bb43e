"""Delivery by mail: the parcel becomes an encrypted mail, sent through the configured relay.

It promises that the outer mail says nothing about the patient (subject, headers and file names come from the
kenmerk and the due time alone), that content which isn't ciphertext is refused, and that every try of one
delivery bears the same Message-ID, so that a mail that arrives twice is recognisable. A receipt means that
the relay took the mail; bounces come back to an address that names the delivery, where `context.parts` has
a `return_path` for it, else to the gateway's own.
"""

import base64
import hashlib
import string
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime, formataddr, parseaddr
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from adapters import base
from adapters.base import Context, Parcel, Receipt, Refused, utc_now
from adapters.relay import Address, WayOut, check_address

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
_MONTHS = (
    "januari februari maart april mei juni juli augustus september oktober november december".split()  # noqa: SIM905
)
_FILLED = ("soort", "kenmerk", "uiterlijk", "wanneer")


def _check_subject(template: str) -> str:
    names = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    if not names <= set(_FILLED) or any(ord(letter) < 32 for letter in template):
        raise ValueError("may only use {soort}, {kenmerk}, {uiterlijk} and {wanneer}, on one line")
    template.format(**dict.fromkeys(_FILLED, ""))
    return template


class MailOptions(base.Options):
    """`to`: the organisation's address. `subject`: text with {soort} (new or corrected), {kenmerk},
    {uiterlijk} (a date) and {wanneer} ("uiterlijk" with the date, or "zo snel mogelijk" after it)."""

    to: Address
    subject: Annotated[str, AfterValidator(_check_subject)] = "{soort} {kenmerk} – contact {wanneer}"


class MailAdapter:
    """Sends parcels by mail; `context.parts["relay"]` is the way out."""

    name: ClassVar[str] = "mail"
    Options: ClassVar[type[MailOptions]] = MailOptions

    def __init__(
        self, options: MailOptions, context: Context, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        relay = context.parts.get("relay")
        if not isinstance(relay, WayOut):
            raise TypeError('the mail adapter needs context.parts["relay"]')
        self._options = options
        self._context = context
        self._relay = relay
        self._now = now
        name, address = parseaddr(context.sender)
        self._from = check_address(address)
        self._sender = formataddr((name, self._from))
        own: Callable[[str], str] = lambda delivery: self._from  # noqa: E731
        self._return_path: Callable[[str], str] = context.parts.get("return_path", own)

    async def send(self, parcel: Parcel) -> Receipt:
        """Mail the parcel; the receipt is the relay's."""
        mail = self.compose(parcel)
        back = self._return_path(parcel.delivery_id)
        return await self._relay.send(back, [self._options.to], mail)

    async def probe(self) -> None:
        """Whether the relay is reachable and trusted."""
        await self._relay.probe()

    async def close(self) -> None:
        """Nothing to give back: the connections are the relay's, and shared."""

    def compose(self, parcel: Parcel) -> bytes:
        """The complete mail (RFC 5322, CRLF, ASCII); Refused if the parcel isn't fit to be mailed."""
        base.check_parcel(parcel)
        try:
            return f"{self._outside(parcel)}{_BODIES[parcel.media_type](parcel)}".encode("ascii")
        except ValueError:
            raise Refused("parcel_malformed") from None

    def _outside(self, parcel: Parcel) -> str:
        """The headers that a stranger may read; ValueError if a value could break out of one."""
        domain = self._context.domain
        due = _in_dutch(parcel.due_at)
        subject = self._options.subject.format(
            soort="Gecorrigeerde aanmelding" if parcel.corrected else "Nieuwe aanmelding",
            kenmerk=parcel.kenmerk,
            uiterlijk=due,
            wanneer="zo snel mogelijk" if parcel.late else f"uiterlijk {due}",
        )
        headers = {
            "From": self._sender,
            "To": self._options.to,
            "Date": format_datetime(self._now()),
            "Message-ID": f"<{parcel.delivery_id}@{domain}>",
            # RFC 3834: a machine wrote this, so that machines don't answer it.
            "Auto-Submitted": "auto-generated",
            "X-InBeeld-Loop": domain,
            "MIME-Version": "1.0",
        }
        if parcel.reply_to is not None:
            headers["Reply-To"] = check_address(parcel.reply_to)
        if not all(value.isprintable() and value.isascii() for value in headers.values()):
            raise ValueError("a header would break")
        subject = f"SPOED: {subject}" if parcel.urgent else subject
        headers["Subject"] = _encoded(f"PROEF: {subject}" if parcel.trial else subject)
        return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def _encoded(text: str) -> str:
    """A subject as encoded words, one a line of at most 76 characters (RFC 2047 section 2)."""
    parts, room = [b""], 39
    for letter in map(str.encode, text):
        if len(parts[-1]) + len(letter) > room:
            parts.append(b"")
        parts[-1] += letter
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(part).decode()}?=" for part in parts)


def _in_dutch(moment: datetime) -> str:
    """`do 26 november 14.05 uur`, as the clock in Amsterdam shows it."""
    local = moment.astimezone(_AMSTERDAM)
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"
    return f"{day} {local.hour}.{local.minute:02d} uur"


def _entity(content_type: str, text: str, *headers: str) -> str:
    """A part in 7 bits. It is written out: a general composer takes ten times as long, and all values here
    are our own."""
    return "\r\n".join((f"Content-Type: {content_type}", *headers, "", *text.splitlines(), ""))


def _multipart(content_type: str, parcel: Parcel, *parts: str) -> str:
    """The boundary comes from the ciphertext, so that every try of one delivery is the same mail."""
    boundary = f"=-{hashlib.sha256(parcel.ciphertext).hexdigest()[:32]}"
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return _entity(f'{content_type};\r\n boundary="{boundary}"', f"{body}--{boundary}--")


def _base64(content: bytes) -> str:
    return base64.encodebytes(content).decode("ascii")


def _pgp_mime(parcel: Parcel) -> str:
    """RFC 3156 section 4."""
    return _multipart(
        'multipart/encrypted; protocol="application/pgp-encrypted"',
        parcel,
        _entity("application/pgp-encrypted", "Version: 1\n"),
        _entity(
            'application/octet-stream; name="encrypted.asc"',
            parcel.ciphertext.decode("ascii"),
            'Content-Disposition: inline; filename="encrypted.asc"',
        ),
    )


def _smime(parcel: Parcel) -> str:
    """RFC 8551 section 3.3."""
    kind = base.smime_type(parcel.ciphertext)
    return _entity(
        f'application/pkcs7-mime; smime-type={kind}; name="smime.p7m"',
        _base64(parcel.ciphertext),
        "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="smime.p7m"',
    )


def _jose(parcel: Parcel) -> str:
    """No standard says how a JWE is mailed: an attachment that `inbeeld collect` and browsers can open."""
    return _multipart(
        "multipart/mixed",
        parcel,
        _entity(
            "text/plain; charset=us-ascii",
            f"De bijlage bevat de versleutelde aanmelding {parcel.kenmerk}.\n"
            "Open haar met de sleutel van uw organisatie.\n",
        ),
        _entity(
            "application/jose",
            _base64(parcel.ciphertext),
            "Content-Transfer-Encoding: base64",
            'Content-Disposition: attachment; filename="aanmelding.jose"',
        ),
    )


_BODIES: dict[str, Callable[[Parcel], str]] = {
    base.PGP: _pgp_mime,
    base.SMIME: _smime,
    base.JOSE: _jose,
}
