"""What many parts of cases come to together: numbers that are added up, and taken off again to the last bit.

Pure. It promises that nothing in it is rounded further with each addition: spans are whole milliseconds, and
a wait is rounded once, to the tenth of an hour in which it is shown. The order in which parts come and go
makes no difference, so that sums made ahead are those which would be made now.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.statistics.spells import NOTHING, milliseconds
from gateway.statistics.tally import AWAITED, MARKS, SummedPart


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
    """These parts together."""
    sums = Sums()
    for part in found:
        sums.add(part, now)
    return sums
