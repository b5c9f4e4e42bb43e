"""Deadlines, retirement and quarantine: each clock fires once, and what is no longer needed is destroyed."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from gateway.domain.states import Event
from gateway.errors import NotAllowed, NotFound, OpenError
from tests.unit.pipeline.stage import Stage

KINDS = ("collect", "warn", "urge", "contact", "backup", "closing", "repeat", "retire")


def fired(stage: Stage, case: str) -> list[str]:
    """The clocks that fired, in the order of the trail."""
    return [event.data for event in stage.events(case) if event.kind == "clock.fired"]


async def test_days_of_downtime_fire_everything_once_in_order(stage: Stage) -> None:
    case = stage.referred()
    await stage.work()
    await stage.work(days=14)
    order = [next(kind for kind in KINDS if f'"{kind}"' in data) for data in fired(stage, case)]
    assert order[:5] == ["collect", "warn", "urge", "contact", "backup"]
    await stage.work()
    assert len(fired(stage, case)) == len(order)
    assert stage.whole()


async def test_a_broken_promise_is_told_and_can_still_be_kept(alone: Stage) -> None:
    case = alone.referred()
    await alone.work()
    alone.now = alone.clock(case, "contact").due_at
    await alone.work()
    assert alone.clock(case, "contact").fired_at == alone.now
    assert "alarm" in alone.happened(case)
    assert "org_overdue" in [row.code for row in alone.rows(case, "notice")]
    await alone.work(hours=1)
    alone.report(case, Event.CONTACTED)
    clock = alone.clock(case, "contact")
    assert clock.fired_at is not None
    assert clock.met_at == alone.now
    assert alone.state(case) == "contacted"


async def test_at_the_very_deadline_it_is_due_and_not_a_second_before(alone: Stage) -> None:
    case = alone.referred()
    await alone.work()
    alone.now = alone.clock(case, "contact").due_at - timedelta(seconds=1)
    await alone.work()
    assert alone.clock(case, "contact").fired_at is None
    await alone.work(seconds=1)
    assert alone.clock(case, "contact").fired_at is not None


async def test_a_patient_who_would_call_and_did_not_is_called(alone: Stage) -> None:
    case = alone.referred(calls_first=True)
    await alone.work()
    waits, contact = alone.clock(case, "calls_first"), alone.clock(case, "contact")
    assert waits.due_at < contact.due_at
    alone.now = waits.due_at
    await alone.work()
    assert "org_calls_first" in [row.code for row in alone.rows(case, "notice")]
    assert "alarm" not in alone.happened(case), "the promise is not broken by it"
    alone.report(case, Event.SELF_CONTACT)
    assert alone.clock(case, "calls_first").met_at == alone.now
    # Whoever has called already is not asked for.
    other = alone.referred(calls_first=True)
    await alone.work()
    alone.report(other, Event.SELF_CONTACT)
    await alone.work(days=2)
    assert "org_calls_first" not in [row.code for row in alone.rows(other, "notice")]


async def test_people_are_told_in_their_working_hours_only(alone: Stage) -> None:
    case = alone.referred()
    await alone.work(days=10)
    for row in alone.rows(case, "notice"):
        local = row.next_at.astimezone(alone.gateway.timezone)
        assert local.weekday() < 5
        assert 9 <= local.hour < 17 or row.next_at == alone.now


async def test_the_backup_takes_over_and_both_are_told(stage: Stage) -> None:
    case = stage.referred()
    await stage.work()
    stage.now = stage.clock(case, "backup").due_at
    await stage.work()
    assert stage.case(case).organisation_id == "buurtteam"
    assert len(stage.adapter("buurtteam").taken) == 1
    codes = [row.code for row in stage.rows(case, "notice")]
    assert {"org_taken_over", "org_backup"} <= set(codes)


async def test_one_case_that_fails_does_not_stop_the_clocks_of_others(stage: Stage) -> None:
    broken, well = stage.referred(), stage.referred()
    with stage.store.write() as session:
        row = stage.case(broken)
        row.pathway = "not a pathway"
        session.merge(row)
    stage.now = stage.clock(well, "contact").due_at
    await stage.work()
    assert any("contact" in data for data in fired(stage, well))
    assert stage.journal.events("step.failed")[0]["case"] == broken


async def test_contact_in_time_fires_nothing(stage: Stage) -> None:
    case = stage.referred()
    await stage.work()
    stage.report(case, Event.CONTACTED)
    await stage.work(days=20)
    assert all("retire" in data for data in fired(stage, case))


async def test_quarantined_mail_waits_fourteen_days_and_is_then_destroyed(stage: Stage) -> None:
    case = stage.quarantined()
    await stage.work(days=13)
    assert stage.mail_of(case.id).sealed is not None
    await stage.work(days=2)
    assert stage.mail_of(case.id).sealed is None
    assert stage.state(case.id) == "closed"
    assert stage.whole()


async def test_every_look_at_a_quarantined_mail_is_an_event(stage: Stage) -> None:
    case = stage.quarantined(b"From: x@elders.example\r\nSubject: hulp\r\n\r\nhallo\r\n")
    envelope, raw = stage.gateway.worker.quarantine.show(case.kenmerk, stage.now, "beheerder:anna")
    assert envelope.mail_from == "x@elders.example"
    assert raw.endswith(b"hallo\r\n")
    last = stage.events(case.id)[-1]
    assert (last.kind, last.actor) == ("quarantine.shown", "beheerder:anna")


async def test_a_look_that_shows_nothing_is_an_event_too(stage: Stage) -> None:
    case = stage.quarantined()
    with stage.store.write() as session:
        row = stage.mail_of(case.id)
        row.sealed = b"damaged"
        session.merge(row)
    with pytest.raises(OpenError):
        stage.gateway.worker.quarantine.show(case.kenmerk, stage.now, "beheerder:anna")
    assert stage.events(case.id)[-1].kind == "quarantine.shown"


async def test_a_stranger_is_let_in_only_for_a_named_practice(stage: Stage) -> None:
    case = stage.quarantined()
    with pytest.raises(NotFound, match="--practice"):
        stage.gateway.worker.quarantine.release(case.kenmerk, None, stage.now, "beheerder")
    with pytest.raises(NotFound, match="--practice"):
        stage.gateway.worker.quarantine.release(case.kenmerk, "nobody", stage.now, "beheerder")
    assert stage.state(case.id) == "quarantined"
    stage.gateway.worker.quarantine.release(case.kenmerk, "filmwijk", stage.now, "beheerder")
    assert stage.state(case.id) == "received"
    assert stage.mail_of(case.id).outcome is None


async def test_a_refused_mail_is_destroyed_and_that_is_final(stage: Stage) -> None:
    case = stage.quarantined()
    stage.gateway.worker.quarantine.refuse(case.kenmerk, stage.now, "beheerder")
    assert stage.mail_of(case.id).sealed is None
    assert stage.state(case.id) == "closed"
    for act in (stage.gateway.worker.quarantine.refuse, stage.gateway.worker.quarantine.show):
        with pytest.raises(NotAllowed, match="closed, not quarantined"):
            act(case.kenmerk, stage.now, "beheerder")
    assert stage.whole()


async def test_what_nobody_acts_on_is_told_again_and_again(alone: Stage) -> None:
    """A case 204 days late with its last alarm on day five."""
    case = alone.referred()
    await alone.work()
    due = alone.clock(case, "contact").due_at
    told: list[datetime] = []
    while alone.now < due + timedelta(days=30):
        await alone.work(days=1)
        told += [event.at for event in alone.events(case) if event.kind == "alarm"][len(told) :]
    gaps = [later - before for before, later in pairwise(told)]
    assert told[-1] > due + timedelta(days=26)
    assert max(gaps) <= timedelta(days=5), "two working days, over a weekend"
    assert "still_overdue" in alone.told(case)
    assert [row.code for row in alone.rows(case, "notice")].count("org_still_overdue") > 8
    alone.report(case, Event.CONTACTED)
    before = len(told)
    await alone.work(days=20)
    assert len([event for event in alone.events(case) if event.kind == "alarm"]) == before


async def test_the_promise_stands_still_while_the_practice_has_the_turn(alone: Stage) -> None:
    case = alone.referred()
    await alone.work()
    for hours in (1, 3, 24):
        await alone.work(hours=hours)
        alone.report(case, Event.ATTEMPTED)
    assert alone.state(case) == "unreachable"
    asked, due = alone.now, alone.clock(case, "contact").due_at
    await alone.work(days=4)
    clock = alone.clock(case, "contact")
    assert clock.fired_at is None, "no breach while the practice is asked"
    assert "overdue_referrer" not in alone.told(case)
    assert "reminder_number" in alone.told(case)
    alone.report(case, Event.CONTACTED)
    clock = alone.clock(case, "contact")
    assert clock.due_at == due + (alone.now - asked)
    assert clock.met_at is not None
    assert clock.met_at <= clock.due_at, "in time: the term stood still"


async def test_after_downtime_everybody_hears_one_thing_that_is_true(stage: Stage) -> None:
    case = stage.referred()
    await stage.work()
    await stage.work(days=14)
    assert stage.case(case).organisation_id == "buurtteam"
    left = [(row.organisation_id, row.code) for row in stage.rows(case, "notice") if row.status != "dropped"]
    assert ("de-schoor", "org_taken_over") in left
    assert not {("de-schoor", code) for code in ("org_warn", "org_urge", "org_overdue")} & set(left)
    assert stage.told(case) == ["taken_over"]


async def test_a_case_that_time_closes_is_told_before_and_after(alone: Stage) -> None:
    case = alone.referred()
    await alone.work()
    alone.now = alone.clock(case, "closing").due_at
    await alone.work()
    assert "closes_soon" in alone.told(case)
    assert alone.state(case) == "delivered"
    alone.now = alone.clock(case, "retire").due_at
    await alone.work()
    assert alone.state(case) == "returned"
    assert alone.told(case)[-1] == "closed_by_time"
    await alone.work(days=31)
    assert alone.state(case) == "closed"
    assert alone.case(case).thread_key is None
    assert alone.whole()
