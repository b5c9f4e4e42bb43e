"""A port that answers whoever watches a role without pages: `/healthz`, `/readyz` and `/metrics`, no more.

It speaks as little HTTP as that takes, because a worker beside it holds every key. It promises that one line
is read, of so many bytes, within so many seconds, on so many connections at a time, from the networks that
were listed; that nothing of what was read is repeated or kept; and that after one answer it hangs up.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence

from gateway.web.readiness import TEXT, Network, is_from

LINE = 2048
"""The bytes of a whole request, which ends with an empty line."""

SECONDS = 5.0
CONNECTIONS = 16

_WORDS = {200: "OK", 400: "Bad Request", 404: "Not Found", 503: "Service Unavailable"}


class WatchPort:
    """The listener; `ready` and `figures` are asked in a thread, at each request."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        ready: Callable[[], dict[str, object]],
        figures: Callable[[], bytes],
        callers: Sequence[Network],
    ) -> None:
        self._host, self._port, self._callers = host, port, callers
        self._ready, self._figures = ready, figures
        self._server: asyncio.Server | None = None
        self._open = 0

    async def start(self) -> str:
        """Listen; gives the address."""
        self._server = await asyncio.start_server(
            self._serve, self._host, self._port, limit=LINE, backlog=CONNECTIONS
        )
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def stop(self) -> None:
        """Listen no more; an answer that is under way takes some seconds at most."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = str((writer.get_extra_info("peername") or ("",))[0])
        if self._open >= CONNECTIONS or not is_from(host, self._callers):
            writer.close()
            return
        self._open += 1
        silent = (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
        try:
            # Whoever says nothing that we know is told nothing.
            with contextlib.suppress(*silent):
                async with asyncio.timeout(SECONDS):
                    request = await reader.readuntil(b"\r\n\r\n")
                    writer.write(await self._answer(request.split(b"\r\n", 1)[0]))
                    await writer.drain()
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, line: bytes) -> bytes:
        match line.split(b" "):
            case [b"GET", b"/healthz", _]:
                return _http(200, "text/plain; charset=utf-8", b"ok\n")
            case [b"GET", b"/readyz", _]:
                found = await asyncio.to_thread(self._ready)
                return _http(200 if found["ready"] else 503, "application/json", json.dumps(found).encode())
            case [b"GET", b"/metrics", _]:
                return _http(200, TEXT, await asyncio.to_thread(self._figures))
            case [_, _, _]:
                return _http(404, "text/plain; charset=utf-8", b"")
            case _:
                return _http(400, "text/plain; charset=utf-8", b"")


def _http(code: int, kind: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {code} {_WORDS[code]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
