"""What the service manager is told, over a real socket."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.serve import Supervisor
from tests.patience import PATIENCE_S


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE_S)
        yield listening


async def told(manager: socket.socket) -> bytes:
    return await asyncio.to_thread(manager.recv, 100)


async def test_it_tells_that_it_is_ready_alive_and_stopping(manager: socket.socket) -> None:
    supervisor = Supervisor(manager.getsockname(), watchdog_us=20_000)
    supervisor.ready()
    assert await told(manager) == b"READY=1"
    assert await told(manager) == b"WATCHDOG=1"
    assert await told(manager) == b"WATCHDOG=1"
    supervisor.stopping()
    while (last := await told(manager)) == b"WATCHDOG=1":
        pass
    assert last == b"STOPPING=1"


async def test_it_is_silent_about_life_where_nobody_watches(manager: socket.socket) -> None:
    supervisor = Supervisor(manager.getsockname())
    supervisor.ready()
    supervisor.stopping()
    assert [await told(manager), await told(manager)] == [b"READY=1", b"STOPPING=1"]


async def test_a_manager_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    supervisor = Supervisor(str(tmp_path / "nobody"))
    supervisor.ready()
    supervisor.stopping()


def test_no_child_can_speak_in_our_name() -> None:
    environment = {"NOTIFY_SOCKET": "@a", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}
    supervisor = Supervisor.of(environment)
    assert environment == {}
    assert (supervisor._address, supervisor._every) == ("\0a", 15.0)


@pytest.mark.parametrize("odd", [{"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "9", "WATCHDOG_PID": "1"}, {}])
def test_a_watchdog_that_is_not_ours_is_not_fed(odd: dict[str, str]) -> None:
    assert Supervisor.of(odd | {"NOTIFY_SOCKET": "/run/x"})._every == 0
