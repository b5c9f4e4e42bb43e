"""uvicorn in our own event loop, on a socket whose port is known before the first request."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from gateway.web.connection import Connection


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The process has one place where it listens for signals; it is not here."""
        yield


class WebServer:
    """One HTTPS listener; `on_stop` is called first when it stops, so that nobody waits for nothing.

    With `client_ca` clients may show a certificate of these authorities; none has to.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        cert: Path,
        key: Path,
        *,
        client_ca: Path | None = None,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._host, self._port, self._on_stop = host, port, on_stop
        config = uvicorn.Config(
            app,
            ssl_certfile=cert,
            ssl_keyfile=key,
            ssl_ca_certs=str(client_ca) if client_ca else None,
            ssl_cert_reqs=ssl.CERT_OPTIONAL if client_ca else ssl.CERT_NONE,
            http=Connection,
            ws="none",
            # Who asks is who is connected: no header of a proxy is believed.
            proxy_headers=False,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
        config.load()
        if config.ssl is not None:
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Listen; gives the address."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self._port), family=family, backlog=128)
        host, port = listener.getsockname()[:2]
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        shown = f"[{host}]" if ":" in host else host
        return f"https://{shown}:{port}"

    async def stop(self) -> None:
        """Finish running requests, for at most five seconds."""
        self._on_stop()
        self._server.should_exit = True
        if self._task is not None:
            await self._task
