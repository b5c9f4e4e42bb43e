"""The port for whoever watches: three questions, one answer each, and nothing for anybody else."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest

from gateway.web import watchport
from gateway.web.watchport import WatchPort
from tests.patience import PATIENCE_S


async def ask(port: WatchPort, *requests: bytes) -> list[bytes]:
    """What comes back for each, on a connection of its own."""
    address = await port.start()
    host, _, number = address.removeprefix("http://").rpartition(":")
    found = []
    try:
        for request in requests:
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(number))
            writer.write(request)
            try:
                found.append(await asyncio.wait_for(reader.read(), PATIENCE_S))
            except ConnectionError:
                # It hung up with some of what we said unread.
                found.append(b"")
            writer.close()
    finally:
        await port.stop()
    return found


def port(
    callers: str = "127.0.0.0/8", *, ready: Callable[[], dict[str, Any]] = lambda: {"ready": True}
) -> WatchPort:
    return WatchPort(
        "127.0.0.1", 0, ready=ready, figures=lambda: b"inbeeld_x 1\n", callers=[ip_network(callers)]
    )


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


async def test_three_questions() -> None:
    alive, ready, figures, other, post, odd = await ask(
        port(),
        get("/healthz"),
        get("/readyz"),
        get("/metrics"),
        get("/../etc/passwd"),
        b"POST /metrics HTTP/1.1\r\n\r\n",
        b"HELO there you\r\nx\r\n\r\n",
    )
    assert alive.startswith(b"HTTP/1.1 200 OK\r\n")
    assert ready.endswith(b'\r\n\r\n{"ready": true}')
    assert figures.endswith(b"\r\n\r\ninbeeld_x 1\n")
    assert b"text/plain; version=0.0.4" in figures
    assert all(answer.startswith(b"HTTP/1.1 404") for answer in (other, post))
    assert b"passwd" not in other
    assert odd.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400"))


async def test_not_ready_is_503() -> None:
    (answer,) = await ask(port(ready=lambda: {"ready": False, "worker": "silent"}), get("/readyz"))
    assert answer.startswith(b"HTTP/1.1 503")


async def test_nobody_else_is_answered() -> None:
    assert await ask(port("10.0.0.0/8"), get("/healthz")) == [b""]


async def test_a_request_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchport, "SECONDS", 0.05)
    slow, long = await ask(port(), b"GET /met", b"GET /metrics HTTP/1.1\r\n" + b"x" * 9000)
    assert slow == b""
    assert long == b""
