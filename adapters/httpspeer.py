"""A peer that is spoken to over HTTPS, with certificates on both sides or a token of ours.

It promises that connections are kept and shared, that an exchange ends within twice the timeout however slow
the peer drips, that an answer is read no further than a limit, and that no redirect, proxy or cookie changes
whom we speak to. Nothing the peer wrote gets further than here, save its status code and a receipt id that
looks like one: free text may repeat what it was sent. Every failure becomes `TryLater` or `Refused` with a
reason that is the adapter's word and a code of `HttpReason`.
"""

import asyncio
import json
import re
import ssl
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2

from adapters.base import Refused, TryLater
from adapters.trust import client_context, mutual_context


class HttpReason(StrEnum):
    """Closed codes, which follow the word of an adapter, as in `signaal_refused 422`."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    # The content was sent and no answer came: the peer may or may not have it.
    ANSWER_LOST = "answer_lost"
    BUSY = "busy"
    PROTOCOL = "protocol"
    TLS_FAILED = "tls_failed"
    UNEXPECTED = "unexpected"
    # With these the parcel is held and a beheerder must look.
    REFUSED = "refused"
    REDIRECT = "redirect"
    UNTRUSTED = "untrusted"
    NOT_LET_IN = "certificate_refused"
    FILES = "files"
    # What a peer told of its cases, when asked.
    SIGNATURE = "signature"
    TOO_LARGE = "too_large"


WORD = "signaal"
"""With which every reason begins, unless a peer is of another adapter."""

ACCEPTED = frozenset({200, 201, 202})
KNOWN = 409
"""Already known: the peer has this delivery from an earlier try."""

_WAITING = (ssl.SSLWantReadError, ssl.SSLWantWriteError)
LONGEST_WAIT = timedelta(days=1)
_TEMPORARY = frozenset({408, 425, 429})
_RECEIPT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
# What a server says in the handshake, or at the first read after it, of a certificate of ours.
_NOT_LET_IN = re.compile(r"ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)")


def check_status(code: int, retry_after: str | None, now: datetime, word: str = WORD) -> None:
    """Return if the peer has what it was sent (200, 201, 202, or 409: already known); raise otherwise."""
    if code in ACCEPTED or code == KNOWN:
        return
    if code in _TEMPORARY or 500 <= code <= 599:
        raise TryLater(f"{word}_{HttpReason.BUSY} {code}", wait(retry_after, now))
    if 300 <= code <= 399:
        raise Refused(f"{word}_{HttpReason.REDIRECT} {code}")
    if 400 <= code <= 499:
        raise Refused(f"{word}_{HttpReason.REFUSED} {code}")
    raise TryLater(f"{word}_{HttpReason.PROTOCOL} {code}")


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


def translate(error: Exception, word: str = WORD) -> TryLater | Refused:
    """Our word for whatever went wrong on the way."""
    if isinstance(error, TryLater | Refused):
        return error
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Refused(f"{word}_{HttpReason.UNTRUSTED}")
        # That TLS waits for bytes says nothing of what it waited for.
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, _WAITING):
            refused = _NOT_LET_IN.search(getattr(cause, "reason", None) or "")
            if refused:
                return Refused(f"{word}_{HttpReason.NOT_LET_IN}")
            return TryLater(f"{word}_{HttpReason.TLS_FAILED}")
    for kinds, reason in _REASONS:
        if isinstance(error, kinds):
            return TryLater(f"{word}_{reason}")
    # A class name is safe to tell; the text of an error may not be.
    return TryLater(f"{word}_{HttpReason.UNEXPECTED} {type(error).__name__}")


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


ANSWER_LIMIT = 16 * 1024
CONNECTIONS = 8
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{8,4096}")


class HttpsPeer:
    """One peer; the files are read when it is first spoken to, and again after `close`.

    Without `cert` and `key` we show no certificate, and a `token_file` says who we are; `ca_file` then adds
    to the authorities of the system. Reasons begin with `word`.
    """

    def __init__(
        self,
        *,
        ca_file: Path | None,
        timeout: float,
        cert: Path | None = None,
        key: Path | None = None,
        pin: str | None = None,
        token_file: Path | None = None,
        scheme: str = "Bearer",
        word: str = WORD,
    ) -> None:
        self._ca_file, self._cert, self._key = ca_file, cert, key
        self._pin, self._timeout = pin, timeout
        self._token_file, self._scheme, self._word = token_file, scheme, word
        self._client: httpx2.AsyncClient | None = None
        self.tls = ""
        """The TLS version of the last exchange."""

    async def ask(
        self,
        method: str,
        url: str | httpx2.URL,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit: int = ANSWER_LIMIT,
    ) -> tuple[httpx2.Response, bytes, str]:
        """The answer, its content (beyond `limit` bytes it is cut off somewhere), and the TLS version."""
        client = self._connect()
        content = bytearray()
        try:
            async with (
                # The library's timeouts are per read: a peer that sends a byte now and then would hold us.
                asyncio.timeout(2 * self._timeout),
                client.stream(method, url, headers=headers, content=body) as response,
            ):
                encrypted = response.extensions["network_stream"].get_extra_info("ssl_object")
                async for chunk in response.aiter_raw():
                    content += chunk
                    if len(content) > limit:
                        break
                self.tls = encrypted.version() or ""
                return response, bytes(content), self.tls
        except Exception as error:  # noqa: BLE001 - every failure gets a word of ours
            raise translate(error, self._word) from None

    async def get(self, url: str, accept: str, now: datetime, limit: int) -> dict[str, Any]:
        """The JSON object that stands at an address; what is none, or larger than `limit`, is trouble."""
        response, content, _ = await self.ask("GET", url, {"Accept": accept}, limit=limit)
        self.check(response, now)
        if response.status_code not in ACCEPTED:
            raise self.trouble(HttpReason.PROTOCOL)
        if len(content) > limit:
            raise self.trouble(HttpReason.TOO_LARGE)
        return self.object_in(content)

    def object_in(self, content: bytes) -> dict[str, Any]:
        """The JSON object in an answer."""
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self.trouble(HttpReason.PROTOCOL)
        return found

    def following(self, url: str, link: str) -> str:
        """The address of a link on the page at `url`; one to another server is a redirect: not followed."""
        try:
            there = urljoin(url, link)
            ours, theirs = urlsplit(url), urlsplit(there)
        except ValueError:
            raise self.trouble(HttpReason.PROTOCOL) from None
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise Refused(f"{self._word}_{HttpReason.REDIRECT}")
        return there

    def check(self, response: httpx2.Response, now: datetime) -> None:
        """Return if the peer took what it was sent; raise otherwise."""
        check_status(response.status_code, response.headers.get("Retry-After"), now, self._word)

    def trouble(self, reason: HttpReason) -> TryLater:
        """What is wrong with an answer, to be raised."""
        return TryLater(f"{self._word}_{reason}")

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _connect(self) -> httpx2.AsyncClient:
        if self._client is None:
            headers = {"User-Agent": "InBeeld", "Accept-Encoding": "identity"}
            try:
                context = self._context()
                if self._token_file is not None:
                    headers["Authorization"] = f"{self._scheme} {_token(self._token_file)}"
            # An ssl.SSLError is an OSError.
            except (OSError, ValueError):
                raise Refused(f"{self._word}_{HttpReason.FILES}") from None
            self._client = httpx2.AsyncClient(
                verify=context,
                timeout=httpx2.Timeout(self._timeout, pool=None),
                limits=httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
                headers=headers,
                follow_redirects=False,
                # Nothing comes in through the environment: no proxy, no .netrc, no certificate.
                trust_env=False,
            )
        return self._client

    def _context(self) -> ssl.SSLContext:
        if self._cert is None or self._key is None or self._ca_file is None:
            return client_context(None, self._ca_file)
        return mutual_context(self._ca_file, self._cert, private_file(self._key), self._pin)


def _token(path: Path) -> str:
    """The token that stands alone in a file; ValueError if it doesn't."""
    token = private_file(path).read_text("ascii").strip()
    if not _TOKEN.fullmatch(token):
        raise ValueError("no token")
    return token


def private_file(path: Path) -> Path:
    """The path itself; ValueError if others on this machine may read the file, OSError if it isn't there."""
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError("others may read it")
    return path
