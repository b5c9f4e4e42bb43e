"""DKIM (RFC 6376): which domains signed a mail, as it came.

It promises to count only signatures that protect what the gateway reads: the whole body, From and Subject,
under SHA-256 with an RSA key of at least 1024 bits or Ed25519 (RFC 8301, RFC 8463), not expired, with a key
that is neither revoked nor in test. It raises nothing.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import dkim
from dkim import InvalidTagValueList, parse_tag_value

from gateway.gate.answers import DnsTrouble, Resolver
from gateway.gate.domains import fold_domain

_ALGORITHMS = frozenset({b"rsa-sha256", b"ed25519-sha256"})
_PROTECTED = (b"from", b"subject")
_MIN_RSA_BITS = 1024
_TOO_ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

Tags = dict[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Signers:
    """The folded `d=` domains whose signature holds, and those of which the key could not be fetched now."""

    passed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def signers(
    raw: bytes,
    resolver: Resolver,
    now: datetime,
    *,
    wanted: Callable[[str], bool],
    most: int = 3,
) -> Signers:
    """Verify the topmost `most` signatures of domains that are `wanted`; others cost nothing.

    `now` is aware UTC.
    """
    try:
        mail = dkim.DKIM(raw, logger=_silence(), minkey=_MIN_RSA_BITS)
    except (dkim.DKIMException, *_TOO_ODD):
        return Signers()
    values = [value for name, value in mail.headers if name.lower() == b"dkim-signature"]
    chosen: list[tuple[int, str, Tags]] = []
    for index, value in enumerate(values):
        tags = _tags(value)
        domain = fold_domain(tags.get(b"d", b"").decode("ascii", "replace"))
        if domain and wanted(domain) and _protects(tags, mail.headers, now) and len(chosen) < most:
            chosen.append((index, domain, tags))
    passed, unknown = [], []
    for index, domain, tags in chosen:
        try:
            if mail.verify(index, dnsfunc=_KeyRecord(resolver, tags)):
                passed.append(domain)
        except DnsTrouble:
            unknown.append(domain)
        except (dkim.DKIMException, *_TOO_ODD):
            continue
    return Signers(tuple(passed), tuple(unknown))


class _KeyRecord:
    """Fetches the key of a signature for `dkimpy`; None, which fails the signature, unless it may be used."""

    def __init__(self, resolver: Resolver, tags: Tags) -> None:
        self._resolver, self._tags = resolver, tags

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


def _protects(tags: Tags, headers: list[tuple[bytes, bytes]], now: datetime) -> bool:
    """Whether the signature covers every From and Subject and all of the body, and has not expired."""
    if tags.get(b"a") not in _ALGORITHMS or b"l" in tags:
        return False
    covered = _list(tags.get(b"h", b""))
    present = [name.lower() for name, _ in headers]
    if any(covered.count(name) < present.count(name) for name in _PROTECTED):
        return False
    expires = tags.get(b"x")
    return expires is None or (
        re.fullmatch(rb"\d{1,12}", expires) is not None and int(expires) > now.timestamp()
    )


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
