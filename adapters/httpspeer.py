"""A peer that is spoken to over HTTPS with certificates on both sides.

It promises that connections are kept and shared, that an exchange ends within twice the timeout however slow
the peer drips, that an answer is read no further than a limit, that no redirect, proxy or cookie changes whom
we speak to, and that it raises nothing but `TryLater` and `Refused`.
"""

import asyncio
import stat
from collections.abc import Mapping
from pathlib import Path

import httpx2

from adapters.base import Refused
from adapters.httpanswers import HttpReason, translate
from adapters.mutual import mutual_context

ANSWER_LIMIT = 16 * 1024
CONNECTIONS = 8


class HttpsPeer:
    """One peer; the files are read when it is first spoken to, and again after `close`."""

    def __init__(self, *, ca_file: Path, cert: Path, key: Path, pin: str | None, timeout: float) -> None:
        self._ca_file, self._cert, self._key = ca_file, cert, key
        self._pin, self._timeout = pin, timeout
        self._client: httpx2.AsyncClient | None = None

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
                return response, bytes(content), encrypted.version() or ""
        except Exception as error:  # noqa: BLE001 - every failure gets a word of ours
            raise translate(error) from None

    async def close(self) -> None:
        """Give back the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _connect(self) -> httpx2.AsyncClient:
        if self._client is None:
            try:
                context = mutual_context(self._ca_file, self._cert, private_file(self._key), self._pin)
            # An ssl.SSLError is an OSError.
            except (OSError, ValueError):
                raise Refused(HttpReason.FILES.value) from None
            self._client = httpx2.AsyncClient(
                verify=context,
                timeout=httpx2.Timeout(self._timeout, pool=None),
                limits=httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
                headers={"User-Agent": "InBeeld", "Accept-Encoding": "identity"},
                follow_redirects=False,
                # Nothing comes in through the environment: no proxy, no .netrc, no certificate.
                trust_env=False,
            )
        return self._client


def private_file(path: Path) -> Path:
    """The path itself; ValueError if others on this machine may read the file, OSError if it isn't there."""
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError("others may read it")
    return path
