"""What the answers and failures of an HTTPS peer mean to us.

It promises that nothing the peer wrote gets further than here, save its status code and a receipt id that
looks like one: free text may repeat what it was sent. Every failure becomes `TryLater` or `Refused` with a
reason that starts with a code of `HttpReason`.
"""

import json
import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

import httpx2

from adapters.base import Refused, TryLater


class HttpReason(StrEnum):
    """Closed codes; a status code may follow: `signaal_refused 422`."""

    UNREACHABLE = "signaal_unreachable"
    TIMEOUT = "signaal_timeout"
    # The content was sent and no answer came: the peer may or may not have it.
    ANSWER_LOST = "signaal_answer_lost"
    BUSY = "signaal_busy"
    PROTOCOL = "signaal_protocol"
    TLS_FAILED = "signaal_tls_failed"
    UNEXPECTED = "signaal_unexpected"
    # With these the parcel is held and a beheerder must look.
    REFUSED = "signaal_refused"
    REDIRECT = "signaal_redirect"
    UNTRUSTED = "signaal_untrusted"
    NOT_LET_IN = "signaal_certificate_refused"
    FILES = "signaal_files"
    # What a peer told of its cases, when asked.
    SIGNATURE = "signaal_signature"
    TOO_LARGE = "signaal_too_large"


WORD = "signaal"
"""With which every reason begins, unless a peer is of another adapter (see `renamed`)."""

ACCEPTED = frozenset({200, 201, 202})
KNOWN = 409
"""Already known: the peer has this delivery from an earlier try."""

_WAITING = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
LONGEST_WAIT = timedelta(days=1)
_TEMPORARY = frozenset({408, 425, 429})
_RECEIPT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
# What a server says in the handshake, or at the first read after it, of a certificate of ours.
_NOT_LET_IN = re.compile(r"ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)")


def check_status(code: int, retry_after: str | None, now: datetime) -> None:
    """Return if the peer has what it was sent (200, 201, 202, or 409: already known); raise otherwise."""
    if code in ACCEPTED or code == KNOWN:
        return
    if code in _TEMPORARY or 500 <= code <= 599:
        raise TryLater(f"{HttpReason.BUSY} {code}", wait(retry_after, now))
    if 300 <= code <= 399:
        raise Refused(f"{HttpReason.REDIRECT} {code}")
    if 400 <= code <= 499:
        raise Refused(f"{HttpReason.REFUSED} {code}")
    raise TryLater(f"{HttpReason.PROTOCOL} {code}")


def receipt_text(code: int, content: bytes, tls: str) -> str:
    """`201 OB-2026-17 TLSv1.3`: status, the receipt id if the answer holds one, the TLS version."""
    return " ".join(filter(None, [str(code), _receipt_id(content), tls]))


def wait(retry_after: str | None, now: datetime) -> timedelta | None:
    """`Retry-After` (RFC 9110 section 10.2.3: seconds, or a date) as a time from now, at most a day."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        asked = timedelta(seconds=int(text))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, OverflowError):
            return None
        asked = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(asked, timedelta(0)), LONGEST_WAIT)


def translate(error: Exception) -> TryLater | Refused:
    """Our word for whatever went wrong on the way."""
    if isinstance(error, TryLater | Refused):
        return error
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Refused(HttpReason.UNTRUSTED.value)
        # That TLS waits for bytes says nothing of what it waited for.
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, _WAITING):
            refused = _NOT_LET_IN.search(getattr(cause, "reason", None) or "")
            return Refused(HttpReason.NOT_LET_IN.value) if refused else TryLater(HttpReason.TLS_FAILED.value)
    for kinds, reason in _REASONS:
        if isinstance(error, kinds):
            return TryLater(reason.value)
    # A class name is safe to tell; the text of an error may not be.
    return TryLater(f"{HttpReason.UNEXPECTED} {type(error).__name__}")


def renamed(trouble: TryLater | Refused, word: str) -> TryLater | Refused:
    """The same trouble with a peer of another adapter: `fhir_busy 503`."""
    reason = (
        f"{word}{trouble.reason.removeprefix(WORD)}" if trouble.reason.startswith(WORD) else trouble.reason
    )
    return Refused(reason) if isinstance(trouble, Refused) else TryLater(reason, trouble.after)


_REASONS: tuple[tuple[tuple[type[Exception], ...], HttpReason], ...] = (
    ((httpx2.ConnectTimeout, httpx2.PoolTimeout), HttpReason.TIMEOUT),
    ((httpx2.ConnectError, httpx2.ProxyError), HttpReason.UNREACHABLE),
    ((httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError), HttpReason.ANSWER_LOST),
    ((httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL), HttpReason.PROTOCOL),
    # Our own limit to a whole exchange; any other trouble with a socket that the library let through.
    ((TimeoutError, OSError), HttpReason.ANSWER_LOST),
)


def _receipt_id(content: bytes) -> str:
    try:
        found = json.loads(content)["ontvangstbewijs"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return found if isinstance(found, str) and _RECEIPT_ID.fullmatch(found) else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, outermost first."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__
