"""More connections to the pages than there is room for, and answers that nobody takes."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from gateway.web import connection_limit as door
from gateway.web import server
from gateway.web.connection import Connection
from gateway.web.server import WebServer
from tests.patience import PATIENCE_S
from tests.story.place import Place

ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def short(_: Scope, __: Receive, send: Send) -> None:
    """Answers in a word."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(place: Place, app: Any = short, **limits: Any) -> AsyncIterator[int]:
    """A web server; gives its port."""
    web = WebServer(app, "127.0.0.1", 0, *place.tls, **limits)
    port = int((await web.start()).rpartition(":")[2])
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield port
    finally:
        await web.stop()


async def knock(port: int, address: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect, and say nothing at all."""
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))


async def talk(place: Place, port: int, address: str = "127.0.0.1") -> bytes:
    """Ask something, over a connection of its own; gives the first line, nothing when it was ended."""
    trust = ssl.create_default_context(cafile=str(place.directory / "keys" / "tls" / "ca.pem"))
    with contextlib.suppress(ConnectionError):
        reader, writer = await asyncio.open_connection("localhost", port, ssl=trust, local_addr=(address, 0))
        writer.write(ASK)
        line = await reader.readline()
        writer.close()
        return line
    return b""


async def is_left(reader: asyncio.StreamReader) -> bool:
    """Whether the other side ended it, without a word."""
    with contextlib.suppress(ConnectionError):
        return await reader.read() == b""
    return True


async def again(there: Callable[[], Any]) -> None:
    """Ask until somebody answers: a place comes free a moment after somebody left."""
    while not await there():
        pass


@pytest.mark.parametrize(
    ("limits", "limit", "others"),
    [
        ({"connections": 3, "connections_per_address": 9}, "connections", False),
        ({"connections": 9, "connections_per_address": 3}, "connections_per_address", True),
    ],
)
async def test_one_too_many_is_left_before_the_handshake(
    place: Place, limits: dict[str, int], limit: str, others: bool
) -> None:
    told: list[str] = []
    async with served(place, refused=told.append, **limits) as port:
        idle = [await knock(port) for _ in range(3)]
        reader, writer = await knock(port)
        assert await is_left(reader)
        writer.close()
        assert told == [limit]
        assert bool(await talk(place, port, "127.0.0.2")) is others
        # Who goes gives room to somebody else, whether they spoke TLS or not.
        for _, one in idle[:2]:
            one.close()
        for _ in range(4):
            await again(lambda: talk(place, port))
        for _, one in idle[2:]:
            one.close()


async def test_who_never_begins_with_tls_is_left(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "HANDSHAKE", 0.2)
    async with served(place, connections_per_address=1) as port:
        reader, writer = await knock(port)
        assert await is_left(reader)
        writer.close()
        await again(lambda: talk(place, port))


async def test_limits_are_told_without_filling_the_disk(place: Place) -> None:
    told: list[str] = []
    async with served(place, connections_per_address=1, refused=told.append) as port:
        _, idle = await knock(port)
        for _ in range(door.TOLD_PER_MINUTE + 40):
            reader, writer = await knock(port)
            assert await is_left(reader)
            writer.close()
        idle.close()
    # A bucket fills again by time: on a slow machine by some.
    assert door.TOLD_PER_MINUTE <= len(told) < door.TOLD_PER_MINUTE + 40


class Hasty(Connection):
    """Waits a moment."""

    patience = 0.2


async def test_who_takes_nothing_of_the_answer_is_left(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "Connection", Hasty)
    ended = asyncio.Event()

    async def long(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(400):  # type: ignore[assignment]
            await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        ended.set()

    async with served(place, long, connections_per_address=1) as port:
        trust = ssl.create_default_context(cafile=str(place.directory / "keys" / "tls" / "ca.pem"))
        thin = socket.socket()
        thin.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        thin.setblocking(False)
        await asyncio.get_running_loop().sock_connect(thin, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=thin, ssl=trust, server_hostname="localhost")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(ASK)
        # An answer to nobody comes to its end, and the place is free.
        await ended.wait()
        await again(lambda: talk(place, port))
        writer.transport.abort()
        del reader


async def test_no_part_of_an_answer_waits_for_the_one_before(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every connection that is let in sends what it has at once (TCP_NODELAY)."""
    taken = []
    made = Connection.connection_made

    def connection_made(self: Connection, transport: Any) -> None:
        within = transport.get_extra_info("socket")
        taken.append(within.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        made(self, transport)

    monkeypatch.setattr(Connection, "connection_made", connection_made)
    async with served(place) as port:
        assert await talk(place, port) == b"HTTP/1.1 204 No Content\r\n"
    assert taken == [1]
