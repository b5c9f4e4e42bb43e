"""Figures over many cases: the funnel, how many were on time, how long contact took, whose time it was.

Pure. It promises that every case counts at most once in each figure, and that a later stage of the funnel
never holds more cases than the one before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.domain.attribution import PARTIES
from gateway.statistics.sums import Sums
from gateway.statistics.tally import MARKS
from gateway.store.tallytables import OUTCOMES

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

ENDINGS: Final = OUTCOMES
"""How support ended, of each case that stopped."""

FUNNEL: Final = ("received", "collected", "contacted", "met")
"""The stages of a handover that went well; each holds part of the one before."""

_HOUR = 3_600_000
"""In milliseconds."""


@dataclass(frozen=True, slots=True)
class FigureRow:
    """The figures of one group. `counts` are those of `COUNTS`, `FUNNEL` and `ENDINGS`; `hours` are p50 and
    p90 until contact, of those who were reached; `time` is the mean of hours that each party had the turn,
    for an organisation over all cases that it had."""

    name: str
    counts: Mapping[str, int]
    share_on_time: float | None
    hours: tuple[float, float] | None
    time: Mapping[str, float]


def row(name: str, sums: Sums, organisation: str | None = None) -> FigureRow:
    """The figures of what was added up; of one organisation the time is over all cases that it had."""
    counts = dict(zip(MARKS, sums.counts, strict=True))
    counts["late"] += sums.overdue
    counts["waiting"] = counts["awaited"] - sums.overdue
    judged = counts["on_time"] + counts["late"]
    # An organisation has one part of every case it ever had, also of those that count for another one.
    number = max(1, counts["received"] if organisation is None else sums.parts)
    return FigureRow(
        name,
        {each: counts[each] for each in dict.fromkeys((*COUNTS, *FUNNEL, *ENDINGS))},
        counts["on_time"] / judged if judged else None,
        (quantile(sums.waits, 0.5) / 10, quantile(sums.waits, 0.9) / 10) if sums.waits else None,
        {party: _hours(span) / number for party, span in zip(PARTIES, sums.spent, strict=True)},
    )


def quantile(values: Mapping[int, int], share: float) -> int:
    """The smallest of these values, given with how often each came, that this share of all does not exceed
    (nearest rank)."""
    rank = max(1, -(-round(share * 1000) * sum(values.values()) // 1000))
    for value in sorted(values):
        rank -= values[value]
        if rank <= 0:
            return value
    raise ValueError("nothing has no percentile")


def _hours(span: int) -> float:
    return round(span / _HOUR, 1)
