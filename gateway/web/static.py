"""Our own files: styles, scripts, the icon. Nothing is loaded from anywhere else."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gateway.web.pages import STATIC


class CachedFile(StaticFiles):
    """Files, which a browser may keep for as long as it likes when their address names a version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """See `StaticFiles`."""
        response = await super().get_response(path, scope)
        named = scope.get("query_string", b"").startswith(b"v=")
        # Scripts load each other without a version: those are asked for again, and answered by their ETag.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "no-cache"
        return response


def static_routes() -> list[BaseRoute]:
    """`/static/…`."""
    return [Mount("/static", CachedFile(directory=STATIC), name="static")]
