"""What is served over HTTP: for now whether the gateway lives, whether it is ready, and its figures."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.metrics import Metrics
from gateway.store.engine import Store
from gateway.store.migrate import is_current


def web(store: Store, metrics: Metrics) -> Starlette:
    """The application."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        try:
            ready = await run_in_threadpool(is_current, store)
        except Exception:  # noqa: BLE001 - whatever keeps the database from answering, we are not ready
            ready = False
        return JSONResponse({"ready": ready}, status_code=200 if ready else 503)

    async def figures(_: Request) -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", figures),
        ]
    )
