"""The commands of a mail transaction (RFC 5321), with SIZE, 8BITMIME, SMTPUTF8 and PIPELINING.

Promises: 250 to the final dot only after the commit; 451 when it could not be kept, never a 5xx for our own
trouble; only our own recipients, and what was returned to us only from the null sender. An accepted address
is a dot-atom, one `@` and a host name (RFC 5321 section 4.1.2, without quoted local parts, address literals
and source routes), at most 254 octets; so no later part can read it as another one, or as two.
"""

import asyncio
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from gateway.gate.authenticity import Envelope
from gateway.intake import replies
from gateway.intake.content import Content
from gateway.intake.conversation import Command
from gateway.intake.identity import Identified
from gateway.intake.replies import SmtpReply

if TYPE_CHECKING:
    from gateway.intake.listener import Reception

_BODIES = {"7BIT", "8BITMIME"}
_MAX_HELLO = 255
_CONTENT_LIMITS = {"message_bytes", "memory_bytes", "line_bytes", "header_bytes", "received_hops"}

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a1-\U0010ffff]+"
_LABEL = r"[A-Za-z0-9\u00a1-\U0010ffff](?:[A-Za-z0-9\-\u00a1-\U0010ffff]{0,61}[A-Za-z0-9\u00a1-\U0010ffff])?"
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})*)")
_PATH = re.compile(r" ?<([^<> ]*)>(?: +(.*))?")


class Path(NamedTuple):
    """What stood between the angle brackets, and the parameters behind it (names in capitals)."""

    address: str
    parameters: dict[str, str | None]


def parse_path(keyword: str, argument: str) -> Path | None:
    """`FROM:<a@b> SIZE=1` taken apart; None when the form is wrong or a parameter stands twice."""
    if argument[: len(keyword)].upper() != keyword:
        return None
    match = _PATH.fullmatch(argument[len(keyword) :])
    if match is None:
        return None
    parameters: dict[str, str | None] = {}
    for word in (match[2] or "").split():
        name, equals, value = word.partition("=")
        name = name.upper()
        if not name or name in parameters or (equals and not value):
            return None
        parameters[name] = value if equals else None
    return Path(match[1], parameters)


def is_address(text: str) -> bool:
    """Whether this is an address we take; non-ASCII ones (RFC 6531) included."""
    match = _ADDRESS.fullmatch(text)
    return match is not None and len(match[1].encode()) <= 64 and len(text.encode()) <= 254


