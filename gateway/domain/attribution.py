"""Whose turn it was, and whose it is: the attribution of time, and what a board says of a case that runs.

Pure. It promises that nothing is lost or counted twice (the parts add up to the whole to the microsecond, and
replaying the same events, or events that were only echoes, gives the same answer), that every state which
waits for something names one party, that what is held waits for a beheerder whatever its state, and that time
is told rounded down: nobody is promised more than there is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from gateway.domain.pathway import Pathway
from gateway.domain.states import IN_CONTACT, TRANSITIONS, Event, State
from gateway.domain.workdays import Workdays


class Moment(NamedTuple):
    """An event of a case and when it was recorded (aware UTC)."""

    at: datetime
    event: Event


class Stretch(NamedTuple):
    """A case was in `state` from `begin` until `end`."""

    state: State
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Attribution:
    """How long each party had the turn, until contact; `total` is their exact sum."""

    gateway: timedelta = timedelta(0)
    not_collected: timedelta = timedelta(0)
    organisation: timedelta = timedelta(0)
    referrer: timedelta = timedelta(0)

    @property
    def total(self) -> timedelta:
        return self.gateway + self.not_collected + self.organisation + self.referrer


PARTIES = ("gateway", "not_collected", "organisation", "referrer")
"""Who can have the turn."""

_HOLDER = {
    State.RECEIVED: "gateway",
    State.QUARANTINED: "gateway",
    State.NEEDS_INFO: "referrer",
    State.ROUTED: "gateway",
    State.DELIVERED: "not_collected",
    State.COLLECTED: "organisation",
    State.ATTEMPTED: "organisation",
    # The referrer is asked whether the number is right; the organisation has done what it could.
    State.UNREACHABLE: "referrer",
    State.DECLINED: "gateway",
}
"""Who has the turn in a state. Once there was contact, or the case ended, nobody is waited for."""


def holder(state: State) -> str | None:
    """Who has the turn in this state, as `Attribution` names them."""
    return _HOLDER.get(state)


def stretches(received_at: datetime, events: Iterable[Moment], until: datetime) -> Iterator[Stretch]:
    """The states of a case in order, from its receipt until `until`, without gaps.

    Events must be in the order in which they were recorded; those that the table knows no move for (echoes)
    change nothing. Should the clock of a machine have gone back, a stretch is empty rather than negative.
    """
    state, begin = State.RECEIVED, received_at
    for at, event in events:
        target = TRANSITIONS.get((state, event))
        if target is None:
            continue
        end = max(begin, min(at, until))
        yield Stretch(state, begin, end)
        state, begin = target, end
    yield Stretch(state, begin, max(begin, until))


def paused_time(received_at: datetime, events: Iterable[Moment], until: datetime) -> timedelta:
    """How long the promise stood still until `until`: while the referrer had the turn.

    That is `needs_info`, and `unreachable` too: nobody can call before they say whether the number is right.
    An "unreachable" that was taken back gave nobody the turn.
    """
    stood, asked, pending = timedelta(0), False, timedelta(0)
    for state, begin, end in stretches(received_at, events, until):
        if state is not State.COLLECTED:
            stood += pending
        # Nobody answered until we gave up: the referrer still had the turn until they did.
        asked = state in (State.NEEDS_INFO, State.UNREACHABLE) or (asked and state is State.RETURNED)
        # From `unreachable` only a correction leads to `collected`.
        pending = end - begin if asked else timedelta(0)
    return stood + pending


def attribution(received_at: datetime, events: Iterable[Moment], until: datetime) -> Attribution:
    """How long each had the turn from receipt until contact, the end of the case, or `until`.

    Contact that was taken back is no contact: the time it seemed to be there is the organisation's.
    """
    parts = dict.fromkeys(PARTIES, timedelta(0))
    in_contact = timedelta(0)
    for state, begin, end in stretches(received_at, events, until):
        if state in IN_CONTACT:
            in_contact += end - begin
            continue
        if state is State.COLLECTED:
            parts["organisation"] += in_contact
        in_contact = timedelta(0)
        if holder := _HOLDER.get(state):
            parts[holder] += end - begin
    return Attribution(**parts)


def tried_enough(attempts: Iterable[datetime], pathway: Pathway) -> bool:
    """Whether the patient may be called unreachable: enough tries, on enough different local days."""
    workdays = Workdays(pathway)
    days: list[date] = [workdays.local(moment).date() for moment in attempts]
    rule = pathway.unreachable
    return len(days) >= rule.attempts and len(set(days)) >= rule.days


class Turn(StrEnum):
    """Who must do something now."""

    GATEWAY = "gateway"
    REFERRER = "referrer"
    ORGANISATION = "organisation"
    ADMINISTRATOR = "administrator"


_TURNS = {
    State.RECEIVED: Turn.GATEWAY,
    State.ROUTED: Turn.GATEWAY,
    State.NEEDS_INFO: Turn.REFERRER,
    # The referrer is asked whether the number is right; the organisation has done what it could.
    State.UNREACHABLE: Turn.REFERRER,
    State.DELIVERED: Turn.ORGANISATION,
    State.COLLECTED: Turn.ORGANISATION,
    State.ATTEMPTED: Turn.ORGANISATION,
    State.QUARANTINED: Turn.ADMINISTRATOR,
    State.DECLINED: Turn.ADMINISTRATOR,
    State.RETURNED: Turn.ADMINISTRATOR,
}

AWAITING = (
    State.RECEIVED,
    State.NEEDS_INFO,
    State.ROUTED,
    State.DELIVERED,
    State.COLLECTED,
    State.ATTEMPTED,
    State.UNREACHABLE,
)
"""The states of a case whose promise of contact runs or stands still."""


def whose_turn(state: State, held: bool = False) -> Turn | None:
    """Who is waited for; None once there was contact, or nobody works on it."""
    if held and state in AWAITING:
        return Turn.ADMINISTRATOR
    return _TURNS.get(state)


class Left(NamedTuple):
    """The time until a deadline, or since it when `late`: whole days, hours and minutes."""

    late: bool
    days: int
    hours: int
    minutes: int


def time_left(due_at: datetime, now: datetime) -> Left:
    """How long there is until `due_at` (both aware); at that very moment it is not late yet."""
    late = now > due_at
    minutes = abs(due_at - now) // timedelta(minutes=1)
    return Left(late, minutes // (24 * 60), minutes // 60 % 24, minutes % 60)


def share_used(begin: datetime, due_at: datetime, now: datetime) -> float:
    """How much of the term has gone, from 0 to 1."""
    term = (due_at - begin).total_seconds()
    if term <= 0:
        return 1.0
    return min(1.0, max(0.0, (now - begin).total_seconds() / term))
