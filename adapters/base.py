"""The adapter contract: what a way of delivery is given, what it gives back, and how it may fail.

It promises nothing itself. An adapter promises:

- `send` returns a receipt only after the peer took responsibility for the parcel;
- it raises nothing but `TryLater` (the gateway tries again, with the same `delivery_id`) and `Refused` (the
  parcel is held, a person must look); the gateway counts anything else as `TryLater`;
- a reason starts with a closed code of its own (`relay_busy`, `mailbox_full`), and neither reasons nor
  receipts repeat what a peer wrote in words, or anything of the ciphertext;
- many `send`s may run at once in one event loop, each may be cancelled, and after `close` it works again;
- it never sends a parcel that isn't ciphertext (`adapters.base.check_ciphertext` tells).

A third party ships an adapter as its own package, which needs only this module. With the class

    class PostduifOptions(Options):
        loft: str

    class PostduifAdapter:
        name: ClassVar[str] = "postduif"
        Options: ClassVar[type[PostduifOptions]] = PostduifOptions

        def __init__(self, options: PostduifOptions, context: Context) -> None: ...
        async def send(self, parcel: Parcel) -> Receipt: ...
        async def probe(self) -> None: ...
        async def close(self) -> None: ...

in its module `postduif`, and in its pyproject.toml

    [project.entry-points."inbeeld.adapters"]
    postduif = "postduif:PostduifAdapter"

`pip install inbeeld-postduif` beside the gateway is enough: organisations.toml may then say
`adapter = "postduif"`, and `[organisation.options]` holds what `PostduifOptions` asks for. An adapter that
can't carry every format says which it can: `formats: ClassVar[frozenset[str]] = frozenset({"jwe"})`.
Nothing may happen at import. `tests/contract/adapters/test_contract.py` is the suite to hold it to.

`check_parcel` tells whether a parcel's content really is ciphertext of the kind it says it is. It promises
that plaintext is never taken for ciphertext: an adapter asks before it sends, even though the gateway sealed
the parcel, because a mistake upstream (a key that expired, an engine that returned its input) must not become
a data breach. It opens nothing and proves nothing about *whose* key it is.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from asn1crypto import cms
from pydantic import BaseModel, ConfigDict


def utc_now() -> datetime:
    return datetime.now(UTC)


def utc_text(moment: datetime) -> str:
    """A moment as receivers read it: `2026-11-23T09:00:00Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class TryLater(Exception):
    """The peer cannot take the parcel now; `after` is how long it asked us to wait, if it said so."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Refused(Exception):
    """The peer will not take this parcel, now or later; a person must look (the parcel is held)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Options(BaseModel):
    """Base of an adapter's own settings: `[organisation.options]` in organisations.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Ciphertext with the non-personal facts an adapter needs; it never holds personal data.

    `delivery_id` is the idempotency key: the same at every try. `ciphertext` is ASCII armour for
    `application/pgp-encrypted`, DER for `application/pkcs7-mime`, and a compact or JSON serialisation
    for `application/jose`. `reply_to` is the address at which the organisation's report is accepted.
    `made_at` is when the parcel was made: the same at every try, too. `corrected` says that it takes the
    place of an earlier one with this kenmerk, `late` that `due_at` has passed, `trial` that nobody is meant.
    """

    delivery_id: str
    kenmerk: str
    organisation_id: str
    media_type: str
    ciphertext: bytes
    due_at: datetime
    reply_to: str | None = None
    urgent: bool = False
    made_at: datetime | None = None
    corrected: bool = False
    late: bool = False
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the peer said when it took the parcel, as proof: no personal data, at most 500 characters."""

    peer: str
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """What the gateway lends to an adapter: who we are, where files of the working directory are, and
    shared parts (`parts["relay"]` is an `adapters.relay.Relay`, `parts["mailbox"]` an
    `adapters.mailbox.Shelf`)."""

    domain: str
    sender: str
    directory: Path
    parts: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class Adapter(Protocol):
    """One way to deliver a parcel, made as `Class(options, context)`."""

    name: ClassVar[str]
    Options: ClassVar[type[Any]]
    """A subclass of `Options`."""

    async def send(self, parcel: Parcel) -> Receipt:
        """Deliver the parcel; raise `TryLater` or `Refused`, nothing else."""
        ...

    async def probe(self) -> None:
        """Return if the peer is reachable and trusted; raise as `send` does, without sending anything."""
        ...

    async def close(self) -> None:
        """Give back connections; the adapter may be used again after it."""
        ...


PGP = "application/pgp-encrypted"
SMIME = "application/pkcs7-mime"
JOSE = "application/jose"

_DELIVERY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KENMERK = re.compile(r"[A-Za-z0-9-]{1,40}")
_ARMOUR = re.compile(
    rb"-----BEGIN PGP MESSAGE-----\r?\n(?:Version: [\x20-\x7e]*\r?\n)?\r?\n"
    rb"(?P<body>(?:[A-Za-z0-9+/=]+\r?\n)+?)(?:=[A-Za-z0-9+/]{4}\r?\n)?"
    rb"-----END PGP MESSAGE-----\s*"
)
_SESSION_KEY, _PROTECTED, _AEAD_PROTECTED = 1, 18, 20
# Not `aad` and `unprotected`: they travel in clear.
_JWE_MEMBERS = {"protected", "recipients", "header", "encrypted_key", "iv", "ciphertext", "tag"}
_B64URL = re.compile(r"[A-Za-z0-9_-]+")


def check_ciphertext(media_type: str, content: bytes) -> None:
    """Return if `content` is ciphertext of `media_type`; raise Refused, without a word of it, if not."""
    recognise = _RECOGNISERS.get(media_type)
    if recognise is None:
        raise Refused("parcel_media_type")
    try:
        recognised = recognise(content)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        # The text of a parser's error could quote what it stumbled over.
        recognised = False
    if not recognised:
        raise Refused("parcel_not_ciphertext")


def check_parcel(parcel: Parcel, *takes: str) -> None:
    """The same of a whole parcel, of a kind that its peer `takes` (any, unless some are named), with names
    that are fit for a header, an address or the name of a file."""
    if takes and parcel.media_type not in takes:
        raise Refused("parcel_media_type")
    check_ciphertext(parcel.media_type, parcel.ciphertext)
    if not _DELIVERY_ID.fullmatch(parcel.delivery_id) or not _KENMERK.fullmatch(parcel.kenmerk):
        raise Refused("parcel_malformed")


def smime_type(content: bytes) -> str:
    """The `smime-type` parameter (RFC 8551 section 3.2.2) of enveloped content that was checked."""
    kind = cms.ContentInfo.load(content)["content_type"].native
    return "enveloped-data" if kind == "enveloped_data" else "authEnveloped-data"


def _is_openpgp(content: bytes) -> bool:
    """Armour around session keys for public keys, then one integrity-protected packet, and nothing else.

    RFC 9580 sections 5.1, 5.13 and 10.3; a packet under a mere password (tag 3) is not accepted.
    """
    armour = _ARMOUR.fullmatch(content)
    if armour is None:
        return False
    binary = base64.b64decode(armour["body"].translate(None, b"\r\n"), validate=True)
    *keys, last = _packet_tags(binary)
    return bool(keys) and all(tag == _SESSION_KEY for tag in keys) and last in (_PROTECTED, _AEAD_PROTECTED)


def _packet_tags(binary: bytes) -> Iterator[int]:
    """The tags of the packets in order (RFC 9580 section 4.2); ValueError if they don't fill the input."""
    at = 0
    while at < len(binary):
        head = binary[at]
        at += 1
        if head & 0xC0 == 0xC0:
            tag, partial = head & 0x3F, True
            while partial:
                length, partial, at = _new_length(binary, at)
                at += length
        elif head & 0x80:
            tag, size = head >> 2 & 0x0F, head & 0x03
            if size == 3:
                at = len(binary)
            else:
                width = 1 << size
                at += width + int.from_bytes(binary[at : at + width])
        else:
            raise ValueError("no packet")
        if at > len(binary):
            raise ValueError("cut short")
        yield tag


def _new_length(binary: bytes, at: int) -> tuple[int, bool, int]:
    """Length, whether more parts follow, and where the body begins (RFC 9580 section 4.2.1)."""
    first = binary[at]
    if first < 192:
        return first, False, at + 1
    if first < 224:
        return (first - 192 << 8) + binary[at + 1] + 192, False, at + 2
    if first < 255:
        return 1 << (first & 0x1F), True, at + 1
    return int.from_bytes(binary[at + 1 : at + 5]), False, at + 5


def _is_enveloped(content: bytes) -> bool:
    """CMS EnvelopedData or AuthEnvelopedData with a recipient and a content (RFC 5652, RFC 5083)."""
    info = cms.ContentInfo.load(content, strict=True)
    if info["content_type"].native not in ("enveloped_data", "authenticated_enveloped_data"):
        return False
    enveloped: Any = info["content"]
    prefix = "" if isinstance(enveloped, cms.EnvelopedData) else "auth_"
    sealed = f"{prefix}encrypted_content_info"
    return len(enveloped["recipient_infos"]) > 0 and bool(enveloped[sealed]["encrypted_content"].native)


def _is_jwe(content: bytes) -> bool:
    """A JWE (RFC 7516), compact or JSON, that names an `enc`; a JWS has none."""
    text = content.decode("ascii").strip()
    if text.startswith("{"):
        token = json.loads(text)
        protected, sealed, tag = token["protected"], token["ciphertext"], token["tag"]
        keys = [token["encrypted_key"]] if "encrypted_key" in token else token.get("recipients", [])
        if not keys or not token.keys() <= _JWE_MEMBERS:
            return False
    else:
        protected, _key, _iv, sealed, tag = text.split(".")
    header = json.loads(base64.urlsafe_b64decode(protected + "=" * (-len(protected) % 4)))
    return bool(header["enc"]) and all(_B64URL.fullmatch(part) for part in (sealed, tag))


_RECOGNISERS: dict[str, Callable[[bytes], bool]] = {PGP: _is_openpgp, SMIME: _is_enveloped, JOSE: _is_jwe}
