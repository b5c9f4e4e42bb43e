"""Connections to the pages that never say what they want."""

import asyncio
import contextlib
import io
import ssl

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


async def test_half_a_form_is_no_failure_of_ours(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "Connection", Hasty)
    told = io.StringIO()
    gateway = Gateway.at(place.directory, log=Log(told))
    migrate(gateway.store)
    web = gateway.web.server()
    port = int((await web.start()).rpartition(":")[2])
    form = b"POST /inloggen HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n"
    form += b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
    try:
        async with asyncio.timeout(PATIENCE_S):
            slow, writer = await say(place, port, form)
            with contextlib.suppress(ConnectionError):
                assert await slow.read() == b""
            writer.close()
    finally:
        await web.stop()
        await gateway.close()
    assert told.getvalue() == ""


async def say(place: Place, port: int, what: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect, and begin."""
    trust = ssl.create_default_context(cafile=str(place.directory / "keys" / "tls" / "ca.pem"))
    reader, writer = await asyncio.open_connection("localhost", port, ssl=trust)
    writer.write(what)
    return reader, writer
