"""A page that is ready, served as the gateway serves its own; it is given a size, port, certificate and key.

It is what a page costs that takes no thinking: TLS, the server, and bytes.
"""

import asyncio
import signal
import sys
from pathlib import Path

import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from gateway.web.server import WebServer


async def _serve(size: int, port: int, cert: Path, key: Path) -> None:
    page = b"x" * size

    async def ready(_: Request) -> HTMLResponse:
        return HTMLResponse(page)

    server = WebServer(Starlette(routes=[Route("/", ready)]), "127.0.0.1", port, cert, key)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await server.start()
    print("ready", flush=True)
    await ended.wait()
    await server.stop()


if __name__ == "__main__":
    size_, port_, cert_, key_ = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(size_), int(port_), Path(cert_), Path(key_)))
