"""Who is waited for in a case that runs, and how long there is still: what a board says of each.

Pure. It promises that every state which waits for something names one party, that what is held waits for a
beheerder whatever its state, and that time is told rounded down: nobody is promised more than there is.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from gateway.domain.states import State


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
