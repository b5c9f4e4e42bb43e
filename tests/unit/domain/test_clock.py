"""The plan of a case: every clock, over weekends, holidays, changes of the clock and pauses."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.clock import (
    PlannedClock,
    contact_due,
    met_by,
    next_working_moment,
    plan,
    question_plan,
    retire_due,
)
from gateway.domain.codes import Kind
from gateway.domain.pathway import Count, Pathway, Recipient
from gateway.domain.states import Event
from gateway.domain.workdays import Workdays

from .moments import ALMERE, at, local, moments, pathway

WORKING = pathway(contact={"days": 3, "count": "working"})
CLOSED = {"days": [date(2026, 11, 23), date(2027, 3, 25)]}
pathways = st.sampled_from(
    [
        pathway(closed=CLOSED, **more)
        for more in (
            {},
            {"contact": {"days": 3, "count": "working"}},
            {"contact": {"days": 1}},
            {"warn": {"at": 0.1}},
        )
    ]
)
pauses = st.timedeltas(timedelta(0), timedelta(days=12))


def rows(received: str, agreed: Pathway = ALMERE, **more: object) -> dict[str, PlannedClock]:
    return {row.kind: row for row in plan(at(received), agreed, **more)}  # type: ignore[arg-type]


def test_an_ordinary_tuesday() -> None:
    planned = rows("2026-11-17 11:00")
    assert {kind: local(row.due_at) for kind, row in planned.items()} == {
        "collect": "Wed 2026-11-18 11:00",
        "warn": "Thu 2026-11-19 11:14",
        "urge": "Thu 2026-11-19 15:00",
        "contact": "Fri 2026-11-20 11:00",
        "backup": "Mon 2026-11-23 11:00",
        "closing": "Wed 2027-11-10 11:00",
        "retire": "Wed 2027-11-17 11:00",
    }
    assert planned["retire"].notify_at is None


def test_thursday_before_easter() -> None:
    """Closed from Good Friday to Easter Monday: the one warning comes in the half hour that is left."""
    planned = rows("2027-03-25 16:30")
    assert local(planned["contact"].due_at) == "Sun 2027-03-28 16:30"
    assert local(planned["contact"].notify_at) == "Tue 2027-03-30 09:00"
    assert "warn" not in planned
    assert local(planned["urge"].due_at) == "Thu 2027-03-25 16:45"
    assert set(planned["urge"].tell) == {Recipient.TEAM, Recipient.LEAD, Recipient.ADMINISTRATOR}
    assert local(planned["backup"].due_at) == "Wed 2027-03-31 09:00"


def test_the_warning_comes_on_the_last_open_day_before() -> None:
    planned = rows("2026-11-19 08:00")
    assert local(planned["contact"].due_at) == "Sun 2026-11-22 08:00"
    assert local(planned["warn"].due_at) == "Fri 2026-11-20 11:00"
    assert local(planned["urge"].due_at) == "Fri 2026-11-20 13:00"


def test_the_warning_respects_the_organisation_s_closed_days() -> None:
    planned = rows("2026-11-18 10:00", pathway(closed={"days": [date(2026, 11, 20)]}))
    assert local(planned["contact"].due_at) == "Sat 2026-11-21 10:00"
    assert local(planned["urge"].due_at) == "Thu 2026-11-19 13:00"


@pytest.mark.parametrize(
    ("received", "reminded"),
    [("2027-03-25 18:00", "Fri 2027-03-26 09:00"), ("2027-03-26 11:20", "Fri 2027-03-26 12:20")],
)
def test_where_nobody_works_before_the_promise_the_one_reminder_comes_by_day(
    received: str, reminded: str
) -> None:
    planned = rows(received)
    assert "warn" not in planned
    assert local(planned["urge"].notify_at) == reminded


@pytest.mark.parametrize("received", ["2026-11-16 09:10", "2026-11-17 16:59", "2026-11-18 08:00"])
@pytest.mark.parametrize("agreed", [ALMERE, WORKING])
def test_the_last_reminder_leaves_half_a_working_day(received: str, agreed: Pathway) -> None:
    planned, workdays = rows(received, agreed), Workdays(agreed)
    due = planned["contact"].due_at
    assert workdays.work_between(planned["urge"].due_at, due) >= timedelta(hours=4)


def test_working_days() -> None:
    assert local(contact_due(at("2026-12-23 10:00"), WORKING)) == "Tue 2026-12-29 10:00"
    assert local(contact_due(at("2026-11-20 20:00"), WORKING)) == "Thu 2026-11-26 09:00"


@given(moments, pathways, pauses, st.booleans())
def test_every_plan_holds_its_promises(
    received: datetime, agreed: Pathway, paused: timedelta, urgent: bool
) -> None:
    workdays = Workdays(agreed)
    found = plan(received, agreed, paused=paused, urgent=urgent)
    planned = {row.kind: row for row in found}
    due = planned["contact"].due_at
    assert len(planned) == len(found)
    assert [row.due_at for row in found] == sorted(row.due_at for row in found)
    assert due == contact_due(received, agreed, paused=paused, urgent=urgent)
    assert received + paused < due
    for row in found:
        assert row.due_at >= received
        if row.notify_at is None:
            assert not row.tell
        elif row.kind != "urge":
            assert row.notify_at == workdays.next_moment(row.due_at)
    _reminders_hold(planned, received + paused, due, workdays)
    assert planned["collect"].due_at <= due < planned["backup"].due_at


def _reminders_hold(
    planned: dict[str, PlannedClock], start: datetime, due: datetime, workdays: Workdays
) -> None:
    """In working time as far as there is any, half a working day before the promise, well apart."""
    half, room = workdays.length / 2, workdays.work_between(start, due)
    urge, warn = planned["urge"], planned.get("warn")
    assert start <= urge.due_at < due
    if room < timedelta(minutes=4):
        assert warn is None
        return
    assert urge.due_at == urge.notify_at == workdays.next_moment(urge.due_at)
    if room > half:
        assert workdays.work_between(urge.due_at, due) >= half
    if warn is not None:
        assert start < warn.due_at == workdays.next_moment(warn.due_at)
        assert workdays.work_between(warn.due_at, urge.due_at) >= half / 2
    told = [(row.notify_at, set(row.tell)) for row in planned.values() if row.notify_at]
    for one, (moment, tell) in enumerate(told):
        for later, others in told[one + 1 :]:
            near = abs(moment - later) < timedelta(minutes=1)
            assert not near or not tell & others & {Recipient.TEAM, Recipient.LEAD}
    collect = planned["collect"]
    for clock in (urge, warn):
        # Who was urged to call is not asked afterwards whether they have seen it.
        if clock and collect.notify_at and clock.notify_at and clock.notify_at <= collect.notify_at:
            assert not {*collect.tell} & {*clock.tell}


@given(
    moments, st.timedeltas(timedelta(0), timedelta(days=9)), st.timedeltas(timedelta(0), timedelta(days=3))
)
def test_working_time_is_counted_alike_forward_and_back(
    begin: datetime, more: timedelta, work: timedelta
) -> None:
    workdays, end = Workdays(ALMERE), begin + more
    later, before = workdays.forward(begin, work), workdays.back(end, work + timedelta(seconds=1))
    assert workdays.work_between(begin, later) == work
    assert later == workdays.next_moment(later)
    assert workdays.work_between(before, end) == work + timedelta(seconds=1)
    assert workdays.days_between(begin, end) == sum(workdays.after(begin, n) <= end for n in range(1, 12))


@given(moments, pathways, pauses, pauses)
def test_a_longer_pause_is_never_an_earlier_deadline(
    received: datetime, agreed: Pathway, pause: timedelta, more: timedelta
) -> None:
    shorter = contact_due(received, agreed, paused=pause)
    longer = contact_due(received, agreed, paused=pause + more)
    # Times that the clocks skip or repeat are at most an hour off.
    assert longer >= shorter - timedelta(hours=1)


@given(moments, st.integers(1, 4))
def test_everybody_is_warned_before_the_promise(received: datetime, days: int) -> None:
    planned = {row.kind: row for row in plan(received, pathway(contact={"days": days}))}
    warned = {who for kind in ("warn", "urge") if kind in planned for who in planned[kind].tell}
    assert warned == {Recipient.TEAM, Recipient.LEAD, Recipient.ADMINISTRATOR}
    assert planned["urge"].notify_at is not None
    assert planned["urge"].notify_at < planned["contact"].due_at


def test_urgent_has_its_own_term_only_where_agreed() -> None:
    agreed = pathway(contact={"days": 5, "count": "working", "urgent": {"days": 1, "count": "working"}})
    received = at("2026-11-17 11:00")
    assert local(contact_due(received, agreed, urgent=True)) == "Wed 2026-11-18 11:00"
    assert local(contact_due(received, agreed)) == "Tue 2026-11-24 11:00"
    assert contact_due(received, ALMERE, urgent=True) == contact_due(received, ALMERE)


@given(moments)
def test_urgent_is_never_later(received: datetime) -> None:
    agreed = pathway(contact={"days": 3, "urgent": {"days": 2, "count": Count.WORKING}})
    assert contact_due(received, agreed, urgent=True) <= contact_due(received, agreed)


def test_a_further_clock_runs_from_receipt() -> None:
    agreed = pathway(clock=[{"kind": "conversation", "days": 14, "met_by": ["in_support"]}])
    planned = rows("2026-11-17 11:00", agreed)
    assert local(planned["conversation"].due_at) == "Tue 2026-12-01 11:00"
    assert met_by("conversation", agreed) == {Event.IN_SUPPORT}


def test_without_a_backup_there_is_no_such_clock() -> None:
    assert "backup" not in rows("2026-11-17 11:00", pathway(backup={"enabled": False}))


@pytest.mark.parametrize("kind", ["contact", "warn", "urge", "backup"])
def test_only_contact_meets_the_promise(kind: str) -> None:
    assert met_by(kind, ALMERE) == {Event.CONTACTED, Event.SELF_CONTACT}


def test_every_kind_says_what_meets_it() -> None:
    assert all(met_by(kind, ALMERE) for kind in Kind)
    assert Event.DELIVERED not in met_by(Kind.COLLECT, ALMERE)
    assert Event.ATTEMPTED in met_by(Kind.COLLECT, ALMERE)


def test_a_question_is_reminded_of_and_then_given_up() -> None:
    remind, give_up = question_plan(at("2026-12-23 16:00"), ALMERE)
    assert (remind.kind, local(remind.due_at)) == ("remind", "Mon 2026-12-28 16:00")
    assert (give_up.kind, local(give_up.due_at)) == ("give_up", "Thu 2026-12-31 16:00")
    assert remind.tell == (Recipient.REFERRER,)


def test_retirement_counts_from_the_end() -> None:
    assert local(retire_due(at("2027-03-01 12:00"), ALMERE)) == "Wed 2027-03-31 12:00"


def test_next_working_moment_knows_closed_days() -> None:
    assert (
        local(next_working_moment(at("2026-11-21 12:00"), pathway(closed=CLOSED))) == "Tue 2026-11-24 09:00"
    )


@pytest.mark.parametrize(
    ("received", "agreed", "waits"),
    [
        ("2026-11-17 11:00", ALMERE, "Wed 2026-11-18 11:00"),
        # Over a weekend there is half a working day left to call.
        ("2026-11-20 10:00", ALMERE, "Fri 2026-11-20 14:00"),
        # Where that is not left, nobody waits.
        ("2026-11-20 16:00", pathway(contact={"days": 1}), None),
        ("2026-11-17 11:00", pathway(calls_first={"days": 30}), "Thu 2026-11-19 15:00"),
        ("2026-11-17 11:00", pathway(calls_first={"enabled": False}), None),
    ],
)
def test_a_call_of_the_patient_is_waited_for_and_the_promise_stays(
    received: str, agreed: Pathway, waits: str | None
) -> None:
    planned = rows(received, agreed, calls_first=True)
    found = planned.pop("calls_first", None)
    assert (local(found.due_at) if found else None) == waits
    usual = rows(received, agreed)
    if found and "warn" in usual and usual["warn"].due_at < found.due_at:
        del usual["warn"]
    assert planned == usual, "what was promised stays as it is"


def test_nobody_is_reminded_while_they_were_told_to_wait_for_a_call() -> None:
    agreed = pathway(contact={"days": 3, "count": "working"}, calls_first={"days": 2})
    assert "warn" in rows("2026-11-19 16:50", agreed)
    planned = rows("2026-11-19 16:50", agreed, calls_first=True)
    assert "warn" not in planned
    assert planned["calls_first"].due_at < planned["urge"].due_at < planned["contact"].due_at
