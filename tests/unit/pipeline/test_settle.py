"""Settle: "in beeld" is true and told once, contact destroys the fields, and nobody is lost on the way."""

import json
from datetime import timedelta

import pytest

from gateway.domain.case import ReportWord
from gateway.domain.codes import DeclineReason, StopOutcome
from gateway.domain.pathway import Feedback, Pathway
from gateway.domain.states import CONTACT, Event
from gateway.errors import NotAllowed, NotFound, OpenError
from gateway.pipeline.settle import Report, UnknownStep
from gateway.store import audit, cases
from tests.unit.pipeline.stage import Stage

IN_BEELD = "in_beeld"


def noticed(stage: Stage, case: str) -> list[tuple[str | None, str]]:
    """What the organisations were told, or will be."""
    return [(row.organisation_id, row.code) for row in stage.rows(case, "notice")]


async def delivered(stage: Stage) -> str:
    """A case whose referral an organisation has."""
    case = stage.referred()
    await stage.work()
    assert stage.state(case) == "delivered"
    return case


@pytest.mark.parametrize("event", sorted(CONTACT))
async def test_contact_is_told_once_however_often_it_is_reported(stage: Stage, event: Event) -> None:
    case = await delivered(stage)
    assert stage.report(case, event)
    assert not stage.report(case, Event.CONTACTED)
    assert not stage.report(case, Event.SELF_CONTACT)
    await stage.work()
    assert stage.told(case).count(IN_BEELD) == 1
    assert len(stage.ear.heard) == 1
    assert stage.happened(case).count("report.repeated") == 2


@pytest.mark.parametrize(
    "event", sorted({Event.COLLECTED, Event.ATTEMPTED, Event.DECLINED, Event.WITHDRAWAL_CONFIRMED})
)
async def test_nothing_else_tells_in_beeld(stage: Stage, event: Event) -> None:
    case = await delivered(stage)
    try:
        stage.report(case, event, reason=DeclineReason.AREA)
    except NotAllowed:
        assert event is Event.WITHDRAWAL_CONFIRMED
    await stage.work(days=20)
    assert IN_BEELD not in stage.told(case)


async def test_delivery_and_time_tell_no_in_beeld(stage: Stage) -> None:
    case = await delivered(stage)
    await stage.work(days=20)
    assert IN_BEELD not in stage.told(case)


async def test_contact_destroys_the_fields_in_the_same_move(stage: Stage) -> None:
    case = await delivered(stage)
    assert stage.gateway.worker.casefile.referral(stage.case(case)).wijk == "Filmwijk"
    stage.report(case, Event.CONTACTED)
    row = stage.case(case)
    assert (row.fields_key, row.sealed_fields) == (None, None)
    with pytest.raises(OpenError):
        stage.gateway.worker.casefile.referral(row)
    assert row.thread_key is not None, "the answer still has to find its thread"


async def test_contact_takes_back_what_has_not_left(stage: Stage) -> None:
    stage.adapter().next("refuse")
    case = stage.referred()
    await stage.work()
    stage.report(case, Event.SELF_CONTACT)
    (row,) = stage.rows(case)
    assert (row.status, row.sealed, row.reason) == ("dropped", None, "contact_made")


async def test_who_plans_an_appointment_has_had_contact(stage: Stage) -> None:
    case = await delivered(stage)
    stage.report(case, Event.INTAKE_PLANNED)
    assert stage.state(case) == "intake_planned"
    assert [kind for kind in stage.happened(case) if kind.startswith("case.")][-2:] == [
        "case.contacted",
        "case.intake_planned",
    ]
    assert stage.told(case).count(IN_BEELD) == 1


async def test_unreachable_needs_attempts_on_two_days(stage: Stage) -> None:
    case = await delivered(stage)
    for _ in range(4):
        stage.now = stage.now.replace(minute=stage.now.minute + 1)
        stage.report(case, Event.ATTEMPTED)
    assert stage.state(case) == "attempted"
    with pytest.raises(NotAllowed, match="3 reported attempts on 2 different days"):
        stage.report(case, Event.UNREACHABLE)
    await stage.work(days=1)
    stage.report(case, Event.ATTEMPTED)
    assert stage.state(case) == "unreachable"
    assert stage.told(case).count("unreachable") == 1
    assert stage.case(case).fields_key is not None, "a better number must still find the patient"


