"""Whether the gateway lives and is ready, and its figures, for whoever may see them; and a port that answers
so for a role without pages: `/healthz`, `/readyz` and `/metrics`, no more.

It promises one answer for every role, made of the same parts: the database has our shape, there is room to
keep mail, and the worker that this role depends on lives. The port speaks as little HTTP as that takes,
because a worker beside it holds every key: one line is read, of so many bytes, within so many seconds, on so
many connections at a time, from the networks that were listed; nothing of what was read is repeated or kept;
and after one answer it hangs up.
"""

import asyncio
import contextlib
import ipaddress
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.store import conditions
from gateway.store.engine import Store
from gateway.store.migrate import is_current
from gateway.store.worker import newest
from gateway.web import problems
from gateway.web.problems import Problem

SILENT_AFTER = timedelta(minutes=1)
"""A worker leaves a heartbeat every few seconds: after so long without one nobody works."""

TEXT = "text/plain; version=0.0.4; charset=utf-8"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Readiness:
    """What makes a role ready. `room` says whether the disk takes mail; `worker` whether a heartbeat is asked
    for, and with `own` it is that of one worker, ourselves."""

    store: Store
    now: Callable[[], datetime]
    room: Callable[[], bool] = lambda: True
    worker: bool = True
    own: str | None = None

    def __call__(self) -> dict[str, object]:
        """`ready`, and what it is made of; nothing is raised."""
        try:
            return self._look()
        except Exception:  # noqa: BLE001 - whatever keeps the database from answering, we are not ready
            return {"ready": False, "database": "away"}

    def _look(self) -> dict[str, object]:
        if not is_current(self.store):
            return {"ready": False, "database": "not migrated"}
        found: dict[str, object] = {"database": "current"}
        room = self.room()
        found["disk"] = "room" if room else "full"
        well = room
        if self.worker:
            found["worker"] = self._worker()
            well = well and found["worker"] == "alive"
        if paused := conditions.paused(self.store):
            # It takes mail in, and works when somebody says so.
            found["paused"] = paused.since.isoformat()
        return {"ready": well} | found

    def _worker(self) -> str:
        beat = newest(self.store, self.own)
        if beat is None:
            return "none"
        # The clock may have been set back since: the next heartbeat comes within seconds.
        if abs(self.now() - beat.seen_at) > SILENT_AFTER:
            return "silent"
        return f"stalled: {beat.stalled}" if beat.stalled else "alive"


def health_routes(
    ready: Callable[[], dict[str, object]], figures: Callable[[], bytes], metrics_from: Sequence[Network]
) -> list[Route]:
    """`/healthz`, `/readyz`, and `/metrics` for callers from `metrics_from`; for others it is not there."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        found = await run_in_threadpool(ready)
        return JSONResponse(found, status_code=200 if found["ready"] else 503)

    async def metrics(request: Request) -> Response:
        if not is_from(request.client.host if request.client else "", metrics_from):
            raise Problem(problems.NOT_FOUND)
        return Response(await run_in_threadpool(figures), media_type=TEXT)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def is_from(host: str, networks: Sequence[Network]) -> bool:
    """Whether an address is of one of these networks."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in networks)


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
