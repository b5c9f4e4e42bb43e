"""One case as the figures count it: small, and without anything that tells it from another.

Pure. It promises that a tally made once stays right while nothing happens to its case: what still runs is
added for the moment at which it is looked at. A case counts once in each figure, for one organisation: for
the one which had it when the promise of contact was kept or broken, not for the one which has it now. What
was reported and taken back counts for nothing.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gateway.domain.attribution import PARTIES, holder, stretches
from gateway.domain.codes import REROUTES
from gateway.domain.states import WITH_ORGANISATION, Event, State
from gateway.statistics.facts import (
    HANDED,
    NOTHING,
    CaseFacts,
    Spans,
    judged,
    milliseconds,
    reporters,
    spells,
    spent,
)
from gateway.store.tallytables import COUNTED

MARKS: Final = COUNTED
"""What a case can have come to; a tally keeps a bit for each. `met` is a first appointment, or support.
What is `late` stays late; contact that is `awaited` becomes late by the moment at which it is looked at."""

BIT: Final = {name: 1 << place for place, name in enumerate(MARKS)}
AWAITED: Final = BIT["awaited"]

_FURTHER: Final = frozenset({Event.INTAKE_PLANNED, Event.IN_SUPPORT})
_TAKEN: Final = frozenset({Event.COLLECTED, Event.ATTEMPTED, Event.CORRECTED})
_REPORTED: Final = {
    Event.UNREACHABLE: BIT["unreachable"],
    Event.DECLINED: BIT["declined"],
    Event.INTAKE_PLANNED: BIT["intake"],
    Event.IN_SUPPORT: BIT["support"],
    Event.STOPPED: BIT["stopped"],
}
_RUNNING: Final = WITH_ORGANISATION | {State.RECEIVED}


class SummedPart(NamedTuple):
    """What of a case belongs to one organisation, with all by which it is looked for.

    `marks` are bits of `BIT`, each of them in one part only. `wait` is how long it took until contact, in
    tenths of an hour as it is shown; None where no contact counts here. `spent_*` are the milliseconds that
    each of `PARTIES` had the turn while this organisation had the case, the first one since receipt. From
    `since`, when the case last moved, it is the turn of number `turn` of them; None: of nobody.
    """

    case_id: str
    organisation: str
    practice: str
    wijk: str
    pathway: str
    theme: str
    received_at: datetime
    due_at: datetime | None
    marks: int
    wait: int | None
    spent_gateway: int
    spent_not_collected: int
    spent_organisation: int
    spent_referrer: int
    turn: int | None
    since: int

    @property
    def spent(self) -> Spans:
        """The milliseconds of each of `PARTIES` until `since`."""
        return self[10:14]

    @property
    def settled(self) -> bool:
        """Whether time changes nothing about it any more."""
        return self.turn is None and not self.marks & AWAITED

    def spent_until(self, now: int) -> Spans:
        """The milliseconds of each of `PARTIES` at this moment."""
        if self.turn is None or now <= self.since:
            return self.spent
        return tuple(span + (now - self.since) * (at == self.turn) for at, span in enumerate(self.spent))


def tally(case_id: str, case: CaseFacts) -> list[SummedPart]:
    """The case, counted, in its parts."""
    stood = case.stood()
    reached = case.contact_at(stood)
    met = any(case.moves[place].event in _FURTHER for place in stood)
    course = spells(case)
    marks = Counter({judged(case, course, reached): BIT["received"] | _outcome(case, reached, met)})
    for event, organisation in reporters(case, course, stood).items():
        marks[organisation] |= _REPORTED.get(event, 0)
        if event is Event.STOPPED:
            marks[organisation] |= _ended(case.outcome(stood))
    times = spent(case, course)
    last, party = course[-1].organisation, holder(case.state)
    turn = PARTIES.index(party) if party else None
    wait = tenths(reached - case.received_at) if reached is not None else None
    since = milliseconds(max(case.last_at, case.received_at))
    found = []
    for each in dict.fromkeys((*times, *marks)):
        ours, uncollected, theirs, referrers = times.get(each, NOTHING)
        found.append(
            SummedPart(
                case_id,
                each,
                case.practice,
                case.wijk,
                case.pathway,
                case.theme,
                case.received_at,
                case.due_at,
                marks[each],
                wait if marks[each] & BIT["contacted"] else None,
                ours,
                uncollected,
                theirs,
                referrers,
                turn if each == last else None,
                since,
            )
        )
    return found


def tenths(span: timedelta) -> int:
    """A span in tenths of an hour, rounded as it is shown. A longer one never comes out shorter, so that a
    percentile of these is the rounded percentile."""
    return round(round(span / timedelta(hours=1), 1) * 10)


def _outcome(case: CaseFacts, reached: datetime | None, met: bool) -> int:
    """What the case has come to, as marks."""
    events = {event for _, event in case.moves}
    marks = BIT["routed"] if events & HANDED else 0
    if reached is not None or events & _TAKEN:
        # Whoever reports anything has the referral, whether they acknowledged it or not.
        marks |= BIT["collected"]
    if reached is not None:
        late = case.due_at is not None and reached > case.due_at
        return marks | BIT["contacted"] | BIT["late" if late else "on_time"] | (BIT["met"] if met else 0)
    if case.paused:
        return marks
    if _is_awaited(case.state, case):
        return marks | BIT["awaited"]
    return marks | (BIT["late"] if case.due_at is not None and _left(case) > case.due_at else 0)


def _ended(outcome: str | None) -> int:
    """The mark of how support ended; a code that is not ours any more counts as untold."""
    return BIT.get(f"outcome_{outcome}", BIT["outcome_untold"])


def _left(case: CaseFacts) -> datetime:
    """When contact was awaited for the last time."""
    walk = stretches(case.received_at, case.moves, case.last_at)
    return max((end for state, _, end in walk if _is_awaited(state, case)), default=case.received_at)


def _is_awaited(state: State, case: CaseFacts) -> bool:
    """Whether the patient waits for a call in this state: also while no organisation takes the case."""
    if state is State.DECLINED:
        return not case.reasons or case.reasons[-1] in ("", *REROUTES)
    return state in _RUNNING