async def test_contact_after_unreachable_counts(stage: Stage) -> None:
    case = await delivered(stage)
    for day in (0, 1, 0):
        await stage.work(days=day, minutes=1)
        stage.report(case, Event.ATTEMPTED)
    assert stage.state(case) == "unreachable"
    stage.report(case, Event.CONTACTED)
    assert stage.state(case) == "contacted"
    assert stage.told(case).count(IN_BEELD) == 1


async def test_declined_for_lack_of_room_goes_to_the_backup_with_the_same_deadline(stage: Stage) -> None:
    case = await delivered(stage)
    due_at = stage.clock(case, "contact").due_at
    stage.now += (due_at - stage.now) / 2
    stage.decline(case, DeclineReason.CAPACITY)
    assert stage.case(case).organisation_id == "buurtteam"
    assert stage.clock(case, "contact").due_at == due_at
    await stage.work()
    assert stage.state(case) == "delivered"
    assert len(stage.adapter("buurtteam").taken) == 1
    assert stage.told(case) == ["declined_rerouted"]


async def test_the_backup_that_declines_too_leaves_it_to_a_person(stage: Stage) -> None:
    case = await delivered(stage)
    stage.decline(case, DeclineReason.CAPACITY)
    await stage.work()
    stage.decline(case, DeclineReason.AREA, "organisation:buurtteam")
    assert stage.state(case) == "declined"
    assert "no_backup" in stage.journal.alarms()
    assert stage.case(case).fields_key is not None


async def test_declined_without_a_backup_needs_a_person(alone: Stage) -> None:
    case = await delivered(alone)
    alone.decline(case, DeclineReason.CAPACITY)
    assert alone.state(case) == "declined"
    assert alone.journal.alarms() == ["no_backup"]
    assert alone.happened(case)[-1] == "alarm"
    assert alone.told(case) == ["nobody_yet"]
    clock = alone.clock(case, "contact")
    assert clock.waits, "a decline keeps no promise"


async def test_a_patient_who_wants_no_help_is_the_end(stage: Stage) -> None:
    case = await delivered(stage)
    stage.decline(case, DeclineReason.PATIENT_DECLINED)
    assert stage.state(case) == "declined"
    assert stage.case(case).fields_key is None
    assert stage.told(case) == ["not_continued"]
    assert stage.clock(case, "retire").met_at is None


async def test_contact_that_was_a_mistake_is_taken_back_and_may_be_told_again(stage: Stage) -> None:
    case = await delivered(stage)
    stage.report(case, Event.CONTACTED)
    await stage.work()
    stage.report(case, Event.CORRECTED)
    assert stage.state(case) == "collected"
    assert stage.clock(case, "contact").met_at is None
    stage.report(case, Event.CONTACTED)
    await stage.work()
    assert stage.told(case) == ["in_beeld", "corrected", "in_beeld"]
    assert len(stage.ear.heard) == 3
    assert stage.whole()


async def test_contact_stands_however_often_something_later_is_taken_back(stage: Stage) -> None:
    case = await delivered(stage)
    for event in (Event.CONTACTED, Event.INTAKE_PLANNED, Event.NO_SHOW, Event.CORRECTED):
        stage.report(case, event)
    assert stage.state(case) == "intake_planned", "it is where it was before"
    stage.report(case, Event.CORRECTED)
    assert stage.state(case) == "contacted"
    assert stage.clock(case, "contact").met_at is not None
    await stage.work()
    assert stage.told(case).count("in_beeld") == 1
    stage.report(case, Event.CORRECTED)
    assert stage.state(case) == "collected"
    assert stage.clock(case, "contact").met_at is None
    with pytest.raises(NotAllowed):
        stage.report(case, Event.CORRECTED)


async def test_support_that_implied_contact_can_be_taken_back_step_by_step(stage: Stage) -> None:
    case = await delivered(stage)
    for event in (Event.IN_SUPPORT, Event.STOPPED, Event.CORRECTED):
        stage.report(case, event)
    assert stage.state(case) == "in_support"
    # That support began was what told us of contact: it goes with it.
    stage.report(case, Event.CORRECTED)
    assert stage.state(case) == "collected"
    assert stage.clock(case, "contact").met_at is None


