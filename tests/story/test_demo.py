"""The demo: a town in every state, reached by real mails and steps, and links that log its visitors in."""

import asyncio
import contextlib
import os
import shutil
import signal
import ssl
import sys
import tempfile
from collections import Counter
from pathlib import Path

import httpx2
import pytest
from sqlmodel import select
from starlette.routing import Route

from gateway.app import Gateway
from gateway.demo import _stop_on_signal, mail
from gateway.demo.config import configure
from gateway.demo.stage import LoginLinks
from gateway.demo.town import Town
from gateway.domain.states import TALKS, State
from gateway.store.audit import verify
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, OutboxRow
from tests.patience import PATIENCE_S
from tests.peers.mail import MailPeer
from tests.programs import program
from tests.story.place import Place


async def test_a_town_is_in_every_state_and_its_visitors_get_in(tmp_path: Path, laid_out: Path) -> None:
    directory = tmp_path / "gateway"
    shutil.copytree(laid_out, directory)
    tls = directory / "keys" / "tls"
    told: list[str] = []
    async with MailPeer(tls / "server.pem", tls / "server.key", hostname="localhost") as peer:
        configure(directory, peer)
        with (tmp_path / "log").open("w") as log:
            async with Town(directory, peer, log) as town:
                await town.live(told.append)
                _is_in_every_state(town)
                await _visitors_get_in(town)
    assert [line.split(":")[0].split() for line in told[::11]] == [
        ["day", "1", "(Mon)"],
        ["day", "12", "(Fri)"],
    ]
    assert "step.failed" not in (tmp_path / "log").read_text()


def _is_in_every_state(town: Town) -> None:
    with town.gateway.store.read() as session:
        cases = list(session.exec(select(CaseRow)))
        held = set(session.exec(select(OutboxRow.reason).where(OutboxRow.status == Status.HELD)))
        assert verify(session).faults == ()
    states = Counter(State(case.state) for case in cases)
    # Conversations beside the first contact are agreed in other places than this one.
    assert set(State) - set(states) == TALKS, "not every state is there"
    assert 40 <= len(cases) <= 60
    assert held == {"no_route"}
    assert {case.reason for case in cases if case.state == State.QUARANTINED} == {
        "unknown_sender",
        "dmarc_fail",
    }
    assert sum(case.urgent for case in cases) >= 2
    assert states[State.NEEDS_INFO] >= 2


async def _visitors_get_in(town: Town) -> None:
    trust = ssl.create_default_context(cafile=str(town.directory / "keys" / "tls" / "ca.pem"))
    for user, page in ((town.cast.beheerder, "/bord"), (town.cast.medewerker, "/postvak")):
        async with httpx2.AsyncClient(verify=trust, headers={"Accept": "text/html"}) as client:
            for _ in range(2):
                entered = await client.get(town.link(user))
                assert (entered.status_code, entered.headers["location"]) == (303, page)
            shown = await client.get(f"{town.url}{page}")
            assert shown.status_code == 200
            assert "IB-" in shown.text
            guessed = await client.get(f"{town.url}/demo/guessed")
            assert guessed.status_code == 404


async def test_a_gateway_that_serves_has_no_such_links(place: Place) -> None:

    gateway = Gateway.at(place.directory)
    assert not [route for route in gateway.web.routes() if isinstance(route, Route) and "demo" in route.path]
    assert [route.path for route in LoginLinks(gateway).routes()] == ["/demo/{ticket}"]  # type: ignore[attr-defined]
    await gateway.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_both_signals_stop_a_demo(number: signal.Signals) -> None:
    async def demo() -> None:
        _stop_on_signal()
        os.kill(os.getpid(), number)
        await asyncio.Event().wait()

    before = signal.getsignal(number)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(demo())
    asyncio.get_running_loop().remove_signal_handler(number)
    signal.signal(number, before)


async def test_a_demo_that_is_stopped_leaves_nothing() -> None:
    program("gpg", "gnupg")
    # A short path: gpg puts sockets there, whose names have room for a hundred characters.
    folder = tempfile.mkdtemp(prefix="stopped-", dir="/tmp")
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "demo"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "TMPDIR": folder},
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            assert demo.stdout is not None
            async for line in demo.stdout:
                if line.startswith(b"1. a GP sends one mail"):
                    break
            assert any(name.startswith("inbeeld-demo-") for name in os.listdir(folder))  # noqa: PTH208
            demo.send_signal(signal.SIGTERM)
            _, complaints = await demo.communicate()
    finally:
        if demo.returncode is None:
            demo.kill()
    assert (demo.returncode, complaints) == (0, b"")
    assert os.listdir(folder) == []  # noqa: PTH208
    os.rmdir(folder)  # noqa: PTH106


async def test_a_stop_whose_word_was_lost_ends_the_town(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.demo.town.EVERY", 0)
    waits, asked = asyncio.Event(), list[object]()

    async def refer(life: object) -> None:
        asked.append(life)
        assert len(asked) == 1, "nobody is referred any more"
        waits.set()
        # As a library does that loses the word.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    town = Town.__new__(Town)
    monkeypatch.setattr(town, "_refer", refer)
    going = asyncio.create_task(town.go_on())
    await waits.wait()
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going


def test_the_lives_are_told_in_the_past() -> None:
    for life in mail.LIVES:
        assert all(life.hour + after < mail.NOW for after in (0, *(hours for hours, _ in life.then)))
