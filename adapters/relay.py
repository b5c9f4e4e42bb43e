"""The mail relay: complete messages go in, receipts come out.

It promises that nothing is said over an unencrypted or untrusted connection (STARTTLS, or TLS from the first
byte on port 465; TLS 1.2 or newer), that a receipt means the relay took the message for *all* recipients, and
that only `TryLater` and `Refused` come out, with reasons of `adapters.answers`. Connections are kept open and
used again, at most `connections` of them. A kept connection that proves to be dead is replaced once, but only
if no content was sent on it: a message is never sent twice by one call. An address that is accepted is one
bare `local@domain` that can break out of neither an SMTP command nor a header.
"""

import asyncio
import contextlib
import re
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol, runtime_checkable

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from pydantic import AfterValidator, Field, SecretStr, model_validator

from adapters.answers import Progress, Reason, is_loss, receipt_text, translate
from adapters.base import Options, Receipt, Refused, TryLater
from adapters.trust import client_context, is_pinned, parse_pin

_FAREWELL_SECONDS = 2.0

# RFC 5321 section 4.5.3.1 bounds the length; quoted local parts and address literals are not worth a risk.
_ADDRESS = re.compile(r"[^\s\x00-\x20\x7f<>()\[\],;:\"\\@]{1,64}@[^\W_](?:[\w.-]{0,252}[^\W_])?")