async def test_an_attempt_that_was_taken_back_is_no_attempt(stage: Stage) -> None:
    case = await delivered(stage)
    stage.report(case, Event.ATTEMPTED)
    stage.report(case, Event.CORRECTED)
    for hours in (24, 1):
        stage.now += timedelta(hours=hours)
        stage.report(case, Event.ATTEMPTED)
    assert stage.state(case) == "attempted", "two real tries on one day"
    stage.now += timedelta(hours=20)
    stage.report(case, Event.ATTEMPTED)
    assert stage.state(case) == "unreachable"
    stage.report(case, Event.CORRECTED)
    assert stage.state(case) == "collected"
    stage.report(case, Event.COLLECTED)
    with pytest.raises(NotAllowed):
        stage.report(case, Event.UNREACHABLE)


async def test_a_wrong_number_is_a_word_of_its_own(stage: Stage) -> None:
    case = await delivered(stage)
    report = Report.of(ReportWord.WRONG_NUMBER)
    assert stage.gateway.worker.settle.report(case, report, stage.now, "organisation:de-schoor", "api")
    await stage.work()
    assert stage.state(case) == "unreachable"
    assert "number_wrong" in stage.told(case)


async def test_a_next_step_is_read_by_the_agreement_of_the_case(stage: Stage) -> None:
    case = await delivered(stage)
    with pytest.raises(UnknownStep):
        stage.report(case, Event.IN_SUPPORT, step="06-12345678")
    assert stage.state(case) == "delivered"
    assert stage.report(case, Event.IN_SUPPORT, step="Budget help")
    with stage.store.read() as session:
        (last,) = (
            json.loads(row.data) for row in audit.of_case(session, case) if row.kind == "case.in_support"
        )
    assert last["next_step"] == "budget_help"


async def test_support_that_ends_starts_the_retention(stage: Stage) -> None:
    case = await delivered(stage)
    for event in (Event.CONTACTED, Event.IN_SUPPORT):
        stage.report(case, event)
    stage.report(case, Event.STOPPED, outcome=StopOutcome.COMPLETED)
    assert stage.state(case) == "stopped"
    await stage.work(days=31)
    assert stage.state(case) == "closed"
    assert stage.case(case).thread_key is None
    assert stage.whole()


@pytest.mark.parametrize("event", [Event.ROUTED, Event.DELIVERED, Event.CLOSED, Event.REROUTED])
async def test_what_no_organisation_can_report_is_refused(stage: Stage, event: Event) -> None:
    case = await delivered(stage)
    with pytest.raises(NotAllowed, match="nothing an organisation reports"):
        stage.report(case, event)


async def test_declining_needs_a_reason(stage: Stage) -> None:
    case = await delivered(stage)
    with pytest.raises(NotAllowed, match="needs a reason"):
        stage.report(case, Event.DECLINED)
    assert stage.state(case) == "delivered"


async def test_a_report_on_nothing_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFound):
        stage.report("nothing", Event.CONTACTED)


async def test_who_had_the_case_before_can_only_tell_of_contact(stage: Stage) -> None:
    case = await delivered(stage)
    stage.decline(case, DeclineReason.CAPACITY)
    await stage.work()
    assert not stage.report(case, Event.ATTEMPTED, "organisation:de-schoor")
    assert stage.state(case) == "delivered"
    assert "report.superseded" in stage.happened(case)
    assert stage.report(case, Event.CONTACTED, "organisation:de-schoor")
    assert stage.told(case).count(IN_BEELD) == 1


@pytest.mark.parametrize("event", [Event.CONTACTED, Event.INTAKE_PLANNED, Event.APPOINTMENT_HELD])
async def test_who_reaches_the_patient_has_the_case(stage: Stage, event: Event) -> None:
    case = await delivered(stage)
    stage.decline(case, DeclineReason.CAPACITY)
    await stage.work()
    assert stage.report(case, event, "organisation:de-schoor")
    await stage.work()
    assert stage.case(case).organisation_id == "de-schoor"
    assert stage.told(case).count(IN_BEELD) == 1
    assert noticed(stage, case).count(("buurtteam", "org_reached")) == 1
    # What follows is told by who reached the patient, and the other one need not tell anything any more.
    assert stage.report(case, Event.IN_SUPPORT, "organisation:de-schoor")
    assert not stage.report(case, Event.STOPPED, "organisation:buurtteam")
    assert stage.state(case) == "in_support"
    # All of it was a mistake: whoever was to call before must call.
    while stage.state(case) != "collected":
        assert stage.report(case, Event.CORRECTED, "organisation:de-schoor")
    assert stage.case(case).organisation_id == "buurtteam"
    await stage.work()
    assert noticed(stage, case).count(("buurtteam", "org_unreached")) == 1
    assert stage.told(case).count("corrected") == 1
    assert stage.whole()


