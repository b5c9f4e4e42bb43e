"""What many parts of cases come to together: numbers that are added up, and taken off again to the last bit.

Pure. It promises that nothing in it is rounded further with each addition: spans are whole milliseconds, and
a wait is rounded once, to the tenth of an hour in which it is shown. The order in which parts come and go
makes no difference, so that sums made ahead are those which would be made now.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from gateway.statistics.spells import NOTHING, Spans, milliseconds
from gateway.statistics.tally import BIT, MARKS, Tally

AWAITED: Final = BIT["awaited"]
_CONTACTED = BIT["contacted"]


class SummedPart(NamedTuple):
    """What of a case belongs to one organisation, with all by which it is looked for.

    `wait` is None where the case has no contact that counts here; `turn` and `since` as in a tally.
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


def _four(spent: Spans) -> tuple[int, int, int, int]:
    gateway, not_collected, organisation, referrer = spent
    return gateway, not_collected, organisation, referrer


def parts(case_id: str, tally: Tally) -> list[SummedPart]:
    """A case, in its parts."""
    return [
        SummedPart(
            case_id,
            part.organisation,
            tally.practice,
            tally.wijk,
            tally.pathway,
            tally.theme,
            tally.received_at,
            tally.due_at,
            part.marks,
            tally.wait if part.marks & _CONTACTED else None,
            *_four(part.spent),
            part.turn,
            milliseconds(tally.since),
        )
        for part in tally.parts
    ]


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
