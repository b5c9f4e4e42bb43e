"""For whom a case counts, played with the real steps: what was broken stays with whoever broke it."""

from typing import Any

import pytest

from gateway.domain.codes import DeclineReason
from gateway.domain.states import Event
from gateway.store import cases
from tests.contract.cases.desk import Desk
from tests.unit.pipeline.stage import Stage

FIRST, BACKUP = "de-schoor", "buurtteam"


@pytest.fixture
def stage(desk: Desk) -> Stage:
    """What happens there."""
    return desk.stage


def figures(desk: Desk, per: str = "organisatie", more: str = "") -> dict[str, dict[str, Any]]:
    """The rows, by name; the total is the one without."""
    answer = desk.client.get(f"/cijfers.json?periode=alles&per={per}{more}").json()
    return {row["name"] or "": row for row in (answer["total"], *answer["rows"])}


def counted(row: dict[str, Any]) -> dict[str, int]:
    """What is not nothing in a row."""
    names = ("received", "collected", "contacted", "on_time", "late", "waiting", "declined", "unreachable")
    return {name: row[name] for name in names if row[name]}


async def test_a_backup_that_calls_at_once_is_not_late_for_who_did_not(desk: Desk, stage: Stage) -> None:
    case = stage.referred()
    await stage.work()
    stage.report(case, Event.COLLECTED)
    await stage.work(days=6)
    assert stage.case(case).organisation_id == BACKUP
    await stage.work(hours=2)
    stage.report(case, Event.CONTACTED, f"organisation:{BACKUP}")
    found = figures(desk)
    late = {"received": 1, "collected": 1, "contacted": 1, "late": 1}
    assert counted(found[FIRST]) == counted(found[""]) == late
    assert counted(found[BACKUP]) == {}
    assert found[FIRST]["hours_organisation"] >= 72
    assert found[FIRST]["hours_not_collected"] == 0
    assert found[BACKUP]["hours_not_collected"] == 2
    assert found[BACKUP]["hours_organisation"] == 0
    alone = figures(desk, "wijk", f"&organisatie={BACKUP}")[""]
    assert (counted(alone), alone["hours_not_collected"]) == ({}, 2)


async def test_a_backup_that_has_the_case_in_time_answers_for_it(desk: Desk, stage: Stage) -> None:
    case = stage.referred()
    await stage.work()
    stage.decline(case, DeclineReason.CAPACITY)
    await stage.work(days=4)
    found = figures(desk)
    assert counted(found[FIRST]) == {"declined": 1}
    assert counted(found[BACKUP]) == {"received": 1, "late": 1}


async def test_late_stays_late_when_a_case_ends_without_contact(desk: Desk, stage: Stage) -> None:
    given_back, in_time = stage.referred(), stage.referred()
    await stage.work()
    for case, days in ((in_time, 1), (given_back, 3)):
        await stage.work(days=days)
        with stage.store.write() as session:
            stage.gateway.worker.reroute.back(session, cases.by_id(session, case), stage.now, "user:anouk")
    assert counted(figures(desk)[""]) == {"received": 2, "late": 1}


@pytest.mark.parametrize(
    ("reason", "late"), [(DeclineReason.CAPACITY, 1), (DeclineReason.PATIENT_DECLINED, 0)]
)
async def test_who_is_declined_by_everybody_still_waits(
    desk: Desk, stage: Stage, reason: DeclineReason, late: int
) -> None:
    case = stage.referred()
    await stage.work()
    stage.decline(case, DeclineReason.CAPACITY)
    await stage.work()
    stage.decline(case, reason, f"organisation:{BACKUP}")
    assert stage.state(case) == "declined"
    await stage.work(days=4)
    assert figures(desk)[""]["late"] == late


async def test_what_nobody_serves_gets_late_too(desk: Desk, stage: Stage) -> None:
    case = stage.referred()
    with stage.store.write() as session:
        # As it is where no organisation serves the place: held, with its clock running.
        row = cases.by_id(session, case)
        row.state, row.organisation_id = "received", None
        session.add(row)
    assert counted(figures(desk)[""]) == {"received": 1, "waiting": 1}
    stage.now += (stage.clock(case, "contact").due_at - stage.now) * 2
    assert figures(desk)[""]["late"] == 1


async def test_a_report_that_was_taken_back_counts_for_nothing(desk: Desk, stage: Stage) -> None:
    case = stage.referred()
    await stage.work()
    stage.decline(case, DeclineReason.PATIENT_DECLINED)
    assert counted(figures(desk)[FIRST]) == {"received": 1, "declined": 1}
    stage.report(case, Event.CORRECTED)
    assert counted(figures(desk)[FIRST]) == {"received": 1, "collected": 1, "waiting": 1}


async def test_mail_that_was_never_let_in_is_no_referral(desk: Desk, stage: Stage) -> None:
    stage.referred()
    refused, forgotten, released, open_ = [stage.quarantined() for _ in range(4)]
    for case, *events in (
        (refused, Event.REFUSED),
        (forgotten, Event.CLOSED),
        (released, Event.RELEASED),
        (open_,),
    ):
        for event in events:
            with stage.store.write() as session:
                row = cases.by_id(session, case.id)
                cases.advance(session, row, event, now=stage.now, actor="user:anouk")
    assert figures(desk, "praktijk")[""]["received"] == 2
    assert figures(desk)[""]["waiting"] == 2
