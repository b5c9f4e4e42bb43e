"""That a referral arrived is told to a team that would not see it by itself, without content."""

from datetime import timedelta

from adapters.base import Receipt
from gateway.pipeline.receipts import Outcome, _move
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
