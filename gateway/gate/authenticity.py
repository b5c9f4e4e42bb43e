"""Who really sent a mail: the envelope that the SMTP session proved, what an examination of the mail gives,
the proof in it, and the way to one that needs nothing but the connection.

`Client` trusts a login or a client certificate; `gateway.gate.front` trusts what a named server in front of
us found, and `gateway.gate.selfcheck` finds out for itself. Each promises to raise nothing, to prove one
single From address or nothing, and never to take "could not tell" for a pass. A proof says where a mail came
from, not whether that sender may send: that is `Senders.practice_of(proof.address)`. `Examined` promises what
`examination` does, and needs nothing of what examines.

An envelope is packed together with its mail, and that is what gets sealed, so that who sent a mail is as
unreadable at rest as the mail itself. `unpack(pack(envelope, raw)) == (envelope, raw)` for every envelope and
every content; anything that `pack` did not write is refused with `OpenError`, never half understood.

What a look-up of a name gives, and what has been looked up for a mail.

It promises that "there is no such record" and "could not tell" are never confused: the first is an empty
answer, the second is `DnsTrouble`. The checks of a mail run where there is no network: they ask `Answers`;
what is not among those is noted in `wanted`, counts as trouble for now, and is looked up elsewhere
(`gateway.gate.dns`) before the checks are run again. Pure.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, Protocol

from gateway.errors import InbeeldError, OpenError
from gateway.gate.header import from_address
from gateway.gate.senders import Practice, Senders
from gateway.reading.mail.wrapping import Wrapping

Kind = Literal["A", "AAAA", "MX", "PTR", "TXT"]
Record = str | bytes | tuple[int, str]
Question = tuple[Kind, str]
Known = Mapping[Question, tuple[Record, ...] | None]
"""Answers by question; None is trouble."""

MOST = 20
"""So many names are looked up for one mail at a time."""

_LONGEST = 254


class DnsTrouble(InbeeldError):
    """The name could not be looked up now."""


class Unasked(DnsTrouble):
    """The name has not been looked up yet."""


class Resolver(Protocol):
    """Anything that answers look-ups; it follows CNAMEs itself."""

    def look_up(self, name: str, kind: Kind) -> tuple[Record, ...]:
        """The records, or an empty tuple if there are none or the name can't exist. A and AAAA give text,
        PTR a name without its closing dot, MX (preference, name), and TXT bytes, its strings joined.
        Raises DnsTrouble."""
        ...


class Answers:
    """A resolver of what is known."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._wanted: dict[Question, None] = {}

    @property
    def wanted(self) -> tuple[Question, ...]:
        """What was asked and is not known."""
        return tuple(self._wanted)[:MOST]

    def look_up(self, name: str, kind: Kind) -> tuple[Record, ...]:
        question = (kind, name.lower().removesuffix("."))
        if len(name) > _LONGEST or not name.isascii():
            # No such name can exist (RFC 1035 section 2.3.4).
            return ()
        if question not in self._known:
            self._wanted[question] = None
            raise Unasked
        records = self._known[question]
        if records is None:
            raise DnsTrouble
        return records


def packed(known: Known) -> list[list[Any]]:
    """The answers as JSON can hold them."""
    return [
        [kind, name, None if records is None else [_packed(record) for record in records]]
        for (kind, name), records in known.items()
    ]


def unpacked(told: Sequence[Sequence[Any]]) -> dict[Question, tuple[Record, ...] | None]:
    """What `packed` was given."""
    return {
        (kind, name): None if records is None else tuple(_unpacked(kind, record) for record in records)
        for kind, name, records in told
    }


def _packed(record: Record) -> object:
    return record.decode("latin-1") if isinstance(record, bytes) else record


def _unpacked(kind: Kind, record: Any) -> Record:
    if kind == "TXT":
        return str(record).encode("latin-1")
    if kind == "MX":
        preference, name = record
        return int(preference), str(name)
    return str(record)


_MAGIC = b"IBMAIL1\n"
_LENGTH = struct.Struct(">I")
_MAX_HEADER = 65536


@dataclass(frozen=True, slots=True)
class Envelope:
    """One accepted transaction; texts are as the client gave them, a null return path is "".

    `tls` is the protocol version ("TLSv1.3") or None; `client_certificate` is the SHA-256 of the DER form in
    lower-case hex, of a certificate that TLS verified; `login` is the name AUTH proved.
    """

    mail_from: str
    rcpt_tos: tuple[str, ...]
    peer_ip: str
    helo: str
    tls: str | None = None
    trusted_relay: bool = False
    client_certificate: str | None = None
    login: str | None = None
    smtputf8: bool = False


_TEXT = {"mail_from", "peer_ip", "helo"}
_TEXT_OR_NONE = {"tls", "client_certificate", "login"}
_FLAGS = {"trusted_relay", "smtputf8"}
_NAMES = {field.name for field in fields(Envelope)}


def pack(envelope: Envelope, raw: bytes) -> bytes:
    """The envelope and the mail as one blob: magic, length (4 bytes, big-endian), JSON header, raw bytes."""
    values = {name: getattr(envelope, name) for name in _NAMES}
    header = json.dumps(values, separators=(",", ":"), sort_keys=True).encode("ascii")
    if len(header) > _MAX_HEADER:
        raise OpenError("the envelope is too large to pack")
    return b"".join((_MAGIC, _LENGTH.pack(len(header)), header, raw))


