"""Killed while the worker carries out what a beheerder asked for: it is done once, with all it brings."""

from sqlmodel import select

from gateway.app import Gateway
from gateway.pipeline.schedule import utc_now
from gateway.store import audit, orders
from gateway.store.pagetables import OrderRow
from gateway.store.tables import CaseRow, EventRow, OutboxRow
from tests.faults.crash import MAILS, Crash
from tests.faults.harness import Launcher
from tests.peers.mail import MailPeer
from tests.story.place import Place

ORDERING = ("Orders._carry_out: before commit", "Orders._carry_out: after commit")


async def test_killed_while_orders_are_carried_out(launcher: Launcher, place: Place, peer: MailPeer) -> None:
    crash = Crash(launcher, place, peer)
    run, address = await crash.serve()
    await crash.send(address)
    await crash.arrived(MAILS, receipt=MAILS)
    await run.stop()
    gateway = Gateway.at(place.directory)
    with gateway.store.write() as session:
        for case in session.exec(select(CaseRow)):
            orders.place(session, case, orders.OrderKind.REROUTE, utc_now(), "user:anouk", "buurtteam")
    for point in ORDERING:
        run = await launcher.run(place.directory, "tick", die=point)
        await run.dies()
    run = await launcher.run(place.directory, "tick")
    assert await run.ended() == 0
    with gateway.store.read() as session:
        asked = session.exec(select(OrderRow)).all()
        cases = session.exec(select(CaseRow)).all()
        rerouted = session.exec(select(EventRow).where(EventRow.kind == "case.rerouted")).all()
        rows = session.exec(select(OutboxRow).where(OutboxRow.kind == "handover")).all()
        assert audit.verify(session).faults == ()
    gateway.store.close()
    assert [(row.done_at is not None, row.problem) for row in asked] == [(True, None)] * MAILS
    assert {case.organisation_id for case in cases} == {"buurtteam"}
    assert sorted((event.case_id, event.actor) for event in rerouted) == sorted(
        (case.id, "user:anouk") for case in cases
    )
    assert sorted(row.organisation_id or "" for row in rows) == ["buurtteam"] * MAILS + ["de-schoor"] * MAILS
    assert {row.status for row in rows} == {"sent"}
    assert crash.arrivals()["handover"] == 2 * MAILS
