"""What programs and finders of weaknesses look for at a fixed place: security.txt, robots.txt, mta-sts.txt.

It promises a security.txt as in RFC 9116 that never expires while we run, and none without a contact; and a
policy for mail to us as in RFC 8461 where one was chosen, whose id changes with it.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.web import problems
from gateway.web.problems import Problem

SECURITY, MTA_STS = "/.well-known/security.txt", "/.well-known/mta-sts.txt"
VALID = timedelta(days=180)
"""How long a security.txt says that it holds; RFC 9116 asks for less than a year."""


MAX_AGE = {"testing": 86_400, "enforce": 604_800}
"""For how many seconds others keep our policy: a day while it is tried, then a week."""


def sts_policy(mode: str, hosts: Iterable[str]) -> str:
    """Our policy for mail to us; "" without a mode."""
    if not mode:
        return ""
    lines = [
        "version: STSv1",
        f"mode: {mode}",
        *(f"mx: {host}" for host in hosts),
        f"max_age: {MAX_AGE[mode]}",
    ]
    return "\r\n".join(lines) + "\r\n"


def policy_id(policy: str) -> str:
    """What DNS says of a policy, so that others fetch it anew when it changed; "" without one."""
    return hashlib.sha256(policy.encode()).hexdigest()[:16] if policy else ""


class WellKnown:
    """The files. `contact` is a mailto: or https: address or "", `base_url` that of our pages or "", `policy`
    what `sts_policy` gives."""

    def __init__(self, *, contact: str, base_url: str, now: Callable[[], datetime], policy: str = "") -> None:
        self._contact, self._base_url, self._now, self._policy = contact, base_url, now, policy

    def routes(self) -> list[Route]:
        return [
            Route(SECURITY, self.security),
            Route(MTA_STS, self.mta_sts),
            Route("/robots.txt", self.robots),
        ]

    async def mta_sts(self, _: Request) -> Response:
        """What servers that bring us mail must insist on."""
        if not self._policy:
            raise Problem(problems.NOT_FOUND)
        return PlainTextResponse(self._policy)

    async def security(self, _: Request) -> Response:
        """Where to tell of a weakness."""
        if not self._contact:
            raise Problem(problems.NOT_FOUND)
        expires = (self._now().astimezone(UTC) + VALID).replace(hour=0, minute=0, second=0, microsecond=0)
        lines = [f"Contact: {self._contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}"]
        lines.append("Preferred-Languages: nl, en")
        if self._base_url:
            lines.append(f"Canonical: {self._base_url}{SECURITY}")
        return PlainTextResponse("\n".join(lines) + "\n")

    async def robots(self, _: Request) -> Response:
        """Nothing here is for search engines."""
        return PlainTextResponse("User-agent: *\nDisallow: /\n")
