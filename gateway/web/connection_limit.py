"""The door of the pages: lets connections in, so many at once in all and from one address.

It promises that whoever is one too many is sent away before a word is said, that a handshake lasts ten
seconds at most, and that a connection counts until it is gone: in one process with the intake, whoever fills
this door must not use up the files with which mail is kept.
"""

import asyncio
import functools
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable

from gateway.web.rate import Rate, neighbourhood

HANDSHAKE = 10.0
"""So many seconds a client may take to agree upon TLS."""

BREATH = 0.1
"""How many seconds pass before a connection is taken again, after the system could give none."""

TOLD_PER_MINUTE = 60
"""How often it is told that a limit was hit; whoever knocks a thousand times a second fills no disk."""

Gone = Callable[[], None]


class ConnectionLimit:
    """Takes the connections of a listening socket.

    `made(gone)` gives the protocol of one, which calls `gone` at its end; `refused` is told which limit was
    hit.
    """

    def __init__(
        self,
        listener: socket.socket,
        tls: ssl.SSLContext,
        made: Callable[[Gone], asyncio.Protocol],
        *,
        connections: int,
        connections_per_address: int,
        refused: Callable[[str], None],
    ) -> None:
        self._listener, self._tls, self._made, self._refused = listener, tls, made, refused
        self._most, self._most_of_one = connections, connections_per_address
        self._inside: dict[socket.socket, str] = {}
        self._of_one: Counter[str] = Counter()
        self._told = Rate(TOLD_PER_MINUTE)
        self._greeting: set[asyncio.Task[None]] = set()

    async def take(self) -> None:
        """Let connections in until this is cancelled; then those that were not in yet are left."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    connection, address = await loop.sock_accept(self._listener)
                except OSError:
                    await asyncio.sleep(BREATH)
                    continue
                if not self._enter(connection, neighbourhood(address[0])):
                    connection.close()
                    continue
                greeting = loop.create_task(self._greet(connection))
                self._greeting.add(greeting)
                greeting.add_done_callback(self._greeting.discard)
        finally:
            self._listener.close()
            for greeting in self._greeting:
                greeting.cancel()

    def _enter(self, connection: socket.socket, host: str) -> bool:
        full = len(self._inside) >= self._most
        if full or self._of_one.get(host, 0) >= self._most_of_one:
            limit = "connections" if full else "connections_per_address"
            if not self._told.wait(limit, time.monotonic()):
                self._refused(limit)
            return False
        self._inside[connection] = host
        self._of_one[host] += 1
        return True

    async def _greet(self, connection: socket.socket) -> None:
        gone = functools.partial(self._leave, connection)
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(
                lambda: self._made(gone), connection, ssl=self._tls, ssl_handshake_timeout=HANDSHAKE
            )
        except OSError:
            # They spoke no TLS, took too long or left: what a scanner does all day.
            gone()
        except asyncio.CancelledError:
            gone()
            raise

    def _leave(self, connection: socket.socket) -> None:
        host = self._inside.pop(connection, None)
        if host is not None:
            self._of_one[host] -= 1
            if not self._of_one[host]:
                del self._of_one[host]
