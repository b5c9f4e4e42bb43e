"""That a referral arrived is told to a team that would not see it by itself, without content."""

import json
from datetime import timedelta

import pytest

from adapters.base import Receipt
from gateway.domain.codes import Kind
from gateway.domain.messages import Code
from gateway.domain.states import Event
from gateway.pipeline.notify import Party, policy, say
from gateway.pipeline.receipts import Outcome, Receipts, _move
from gateway.store import outbox
from gateway.store.outbox import Status
from tests.unit.pipeline.stage import Stage


async def test_a_mailbox_team_hears_at_once_in_its_hours(stage: Stage) -> None:
    case_id = stage.referred()
    case, (row,) = stage.case(case_id), stage.rows(case_id)
    due = stage.clock(case_id, "contact").due_at
    outcome = Outcome(row, stage.now, due, receipt=Receipt("peer", "taken"), due_at=due)
    told = [one for one in _move(outcome, case, {"de-schoor"}).put_out if one.kind == "notice"]
    (arrived,) = told
    assert (arrived.code, arrived.organisation_id, arrived.status) == (
        "org_arrived",
        "de-schoor",
        Status.READY,
    )
    assert arrived.next_at - stage.now < timedelta(days=1)


async def test_who_gets_the_referral_by_mail_needs_no_second_one(stage: Stage) -> None:
    case_id = stage.referred()
    await stage.work()
    assert "org_arrived" not in [row.code for row in stage.rows(case_id, "notice")]


async def test_an_answer_that_left_at_the_same_moment_does_not_stand_for_the_handover(stage: Stage) -> None:
    """Else nobody is told that it arrived, and the trail names the wrong delivery."""
    case_id = stage.referred()
    (handover,) = stage.rows(case_id)
    case = stage.case(case_id)
    with stage.store.write() as session:
        say(session, case, Party("filmwijk", policy(case).feedback), Code.RECEIPT, stage.now, date=stage.now)
    (answer,) = stage.rows(case_id, "reply")
    base = stage.gateway.base
    receipts = Receipts(
        store=stage.store, log=base.log, metrics=base.metrics, announced=lambda: {"de-schoor"}
    )
    gone = Receipt("peer", "taken")
    receipts._write([Outcome(row, stage.now, stage.now, receipt=gone) for row in (answer, handover)])
    assert [row.status for row in stage.rows(case_id, "notice")] == [Status.READY]
    told = {
        row.kind: json.loads(row.data)["delivery"] for row in stage.events(case_id) if "deliver" in row.kind
    }
    assert told == {"case.delivered": handover.id, "delivery.sent": answer.id}


@pytest.mark.parametrize("collected", [True, False])
async def test_what_is_known_by_then_is_not_told(stage: Stage, collected: bool) -> None:
    """Outside its hours the news waits: for nobody once it was collected, nor beside an urgent reminder."""
    case_id = stage.referred()
    due = stage.clock(case_id, "contact").due_at
    night = stage.now.replace(hour=22)
    outcome = Outcome(stage.rows(case_id)[0], night, due, receipt=Receipt("peer", "taken"), due_at=due)
    with stage.store.write() as session:
        for row in _move(outcome, stage.case(case_id), {"de-schoor"}).put_out:
            outbox.put(session, row)
    await stage.work()
    if collected:
        stage.report(case_id, Event.COLLECTED)
    else:
        with stage.store.write() as session:
            outbox.drop_reminders(session, case_id, [Kind.COLLECT])
    (arrived,) = stage.rows(case_id, "notice")
    assert (arrived.code, arrived.status, arrived.reason) == ("org_arrived", Status.DROPPED, "no_longer_true")
