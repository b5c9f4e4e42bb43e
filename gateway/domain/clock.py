"""The promise as data: which clocks a case has, and when each goes off.

It promises that a breach is recorded at its exact moment while people are told only when they work, that a
calendar term ends at the same local time of day (DST or not), and that every answer follows from the
arguments alone: same receipt, policy, closed days and pause, same plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from gateway.domain.pathway import Count, Pathway, Recipient, Term
from gateway.domain.states import CONTACT, Event
from gateway.domain.workdays import Workdays, later


class Kind(StrEnum):
    """The gateway's own clocks; a pathway can add others, whose kind is a plain word."""

    COLLECT = "collect"
    WARN = "warn"
    URGE = "urge"
    CONTACT = "contact"
    BACKUP = "backup"
    RETIRE = "retire"
    REMIND = "remind"
    GIVE_UP = "give_up"
    REROUTE = "reroute"
    """Due at once, where a role without keys left it to the worker to find the next organisation."""
    FORGET = "forget"
    """From then on a late answer completes nothing: what was kept for it is destroyed."""


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
    Event.RELEASED,
    Event.ROUTED,
    Event.REROUTED,
    Event.DELIVERED,
    Event.CORRECTED,
}
_DONE = frozenset({Event.WITHDRAWN, Event.RETURNED, Event.CLOSED, Event.REFUSED})
_MET: dict[str, frozenset[Event]] = {
    Kind.COLLECT: _TAKEN,
    Kind.CONTACT: CONTACT,
    Kind.WARN: CONTACT,
    Kind.URGE: CONTACT,
    Kind.BACKUP: CONTACT,
    Kind.RETIRE: frozenset({Event.CLOSED}),
    Kind.REMIND: _DONE | {Event.INFO_GIVEN},
    Kind.GIVE_UP: _DONE | {Event.INFO_GIVEN},
    Kind.REROUTE: _DONE | {Event.REROUTED},
    Kind.FORGET: frozenset({Event.CLOSED, Event.INFO_GIVEN}),
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
    closed: Iterable[date] = (),
    *,
    paused: timedelta = timedelta(0),
    urgent: bool = False,
) -> tuple[PlannedClock, ...]:
    """Every clock of a case received at `received_at` (aware UTC), earliest first.

    `closed` are the organisation's own closed days. `paused` is how long the referrer had the turn: the
    terms run as though the mail had come that much later, so a longer pause never gives an earlier deadline.
    A warning that falls in closed time comes at the next opening; if that is not before the deadline, it
    comes on the last open day before the deadline (but never before receipt); if there is none, nobody
    could be warned and there is no such row.
    """
    workdays = Workdays(pathway, frozenset(closed))
    start = received_at + paused
    contact_at = contact_due(received_at, pathway, closed, paused=paused, urgent=urgent)
    rows = [
        _row(
            Kind.COLLECT,
            min(_end(start, pathway.collect, workdays), contact_at),
            pathway.collect.tell,
            workdays,
        ),
        _row(Kind.CONTACT, contact_at, pathway.contact.tell, workdays),
        PlannedClock(Kind.RETIRE, later(received_at, pathway.retention.ceiling_days, workdays)),
    ]
    warn_at = _reminder(start, contact_at, pathway.warn.at, 0.0, workdays)
    urge_at = _reminder(start, contact_at, pathway.urge.at, 0.5, workdays)
    if warn_at and urge_at:
        rows.append(_row(Kind.WARN, warn_at, pathway.warn.tell, workdays))
        # On a last open day the middle of the day may come before an ordinary warning.
        rows.append(_row(Kind.URGE, max(warn_at, urge_at), pathway.urge.tell, workdays))
    if pathway.backup.enabled:
        rows.append(
            _row(Kind.BACKUP, _end(contact_at, pathway.backup, workdays), pathway.backup.tell, workdays)
        )
    for extra in pathway.clock:
        rows.append(_row(extra.kind, _end(start, extra, workdays), extra.tell, workdays))
    return tuple(sorted(rows, key=lambda row: row.due_at))


def contact_due(
    received_at: datetime,
    pathway: Pathway,
    closed: Iterable[date] = (),
    *,
    paused: timedelta = timedelta(0),
    urgent: bool = False,
) -> datetime:
    """The moment until which contact is on time (aware UTC; contact at that very moment still is)."""
    urgent_term = pathway.contact.urgent if urgent else None
    workdays = Workdays(pathway, frozenset(closed))
    due = _end(received_at + paused, pathway.contact, workdays)
    # An urgent term in working days may end after the ordinary one in calendar days: the shorter one counts.
    return min(due, _end(received_at + paused, urgent_term, workdays)) if urgent_term else due


def question_plan(
    asked_at: datetime, pathway: Pathway, closed: Iterable[date] = ()
) -> tuple[PlannedClock, ...]:
    """The clocks of a question to the referrer: `remind` once, then `give_up` (both in working days)."""
    workdays = Workdays(pathway, frozenset(closed))
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


def next_working_moment(moment: datetime, pathway: Pathway, closed: Iterable[date] = ()) -> datetime:
    """The moment itself if people may be disturbed then, else the next opening (aware UTC)."""
    return Workdays(pathway, frozenset(closed)).next_moment(moment)


def _end(start: datetime, term: Term, workdays: Workdays) -> datetime:
    if term.count is Count.WORKING:
        return workdays.after(start, term.days)
    return later(start, term.days, workdays)


def _row(kind: str, due_at: datetime, tell: tuple[Recipient, ...], workdays: Workdays) -> PlannedClock:
    return PlannedClock(kind, due_at, workdays.next_moment(due_at) if tell else None, tell)


def _reminder(
    start: datetime, deadline: datetime, at: float, share: float, workdays: Workdays
) -> datetime | None:
    """When to remind: at that fraction of the term, or on the last open day, that share of the day gone."""
    moment = workdays.next_moment(start + (deadline - start) * at)
    if moment < deadline:
        return moment
    day = workdays.last_open_day(deadline)
    opens, closes = workdays.opening(day), workdays.closing(day)
    moment = max(start, opens + (closes - opens) * share)
    return moment if moment < min(closes, deadline) else None
