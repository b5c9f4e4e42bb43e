"""Figures over many cases: the funnel, how many were on time, how long contact took, whose time it was.

Pure. It promises that numbers under the agreed limit are told as "<5" and can't be worked out from the others
of their row, so that nobody is recognised in a figure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from gateway.domain.states import CONTACT, TRANSITIONS, Event, State
from gateway.domain.turns import Moment, attribution

COUNTS: Final = (
    "received",
    "routed",
    "collected",
    "on_time",
    "late",
    "waiting",
    "unreachable",
    "declined",
    "intake",
    "support",
    "stopped",
)
"""What is counted of each case, each at most once."""

PARTIES: Final = ("gateway", "not_collected", "organisation", "referrer")


class Facts(Protocol):
    """What must be known of a case."""

    @property
    def state(self) -> State: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def moves(self) -> tuple[Moment, ...]: ...


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one group. `hours` are p50 and p90 until contact, of those who were reached;
    `time` is the mean of hours that each party had the turn."""

    name: str
    counts: Mapping[str, int]
    share_on_time: float | None
    hours: tuple[float, float] | None
    time: Mapping[str, float]


def row(name: str, cases: Iterable[Facts], now: datetime) -> Row:
    """The figures of these cases at this moment."""
    counts = dict.fromkeys(COUNTS, 0)
    waits: list[timedelta] = []
    time = dict.fromkeys(PARTIES, timedelta(0))
    for case in cases:
        reached = contact_at(case.moves)
        for name_ in _counted(case, reached, now):
            counts[name_] += 1
        if reached is not None:
            waits.append(reached - case.received_at)
        spent = attribution(case.received_at, case.moves, now)
        for party in PARTIES:
            time[party] += getattr(spent, party)
    judged = counts["on_time"] + counts["late"]
    number = max(1, counts["received"])
    return Row(
        name,
        counts,
        counts["on_time"] / judged if judged else None,
        (_hours(_quantile(waits, 0.5)), _hours(_quantile(waits, 0.9))) if waits else None,
        {party: _hours(spent) / number for party, spent in time.items()},
    )


def contact_at(moves: Iterable[Moment]) -> datetime | None:
    """When there was contact that was not taken back."""
    found: list[datetime] = []
    state = State.RECEIVED
    for at, event in moves:
        if event in CONTACT:
            found.append(at)
        if event is Event.CORRECTED and state is State.CONTACTED and found:
            found.pop()
        state = TRANSITIONS.get((state, event), state)
    return found[0] if found else None


def suppressed(counts: Mapping[str, int], below: int) -> dict[str, str]:
    """The counts as people may see them: small ones as "<5", and then the next smallest hidden with it.

    A single hidden number could be worked out from the others of its row.
    """
    small = {name for name, number in counts.items() if 0 < number < below}
    if len(small) == 1:
        rest = sorted((number, name) for name, number in counts.items() if number >= below)
        small |= {name for _, name in rest[:1]}
    return {
        name: (f"<{below}" if number < below else "-") if name in small else str(number)
        for name, number in counts.items()
    }


def _counted(case: Facts, reached: datetime | None, now: datetime) -> Iterable[str]:
    events = {event for _, event in case.moves}
    yield "received"
    if events & {Event.ROUTED, Event.REROUTED}:
        yield "routed"
    if Event.COLLECTED in events or reached is not None or Event.ATTEMPTED in events:
        yield "collected"
    if reached is not None:
        yield "on_time" if case.due_at is None or reached <= case.due_at else "late"
    elif case.state in (State.ROUTED, State.DELIVERED, State.COLLECTED, State.ATTEMPTED):
        yield "late" if case.due_at is not None and case.due_at < now else "waiting"
    for event, name in (
        (Event.UNREACHABLE, "unreachable"),
        (Event.DECLINED, "declined"),
        (Event.INTAKE_PLANNED, "intake"),
        (Event.IN_SUPPORT, "support"),
        (Event.STOPPED, "stopped"),
    ):
        if event in events:
            yield name


def _quantile(waits: list[timedelta], share: float) -> timedelta:
    """The smallest wait that this share of all does not exceed (nearest rank)."""
    ranked = sorted(waits)
    return ranked[max(0, -(-round(share * 1000) * len(ranked) // 1000) - 1)]


def _hours(span: timedelta) -> float:
    return round(span.total_seconds() / 3600, 1)
