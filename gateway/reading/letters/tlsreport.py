"""What another mail server reports of TLS to us (TLS-RPT, RFC 8460): how many connections were well, and how
many were not, by the closed words of the standard.

It promises to keep numbers and those words, nothing else of a report, since anybody can send one; and that a
report which is larger than it has reason to be, or of another form, is none.
"""

import json
import zlib
from dataclasses import dataclass
from typing import Any

from gateway.reading.mail.mime import tree

PACKED, UNPACKED = 512 * 1024, 4 * 1024 * 1024
PARTS = 20
MOST = 10**9
POLICIES, DETAILS = 200, 1000

RESULTS = frozenset(
    {
        "starttls-not-supported",
        "certificate-host-mismatch",
        "certificate-expired",
        "certificate-not-trusted",
        "validation-failure",
        "tlsa-invalid",
        "dnssec-invalid",
        "dane-required",
        "sts-policy-fetch-error",
        "sts-policy-invalid",
        "sts-webpki-invalid",
    }
)
"""Section 4.3; whatever else stands there is "other"."""


@dataclass(frozen=True, slots=True)
class TlsReport:
    """Sessions that were well and that failed, and the words for why."""

    well: int
    failed: int
    results: tuple[str, ...] = ()


def tls_report(raw: bytes) -> TlsReport | None:
    """The report in a mail, or None."""
    part, _ = tree(raw, PARTS)
    for one in part.walk():
        if one.content_type == "application/tlsrpt+gzip":
            return _read(_unpacked(one.content(PACKED)))
        if one.content_type == "application/tlsrpt+json":
            return _read(one.content(UNPACKED))
    return None


def _unpacked(content: bytes) -> bytes:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        found = unpacker.decompress(content, UNPACKED)
    except zlib.error:
        return b""
    return found if unpacker.eof else b""


def _read(content: bytes) -> TlsReport | None:
    try:
        policies = json.loads(content)["policies"]
        if not isinstance(policies, list):
            return None
        well = sum(_count(one["summary"], "total-successful-session-count") for one in policies[:POLICIES])
        failed = sum(_count(one["summary"], "total-failure-session-count") for one in policies[:POLICIES])
        details = [each for one in policies[:POLICIES] for each in one.get("failure-details") or ()]
        words = {str(each.get("result-type")) for each in details[:DETAILS]}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    known = words & RESULTS | ({"other"} if words - RESULTS else set())
    return TlsReport(min(well, MOST), min(failed, MOST), tuple(sorted(known)))


def _count(summary: dict[str, Any], name: str) -> int:
    value = summary.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(name)
    return min(value, MOST)