def is_address(text: str) -> bool:
    """Whether it is one bare address; letters outside ASCII are allowed (RFC 6531)."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def check_address(text: str) -> str:
    """The address itself; ValueError if it isn't one, or can't stand in a plain header."""
    if not (text.isascii() and is_address(text)):
        raise ValueError("must be one mail address, like aanmeldingen@organisatie.example")
    return text


Address = Annotated[str, AfterValidator(check_address)]


def _check_tls(value: str) -> str:
    parse_pin(value)
    return value


class RelayOptions(Options):
    """Where the relay is and how it is trusted; times in seconds.

    `answer_timeout` is how long the relay may think about a message it has received whole: RFC 5321 section
    4.5.3.2.6 asks for ten minutes, because a shorter wait makes duplicates.
    """

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    tls: Annotated[str, AfterValidator(_check_tls)] = "verify"
    ca_file: Path | None = None
    username: str | None = None
    password: SecretStr | None = None
    helo: str = Field(pattern=r"^[A-Za-z0-9.:\[\]-]+$")
    implicit_tls: bool | None = None
    timeout: float = Field(default=60.0, gt=0)
    answer_timeout: float = Field(default=600.0, gt=0)
    connections: int = Field(default=8, ge=1)
    messages_per_connection: int = Field(default=100, ge=1)
    idle: float = Field(default=60.0, ge=0)

    @model_validator(mode="after")
    def _login_is_whole(self) -> "RelayOptions":
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        return self


@dataclass(slots=True)
class _Link:
    """An open, trusted connection."""

    smtp: SMTP
    tls: str
    sent: int = 0
    idle_since: float = 0.0


@dataclass(frozen=True, slots=True)
class _Mail:
    envelope_from: str
    recipients: Sequence[str]
    content: bytes


class _StaleLinkError(Exception):
    """A kept connection was dead before any content was sent."""


Sign = Callable[[bytes], bytes]
"""From a whole message to the same with signatures on top."""


class Trust(Protocol):
    """Decides which server certificates are right."""

    def context(self) -> ssl.SSLContext:
        """For the handshake."""
        ...

    def accepts(self, connection: ssl.SSLObject | None) -> bool:
        """Asked after the handshake, before anything is said."""
        ...


@runtime_checkable
class WayOut(Protocol):
    """How mail leaves: a `Relay`, or directly."""

    async def send(self, envelope_from: str, recipients: Sequence[str], message: bytes) -> Receipt:
        """Hand over a complete message with CRLF line ends."""
        ...

    async def probe(self, sender: str = "", to: str = "") -> None:
        """Return if it works, and would take a mail of `sender` where `to` is named; nothing is sent."""
        ...

    async def close(self) -> None: ...


class Relay:
    """One server that takes our mail; safe for many sends at once in one event loop. `sign` is called at each
    try. `trust` stands in the place of `options.tls`; `address` is called, instead of looking up the name."""

    def __init__(
        self,
        options: RelayOptions,
        *,
        sign: Sign = lambda message: message,
        trust: Trust | None = None,
        address: str = "",
    ) -> None:
        self._options, self._sign, self._trust = options, sign, trust
        self._address = address or options.host
        self._pin = parse_pin(options.tls)
        self._implicit = options.port == 465 if options.implicit_tls is None else options.implicit_tls
        self._slots = asyncio.Semaphore(options.connections)
        self._idle: deque[_Link] = deque()
        self._farewells: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._generation = 0
        self._context: ssl.SSLContext | None = None

    async def send(self, envelope_from: str, recipients: Sequence[str], message: bytes) -> Receipt:
        """Hand over a complete message with CRLF line ends; `envelope_from` "" is the null return path."""
        mail = _Mail(envelope_from, recipients, self._sign(message))
        senders = [envelope_from] if envelope_from else []
        if not recipients or not all(is_address(address) for address in [*senders, *recipients]):
            raise Refused(Reason.ADDRESS.value)
        async with self._slots:
            kept = self._take_kept()
            if kept is not None:
                with contextlib.suppress(_StaleLinkError):
                    return await self._deliver(kept, mail)
            return await self._deliver(await self._open(), mail)

    async def probe(self, sender: str = "", to: str = "") -> None:
        """Connect anew, prove the certificate, log in and say NOOP; nothing is sent.

        With `to`, also ask whether a mail of `sender` to it would be taken, and take that back.
        """
        async with self._slots:
            link = await self._open()
            try:
                await link.smtp.noop()
                if to:
                    await link.smtp.mail(sender)
                    await _would_take(link.smtp, to)
                    await link.smtp.rset()
            except Exception as error:  # noqa: BLE001 - translated, none may escape
                raise translate(error, Progress.ENVELOPE) from None
            finally:
                self._leave(link)
        await self._farewell()

    async def close(self) -> None:
        """Say goodbye on every kept connection; the relay may be used again after it."""
        self._generation += 1
        self._context = None
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        while self._idle:
            self._leave(self._idle.pop())
        await self._farewell()

    async def _deliver(self, link: _Link, mail: _Mail) -> Receipt:
        step, whole, generation = Progress.ENVELOPE, False, self._generation
        smtp = link.smtp
        try:
            options, encoding = self._parameters(smtp, mail)
            await smtp.mail(mail.envelope_from, options=options, encoding=encoding)
            for recipient in mail.recipients:
                await smtp.rcpt(recipient, encoding=encoding)
            step = Progress.CONTENT
            answer = await smtp.data(mail.content, timeout=self._options.answer_timeout)
            link.sent += 1
            whole = True
            return Receipt(
                peer=f"{self._options.host}:{self._options.port}",
                text=receipt_text(answer.code, answer.message, link.tls),
            )
        except Exception as error:  # noqa: BLE001 - translated, none may escape
            if link.sent and step is Progress.ENVELOPE and is_loss(error):
                raise _StaleLinkError from None
            if isinstance(error, SMTPResponseException):
                whole = await _reset(smtp)
            raise translate(error, step) from None
        finally:
            # A connection whose dialogue broke off, by cancellation too, is in an unknown state.
            if not whole:
                smtp.close()
            elif generation == self._generation and link.sent < self._options.messages_per_connection:
                self._keep(link)
            else:
                self._leave(link)

    def _parameters(self, smtp: SMTP, mail: _Mail) -> tuple[list[str], str]:
        """The parameters of MAIL FROM (RFC 1870, 6152, 6531) and how addresses are encoded."""
        parameters, encoding = [], "ascii"
        if smtp.supports_extension("size"):
            parameters.append(f"SIZE={len(mail.content)}")
        if not mail.content.isascii():
            if not smtp.supports_extension("8bitmime"):
                raise Refused(Reason.NO_8BIT.value)
            parameters.append("BODY=8BITMIME")
        if not "".join([mail.envelope_from, *mail.recipients]).isascii():
            if not smtp.supports_extension("smtputf8"):
                raise Refused(Reason.NO_UTF8.value)
            parameters.append("SMTPUTF8")
            encoding = "utf-8"
        return parameters, encoding

    async def _open(self) -> _Link:
        """A new connection: encrypted, trusted and logged in."""
        options = self._options
        step = Progress.CONNECT
        smtp = SMTP(
            hostname=self._address,
            port=options.port,
            local_hostname=options.helo,
            timeout=options.timeout,
            use_tls=self._implicit,
            start_tls=False,
            tls_context=self._trusted_context(),
        )
        opened = False
        try:
            await smtp.connect()
            if not self._implicit:
                await smtp.ehlo()
                if not smtp.supports_extension("starttls"):
                    raise TryLater(Reason.TLS_MISSING.value)
                step = Progress.TLS
                await smtp.starttls(server_hostname=options.host)
            encrypted = smtp.get_transport_info("ssl_object")
            if self._pin is not None and not is_pinned(encrypted, self._pin):
                raise TryLater(Reason.UNTRUSTED.value)
            if self._trust is not None and not self._trust.accepts(encrypted):
                raise TryLater(Reason.UNTRUSTED.value)
            step = Progress.CONNECT
            await smtp.ehlo()
            if options.username is not None and options.password is not None:
                step = Progress.LOGIN
                await smtp.login(options.username, options.password.get_secret_value())
            opened = True
            return _Link(smtp, tls=encrypted.version())
        except Exception as error:  # noqa: BLE001 - translated, none may escape
            raise translate(error, step) from None
        finally:
            if not opened:
                smtp.close()

    def _trusted_context(self) -> ssl.SSLContext:
        """Made at first use and again after `close`, so that a repaired CA file is read."""
        if self._context is None:
            try:
                if self._trust is not None:
                    self._context = self._trust.context()
                else:
                    self._context = client_context(self._pin, self._options.ca_file)
            except OSError:
                raise TryLater(Reason.CA_FILE.value) from None
        return self._context

    def _take_kept(self) -> _Link | None:
        """The connection used last, since it is the likeliest to be alive."""
        self._drop_idle()
        while self._idle:
            link = self._idle.pop()
            if link.smtp.is_connected:
                return link
            link.smtp.close()
        return None

    def _keep(self, link: _Link) -> None:
        loop = asyncio.get_running_loop()
        link.idle_since = loop.time()
        self._idle.append(link)
        if self._sweep is None:
            self._sweep = loop.call_later(self._options.idle, self._drop_idle)

    def _drop_idle(self) -> None:
        """Leave connections that were idle too long; the oldest stand in front."""
        loop = asyncio.get_running_loop()
        while self._idle and self._idle[0].idle_since + self._options.idle <= loop.time():
            self._leave(self._idle.popleft())
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        if self._idle:
            wake = self._idle[0].idle_since + self._options.idle
            self._sweep = loop.call_at(wake, self._drop_idle)

    def _leave(self, link: _Link) -> None:
        """Say QUIT in the background: nobody should wait for a goodbye."""
        task = asyncio.get_running_loop().create_task(_quit(link.smtp))
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    async def _farewell(self) -> None:
        if self._farewells:
            await asyncio.wait(set(self._farewells))


async def _reset(smtp: SMTP) -> bool:
    """Whether the connection is usable for the next message after a refused one."""
    if not smtp.is_connected:
        return False
    try:
        await smtp.rset()
    except (SMTPException, OSError):
        return False
    return True


async def _would_take(smtp: SMTP, to: str) -> None:
    """Raise what the server refuses for good, or for want of a login; "later" may be greylisting."""
    try:
        await smtp.rcpt(to)
    except SMTPResponseException as error:
        if error.code >= 500 or is_loss(error):
            raise


async def _quit(smtp: SMTP) -> None:
    try:
        await smtp.quit(timeout=_FAREWELL_SECONDS)
    except (SMTPException, OSError):
        # The peer was gone already, which is what we wanted.
        return
    finally:
        smtp.close()
