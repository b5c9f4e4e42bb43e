"""What programs and finders of weaknesses look for at a fixed place: security.txt and robots.txt.

It promises a security.txt as in RFC 9116 that never expires while we run, and none without a contact.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.web import problems
from gateway.web.problems import Problem

SECURITY = "/.well-known/security.txt"
VALID = timedelta(days=180)
"""How long a security.txt says that it holds; RFC 9116 asks for less than a year."""


class WellKnown:
    """The files. `contact` is a mailto: or https: address or "", `base_url` that of our pages or ""."""

    def __init__(self, *, contact: str, base_url: str, now: Callable[[], datetime]) -> None:
        self._contact, self._base_url, self._now = contact, base_url, now

    def routes(self) -> list[Route]:
        """What is served."""
        return [Route(SECURITY, self.security), Route("/robots.txt", self.robots)]

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
