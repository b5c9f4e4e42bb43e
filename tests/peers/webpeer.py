"""A peer that speaks HTTPS: what a receiver's server shares with another, scripted for one request each."""

import json
import ssl
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.web.server import WebServer

RETRY_AFTER = 120
TOKEN = "vwx-234-token-of-the-gateway"


class WebPeer:
    """`async with Peer(...) as peer: peer.next("later", "lose")`. Answers: take, later (503), refuse (422),
    lose (kept, then 500), redirect, garbage (200 with a page), conflict (409). With `client_ca` a client must
    show a certificate of that authority."""

    scheme = "Bearer"

    def __init__(self, cert: Path, key: Path, client_ca: Path | None = None) -> None:
        self._files = (cert, key, client_ca)
        self._script: deque[str] = deque()
        self._server: WebServer | None = None
        self.port = 0
        self.token = TOKEN
        self.requests: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"https://localhost:{self.port}"

    def routes(self) -> Sequence[Route]:
        """What it serves."""
        raise NotImplementedError

    def next(self, *answers: str) -> None:
        """Answer the POSTs to come like this."""
        self._script.extend(answers)

    def scripted(self, body: bytes) -> Response | None:
        """What this POST is answered, if that is not to take it; `lose` is for the caller."""
        act = self._script[0] if self._script else "take"
        if act in ("take", "lose"):
            return None
        self._script.popleft()
        if act == "later":
            return Response(body, 503, {"Retry-After": str(RETRY_AFTER)})
        if act == "redirect":
            return RedirectResponse("https://elders.example/", 307)
        if act == "garbage":
            return Response("<html>Welkom</html>", media_type="text/html")
        # A careless receiver repeats what it was sent.
        return Response(body, 409 if act == "conflict" else 422)

    def lost(self) -> bool:
        """Whether the answer to a POST that was kept gets lost."""
        return bool(self._script) and self._script.popleft() == "lose"

    def knows(self, request: Request) -> bool:
        """Whether who asks has our token."""
        self.requests.append((request.method, request.url.path))
        return request.headers.get("authorization") == f"{self.scheme} {self.token}"

    async def start(self) -> None:
        """Listen; a stopped peer comes back on the same port."""
        cert, key, client_ca = self._files
        # Without grace: a peer that goes away does not wait until we let go of the line.
        app = Starlette(routes=list(self.routes()))
        self._server = WebServer(app, "127.0.0.1", self.port, cert, key, client_ca=client_ca, grace=0)
        for tls in self._server.contexts if client_ca else ():
            tls.verify_mode = ssl.CERT_REQUIRED
        self.port = int((await self._server.start()).rpartition(":")[2])

    async def stop(self) -> None:
        """Hang up on everybody."""
        if self._server is not None:
            await self._server.stop()
            self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def write_token(path: Path) -> Path:
    """The gateway's token in a file of its own."""
    path.touch(mode=0o600)
    path.write_text(f"{TOKEN}\n")
    return path


def answer(content: Any, status: int = 200, media_type: str = "application/json") -> Response:
    """JSON."""
    return JSONResponse(json.loads(json.dumps(content)), status, media_type=media_type)
