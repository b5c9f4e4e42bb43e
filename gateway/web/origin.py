"""Requests that another site made a browser send: they change nothing here.

It promises that a browser's request which may change something comes from our own pages or from its user, as
the browser itself says: by Fetch Metadata (W3C, Fetch Metadata Request Headers), and where one is too old
for that by the Origin header (RFC 6454). A program sends neither and is no browser that could be misled.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, section 9.2.1)."""

OURS = frozenset({"same-origin", "none"})


class OwnOrigin:
    """Answers 403 to what another site asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE and foreign(Headers(scope=scope)):
            refusal = JSONResponse({"title": "Forbidden", "status": 403}, 403)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def foreign(headers: Headers) -> bool:
    """Whether the browser says that another site is behind the request. A doubled header is nobody's."""
    sites, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
    if len(sites) > 1 or len(origins) > 1:
        return True
    if sites:
        # The browser's own word is conclusive, whatever the origin.
        return sites[0].lower() not in OURS
    return bool(origins) and _authority(origins[0]) != headers.get("host", "").lower()


def _authority(origin: str) -> str | None:
    """The host and port of an origin; None where it names none, such as "null"."""
    try:
        parts = urlsplit(origin.lower())
        port = parts.port
    except ValueError:
        return None
    if parts.hostname is None:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return host if port is None or port == default else f"{host}:{port}"
