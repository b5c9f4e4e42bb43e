"""Figures over many cases: the funnel, how many were on time, how long contact took, whose time it was.

Pure. It promises that every case counts at most once in each figure, that a later stage of the funnel never
holds more cases than the one before it, and that numbers are added up and taken off again to the last bit, in
any order: spans are whole milliseconds, and a wait is rounded once, to the tenth of an hour in which it is
shown. So sums made ahead are those which would be made now.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.domain.attribution import PARTIES
from gateway.statistics.facts import NOTHING, milliseconds
from gateway.statistics.tally import AWAITED, MARKS, SummedPart
from gateway.store.tallytables import OUTCOMES


@dataclass(slots=True)
class Sums:
    """`counts` are of `MARKS`, `spent` of `PARTIES`; `overdue` are those of the awaited whose term is over.

    `waits` says how often each wait came.
    """

    parts: int = 0
    counts: list[int] = field(default_factory=lambda: [0] * len(MARKS))
    overdue: int = 0
    spent: list[int] = field(default_factory=lambda: list(NOTHING))
    waits: Counter[int] = field(default_factory=Counter)

    def add(self, part: SummedPart, now: datetime, sign: int = 1) -> None:
        """Count a part as it is at this moment; with -1 count it no more."""
        self.marked(part.marks, sign)
        if part.marks & AWAITED and part.due_at is not None and part.due_at < now:
            self.overdue += sign
        for at, span in enumerate(part.spent_until(milliseconds(now))):
            self.spent[at] += sign * span
        if part.wait is not None:
            self.waited({part.wait: sign})

    def marked(self, marks: int, number: int) -> None:
        """Count so many parts with these marks."""
        self.parts += number
        for at in range(len(MARKS)):
            if marks >> at & 1:
                self.counts[at] += number

    def waited(self, waits: dict[int, int]) -> None:
        """Count waits; one that comes no more is gone."""
        for wait, number in waits.items():
            self.waits[wait] += number
            if not self.waits[wait]:
                del self.waits[wait]

    def summed(self, parts: int, counts: Sequence[int], spent: Sequence[int], overdue: int = 0) -> None:
        """Count what was added up elsewhere."""
        self.parts += parts
        self.overdue += overdue
        for at, number in enumerate(counts):
            self.counts[at] += number
        for at, span in enumerate(spent):
            self.spent[at] += span

    def together(self, other: "Sums") -> None:
        """Count all of that too."""
        self.summed(other.parts, other.counts, other.spent, other.overdue)
        self.waits.update(other.waits)


def summed(found: Iterable[SummedPart], now: datetime) -> Sums:
    sums = Sums()
    for part in found:
        sums.add(part, now)
    return sums


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
