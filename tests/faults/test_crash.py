"""Killed at every commit and every send, one life after the other: nothing is lost, nothing is done twice.

Each test is a chain of lives; each life ends as by `kill -9` at the next point, the last one is left alone.
"""

from pathlib import Path

import pytest
from sqlmodel import select

from gateway.app import Gateway
from gateway.pipeline.batch import ATTEMPTS
from gateway.store import audit
from gateway.store.tables import InboxRow
from tests.faults.crash import MAILS, Crash, points_of
from tests.faults.harness import Launcher
from tests.invented import make_answer
from tests.peers.mail import MailPeer
from tests.story.place import Mail, Place

KEEPING = (
    "insert: before commit",
    "insert: after commit",
    "250: committed, not said",
    "250: said",
)
RECEIVING = (
    "Presence._take_over: before commit",
    "Presence._take_over: after commit",
    "claim: before commit",
    "claim: after commit",
    "Receive._make: before commit",
    "Receive._make: after commit",
)
AGAIN = ("claim_again: before commit", "claim_again: after commit")
"""A mail of which an attempt came to no end is claimed by itself."""
SENDING = (
    "send handover: before",
    "send handover: taken, not recorded",
    "send reply: before",
    "send reply: taken, not recorded",
    "Receipts._write: before commit",
    # Receipts are recorded together: after this nothing may be left to die over.
    "Receipts._write: after commit",
)
LETTERS = ("Correspondence.take: before commit", "Correspondence.take: after commit")
REPORTING = ("Settle.report: before commit", "Settle.report: after commit")
HOUSEKEEPING = (
    "release",
    "Counting.batch",
    "Mailbox.expire",
    "OldKeys",
    "Expiry",
    "Presence.beat",
    "AskAround._begin",
    "Receipts._relay_turned",
    "Retire.run",
)
"""Commits that move no mail: a worker that stops, what runs by the hour, haste after a relay was away."""


async def test_there_are_no_other_points(
    launcher: Launcher, place: Place, peer: MailPeer, tmp_path: Path
) -> None:
    crash, seen = Crash(launcher, place, peer), tmp_path / "seen"
    run, address = await crash.serve(seen=seen)
    await crash.send(address)
    await crash.arrived(MAILS, receipt=MAILS)
    await run.stop()
    # A new commit on a mail's way belongs in the lists above, so that we are killed there too.
    found = {point for point in points_of(seen) if not point.startswith(HOUSEKEEPING)}
    assert found == {*KEEPING, *RECEIVING, *AGAIN, *SENDING}


async def test_killed_while_mails_come_in(launcher: Launcher, place: Place, peer: MailPeer) -> None:
    crash = Crash(launcher, place, peer)
    for point in KEEPING:
        await crash.dies(point)
    await crash.finish()
    crash.check()


@pytest.mark.parametrize("points", [RECEIVING[:4], RECEIVING[4:]], ids=["claimed", "moved"])
async def test_killed_while_mails_are_received(
    launcher: Launcher, place: Place, peer: MailPeer, points: tuple[str, ...]
) -> None:
    """In two lives of a place: a mail that meets three deaths is set aside."""
    crash = Crash(launcher, place, peer)
    await crash.keep()
    for point in points:
        await crash.dies(point)
    await crash.finish()
    crash.check()


async def test_killed_while_mails_are_received_again(
    launcher: Launcher, place: Place, peer: MailPeer
) -> None:
    crash = Crash(launcher, place, peer)
    await crash.keep()
    for point in ("claim: after commit", *AGAIN):
        await crash.dies(point)
    await crash.finish()
    crash.check()


def most_claims(place: Place) -> int:
    """How often the mail was claimed that was claimed most often; which one is tried alone is chance."""
    gateway = Gateway.at(place.directory)
    with gateway.store.read() as session:
        found = max(session.exec(select(InboxRow.attempt)).all())
    gateway.store.close()
    return found


async def test_a_mail_that_kills_three_workers_is_set_aside_alone(
    launcher: Launcher, place: Place, peer: MailPeer
) -> None:
    """The third time it is alone, so that the others come through."""
    crash = Crash(launcher, place, peer)
    await crash.keep()
    while most_claims(place) < ATTEMPTS:
        await crash.dies("Receive._make: before commit")
    run, _ = await crash.serve()
    await crash.arrived(MAILS - 1, receipt=MAILS - 1)
    await run.stop()
    gateway = Gateway.at(place.directory)
    with gateway.store.read() as session:
        found = audit.verify(session)
    gateway.store.close()
    assert (found.faults, found.mails) == ((), {"quarantine": 1, "case": MAILS - 1})


async def test_killed_while_handovers_and_receipts_leave(
    launcher: Launcher, place: Place, peer: MailPeer
) -> None:
    crash = Crash(launcher, place, peer)
    for point in SENDING:
        # Beside a slow handover every answer may have left: each life has one of its own to die with. It is
        # received in a life before: who dies too often while it waits would be set aside.
        await crash.keep(more=1)
        await crash.dies("Receive._make: after commit")
        await crash.dies(point)
    await crash.finish()
    crash.check()


async def test_killed_while_in_beeld_is_reported_and_told(
    launcher: Launcher, place: Place, peer: MailPeer
) -> None:
    crash = Crash(launcher, place, peer)
    run, address = await crash.serve()
    await crash.send(address)
    await crash.arrived(MAILS, receipt=MAILS)
    await run.stop()
    for point in REPORTING:
        await (await crash.report(crash.kenmerken()[0], die=point)).dies()
    for point in (point for point in SENDING if "handover" not in point):
        await crash.dies(point)
    await crash.finish()
    crash.check()


async def test_killed_while_a_practice_corrects(launcher: Launcher, place: Place, peer: MailPeer) -> None:
    crash = Crash(launcher, place, peer)
    del crash.mails[1:]
    run, address = await crash.serve()
    await crash.send(address)
    await crash.arrived(1, receipt=1)
    await run.stop()
    receipt = next(mail for mail in map(Mail, peer.messages) if not mail.encrypted)
    run, address = await crash.serve("--role", "intake")
    await crash.send(address, [make_answer(receipt["Message-ID"], "Het goede nummer is 06-21000203\n")])
    await run.stop()
    for point in LETTERS:
        await crash.dies(point)
    run, _ = await crash.serve()
    await crash.arrived(2, other=2)
    await run.stop()
    gateway = Gateway.at(place.directory)
    with gateway.store.read() as session:
        found, events = audit.verify(session), [row.kind for row in audit.export(session)]
    gateway.store.close()
    assert (found.faults, found.mails) == ((), {"case": 1, "addition": 1})
    assert events.count("referral.corrected") == 1
    assert crash.arrivals() == {"handover": 2, "receipt": 1, "other": 2}, "told to both, once"


async def test_killed_on_postgresql(
    launcher: Launcher, place: Place, peer: MailPeer, database_url: str
) -> None:
    """Other workers may live there. A dead one is known by its session, so that no lease need end first."""
    place.database(database_url)
    crash = Crash(launcher, place, peer)
    for point in ("250: committed, not said", "Receive._make: before commit", "Receive._make: after commit"):
        await crash.dies(point)
    run, _ = await crash.serve()
    await crash.arrived(MAILS, receipt=MAILS)
    await run.stop()
    # The others are no other thing there than on SQLite.
    for point in (point for point in SENDING if "not recorded" in point):
        await crash.keep(more=1)
        await crash.dies("Receive._make: after commit")
        await crash.dies(point)
    await crash.finish()
    crash.check()
