"""uvicorn in our own event loop, behind our own door, on a port that is known before the first request."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from gateway.web.connection import Connection
from gateway.web.connection_limit import ConnectionLimit, Gone

CONNECTIONS = 1000
CONNECTIONS_PER_ADDRESS = 250
"""So many at once. An organisation behind one address has them together; a browser keeps six at most."""

GRACE = 5
"""So many seconds a request that runs has to come to its end when we stop."""


class _Server(uvicorn.Server):
    """uvicorn that is told when it is to stop and who has gone, where it would look ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told, self._left = asyncio.Event(), asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The process has one place where it listens for signals; it is not here."""
        yield

    def stop(self) -> None:
        self.should_exit = True
        self._told.set()

    def left(self) -> None:
        """A connection is no more."""
        self._left.set()

    async def main_loop(self) -> None:
        """Keep the Date of the answers until it is time to stop."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing more, and let what runs come to its end in the time there is for it."""
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while state.connections:
                    self._left.clear()
                    await self._left.wait()
                if state.tasks:
                    await asyncio.wait(state.tasks)
        except TimeoutError:
            for task in state.tasks:
                task.cancel()
            for connection in list(state.connections):
                connection.transport.abort()


class WebServer:
    """One HTTPS listener; `on_stop` is called first when it stops, so that nobody waits for nothing.

    With `client_ca` clients may show a certificate of these authorities; none has to. `refused` is told which
    limit of connections was hit.
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
        connections: int = CONNECTIONS,
        connections_per_address: int = CONNECTIONS_PER_ADDRESS,
        grace: int = GRACE,
        refused: Callable[[str], None] = lambda _: None,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._host, self._port, self._on_stop = host, port, on_stop
        config = uvicorn.Config(
            app,
            ssl_certfile=cert,
            ssl_keyfile=key,
            ssl_ca_certs=str(client_ca) if client_ca else None,
            ssl_cert_reqs=ssl.CERT_OPTIONAL if client_ca else ssl.CERT_NONE,
            http="h11",
            ws="none",
            # Who asks is who is connected: no header of a proxy is believed.
            proxy_headers=False,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=grace,
        )
        config.load()
        if config.ssl is not None:
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        self._config, self._server = config, _Server(config)
        self._limits = {"connections": connections, "connections_per_address": connections_per_address}
        self._refused = refused
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def contexts(self) -> tuple[ssl.SSLContext, ...]:
        return (self._config.ssl,) if self._config.ssl else ()

    async def start(self) -> str:
        """Listen; gives the address."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self._port), family=family, backlog=128)
        listener.setblocking(False)
        # What it takes in has this too. Without it the second part of an answer waits until the first one is
        # acknowledged, which a client puts off for 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, port = listener.getsockname()[:2]
        tls = self._config.ssl
        if tls is None:
            raise RuntimeError("uvicorn was configured without TLS")
        door = ConnectionLimit(listener, tls, self._made, refused=self._refused, **self._limits)
        # It serves what comes through our door, and listens nowhere itself.
        self._tasks = [
            asyncio.create_task(self._server.serve(sockets=[])),
            asyncio.create_task(door.take()),
        ]
        shown = f"[{host}]" if ":" in host else host
        return f"https://{shown}:{port}"

    async def stop(self) -> None:
        """Finish running requests, for at most the seconds of grace."""
        self._on_stop()
        self._server.stop()
        if self._tasks:
            serving, taking = self._tasks
            taking.cancel()
            await asyncio.wait([taking])
            await serving

    def _made(self, gone: Gone) -> Connection:
        state = self._server.server_state
        made = Connection(self._config, server_state=state, app_state={})

        def left() -> None:
            gone()
            self._server.left()

        made.gone = left
        return made