def unpack(blob: bytes) -> tuple[Envelope, bytes]:
    """What `pack` put together; `OpenError` (without any of the content) for everything else."""
    start = len(_MAGIC) + _LENGTH.size
    if len(blob) < start or not blob.startswith(_MAGIC):
        raise OpenError("not a packed mail of this version")
    (length,) = _LENGTH.unpack_from(blob, len(_MAGIC))
    if length > _MAX_HEADER or len(blob) < start + length:
        raise OpenError("a packed mail with a wrong length")
    try:
        header = json.loads(blob[start : start + length].decode("ascii"))
    except ValueError:
        raise OpenError("a packed mail with an unreadable envelope") from None
    return _envelope(header), blob[start + length :]


def _envelope(header: object) -> Envelope:
    if not isinstance(header, dict) or set(header) != _NAMES:
        raise OpenError("a packed mail with other envelope fields")
    rcpt_tos = header["rcpt_tos"]
    right = (
        all(isinstance(header[name], str) for name in _TEXT)
        and all(header[name] is None or isinstance(header[name], str) for name in _TEXT_OR_NONE)
        and all(isinstance(header[name], bool) for name in _FLAGS)
        and isinstance(rcpt_tos, list)
        and all(isinstance(address, str) for address in rcpt_tos)
    )
    if not right:
        raise OpenError("a packed mail with a wrong type in its envelope")
    return Envelope(**{**header, "rcpt_tos": tuple(rcpt_tos)})


Outcome = Literal["proven", "unproven", "temporary"]
Method = Literal["front", "client", "self"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found out. `code` is from a closed list and safe to log; `address` is the folded From address,
    only there when it is proven (it comes from a mail, so it is kept out of `repr`)."""

    result: Outcome
    method: Method
    code: str
    address: str | None = field(default=None, repr=False)
    covers: tuple[str, ...] = ()
    """The header fields that the signature covers, on which the proof rests; none if it rests on another."""
    signature: str | None = None
    """A digest of what that signature protects: a mail with the same one is the same mail, whatever else was
    changed in it."""

    def satisfies(self, practice: Practice) -> bool:
        """Whether it is as strong as the practice asks: some want no mail of theirs believed on its server's
        address alone."""
        return self.result == "proven" and not (practice.dkim_required and self.code == "spf")


class Client:
    """Proof by the connection itself: the login or client certificate of the practice the mail is from.

    Codes: login, certificate (proven); from, unknown_sender, no_credentials, other_practice.
    """

    def __init__(self, senders: Senders) -> None:
        self._senders = senders

    def prove(self, envelope: Envelope, raw: bytes, now: datetime) -> Proof:
        """Proven if the credentials are those of the practice whose address stands in From."""
        return self.prove_address(envelope, from_address(raw))

    def prove_address(self, envelope: Envelope, address: str | None) -> Proof:
        """The same for a From address that was read already."""
        if address is None:
            return Proof("unproven", "client", "from")
        practice = self._senders.practice_of(address)
        if practice is None:
            return Proof("unproven", "client", "unknown_sender")
        if envelope.login and envelope.login == practice.login:
            return Proof("proven", "client", "login", address)
        if envelope.client_certificate and envelope.client_certificate.lower() in practice.certificates:
            return Proof("proven", "client", "certificate", address)
        shown = envelope.login or envelope.client_certificate
        return Proof("unproven", "client", "other_practice" if shown else "no_credentials")


Problem = Literal["", "from", "doubled_header", "broken_header"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How senders are proven here: by the settings, the same for every mail.

    `domain` is ours, and so are the `others`, of addresses that we had before; `front_id` the authserv-id of
    the front server, for the method "front"; a DKIM signature older than `signature_days` counts for nothing.
    """

    method: Method
    domain: str
    front_id: str = ""
    signature_days: int = 5
    others: tuple[str, ...] = ()

    @property
    def ours(self) -> tuple[str, ...]:
        """Every domain that is ours."""
        return (self.domain, *self.others)


@dataclass(frozen=True, slots=True)
class Examined:
    """What the head of a mail says. Addresses, ids and the subject come from the mail: never log them."""

    proof: Proof
    problem: Problem = ""
    """Why the mail must be set aside whoever sent it: no single From address, a header doubled that may
    stand once, or a header that can be read in two ways."""
    sender: str | None = field(default=None, repr=False)
    """The one From address, folded; proven only if `proof` says so."""
    automatic: str | None = None
    """The closed code for why a machine must have sent it."""
    bulk: bool = False
    """Whether its header asks that no machine answers it."""
    subject: str = field(default="", repr=False)
    message_id: str | None = field(default=None, repr=False)
    in_reply_to: str | None = field(default=None, repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    thread_index: str | None = field(default=None, repr=False)
    """Outlook's, base64."""
    addressed: tuple[str, ...] = field(default=(), repr=False)
    """The addresses at our domain that stand in To and Cc, folded, a token and all; where the signature on
    which the proof rests covers one of the two, only those of that one."""
    wanted: tuple[Question, ...] = ()
    """What must be looked up before the proof can be given; until then `proof` is temporary, and nothing else
    is told."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What the whole of a mail says, found out once it is known who sent it: a stranger's is not parsed."""

    kenmerken: tuple[str, ...] = field(default=(), repr=False)
    """What has the form of a kenmerk in it; whether there are such cases is another matter."""
    wrapped: Wrapping = ""
    """Whether it is encrypted or opaquely signed, so that it must be unwrapped before it is read."""
    digest: str = ""
    """The same for two copies of one mail: of what its signature protects, where that proves it, so that
    nothing which others can change makes another mail of it; else what `content_digest` gives. Keep it under
    a key only."""
    partial: bool = False
    """Whether it has more parts, mails or texts in it than are read, so that a person must look."""
