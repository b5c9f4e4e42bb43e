"""The promise as data: which clocks a case has, and when each goes off.

It promises that a breach is recorded at its exact moment while people are told only when they work, that a
calendar term ends at the same local time of day (DST or not), and that every answer follows from the
arguments alone: same receipt, policy, closed days and pause, same plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.codes import Kind
from gateway.domain.pathway import Count, Pathway, Recipient, Term
from gateway.domain.states import CONTACT, Event
from gateway.domain.workdays import Workdays, later


@dataclass(frozen=True, slots=True)
class PlannedClock:
    """One clock: it goes off at `due_at`; those in `tell` hear of it from `notify_at` on.

    Both are aware UTC. `notify_at` is never before `due_at`, and None when nobody is told.
    """

    kind: str
    due_at: datetime
    notify_at: datetime | None = None
    tell: tuple[Recipient, ...] = ()


_TAKEN = frozenset(Event) - {
    Event.RECEIVED,
    Event.NEEDS_INFO,
    Event.QUARANTINED,
    Event.INFO_GIVEN,
    Event.JOINED,
    Event.RELEASED,
    Event.ROUTED,
    Event.REROUTED,
    Event.DELIVERED,
    Event.CORRECTED,
}
_DONE = frozenset({Event.WITHDRAWN, Event.RETURNED, Event.CLOSED, Event.REFUSED, Event.JOINED})
_MET: dict[str, frozenset[Event]] = {
    Kind.COLLECT: _TAKEN,
    Kind.CONTACT: CONTACT,
    Kind.WARN: CONTACT,
    Kind.URGE: CONTACT,
    Kind.BACKUP: CONTACT,
    Kind.CALLS_FIRST: CONTACT,
    Kind.RETIRE: frozenset({Event.CLOSED}),
    Kind.REMIND: _DONE | {Event.INFO_GIVEN},
    Kind.GIVE_UP: _DONE | {Event.INFO_GIVEN},
    Kind.REROUTE: _DONE | {Event.REROUTED},
    Kind.REPEAT: CONTACT | {Event.WITHDRAWAL_CONFIRMED, Event.REROUTED, Event.INFO_GIVEN},
    Kind.CLOSING: _DONE | {Event.STOPPED},
    Kind.FORGET: frozenset({Event.CLOSED, Event.INFO_GIVEN, Event.JOINED}),
}


def met_by(kind: str, pathway: Pathway) -> frozenset[Event]:
    """The events that meet a clock of this kind, so that it no longer goes off.

    `contact` and what belongs to it are met by contact alone; that they no longer matter when a case has
    ended otherwise is for `states.ENDED` to say.
    """
    for extra in pathway.clock:
        if extra.kind == kind:
            return frozenset(extra.met_by)
    return _MET[kind]


def plan(
    received_at: datetime,
    pathway: Pathway,
    *,
    paused: timedelta = timedelta(0),
    urgent: bool = False,
    calls_first: bool = False,
) -> tuple[PlannedClock, ...]:
    """Every clock of a case received at `received_at` (aware UTC), earliest first.

    `calls_first` says that the patient calls themselves. `paused` is how long the referrer had the turn: the
    terms run as though the mail had come that much later, so a longer pause never gives an earlier deadline.
    """
    workdays = Workdays(pathway)
    start = received_at + paused
    contact_at = contact_due(received_at, pathway, paused=paused, urgent=urgent)
    collect_at = min(_end(start, pathway.collect, workdays), contact_at)
    ends_at = later(received_at, pathway.retention.ceiling_days, workdays)
    rows = [
        _row(Kind.COLLECT, collect_at, pathway.collect.tell, workdays),
        *_reminders(start, contact_at, pathway, workdays),
        _row(Kind.CONTACT, contact_at, pathway.contact.tell, workdays),
        closing(ends_at, pathway, workdays),
        PlannedClock(Kind.RETIRE, ends_at),
    ]
    if pathway.backup.enabled:
        rows.append(
            _row(Kind.BACKUP, _end(contact_at, pathway.backup, workdays), pathway.backup.tell, workdays)
        )
    if calls_first and pathway.calls_first.enabled:
        # Waiting for a call moves no promise: half a working day of the term is left to call the patient.
        last = workdays.back(contact_at, workdays.length / 2)
        waits = min(_end(start, pathway.calls_first, workdays), last)
        if waits > start:
            # Until then the team was told to wait.
            rows = [row for row in rows if row.kind != Kind.WARN or row.due_at >= waits]
            rows.append(_row(Kind.CALLS_FIRST, waits, pathway.calls_first.tell, workdays))
    for extra in pathway.clock:
        if extra.since is None:
            rows.append(_row(extra.kind, _end(start, extra, workdays), extra.tell, workdays))
    return tuple(sorted(_apart(rows), key=lambda row: row.due_at))


def closing(ends_at: datetime, pathway: Pathway, workdays: Workdays | None = None) -> PlannedClock:
    """When it is told that a case will be closed at `ends_at`."""
    workdays = workdays or Workdays(pathway)
    tell = (Recipient.TEAM, Recipient.REFERRER, Recipient.ADMINISTRATOR)
    return _row(Kind.CLOSING, later(ends_at, -pathway.retention.notice_days, workdays), tell, workdays)


def since(event: Event, at: datetime, pathway: Pathway) -> tuple[PlannedClock, ...]:
    """The further clocks that begin to run with this event."""
    workdays = Workdays(pathway)
    return tuple(
        _row(extra.kind, _end(at, extra, workdays), extra.tell, workdays)
        for extra in pathway.clock
        if extra.since is event or {extra.since, event} <= CONTACT
    )


def contact_due(
    received_at: datetime, pathway: Pathway, *, paused: timedelta = timedelta(0), urgent: bool = False
) -> datetime:
    """The moment until which contact is on time (aware UTC; contact at that very moment still is)."""
    urgent_term = pathway.contact.urgent if urgent else None
    workdays = Workdays(pathway)
    due = _end(received_at + paused, pathway.contact, workdays)
    # An urgent term in working days may end after the ordinary one in calendar days: the shorter one counts.
    return min(due, _end(received_at + paused, urgent_term, workdays)) if urgent_term else due


def question_plan(asked_at: datetime, pathway: Pathway) -> tuple[PlannedClock, ...]:
    """The clocks of a question to the referrer: `remind` once, then `give_up` (both in working days)."""
    workdays = Workdays(pathway)
    remind = workdays.after(asked_at, pathway.question.remind)
    give_up = workdays.after(asked_at, pathway.question.give_up)
    return (
        _row(Kind.REMIND, remind, (Recipient.REFERRER,), workdays),
        _row(Kind.GIVE_UP, give_up, (Recipient.REFERRER, Recipient.ADMINISTRATOR), workdays),
    )


def forget_due(given_up_at: datetime, pathway: Pathway) -> datetime:
    """Until when a referral that nobody answered about is kept for a late answer."""
    return later(given_up_at, pathway.question.late, Workdays(pathway))


def retire_due(ended_at: datetime, pathway: Pathway) -> datetime:
    """When the key of a case that ended at `ended_at` is to be destroyed."""
    return later(ended_at, pathway.retention.closed_days, Workdays(pathway))


def next_working_moment(moment: datetime, pathway: Pathway) -> datetime:
    """The moment itself if people may be disturbed then, else the next opening (aware UTC)."""
    return Workdays(pathway).next_moment(moment)


def _end(start: datetime, term: Term, workdays: Workdays) -> datetime:
    if term.count is Count.WORKING:
        return workdays.after(start, term.days)
    return later(start, term.days, workdays)


def _row(kind: str, due_at: datetime, tell: tuple[Recipient, ...], workdays: Workdays) -> PlannedClock:
    return PlannedClock(kind, due_at, workdays.next_moment(due_at) if tell else None, tell)


def _reminders(
    start: datetime, deadline: datetime, pathway: Pathway, workdays: Workdays
) -> tuple[PlannedClock, ...]:
    """The reminders before a deadline, in working time: the last one half a working day before it or sooner,
    a quarter of one between the two.

    Where that is too little room, there is one for all who would have heard of either: in the middle of the
    working time that is left. Where nobody works before the deadline at all, it comes by day.
    """
    half, apart = workdays.length / 2, workdays.length / 4
    room = workdays.work_between(start, deadline)
    both = tuple(dict.fromkeys((*pathway.warn.tell, *pathway.urge.tell)))
    if room < _LITTLE:
        # Not in the very minute in which they get it.
        moment = workdays.by_day(start + _NEAR)
        moment = moment if moment < deadline else start
        return (PlannedClock(Kind.URGE, moment, moment if both else None, both),)
    if room <= half:
        return (_row(Kind.URGE, workdays.forward(start, room / 2), both, workdays),)
    last = workdays.back(deadline, half)
    warn = workdays.next_moment(start + (deadline - start) * pathway.warn.at)
    urge = min(workdays.next_moment(start + (deadline - start) * pathway.urge.at), last)
    if urge < workdays.forward(warn, apart):
        urge = min(last, workdays.forward(warn, apart))
        warn = min(warn, workdays.back(urge, apart))
    if workdays.work_between(start, warn) < apart:
        # So soon after the handover it says nothing new.
        return (_row(Kind.URGE, urge, both, workdays),)
    return (
        _row(Kind.WARN, warn, pathway.warn.tell, workdays),
        _row(Kind.URGE, urge, pathway.urge.tell, workdays),
    )


_LITTLE = timedelta(minutes=4)
"""Working time in which nobody can act on a reminder."""

_LADDER = (Kind.COLLECT, Kind.CALLS_FIRST, Kind.WARN, Kind.URGE, Kind.CONTACT, Kind.BACKUP)
"""The steps about the promise of contact, the later ones the more serious."""
_RANKS: dict[str, int] = {kind: number for number, kind in enumerate(_LADDER)}

_NEAR = timedelta(hours=1)


def rank(kind: str) -> int:
    """How serious a clock about the promise of contact is; a clock about anything else is none of them."""
    return _RANKS.get(kind, -1)


def ahead(rows: Iterable[PlannedClock], now: datetime) -> tuple[PlannedClock, ...]:
    """The same plan, begun anew, without the reminders whose moment has passed: nobody is reminded of what
    they get at that moment."""
    reminders = range(rank(Kind.CONTACT))
    return tuple(row for row in rows if row.due_at > now or rank(row.kind) not in reminders)


def _apart(rows: list[PlannedClock]) -> list[PlannedClock]:
    """The same clocks; nobody is asked whether they have it who is reminded to call by then."""
    asked = next((row for row in rows if row.kind == Kind.COLLECT and row.notify_at), None)
    if asked is None or asked.notify_at is None:
        return rows
    near = {
        who
        for other in rows
        if other.kind in (Kind.WARN, Kind.URGE, Kind.CONTACT)
        and other.notify_at
        and other.notify_at < asked.notify_at + _NEAR
        for who in other.tell
    }
    tell = tuple(who for who in asked.tell if who not in near)
    left = PlannedClock(asked.kind, asked.due_at, asked.notify_at if tell else None, tell)
    return [left if row is asked else row for row in rows]