class Smtp(Identified):
    """One connection that speaks SMTP."""

    def __init__(self, reception: "Reception", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(reception, loop)
        self.smtputf8 = False

    # Hello

    def ehlo(self, hostname: str) -> None:
        """RFC 5321 section 4.1.1.1: the extensions, in one write."""
        if self._hello(hostname, extended=True):
            reception = self.reception
            may_secure = reception.tls is not None and self.tls_version is None
            offers = _offers(
                reception.hostname, reception.limits.message_bytes, secure=may_secure, login=self.may_login
            )
            self.say(offers)

    def hello(self, hostname: str) -> None:
        if self._hello(hostname, extended=False):
            self.say(f"250 {self.reception.hostname}\r\n".encode("ascii"))

    def _hello(self, hostname: str, *, extended: bool) -> bool:
        if not hostname or len(hostname) > _MAX_HELLO or not hostname.isprintable() or " " in hostname:
            self.answer(replies.BAD_SYNTAX)
            return False
        self.reset()
        self.extended, self.helo = extended, hostname
        return True

    # The transaction

    def mail(self, argument: str) -> None:
        """RFC 5321 section 4.1.1.2."""
        self.answer(self._mail(argument))

    def _mail(self, argument: str) -> SmtpReply:
        if not self.helo:
            return replies.HELLO_FIRST
        if self.sender is not None:
            return replies.BAD_SEQUENCE
        path = parse_path("FROM:", argument)
        if path is None:
            return replies.BAD_SYNTAX
        parameters = path.parameters
        if parameters and not self.extended:
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
        reception = self.reception
        if int(size) > reception.limits.message_bytes:
            reception.events.limit("message_bytes")
            return replies.TOO_BIG
        full = reception.room.full(self._network)
        if full is not None:
            reception.events.limit(full)
            return replies.NO_DISK if full == "free_disk_bytes" else replies.TOO_MUCH_UNPROVEN
        self.smtputf8 = smtputf8
        self.sender = path.address
        return replies.SENDER_OK

    @property
    def _network(self) -> str | None:
        """Whose share of unproven mail this takes: nobody's, where more than an address vouches for it."""
        if self.trusted or self.login is not None or self.client_certificate is not None:
            return None
        return self.reception.room.mark(self.peer_ip)

    def rcpt(self, argument: str) -> None:
        """RFC 5321 section 4.1.1.3."""
        reply = self._rcpt(argument)
        if reply is replies.NO_SUCH_RECIPIENT:
            self.abuse("no_such_recipient")
        self.answer(reply)

    def _rcpt(self, argument: str) -> SmtpReply:
        reception = self.reception
        if self.sender is None:
            return replies.BAD_SEQUENCE
        path = parse_path("TO:", argument)
        if path is None:
            return replies.BAD_SYNTAX
        if path.parameters:
            return replies.UNKNOWN_OPTION
        if len(self.recipients) >= reception.limits.recipients:
            reception.events.limit("recipients")
            return replies.TOO_MANY_RECIPIENTS
        # RFC 5321 section 4.5.1: postmaster may come without a domain.
        if not is_address(path.address) and path.address.lower() != "postmaster":
            return replies.BAD_RECIPIENT
        if not path.address.isascii() and not self.smtputf8:
            return replies.NEEDS_SMTPUTF8
        if reception.is_return_address(path.address):
            # Nothing but a bounce has business there, and a bounce has the null sender (RFC 5321 4.5.5).
            if self.sender:
                return replies.NOT_A_BOUNCE
        elif not reception.accepts(path.address):
            return replies.NO_SUCH_RECIPIENT
        if path.address not in self.recipients:
            self.recipients.append(path.address)
        return replies.RECIPIENT_OK

    def data(self, argument: str) -> None:
        """RFC 5321 section 4.1.1.4."""
        if argument:
            self.answer(replies.BAD_SYNTAX)
        elif self.sender is None:
            self.answer(replies.BAD_SEQUENCE)
        elif self.lines:
            # RFC 2920 section 3.1: DATA ends a group. Who goes on talking wants its mail read as commands.
            self.abuse("talked_first")
            self.leave(replies.SENT_TOO_EARLY)
        elif not self.recipients:
            self.answer(replies.NO_RECIPIENT)
        else:
            reception = self.reception
            self.content = Content(reception.limits, reception.memory, reception.long_line)
            self.patience.start_content(self.content, self.loop.time())
            self.answer(replies.GO_AHEAD)

    def finish_content(self) -> None:
        content, self.content = self.content, None
        if content is None:
            return
        self.patience.end_content(self.loop.time())
        fault = content.judge()
        if fault is None:
            self.busy = True
            envelope, raw = self._envelope(), content.unstuffed()
            self.reset()
            self.reception.keeper.keep(
                envelope, raw, self._network, self.line, lambda id: self._ended_keeping(content, id)
            )
            return
        content.wipe()
        if fault.reason in _CONTENT_LIMITS:
            self.reception.events.limit("drain_bytes" if content.hopeless else fault.reason)
        self.reset()
        if content.hopeless:
            self.leave(fault)
        else:
            self.answer(fault)
            self.stop_when_idle()

    def _ended_keeping(self, content: Content, id: str | None) -> None:
        """The mail is committed under this id, or it can't be kept; the client may be gone by now."""
        content.wipe()
        self.busy = False
        if not self.inside:
            return
        if id is None:
            self.answer(replies.NOT_KEPT)
        else:
            self.strikes = 0
            self.patience.kept(self.loop.time())
            self.answer(replies.kept(id))
        self.stop_when_idle()
        self.work()

    def _envelope(self) -> Envelope:
        return Envelope(
            mail_from=self.sender or "",
            rcpt_tos=tuple(self.recipients),
            peer_ip=self.peer_ip,
            helo=self.helo,
            tls=self.tls_version,
            trusted_relay=self.trusted,
            client_certificate=self.client_certificate,
            login=self.login,
            smtputf8=self.smtputf8,
        )

    # The rest

    def rset(self, argument: str) -> None:
        if argument:
            self.answer(replies.BAD_SYNTAX)
        else:
            self.reset()
            self.answer(replies.OK)

    def noop(self, argument: str) -> None:
        self.answer(replies.OK)

    def vrfy(self, argument: str) -> None:
        """Never tells who exists (RFC 5321 section 7.3)."""
        self.answer(replies.CANNOT_VERIFY)

    def expn(self, argument: str) -> None:
        """There are no lists."""
        self.answer(replies.NOT_OFFERED)

    def help(self, argument: str) -> None:
        """Where to read on."""
        self.answer(replies.HELP)

    def quit(self, argument: str) -> None:
        self.say(replies.BYE.line)
        self.leave()

    # Before TLS: RFC 3207 section 4.
    commands: ClassVar[Mapping[bytes, Command]] = {
        b"EHLO": Command(ehlo, before_tls=True, idle=True),
        b"HELO": Command(hello, idle=True),
        b"MAIL": Command(mail),
        b"RCPT": Command(rcpt),
        b"DATA": Command(data),
        b"RSET": Command(rset, idle=True),
        b"NOOP": Command(noop, before_tls=True, idle=True),
        b"QUIT": Command(quit, before_tls=True),
        b"STARTTLS": Command(Identified.starttls, before_tls=True),
        b"AUTH": Command(Identified.auth),
        b"VRFY": Command(vrfy, idle=True),
        b"EXPN": Command(expn, idle=True),
        b"HELP": Command(help, idle=True),
    }


@lru_cache(16)
def _offers(hostname: str, message_bytes: int, *, secure: bool, login: bool) -> bytes:
    """The answer to EHLO."""
    offers = [hostname, f"SIZE {message_bytes}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
    offers += ["STARTTLS"] * secure + ["AUTH PLAIN LOGIN"] * login
    lines = [*(f"250-{offer}" for offer in offers), "250 ENHANCEDSTATUSCODES"]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")
