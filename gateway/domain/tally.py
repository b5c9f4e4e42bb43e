"""One case as the figures count it: small, and without anything that tells it from another.

Pure. It promises that a tally made once stays right while nothing happens to its case: what still runs is
added for the moment at which it is looked at. What was reported and taken back counts for nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from gateway.domain.states import CONTACT, TRANSITIONS, WITH_ORGANISATION, Event, State
from gateway.domain.turns import Moment, attribution, holder

PARTIES: Final = ("gateway", "not_collected", "organisation", "referrer")
"""Who can have the turn."""

MARKS: Final = (
    "routed",
    "collected",
    "contacted",
    "contacted_late",
    "met",
    "awaited",
    "unreachable",
    "declined",
    "intake",
    "support",
    "stopped",
)
"""What a case can have come to; a tally keeps a bit for each. `met` is a first appointment, or support."""

BIT: Final = {name: 1 << place for place, name in enumerate(MARKS)}

_FURTHER = frozenset({Event.INTAKE_PLANNED, Event.IN_SUPPORT})
_TAKEN: Final = BIT["collected"]
_BY_EVENT: Final = {
    Event.ROUTED: BIT["routed"],
    Event.REROUTED: BIT["routed"],
    Event.COLLECTED: _TAKEN,
    Event.ATTEMPTED: _TAKEN,
    Event.UNREACHABLE: BIT["unreachable"],
    Event.DECLINED: BIT["declined"],
    Event.INTAKE_PLANNED: BIT["intake"],
    Event.IN_SUPPORT: BIT["support"],
    Event.STOPPED: BIT["stopped"],
}
_WITH = frozenset(map(str, WITH_ORGANISATION))


class Facts(Protocol):
    """What must be known of a case."""

    @property
    def state(self) -> State: ...
    @property
    def practice(self) -> str: ...
    @property
    def organisation(self) -> str: ...
    @property
    def wijk(self) -> str: ...
    @property
    def pathway(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def moves(self) -> tuple[Moment, ...]: ...


class Tally(NamedTuple):
    """One case. `marks` are bits of `BIT`; `wait` are the seconds until contact, None without.

    `spent` are the seconds that each of `PARTIES` had the turn until `since`; from then on it is the turn of
    number `turn` of them, of nobody when that is None.
    """

    practice: str
    organisation: str
    wijk: str
    pathway: str
    received_at: datetime
    due_at: datetime | None
    marks: int
    wait: float | None
    spent: tuple[float, float, float, float]
    turn: int | None
    since: datetime

    def spent_until(self, now: datetime) -> tuple[float, ...]:
        """The seconds that each of `PARTIES` has had the turn."""
        if self.turn is None or now <= self.since:
            return self.spent
        running = (now - self.since).total_seconds()
        return tuple(seconds + running * (at == self.turn) for at, seconds in enumerate(self.spent))

    def is_late(self, now: datetime) -> bool:
        """Whether contact came after the deadline, or is still awaited after it."""
        if self.marks & BIT["awaited"]:
            return self.due_at is not None and self.due_at < now
        return bool(self.marks & BIT["contacted_late"])


def tally(case: Facts) -> Tally:
    """The case, counted."""
    reached, met = progress(case.moves)
    marks = 0
    for _, event in case.moves:
        marks |= _BY_EVENT.get(event, 0)
    if reached is not None:
        # Whoever spoke with the patient has the referral, whether they acknowledged it or not.
        late = case.due_at is not None and reached > case.due_at
        marks |= BIT["contacted"] | _TAKEN
        marks |= (BIT["contacted_late"] if late else 0) | (BIT["met"] if met else 0)
    elif case.state in _WITH:
        marks |= BIT["awaited"]
    since = max((at for at, _ in case.moves), default=case.received_at)
    spent = attribution(case.received_at, case.moves, since)
    party = holder(case.state)
    return Tally(
        case.practice,
        case.organisation,
        case.wijk,
        case.pathway,
        case.received_at,
        case.due_at,
        marks,
        (reached - case.received_at).total_seconds() if reached is not None else None,
        (
            spent.gateway.total_seconds(),
            spent.not_collected.total_seconds(),
            spent.organisation.total_seconds(),
            spent.referrer.total_seconds(),
        ),
        PARTIES.index(party) if party else None,
        max(since, case.received_at),
    )


def progress(moves: Iterable[Moment]) -> tuple[datetime | None, bool]:
    """When there was contact that was not taken back, and whether something came of it."""
    contacts: list[datetime] = []
    steps = 0
    state = State.RECEIVED
    for at, event in moves:
        if event in CONTACT:
            contacts.append(at)
        elif event in _FURTHER:
            steps += 1
        elif event is Event.CORRECTED:
            if state is State.CONTACTED and contacts:
                contacts.pop()
                steps = 0
            elif state in (State.INTAKE_PLANNED, State.IN_SUPPORT) and steps:
                steps -= 1
        state = TRANSITIONS.get((state, event), state)
    return (contacts[0], steps > 0) if contacts else (None, False)
