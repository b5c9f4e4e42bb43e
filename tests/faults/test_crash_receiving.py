"""Killed at any point between a mail's arrival and its receipt: nothing is lost or done twice."""

from pathlib import Path

import pytest

from gateway.cli.peer import MailPeer
from tests.faults.crash import Crash, points_of
from tests.faults.harness import Launcher
from tests.story.place import Place

POINTS = {
    "take_over: before commit",
    "take_over: after commit",
    "insert: before commit",
    "insert: after commit",
    "250: committed, not said",
    "250: said",
    "claim: before commit",
    "claim: after commit",
    "Admit.start: before commit",
    "Admit.start: after commit",
    "send handover: before",
    "send handover: taken, not recorded",
    "send reply: before",
    "send reply: taken, not recorded",
    "Dispatch._sent: before commit",
    "Dispatch._sent: after commit",
}


HOUSEKEEPING = ("release", "Mailbox.expire")
"""Commits that move no mail: a worker that stops, and what runs by the hour."""


async def test_there_are_no_other_points(
    launcher: Launcher, place: Place, peer: MailPeer, tmp_path: Path
) -> None:
    crash, seen = Crash(launcher, place, peer), tmp_path / "seen"
    run, address = await crash.serve(seen=seen)
    await crash.send(address)
    await crash.arrived(3, receipt=3)
    await run.stop()
    # A new commit on a mail's way belongs in the list above, so that we are killed there too.
    assert {point for point in points_of(seen) if not point.startswith(HOUSEKEEPING)} == POINTS


@pytest.mark.parametrize("point", sorted(POINTS))
async def test_killed(launcher: Launcher, place: Place, peer: MailPeer, point: str) -> None:
    crash = Crash(launcher, place, peer)
    run = await launcher.run(place.directory, "serve", die=point)
    if not point.startswith("take_over"):
        await crash.send(await run.ready())
    await run.dies()
    await crash.finish()
    crash.check()
