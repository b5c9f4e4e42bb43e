"""Figures by mail: what practices that asked for it hear each quarter, of their own referrals and of all.

It promises that a practice hears of a quarter once, also after downtime and then of the last one alone; that
small numbers are hidden in all mails together, so that nobody works out another practice's; and that a mail
holds numbers and no case.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from gateway.domain.clock import next_working_moment
from gateway.domain.outgoing import PracticeFigures
from gateway.domain.pathway import Pathway
from gateway.domain.trail import AuditEvent
from gateway.statistics.disclosure import Shown, limit, show
from gateway.statistics.figures import FigureRow, Sums, row
from gateway.statistics.filters import midnight
from gateway.statistics.suppression import HIDDEN
from gateway.statistics.tallies import FiguresQuestion, Tallies
from gateway.store import audit, outbox
from gateway.store.engine import Store

RESTS: Final = timedelta(days=14)
"""So long after its end a quarter's figures are made: until then most of it is still under way."""

TOLD: Final = ("received", "contacted", "on_time", "met", "unreachable")
"""What a mail tells."""

COLUMNS: Final = (*TOLD, "late", "stopped")
"""What is counted: what would tell the rest of a hidden number is hidden with it."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months; `first` is the first day of them, `end` the day after the last."""

    first: date

    @property
    def end(self) -> date:
        """The first day of the next one."""
        return date(self.first.year + (self.first.month > 9), (self.first.month + 2) % 12 + 1, 1)

    @property
    def name(self) -> str:
        """Such as 2026-3."""
        return f"{self.first.year}-{(self.first.month + 2) // 3}"


def last_quarter(day: date) -> Quarter:
    """The last quarter that ended before a day."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)
    return Quarter(date(first.year, first.month - 2, 1))


class KnownPractices(Protocol):
    """The directory as it is now: the address of each practice that asked for figures, and the agreements."""

    @property
    def figures_to(self) -> Mapping[str, str]: ...
    @property
    def pathways(self) -> Mapping[str, Pathway]: ...
    @property
    def default_pathway(self) -> Pathway: ...


class QuarterlyFigures:
    """The step. `known` gives the directory as it is now."""

    def __init__(self, store: Store, zone: ZoneInfo, known: Callable[[], KnownPractices]) -> None:
        self._store, self._zone, self._known = store, zone, known
        self._tallies = Tallies(store, zone)

    def run(self, now: datetime) -> int:
        """Make the mails of the last quarter that were not made yet; gives how many."""
        known = self._known()
        quarter = last_quarter((now - RESTS).astimezone(self._zone).date())
        with self._store.read() as session:
            waiting = [
                practice
                for practice in sorted(known.figures_to)
                if not outbox.is_there(session, PracticeFigures.purpose(practice, quarter.name))
            ]
        if not waiting:
            return 0
        since, until = (midnight(day, self._zone) for day in (quarter.first, quarter.end))
        found = self._tallies.answer(FiguresQuestion("practice", since=since, until=until), now)
        if found.percent < 100:
            # What is not counted yet would be told as too little.
            return 0
        below = limit(found.pathways, known.pathways, known.default_pathway)
        # Who referred nobody stands there too, so that everybody's mail is hidden by one sum.
        names = sorted({*found.groups, *waiting})
        rows = [row(name, found.groups.get(name, Sums())) for name in names]
        whole = row("", found.total)
        total, (parts,) = show(whole, [rows], COLUMNS, below)
        total = replace(total, counts={**total.counts, **dict.fromkeys(_telling(whole, rows, below), HIDDEN)})
        own = {part.name: part for part in parts}
        at = next_working_moment(now, known.default_pathway)
        with self._store.write() as session:
            made = [
                outbox.put(
                    session, outbox.row(_mail(practice, quarter, own[practice], total, below), now, at)
                )
                for practice in waiting
            ]
            for practice, new in zip(waiting, made, strict=True):
                if new:
                    facts = {"practice": practice, "code": quarter.name}
                    audit.append(session, AuditEvent.FIGURES_MAILED, now=now, actor="gateway", **facts)
        return sum(made)


def _telling(whole: FigureRow, rows: Sequence[FigureRow], below: int) -> list[str]:
    """Of which columns the total tells a practice the small number of all others.

    A practice knows what it sent itself, also where its mail hides that.
    """
    return [name for name in TOLD if any(0 < whole.counts[name] - each.counts[name] < below for each in rows)]


def _mail(practice: str, quarter: Quarter, own: Shown, total: Shown, below: int) -> PracticeFigures:
    cells = {f"own_{name}": str(own.counts[name]) for name in TOLD}
    cells |= {f"all_{name}": str(total.counts[name]) for name in TOLD}
    return PracticeFigures(practice_id=practice, period=quarter.name, cells=cells, below=below)
