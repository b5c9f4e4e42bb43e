"""Connections to the pages that never say what they want."""

import asyncio
import contextlib
import io
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send

from gateway.app import Gateway
from gateway.log import Log
from gateway.store.migrate import migrate
from gateway.web import server
from gateway.web.connection import Connection
from gateway.web.server import WebServer
from tests.patience import PATIENCE_S
from tests.story.place import Place

WHOLE = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nok"


class Hasty(Connection):
    """Waits a moment."""

    patience = 0.2


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: local",
        WHOLE[:-1],
        # A whole request, and the beginning of another one behind it.
        WHOLE + WHOLE[:-1],
    ],
)
async def test_who_never_ends_a_request_is_left(
    place: Place, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(server, "Connection", Hasty)
    told, asked = asyncio.Event(), asyncio.Event()

    async def app(_: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            pass
        if message["type"] == "http.request" and not said.startswith(WHOLE):
            asked.set()
            # However long an answer takes: the time is the client's only.
            await told.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    web = WebServer(app, "127.0.0.1", 0, *place.tls)
    port = int((await web.start()).rpartition(":")[2])
    try:
        async with asyncio.timeout(PATIENCE_S):
            patient, other = await say(place, port, WHOLE)
            if not said.startswith(WHOLE):
                await asked.wait()
            slow, writer = await say(place, port, said)
            with contextlib.suppress(ConnectionError):
                assert (await slow.read()).count(b" 204 ") == said.startswith(WHOLE)
            told.set()
            assert b" 204 " in await patient.readline()
        writer.close()
        other.close()
    finally:
        await web.stop()


@pytest.mark.parametrize(
    "ends",
    ["HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked", "HTTP/1.0\r\nTransfer-Encoding: chunked"],
)
async def test_what_follows_a_request_with_two_ends_is_none_of_its_own(
    place: Place, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """A proxy that sees the other end would have sent it as a part of the first one: it got an answer."""
    monkeypatch.setattr(server, "Connection", Hasty)
    async with pages(place) as (port, told):
        first = f"POST /v1/nergens {ends}\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n"
        reader, writer = await say(place, port, f"{first}{WHOLE.decode()}".encode())
        answer = b""
        with contextlib.suppress(ConnectionError):
            answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert told.getvalue() == ""


async def test_half_a_form_is_no_failure_of_ours(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "Connection", Hasty)
    form = b"POST /inloggen HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n"
    form += b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
    async with pages(place) as (port, told):
        slow, writer = await say(place, port, form)
        with contextlib.suppress(ConnectionError):
            assert await slow.read() == b""
        writer.close()
    assert told.getvalue() == ""


@asynccontextmanager
async def pages(place: Place) -> AsyncIterator[tuple[int, io.StringIO]]:
    """All pages of a gateway; gives the port, and what is logged."""
    told = io.StringIO()
    gateway = Gateway.at(place.directory, log=Log(told))
    migrate(gateway.store)
    web = gateway.web.server()
    port = int((await web.start()).rpartition(":")[2])
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield port, told
    finally:
        await web.stop()
        await gateway.close()


async def say(place: Place, port: int, what: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect, and begin."""
    trust = ssl.create_default_context(cafile=str(place.directory / "keys" / "tls" / "ca.pem"))
    reader, writer = await asyncio.open_connection("localhost", port, ssl=trust)
    writer.write(what)
    return reader, writer
