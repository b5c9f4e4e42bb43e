"""Figures over many cases: the funnel, how many were on time, how long contact took, whose time it was.

Pure. It promises that every case counts at most once in each figure, and that a later stage of the funnel
never holds more cases than the one before it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.statistics.spells import PARTIES
from gateway.statistics.tally import BIT, Tally

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

FUNNEL: Final = ("received", "collected", "contacted", "met")
"""The stages of a handover that went well; each holds part of the one before."""

_HOUR = 3600
_AWAITED, _CONTACTED = BIT["awaited"], BIT["contacted"]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """The figures of one group. `counts` are those of `COUNTS` and `FUNNEL`; `hours` are p50 and p90 until
    contact, of those who were reached; `time` is the mean of hours that each party had the turn, for an
    organisation over all cases that it had."""

    name: str
    counts: Mapping[str, int]
    share_on_time: float | None
    hours: tuple[float, float] | None
    time: Mapping[str, float]


def row(name: str, cases: Iterable[Tally], now: datetime, organisation: str | None = None) -> FigureRow:
    """The figures of these cases at this moment; of one organisation only what belongs to it."""
    parts = [
        (case, part) for case in cases for part in case.parts if organisation in (None, part.organisation)
    ]
    marks = Counter(part.marks for _, part in parts)
    counts = {name: sum(number for mark, number in marks.items() if mark & bit) for name, bit in BIT.items()}
    awaited = [case.due_at for case, part in parts if part.marks & _AWAITED and case.due_at is not None]
    overdue = sum(due_at < now for due_at in awaited)
    counts["late"] += overdue
    counts["waiting"] = counts["awaited"] - overdue
    judged = counts["on_time"] + counts["late"]
    waits = sorted(case.wait for case, part in parts if part.marks & _CONTACTED and case.wait is not None)
    time = [0.0] * len(PARTIES)
    for case, part in parts:
        for at, seconds in enumerate(case.spent_until(now, part)):
            time[at] += seconds
    # An organisation has one part of every case it ever had, also of those that count for another one.
    number = max(1, counts["received"] if organisation is None else len(parts))
    return FigureRow(
        name,
        {each: counts[each] for each in dict.fromkeys((*COUNTS, *FUNNEL))},
        counts["on_time"] / judged if judged else None,
        (_hours(quantile(waits, 0.5)), _hours(quantile(waits, 0.9))) if waits else None,
        {party: _hours(seconds) / number for party, seconds in zip(PARTIES, time, strict=True)},
    )


def quantile(ranked: list[float], share: float) -> float:
    """The smallest of these values, given in order, that this share of all does not exceed (nearest rank)."""
    return ranked[max(0, -(-round(share * 1000) * len(ranked) // 1000) - 1)]


def _hours(seconds: float) -> float:
    return round(seconds / _HOUR, 1)
