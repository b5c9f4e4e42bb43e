"""Answers to questions about many cases, added up from what was counted ahead.

It promises that an answer is as new as the trail: what was recorded since the last count is counted while it
is asked, as long as that is little. After an upgrade it may be much: then the answer says how far the count
is. What an answer costs depends on the months, organisations, wijken and practices there are, on the cases
that run, and on the days at the edges of what is asked; not on what ever was.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, literal, literal_column, select, text
from sqlmodel import Session

from gateway.statistics import counting, rows
from gateway.statistics.facts import milliseconds
from gateway.statistics.figures import Sums
from gateway.statistics.filters import Interval, after, begin, midnight
from gateway.statistics.tally import AWAITED, MARKS, SummedPart
from gateway.store.engine import Store
from gateway.store.tallytables import CELLS, PARTS, RUNNING, SPENT

MOST: Final = 1000
"""So many cases, or events, are counted at most while somebody waits for the answer."""

_COUNTS = [CELLS.c[name] for name in MARKS]
_SPENT = [CELLS.c[name] for name in SPENT]

# In the words of the index of what runs: in others it is not used.
_RUNS = cast(ColumnElement[bool], text(RUNNING))

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class FiguresQuestion:
    """Which cases, by when they were received (from `since` until before `until`) and by what they must have
    (`only`, or one of several: `among`); grouped by a column of a part, and by week or month."""

    by: str
    step: Interval = Interval.MONTH
    since: datetime | None = None
    until: datetime | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    among: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def asks_for(self, part: SummedPart) -> bool:
        """Whether a part belongs to the answer."""
        return (
            (self.since is None or part.received_at >= self.since)
            and (self.until is None or part.received_at < self.until)
            and all(getattr(part, name) == value for name, value in self.only.items())
            and all(getattr(part, name) in values for name, values in self.among.items())
        )

    def wanted(self, columns: Mapping[str, ColumnElement[str]]) -> Iterator[ColumnElement[bool]]:
        """The same as conditions."""
        yield from (columns[name] == value for name, value in self.only.items())
        yield from (columns[name].in_(sorted(values)) for name, values in self.among.items())


@dataclass(slots=True)
class Answer:
    """What there is, by group and by the first day of each week or month; only what has any.

    `pathways` are those of the cases, `within` the same by group. `percent` says how much of the history is
    counted.
    """

    groups: dict[str, Sums] = field(default_factory=dict)
    points: dict[date, Sums] = field(default_factory=dict)
    pathways: set[str] = field(default_factory=set)
    within: dict[str, set[str]] = field(default_factory=dict)
    percent: int = 100

    @property
    def total(self) -> Sums:
        total = Sums()
        for sums in self.points.values():
            total.together(sums)
        return total


class Tallies:
    """The tallies of one database, by the months and weeks of a time zone."""

    def __init__(self, store: Store, zone: ZoneInfo) -> None:
        self._store, self._zone = store, zone

    def answer(self, question: FiguresQuestion, now: datetime) -> Answer:
        with self._view() as session:
            late = _Late.of(session, self._zone)
            found = _Gathering(question, now, self._zone)
            if late.begun:
                found.cells(session)
                found.singles(session)
            for sign, parts in ((-1, late.old), (1, late.new)):
                found.add(parts, sign)
            return found.answer(late.percent)

    def names(self, *columns: str) -> dict[str, set[str]]:
        """The values of each of these columns: every organisation, wijk or practice of a case."""
        with self._view() as session:
            late, connection = _Late.of(session, self._zone), session.connection()
            found = {by: {getattr(part, by) for part in late.new} for by in columns}
            if not late.begun:
                return found
            for row in connection.execute(select(*map(_plain, columns)).where(_RUNS).distinct()):
                for by, name in zip(columns, row, strict=True):
                    found[by].add(name)
            for by in columns:
                along = by if by in counting.ALONG else counting.ALONG[0]
                of_cell = CELLS.c.name if by in counting.ALONG else CELLS.c[by]
                settled = select(of_cell).where(CELLS.c.step == str(Interval.MONTH), CELLS.c.along == along)
                found[by].update(connection.execute(settled.distinct()).scalars())
            return found

    @contextmanager
    def _view(self) -> Iterator[Session]:
        """One view of the tables: a case that ends meanwhile must be neither here nor there twice."""
        with self._store.read() as session:
            if not self._store.sqlite:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session


@dataclass(frozen=True, slots=True)
class _Late:
    """What the tables don't have yet: the parts that they have instead, and those that there are."""

    begun: bool
    old: Sequence[SummedPart]
    new: Sequence[SummedPart]
    percent: int

    @classmethod
    def of(cls, session: Session, zone: ZoneInfo) -> "_Late":
        mark, newest = counting.mark(session, zone), rows.last_event(session)
        before = mark or counting.Mark(newest, "")
        ids: set[str] = set()
        few = newest - before.seq <= MOST
        if few and before.walked is not None:
            ids.update(counting.unwalked(session, before.walked, MOST + 1))
            few = len(ids) <= MOST
        if not few:
            return cls(mark is not None, (), (), _percent(session, before, newest))
        if newest > before.seq:
            ids.update(rows.touched(session, before.seq, newest))
        old = counting.kept(session, ids) if mark else ()
        return cls(mark is not None, old, counting.counted(session, sorted(ids)), 100)


