"""What is wrong with a case until somebody acts: the table that lets no promise fall silent.

Pure. It promises that whatever waits for a person who was told is a trouble here, so that it is told again;
and that a trouble goes away only by what somebody did.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.domain.pathway import Pathway, Tell
from gateway.domain.states import IN_CONTACT, WITH_ORGANISATION, State
from gateway.domain.workdays import Workdays, later


class Trouble(StrEnum):
    """What is told again; the words of the keys in `[repeat]` of a pathway."""

    OVERDUE = "overdue"
    NOBODY = "nobody"
    WITHDRAWAL = "withdrawal"
    HELD = "held"
    STEP = "step"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """As much of a case as decides.

    `readable`: its referral is kept, so that somebody else can still take it. `unconfirmed`: the organisation
    was asked not to call and has not said that it knows. `parcel_held` and `text_held`: its referral, or a
    message about it, can't leave. `step_due`: the term of a further clock that nothing has met.
    """

    state: State
    now: datetime
    contact_due: datetime | None = None
    readable: bool = True
    unconfirmed: bool = False
    parcel_held: bool = False
    text_held: bool = False
    step_due: datetime | None = None

    @property
    def late(self) -> bool:
        """Whether the promise of contact is broken and not kept since."""
        return self.contact_due is not None and self.contact_due <= self.now


def trouble(facts: Situation) -> Trouble | None:
    """What is wrong and waits for a person, the most serious first; None where nothing is."""
    state, held = facts.state, Trouble.HELD if facts.text_held else None
    if state is State.CLOSED:
        return None
    if state is State.QUARANTINED:
        return Trouble.QUARANTINE
    if state is State.WITHDRAWN:
        return Trouble.WITHDRAWAL if facts.unconfirmed else held
    if state is State.DECLINED:
        return Trouble.NOBODY if facts.readable else held
    if state is State.RECEIVED:
        # The next organisation could not be chosen, or the referral can't be sealed for it.
        return Trouble.NOBODY if facts.parcel_held else held
    if state in WITH_ORGANISATION:
        if facts.parcel_held:
            return Trouble.HELD
        return Trouble.OVERDUE if facts.late else held
    if state in IN_CONTACT and facts.step_due is not None and facts.step_due <= facts.now:
        return Trouble.STEP
    return held


def told(found: Trouble, pathway: Pathway) -> Tell:
    """Who is told of a trouble again."""
    tell: Tell = getattr(pathway.repeat, found)
    return tell


def first_told(found: Trouble, began: datetime, pathway: Pathway) -> datetime:
    """When a trouble that began then, and was told then, is told again for the first time."""
    workdays = Workdays(pathway)
    if found is Trouble.QUARANTINE:
        # It is destroyed in time: it is told before.
        ends = later(began, pathway.retention.quarantine_days, workdays)
        return max(began, workdays.next_moment(later(ends, -QUARANTINE_NOTICE, workdays)))
    return workdays.after(began, pathway.repeat.days)


def told_next(now: datetime, pathway: Pathway) -> datetime:
    """When it is told again after now."""
    return Workdays(pathway).after(now, pathway.repeat.days)


def rounds(began: datetime, now: datetime, pathway: Pathway) -> int:
    """How often a referrer has been told of a trouble that began then, this time counted in."""
    return Workdays(pathway).days_between(began, now) // pathway.repeat.referrer_days


QUARANTINE_NOTICE: Final = 4
"""So many days before a mail in quarantine is destroyed it is told: a weekend and a working day before."""
