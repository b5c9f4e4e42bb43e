"""A peer that is spoken to over HTTPS, with certificates on both sides or a token of ours.

It promises that connections are kept and shared, that an exchange ends within twice the timeout however slow
the peer drips, that an answer is read no further than a limit, that no redirect, proxy or cookie changes whom
we speak to, and that it raises nothing but `TryLater` and `Refused`.
"""

import asyncio
import json
import re
import ssl
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2

from adapters.base import Refused, TryLater
from adapters.httpanswers import ACCEPTED, WORD, HttpReason, check_status, renamed, translate
from adapters.trust import client_context, mutual_context

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
            raise renamed(translate(error), self._word) from None

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
        there = urljoin(url, link)
        ours, theirs = urlsplit(url), urlsplit(there)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise Refused(f"{self._word}{HttpReason.REDIRECT.removeprefix(WORD)}")
        return there

    def check(self, response: httpx2.Response, now: datetime) -> None:
        """Return if the peer took what it was sent; raise otherwise."""
        try:
            check_status(response.status_code, response.headers.get("Retry-After"), now)
        except (TryLater, Refused) as trouble:
            raise renamed(trouble, self._word) from None

    def trouble(self, reason: HttpReason) -> TryLater:
        """What is wrong with an answer, to be raised."""
        return TryLater(f"{self._word}{reason.removeprefix(WORD)}")

    async def close(self) -> None:
        """Give back the connections."""
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
                raise Refused(f"{self._word}{HttpReason.FILES.removeprefix(WORD)}") from None
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