async def test_who_had_the_case_before_takes_back_the_contact_that_it_reported(stage: Stage) -> None:
    case = await delivered(stage)
    stage.decline(case, DeclineReason.CAPACITY)
    await stage.work()
    stage.report(case, Event.CONTACTED, "organisation:de-schoor")
    await stage.work()
    assert not stage.report(case, Event.CORRECTED, "organisation:buurtteam")
    assert stage.report(case, Event.CORRECTED, "organisation:de-schoor")
    await stage.work()
    assert stage.state(case) == "collected"
    assert stage.case(case).organisation_id == "buurtteam"
    assert stage.told(case).count("corrected") == 1
    assert noticed(stage, case).count(("buurtteam", "org_unreached")) == 1
    # What the next one reports is nobody else's to take back.
    assert stage.report(case, Event.CONTACTED, "organisation:buurtteam")
    assert not stage.report(case, Event.CORRECTED, "organisation:de-schoor")
    assert stage.state(case) == "contacted"


async def test_a_mistaken_contact_that_kept_the_next_from_the_referral_is_a_persons_to_mend(
    stage: Stage,
) -> None:
    case = await delivered(stage)
    stage.decline(case, DeclineReason.CAPACITY)
    stage.report(case, Event.CONTACTED, "organisation:de-schoor")
    await stage.work()
    stage.report(case, Event.CORRECTED, "organisation:de-schoor")
    assert ("buurtteam", "org_unreached") not in noticed(stage, case)
    assert '"code":"nobody"' in [event.data for event in stage.events(case) if event.kind == "alarm"][-1]


async def test_how_support_ended_is_told_later_once(stage: Stage) -> None:
    case = await delivered(stage)
    agreed = Pathway.from_json(stage.case(case).pathway).model_copy(update={"feedback": Feedback.UITKOMST})
    with stage.store.write() as session:
        cases.change(session, cases.by_id(session, case), {"pathway": agreed.to_json()})
    for event in (Event.CONTACTED, Event.STOPPED):
        stage.report(case, event)
    await stage.work()
    assert noticed(stage, case).count(("de-schoor", "org_outcome")) == 1
    assert not stage.report(case, Event.STOPPED)
    assert stage.report(case, Event.STOPPED, outcome=StopOutcome.REFERRED_ON)
    assert not stage.report(case, Event.STOPPED, outcome=StopOutcome.COMPLETED)
    await stage.work()
    assert stage.told(case)[-2:] == ["stopped", "stopped_outcome"]
    # What is taken back is the outcome: that it stopped was told before, and stands.
    assert stage.report(case, Event.CORRECTED)
    assert stage.state(case) == "stopped"
    assert stage.report(case, Event.STOPPED, outcome=StopOutcome.COMPLETED)
    await stage.work()
    assert stage.told(case)[-2:] == ["corrected_other", "stopped_outcome"]
    assert stage.whole()


async def test_contact_counts_after_nobody_answered(stage: Stage) -> None:
    case = await delivered(stage)
    report = Report.of(ReportWord.WRONG_NUMBER)
    stage.gateway.worker.settle.report(case, report, stage.now, "organisation:de-schoor", "api")
    for _ in range(5):
        await stage.work(days=2)
    assert stage.state(case) == "returned"
    assert noticed(stage, case).count(("de-schoor", "org_closed")) == 1
    assert stage.report(case, Event.SELF_CONTACT)
    await stage.work(days=40)
    assert stage.told(case)[-2:] == ["unreachable_ended", IN_BEELD]
    assert stage.state(case) == "contacted", "it goes on, and is not closed a month after it was given up"
    assert stage.clock(case, "closing").waits
    assert stage.whole()
