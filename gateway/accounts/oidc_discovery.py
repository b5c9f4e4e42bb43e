"""What an OpenID provider tells of itself (OpenID Connect Discovery 1.0): where it is asked, and its keys.

It promises that only the description of the issuer that was configured counts, that everything goes over TLS
and no answer is read without end, that what it told is believed for a while, that a key which is new to us is
fetched at most once a minute, and that it raises nothing but `ProviderError` with a closed code.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
from joserfc.jwk import KeySet

SECONDS = 10.0
"""How long one exchange with the provider may take."""

ANSWER = 256 * 1024
"""The largest answer that is read, in bytes."""

FRESH = timedelta(hours=1)
"""So long the provider's own description and keys are believed."""

BETWEEN = timedelta(minutes=1)
"""So long at least between two looks for a key that we don't know."""


class ProviderError(Exception):
    """The provider can't be used, or somebody did not come from it; `code` says which, in a closed word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What the provider told, and when."""

    at: datetime
    facts: dict[str, Any]
    keys: KeySet


class Discovery:
    """Asks one provider about itself."""

    def __init__(self, *, issuer: str, context: ssl.SSLContext, now: Callable[[], datetime]) -> None:
        self._issuer, self._context, self._now = issuer, context, now
        self._told: ProviderFacts | None = None
        self._looked: datetime | None = None
        self._turn = asyncio.Lock()

    async def told(self) -> ProviderFacts:
        """What the provider tells; raises `ProviderError`."""
        if self._told is None or self._told.at + FRESH <= self._now():
            self._told = await self._ask()
        return self._told

    async def told_anew(self) -> ProviderFacts:
        """The same after it used a key that we don't know; raises `ProviderError`."""
        async with self._turn:
            now = self._now()
            if self._looked is None or self._looked + BETWEEN <= now:
                self._looked = now
                self._told = await self._ask()
        return await self.told()

    def options(self) -> dict[str, Any]:
        """What a client that speaks with the provider is made with."""
        return {
            "transport": _Bounded(verify=self._context),
            "timeout": SECONDS,
            "follow_redirects": False,
            # Nothing comes in through the environment: no proxy, no .netrc, no certificate.
            "trust_env": False,
        }

    async def _ask(self) -> ProviderFacts:
        try:
            async with asyncio.timeout(SECONDS), httpx2.AsyncClient(**self.options()) as client:
                where = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
                facts = (await client.get(where)).raise_for_status().json()
                ends = [facts[f"{name}_endpoint"] for name in ("authorization", "token")]
                safe = all(str(each).startswith("https://") for each in (*ends, facts["jwks_uri"]))
                if facts["issuer"] != self._issuer or not safe:
                    raise ProviderError("other_provider")
                found = (await client.get(facts["jwks_uri"])).raise_for_status()
                return ProviderFacts(self._now(), facts, KeySet.import_key_set(found.json()))
        except ProviderError:
            raise
        except Exception:  # noqa: BLE001 - away or not a provider: nobody gets in through it
            raise ProviderError("away") from None


class _Bounded(httpx2.AsyncHTTPTransport):
    """Reads no answer further than `ANSWER`."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        stream = response.stream
        if not isinstance(stream, httpx2.AsyncByteStream):
            raise TypeError("an answer that can't be streamed")
        response.stream = _BoundedStream(stream)
        return response


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._stream:
            read += len(chunk)
            if read > ANSWER:
                raise httpx2.ReadError("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
