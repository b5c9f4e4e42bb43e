"""A thin webhook by Standard Webhooks (standardwebhooks.com): it says that there is something, never what.

It promises that a message is signed with the secret that both sides know, that it goes over TLS to one of the
addresses that were looked at (see `adapters.hosts`), that no redirect, proxy or cookie changes whom we speak
to, that nothing of the answer is read but its status and `Retry-After`, that all of it ends within twice the
timeout, and that it raises nothing but `TryLater` and `Refused`, with reasons `nudge_…`.
"""

import asyncio
import base64
import binascii
import contextlib
import hashlib
import hmac
import ssl
from collections.abc import Iterable
from datetime import datetime

import httpx2

from adapters import hosts
from adapters.base import Refused, TryLater
from adapters.hosts import Network, Resolve
from adapters.httpspeer import check_status, translate

TIMEOUT = 5.0
WORD = "nudge"
SECRET_PREFIX = "whsec_"  # noqa: S105 - the mark of a secret, not one
SECRET_BYTES = range(24, 65)
"""How long a secret may be (Standard Webhooks, "Signature scheme")."""


def parse_secret(text: str) -> bytes:
    """The secret in `whsec_<base64>`; ValueError for anything else."""
    try:
        found = base64.b64decode(text.strip().removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not text.strip().startswith(SECRET_PREFIX) or len(found) not in SECRET_BYTES:
        raise ValueError("is not whsec_ followed by 24 to 64 bytes in base64")
    return found


def sign(secret: bytes, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message: `v1` is HMAC-SHA256 over `id.timestamp.body`."""
    # The package standardwebhooks takes a moment's local time for UTC, so these lines are our own.
    timestamp = str(int(at.timestamp()))
    mac = hmac.digest(secret, f"{id}.{timestamp}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature}


class Webhook:
    """One receiver; `url` may itself be a secret and is told to nobody."""

    def __init__(
        self,
        url: str,
        secret: bytes,
        context: ssl.SSLContext,
        *,
        networks: Iterable[Network] = (),
        timeout: float = TIMEOUT,
        resolve: Resolve = hosts.system,
        source: str | None = None,
    ) -> None:
        self.source = source
        """With one, it wants CloudEvents from that source."""
        self._url, self._secret, self._context = httpx2.URL(url), secret, context
        self._networks, self._timeout, self._resolve = tuple(networks), timeout, resolve
        self._host = self._url.raw_host.decode().strip("[]")
        self._port = self._url.port or 443

    async def post(self, id: str, body: bytes, now: datetime, media_type: str = "application/json") -> str:
        """Send a message (JSON) at this moment; gives the status of the answer as a receipt."""
        headers = sign(self._secret, id, now, body) | {"Content-Type": media_type}
        try:
            async with asyncio.timeout(2 * self._timeout):
                code, retry_after = await self._send(headers, body)
            if not 200 <= code <= 299:
                check_status(code, retry_after, now, WORD)
        except Exception as error:  # noqa: BLE001 - every failure gets a word of ours
            raise _in_words(error) from None
        return str(code)

    async def probe(self) -> None:
        """Return if the receiver is there, may be called and is trusted; nothing is sent to it."""
        try:
            async with asyncio.timeout(self._timeout):
                (address, *_) = await self._addresses()
                _, writer = await asyncio.open_connection(
                    address, self._port, ssl=self._context, server_hostname=self._host
                )
                writer.close()
                # It was reached; how it says goodbye is its own affair.
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
        except Exception as error:  # noqa: BLE001 - every failure gets a word of ours
            raise _in_words(error) from None

    async def _addresses(self) -> list[str]:
        return await hosts.addresses_of(self._host, self._port, self._networks, self._resolve)

    async def _send(self, headers: dict[str, str], body: bytes) -> tuple[int, str | None]:
        """Status and `Retry-After` of the first address that can be connected to."""
        addresses = await self._addresses()
        # A client for each message: a connection that was kept would lead to an address looked at long ago.
        async with httpx2.AsyncClient(
            verify=self._context,
            timeout=self._timeout,
            headers={"User-Agent": "InBeeld", "Host": self._url.netloc.decode()},
            follow_redirects=False,
            trust_env=False,
        ) as client:
            trouble: Exception = TryLater(hosts.UNKNOWN)
            for address in addresses:
                try:
                    async with client.stream(
                        "POST",
                        self._url.copy_with(host=address),
                        headers=headers,
                        content=body,
                        # Certificate and SNI are those of the name, whatever address is called.
                        extensions={"sni_hostname": self._host},
                    ) as response:
                        return response.status_code, response.headers.get("Retry-After")
                except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                    # Nothing was said yet: the next address may be asked without saying it twice.
                    trouble = error
            raise trouble


def _in_words(error: Exception) -> TryLater | Refused:
    found = translate(error, WORD)
    if found.reason.startswith(WORD):
        return found
    return (
        Refused(f"{WORD}_{found.reason}")
        if isinstance(found, Refused)
        else TryLater(f"{WORD}_{found.reason}")
    )
