"""MTA-STS (RFC 8461): the policy of another domain about TLS to its mail servers, fetched and kept.

It promises that a policy is fetched over trusted TLS only, from where DNS points outside our own network,
without following a redirect; that a policy which was seen holds for as long as it said, also when it can't be
fetched any more; and that whatever is wrong with one means no policy, never a weaker one.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpx2

from adapters import hosts
from adapters.base import Refused, TryLater
from adapters.hosts import Network, Resolve
from adapters.resolver import ValidatingResolver

SIZE = 64 * 1024
SECONDS = 30.0
LONGEST = 31_557_600
"""A policy says how long it holds, a year at most (section 3.2)."""
KEPT = 500
_ID = re.compile(r"^v=STSv1\s*;\s*id\s*=\s*([A-Za-z0-9]{1,32})\s*(?:;|$)")


@dataclass(frozen=True, slots=True)
class StsPolicy:
    """What a domain asks: `mx` are names or `*.` and a name."""

    mode: str
    mx: tuple[str, ...]
    max_age: int

    @classmethod
    def parse(cls, text: str) -> "StsPolicy":
        """From the file; raises ValueError."""
        pairs = [line.partition(":") for line in text.splitlines() if line.strip()]
        values: dict[str, list[str]] = {}
        for key, colon, value in pairs:
            if not colon:
                raise ValueError("is not a policy")
            values.setdefault(key.strip(), []).append(value.strip())
        mode, (age, *_) = values.get("mode", [""])[0], values.get("max_age", [""])
        if (
            values.get("version") != ["STSv1"]
            or mode not in ("enforce", "testing", "none")
            or not age.isdecimal()
        ):
            raise ValueError("is not a policy")
        mx = tuple(name.lower().rstrip(".") for name in values.get("mx", []))
        if mode != "none" and not mx:
            raise ValueError("names no server")
        return cls(mode, mx, min(int(age[:10]), LONGEST))

    def names(self, host: str) -> bool:
        """Whether a server is one of those the policy names (section 4.1)."""
        plain = host.lower().rstrip(".")
        return any(
            plain == name or (name.startswith("*.") and plain.partition(".")[2] == name[2:])
            for name in self.mx
        )


@dataclass(slots=True)
class _Kept:
    id: str
    policy: StsPolicy
    until: float = field(default=0.0)


class StsPolicies:
    """Finds them. `seconds` is a clock that only goes forward."""

    def __init__(
        self,
        resolver: ValidatingResolver,
        context: Callable[[], ssl.SSLContext],
        seconds: Callable[[], float],
        *,
        networks: Iterable[Network] = (),
        resolve: Resolve = hosts.system,
        port: int = 443,
    ) -> None:
        self._resolver, self._context, self._seconds = resolver, context, seconds
        self._networks, self._resolve, self._port = tuple(networks), resolve, port
        self._kept: dict[str, _Kept] = {}

    async def of(self, domain: str) -> StsPolicy | None:
        """The policy of a domain, if it has one that is to be enforced."""
        kept = self._kept.get(domain)
        if kept is not None and kept.until < self._seconds():
            del self._kept[domain]
            kept = None
        unknown = (TryLater, Refused, TimeoutError, ValueError, OSError, httpx2.HTTPError)
        # What was kept still holds; a new one counts when it can be had.
        with contextlib.suppress(*unknown):
            id_ = await self._id(domain)
            if id_ is not None and (kept is None or kept.id != id_):
                policy = await self._fetch(domain)
                if len(self._kept) >= KEPT:
                    self._kept.pop(next(iter(self._kept)))
                kept = self._kept[domain] = _Kept(id_, policy, self._seconds() + policy.max_age)
        return kept.policy if kept and kept.policy.mode == "enforce" else None

    async def _id(self, domain: str) -> str | None:
        answer = await self._resolver.look_up(f"_mta-sts.{domain}", "TXT")
        texts = [b"".join(record.strings).decode("latin-1") for record in answer.records]
        found = [text for text in texts if text.startswith("v=STSv1")]
        match = _ID.match(found[0]) if len(found) == 1 else None
        return match[1] if match else None

    async def _fetch(self, domain: str) -> StsPolicy:
        host = f"mta-sts.{domain}"
        async with asyncio.timeout(SECONDS):
            (address, *_) = await hosts.addresses_of(host, self._port, self._networks, self._resolve)
            url = httpx2.URL(f"https://{host}:{self._port}/.well-known/mta-sts.txt")
            headers = {"User-Agent": "InBeeld", "Host": host}
            async with (
                httpx2.AsyncClient(
                    verify=self._context(),
                    timeout=SECONDS,
                    headers=headers,
                    follow_redirects=False,
                    trust_env=False,
                ) as client,
                client.stream(
                    "GET", url.copy_with(host=address), extensions={"sni_hostname": host}
                ) as response,
            ):
                kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                if response.status_code != 200 or kind != "text/plain":
                    raise ValueError("is not there")
                content = b""
                async for part in response.aiter_bytes():
                    content += part
                    if len(content) > SIZE:
                        raise ValueError("is too large")
        return StsPolicy.parse(content.decode("utf-8", "strict"))
