"""DKIM (RFC 6376): which domains signed a mail, and how much of what the gateway reads they signed.

It promises to look only at signatures of the whole body, under SHA-256 with an RSA key of at least 1024 bits
or Ed25519 (RFC 8301, RFC 8463), not expired, with a key that is neither revoked nor in test. Whoever has a
signed mail can send it again, with other fields above and beside it, so a signature says what it covers, when
it was made, and by a digest what it signed. It raises nothing.
"""

import contextlib
import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

import dkim
from dkim import InvalidTagValueList, parse_tag_value

from gateway.gate.authenticity import DnsTrouble, Resolver
from gateway.gate.header import Field, addresses, domain_of, fold_domain

Flaw = Literal["dkim_open", "dkim_old", "dkim_not_to_us"]

COVERED = ("from", "date", "message-id", "subject")
"""What every signature that counts must cover."""

_ALGORITHMS = frozenset({b"rsa-sha256", b"ed25519-sha256"})
_MIN_RSA_BITS = 1024
_AHEAD = timedelta(days=1)
_TOO_ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

Tags = dict[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: its folded `d=` domain, the fields of which it covers each one, when it was made (its
    `t=`, else the Date it covers), and a digest of what it signed: the body and the fields of `COVERED`."""

    domain: str
    covers: frozenset[str]
    made: datetime | None
    digest: str

    def flaw(self, header: list[Field], ours: Sequence[str], now: datetime, most: timedelta) -> Flaw | None:
        """Why it counts for nothing in a mail received at `now`, or None.

        `ours` are our domains: a mail that was signed for somebody else is not one to us. `most` is how old
        it may be.
        """
        if not self.covers.issuperset(COVERED):
            return "dkim_open"
        if self.made is None or not now - most <= self.made <= now + _AHEAD:
            return "dkim_old"
        return None if _to_us(header, ours, "to", "cc") else "dkim_not_to_us"

    def alone(self, header: list[Field], ours: Sequence[str]) -> bool:
        """Whether it proves without an SPF pass beside it: it covers how the body is to be read, and the
        field in which our address stands. Exchange Online signs no To, Google Workspace no Content-Type."""
        signed = [name for name in ("to", "cc") if name in self.covers]
        return "content-type" in self.covers and _to_us(header, ours, *signed)


@dataclass(frozen=True, slots=True)
class Verified:
    """The signatures that hold, and whether the key of another could not be fetched now."""

    passed: tuple[Signature, ...] = ()
    unknown: bool = False


def claimed(header: list[Field], now: datetime) -> list[tuple[int, Signature]]:
    """The signatures that a mail claims to have, by their place among its signatures; nothing is verified."""
    values = [field.value for field in header if field.name == "dkim-signature"]
    found = []
    for index, value in enumerate(values):
        signature = _signature(_tags(value), header, now)
        if signature is not None:
            found.append((index, signature))
    return found


def signers(header: list[Field]) -> list[str | None]:
    """The folded `d=` domain of each signature that a mail bears, of whatever kind it is."""
    values = (field.value for field in header if field.name == "dkim-signature")
    return [_domain(_tags(value)) for value in values]


def verify(
    raw: bytes,
    header: list[Field],
    resolver: Resolver,
    now: datetime,
    *,
    wanted: Callable[[str], bool],
    most: int = 3,
    waits: Callable[[], bool] = lambda: False,
) -> Verified:
    """Verify the topmost `most` signatures of domains that are `wanted`; others cost nothing.

    `header` is that of `raw`, `now` is aware UTC. Their keys are asked for first: while it `waits` for those,
    or for anything else, the body is not hashed, which would be done again when they are there.
    """
    chosen = [one for one in claimed(header, now) if wanted(one[1].domain)][:most]
    if not chosen:
        return Verified()
    values = [field.value for field in header if field.name == "dkim-signature"]
    keys = {index: _KeyRecord(resolver, _tags(values[index])) for index, _ in chosen}
    for key in keys.values():
        with contextlib.suppress(DnsTrouble, *_TOO_ODD):
            key.ask()
    if waits():
        return Verified(unknown=True)
    try:
        mail = dkim.DKIM(raw, logger=_silence(), minkey=_MIN_RSA_BITS)
    except (dkim.DKIMException, *_TOO_ODD):
        return Verified()
    passed, unknown = [], False
    for index, signature in chosen:
        try:
            if mail.verify(index, dnsfunc=keys[index]):
                passed.append(signature)
        except DnsTrouble:
            unknown = True
        except (dkim.DKIMException, *_TOO_ODD):
            continue
    return Verified(tuple(passed), unknown)


class _KeyRecord:
    """Fetches the key of a signature for `dkimpy`; None, which fails the signature, unless it may be used."""

    def __init__(self, resolver: Resolver, tags: Tags) -> None:
        self._resolver, self._tags = resolver, tags

    def ask(self) -> None:
        """Ask for it without using it. Raises DnsTrouble, or what an odd signature makes it raise."""
        self(self._tags[b"s"] + b"._domainkey." + self._tags[b"d"])

    def __call__(self, name: bytes, timeout: int = 0) -> bytes | None:
        records = self._resolver.look_up(name.decode("ascii").removesuffix("."), "TXT")
        if len(records) != 1 or not isinstance(records[0], bytes):
            return None
        key = _tags(records[0])
        flags = _list(key.get(b"t", b""))
        identity = self._tags.get(b"i", b"").rpartition(b"@")[2].lower() or self._tags[b"d"].lower()
        usable = (
            b"y" not in flags
            and (b"s" not in flags or identity == self._tags[b"d"].lower())
            and b"sha256" in _list(key.get(b"h", b"sha256"))
        )
        return records[0] if usable else None


def _signature(tags: Tags, header: list[Field], now: datetime) -> Signature | None:
    """What the tags say; None for one of a kind that is never looked at."""
    domain = _domain(tags)
    # A signature of the start of the body lets anybody write the rest (RFC 6376 section 8.2).
    if domain is None or tags.get(b"a") not in _ALGORITHMS or b"l" in tags:
        return None
    if b"x" in tags and not ((expires := _time(tags[b"x"])) and expires > now):
        return None
    signed = [name.decode("ascii", "replace") for name in _list(tags.get(b"h", b""))]
    present = [field.name for field in header]
    covers = frozenset(name for name in signed if signed.count(name) >= present.count(name))
    made = _time(tags[b"t"]) if b"t" in tags else _date(header) if "date" in covers else None
    return Signature(domain, covers, made, _digest(domain, tags.get(b"bh", b""), header))


def _domain(tags: Tags) -> str | None:
    return fold_domain(tags.get(b"d", b"").decode("ascii", "replace"))


def _digest(domain: str, body: bytes, header: list[Field]) -> str:
    """The same for every copy of a mail, also one that was signed anew or bears other unsigned fields."""
    digest = hashlib.sha256(domain.encode() + b"\0" + b"".join(body.split()))
    for name in COVERED:
        for value in (field.value for field in header if field.name == name):
            digest.update(b"\0" + b" ".join(value.split()))
    return digest.hexdigest()


def _to_us(header: list[Field], ours: Sequence[str], *names: str) -> bool:
    return any(domain_of(address) in ours for address in addresses(header, *names))


def _time(value: bytes) -> datetime | None:
    return datetime.fromtimestamp(int(value), UTC) if re.fullmatch(rb"\d{1,11}", value) else None


def _date(header: list[Field]) -> datetime | None:
    value = next((field.value for field in header if field.name == "date"), b"")[:100]
    try:
        parsed = parsedate_to_datetime(value.decode("ascii"))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except _TOO_ODD:
        return None


def _tags(value: bytes) -> Tags:
    try:
        return dict(parse_tag_value(value))
    except (InvalidTagValueList, *_TOO_ODD):
        return {}


def _list(value: bytes) -> list[bytes]:
    return [item.strip().lower() for item in value.split(b":")]


def _silence() -> logging.Logger:
    """A logger that says nothing: `dkimpy` would write out signatures and key records."""
    logger = logging.Logger("dkim")
    logger.disabled = True
    return logger