def _percent(session: Session, mark: counting.Mark, newest: int) -> int:
    if mark.walked is None:
        return min(99, mark.seq * 100 // newest)
    done, number = (counting.number_of_cases(session, upto) for upto in (mark.walked, None))
    return min(99, done * 100 // max(1, number))


def _plain(name: str) -> ColumnElement[str]:
    """A column of the parts, so that nobody goes through all parts by its index for the sake of an order."""
    return func.coalesce(PARTS.c[name], literal_column("''"))


class _Gathering:
    """An answer in the making."""

    def __init__(self, question: FiguresQuestion, now: datetime, zone: ZoneInfo) -> None:
        self._asked, self._now, self._zone = question, now, zone
        self._period = "month" if question.step is Interval.MONTH else "week"
        named = {*question.only, *question.among, question.by} & {*counting.ALONG}
        # Along two of them at once there are no sums; then a practice has few cases.
        self._along = None if len(named) > 1 else next(iter(named), counting.ALONG[0])
        self._found: dict[tuple[str, int, str], Sums] = {}
        self._waits: list[tuple[str, int, bytes]] = []

    def cells(self, session: Session) -> None:
        """Add what has settled, of the whole weeks or months in what is asked."""
        if self._along is None:
            return
        columns = {
            self._along: CELLS.c.name,
            "organisation": CELLS.c.organisation,
            "pathway": CELLS.c.pathway,
            "theme": CELLS.c.theme,
        }
        first, last = self._whole()
        wanted = [
            CELLS.c.step == str(self._asked.step),
            CELLS.c.along == self._along,
            *self._asked.wanted(columns),
        ]
        if first is not None:
            wanted.append(CELLS.c.period >= first.toordinal())
        if last is not None:
            wanted.append(CELLS.c.period < last.toordinal())
        group = columns[self._asked.by]
        key = (group, CELLS.c.period, CELLS.c.pathway)
        numbers = (func.sum(column) for column in (CELLS.c.parts, *_COUNTS, *_SPENT))
        connection = session.connection()
        for name, period, pathway, *sums in connection.execute(
            select(*key, *numbers).where(*wanted).group_by(*key)
        ):
            parts, *rest = map(int, sums)
            self._of(name, period, pathway).summed(parts, rest[: len(MARKS)], rest[len(MARKS) :])
        for name, period, waits in connection.execute(
            select(group, CELLS.c.period, CELLS.c.waits).where(*wanted)
        ):
            self._waits.append((name, period, waits))

    def singles(self, session: Session) -> None:
        """Add what runs, and what has settled but is in no cell that was added."""
        within = self._within(self._asked.since, self._asked.until)
        self._singles(session, [_RUNS, *within])
        if self._along is None:
            self._singles(session, [PARTS.c.settled, *within])
            return
        first, last = (midnight(day, self._zone) if day else None for day in self._whole())
        if first is not None and last is not None and first >= last:
            self._singles(session, [PARTS.c.settled, *within])
            return
        for since, until in ((self._asked.since, first), (last, self._asked.until)):
            if since is not None and until is not None and since < until:
                self._singles(session, [PARTS.c.settled, *self._within(since, until)])

    def _singles(self, session: Session, wanted: list[ColumnElement[bool]]) -> None:
        now = literal(milliseconds(self._now), BigInteger)
        runs = and_(PARTS.c.turn.is_not(None), PARTS.c.since < now)
        awaited = PARTS.c.marks.bitwise_and(AWAITED) != 0
        spent = (
            func.sum(PARTS.c[name] + case((and_(runs, PARTS.c.turn == at), now - PARTS.c.since), else_=0))
            for at, name in enumerate(SPENT)
        )
        overdue = func.sum(case((and_(awaited, PARTS.c.due_at < self._now), 1), else_=0))
        key = (_plain(self._asked.by), PARTS.c[self._period], PARTS.c.pathway, PARTS.c.marks, PARTS.c.wait)
        only = self._asked.wanted(dict(PARTS.c.items()))
        query = select(*key, func.count(), overdue, *spent).where(*wanted, *only).group_by(*key)
        for name, period, pathway, marks, wait, number, late, *spans in session.connection().execute(query):
            sums = self._of(name, period, pathway)
            sums.marked(marks, number)
            sums.summed(0, (), [int(span) for span in spans], int(late))
            if wait is not None:
                sums.waited({wait: number})

    def add(self, parts: Sequence[SummedPart], sign: int) -> None:
        """Count these parts, or count them no more."""
        for part in parts:
            if self._asked.asks_for(part):
                period = begin(counting.day(part, self._zone), self._asked.step).toordinal()
                group = getattr(part, self._asked.by)
                self._of(group, period, part.pathway).add(part, self._now, sign)

    def answer(self, percent: int) -> Answer:
        answer = Answer(percent=percent)
        for (name, period, pathway), sums in self._found.items():
            answer.groups.setdefault(name, Sums()).together(sums)
            answer.points.setdefault(date.fromordinal(period), Sums()).together(sums)
            if sums.parts:
                answer.pathways.add(pathway)
                answer.within.setdefault(name, set()).add(pathway)
        for name, period, waits in self._waits:
            several = counting.waits_of(waits)
            answer.groups.setdefault(name, Sums()).waits.update(several)
            answer.points.setdefault(date.fromordinal(period), Sums()).waits.update(several)
        answer.groups, answer.points = _there(answer.groups), _there(answer.points)
        return answer

    def _of(self, name: str, period: int, pathway: str) -> Sums:
        return self._found.setdefault((name, period, pathway), Sums())

    def _within(self, since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if since is not None:
            found.append(PARTS.c.received_at >= since)
        if until is not None:
            found.append(PARTS.c.received_at < until)
        return found

    def _whole(self) -> tuple[date | None, date | None]:
        """The first days of the first whole week or month in what is asked, and of the one after the last."""
        since, until, step = self._asked.since, self._asked.until, self._asked.step
        first = last = None
        if since is not None:
            first = begin(since.astimezone(self._zone).date(), step)
            if midnight(first, self._zone) < since:
                first = after(first, step)
        if until is not None:
            last = begin(until.astimezone(self._zone).date(), step)
        return first, last


def _there(found: dict[_Key, Sums]) -> dict[_Key, Sums]:
    """What has any part; of its waits those that are left when what is counted no more is taken off."""
    for sums in found.values():
        sums.waits = +sums.waits
    return {key: sums for key, sums in found.items() if sums.parts}
