"""What somebody serves to be told by webhook: it keeps every request, and answers as it is set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.web.server import WebServer
from tests.story.place import Place

SECRET = b"0123456789abcdef0123456789abcdef"
WRITTEN = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@dataclass
class Doorbell:
    """One receiver."""

    status: int = 204
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def ring(self, request: Request) -> Response:
        """Take a message."""
        self.heard.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status)


@asynccontextmanager
async def hung(place: Place) -> AsyncIterator[Doorbell]:
    """A receiver with the certificate of this place."""
    made = Doorbell()
    server = WebServer(
        Starlette(routes=[Route("/bel", made.ring, methods=["POST"])]), "127.0.0.1", 0, *place.tls
    )
    made.url = (await server.start()).replace("127.0.0.1", "localhost") + "/bel"
    yield made
    await server.stop()
