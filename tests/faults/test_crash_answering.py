"""Killed at any point between the organisation's report and "in beeld": it is told once, and it is true."""

import pytest

from gateway.cli.peer import MailPeer
from tests.faults.crash import MAILS, Crash
from tests.faults.harness import Launcher
from tests.story.place import Place


async def received(crash: Crash) -> None:
    """Everything up to the receipt, by a gateway that then stops."""
    run, address = await crash.serve()
    await crash.send(address)
    await crash.arrived(MAILS, receipt=MAILS)
    await run.stop()


@pytest.mark.parametrize("point", ["Settle.report: before commit", "Settle.report: after commit"])
async def test_killed_while_a_report_is_recorded(
    launcher: Launcher, place: Place, peer: MailPeer, point: str
) -> None:
    crash = Crash(launcher, place, peer)
    await received(crash)
    for kenmerk in crash.kenmerken():
        await (await crash.report(kenmerk, die=point)).dies()
    await crash.finish()
    crash.check()


@pytest.mark.parametrize(
    "point",
    [
        "claim: before commit",
        "claim: after commit",
        "send reply: before",
        "send reply: taken, not recorded",
        "Dispatch._sent: before commit",
        "Dispatch._sent: after commit",
    ],
)
async def test_killed_while_in_beeld_is_told(
    launcher: Launcher, place: Place, peer: MailPeer, point: str
) -> None:
    crash = Crash(launcher, place, peer)
    await received(crash)
    for kenmerk in crash.kenmerken():
        assert await (await crash.report(kenmerk)).ended() == 0
    await (await launcher.run(place.directory, "serve", die=point)).dies()
    await crash.finish()
    crash.check()


async def test_killed_again_and_again(launcher: Launcher, place: Place, peer: MailPeer) -> None:
    """One life after the other ends at another point; the mails still make it."""
    crash = Crash(launcher, place, peer)
    for point in ("insert: after commit", "claim: after commit", "Admit.start: after commit"):
        run, address = await crash.serve(die=point)
        await crash.send(address)
        await run.dies()
    for point in ("send handover: taken, not recorded", "send reply: taken, not recorded"):
        await (await launcher.run(place.directory, "serve", die=point)).dies()
    await crash.finish()
    crash.check()


@pytest.mark.parametrize(
    "point", ["250: committed, not said", "Admit.start: after commit", "send handover: taken, not recorded"]
)
async def test_killed_on_postgresql(
    launcher: Launcher, place: Place, peer: MailPeer, database_url: str, point: str
) -> None:
    """Other workers may live there, so what a dead one held comes back when its lease ends."""
    place.database(database_url)
    crash = Crash(launcher, place, peer)
    run, address = await crash.serve(die=point, lease=1)
    await crash.send(address)
    await run.dies()
    await crash.finish()
    crash.check()
