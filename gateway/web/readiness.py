"""Whether the gateway lives and is ready, for whoever runs it; its figures, for whoever may see them."""

import ipaddress
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.metrics import Metrics
from gateway.store import conditions
from gateway.store.engine import Store
from gateway.store.migrate import is_current
from gateway.store.worker import newest
from gateway.web import problems
from gateway.web.problems import Problem

SILENT_AFTER = timedelta(minutes=1)
"""A worker leaves a heartbeat every few seconds: after so long without one nobody works."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def readiness(store: Store, now: datetime) -> dict[str, object]:
    """Whether the database has our shape and some worker lives; `worker` says what is wrong with it.

    One that is `paused` since that moment is ready: it takes mail in, and works when somebody says so.
    """
    if not is_current(store):
        return {"ready": False}
    beat = newest(store)
    if beat is None:
        worker = "none"
    # The clock may have been set back since: the next heartbeat comes within seconds.
    elif abs(now - beat.seen_at) > SILENT_AFTER:
        worker = "silent"
    else:
        worker = f"stalled: {beat.stalled}" if beat.stalled else "alive"
    paused = conditions.paused(store)
    resting: dict[str, object] = {"paused": paused.since.isoformat()} if paused else {}
    return {"ready": worker == "alive", "worker": worker} | resting


def health_routes(
    store: Store,
    metrics: Metrics,
    metrics_from: Sequence[Network],
    now: Callable[[], datetime],
) -> list[Route]:
    """`/healthz`, `/readyz`, and `/metrics` for callers from `metrics_from`; for others it is not there."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        try:
            found = await run_in_threadpool(readiness, store, now())
        except Exception:  # noqa: BLE001 - whatever keeps the database from answering, we are not ready
            found = {"ready": False}
        return JSONResponse(found, status_code=200 if found["ready"] else 503)

    async def figures(request: Request) -> Response:
        if not _is_from(request, metrics_from):
            raise Problem(problems.NOT_FOUND)
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", figures)]


def _is_from(request: Request, networks: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in networks)
