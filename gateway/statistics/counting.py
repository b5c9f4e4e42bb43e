"""Keeps the tallies of all cases: counts those of which something was recorded, a bounded batch at a time.

A database that was there before is counted case by case in the background; `tally_mark` says how far that
is, and after it up to which event of the trail all is counted.

It promises that a case is in the tables once, as it was at some moment after the last event that was counted;
that what is in the cells is exactly the settled parts, added up; that a count which is broken off goes on
where it was; and that several processes may count at once: the one that is second does nothing.
"""

import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, delete, func, insert, select, tuple_, update
from sqlmodel import Session, SQLModel

from gateway.statistics import rows
from gateway.statistics.figures import Sums
from gateway.statistics.filters import Interval, begin
from gateway.statistics.tally import MARKS, SummedPart, tally
from gateway.store.engine import Store
from gateway.store.tallytables import CELLS, MARK, PARTS, SPENT

BATCH = 500
"""So many cases, or events, are counted at a time: about a tenth of a second of work."""

ALONG = ("wijk", "practice")
"""The cells add up along each of these."""

_CASES = SQLModel.metadata.tables["cases"].c
_COLUMNS = [PARTS.c[name] for name in SummedPart._fields]
_KEY = (
    CELLS.c.step,
    CELLS.c.along,
    CELLS.c.period,
    CELLS.c.name,
    CELLS.c.organisation,
    CELLS.c.pathway,
    CELLS.c.theme,
)
_NUMBERS = [CELLS.c[name] for name in ("parts", *MARKS, *SPENT, "waits")]
_REMOVE_PARTS = delete(PARTS).where(PARTS.c.case_id.in_(bindparam("ids", expanding=True)))
_REMOVE_CELL = delete(CELLS).where(and_(*(column == bindparam(f"this_{column.name}") for column in _KEY)))
_KEYS_AT_ONCE = 500
_NONE: Sequence[str] = ()

CellKey = tuple[str, str, int, str, str, str, str]


class Mark(NamedTuple):
    """How far the count is: up to this event; while it is the first one, up to this case."""

    seq: int
    walked: str | None


class Counting:
    """The count of one database, by the months and weeks of a time zone."""

    def __init__(self, store: Store, zone: ZoneInfo) -> None:
        self._store, self._zone = store, zone

    def run(self, _: datetime | None = None) -> None:
        """Count one batch. It is asked again a second later, so that a long history takes no more than a
        part of a processor."""
        self.batch()

    def whole(self) -> None:
        """Count whatever is not counted yet."""
        while self.batch():
            pass

    def batch(self) -> int:
        """Count one batch; gives how much there was to count."""
        with self._store.read() as session:
            before = mark(session, self._zone)
            # The number is asked first: what comes in meanwhile is counted now, and once more next time.
            newest, ids = rows.last_event(session), _NONE
            if before is None:
                after = Mark(newest, "")
            elif before.walked is not None:
                ids = unwalked(session, before.walked, BATCH)
                after = Mark(before.seq, ids[-1] if len(ids) == BATCH else None)
            elif newest > before.seq:
                after = Mark(min(newest, before.seq + BATCH), None)
                ids = rows.touched(session, before.seq, after.seq)
            else:
                return 0
            fresh = counted(session, ids)
        with self._store.write() as session:
            if not self._advance(session, before, after):
                # Somebody else counted these.
                return 1
            _replace(session, ids, fresh, self._zone)
        return max(1, len(ids))

    def _advance(self, session: Session, before: Mark | None, after: Mark) -> bool:
        """Set the mark, if it is still where it was; what is locked by it is the whole count."""
        connection = session.connection()
        row = connection.execute(select(MARK).with_for_update()).first()
        values = {"seq": after.seq, "walked": after.walked, "zone": str(self._zone)}
        found = _mark(row, self._zone)
        if found != before:
            return False
        if before is None:
            connection.execute(delete(CELLS))
            connection.execute(delete(PARTS))
        if row is None:
            connection.execute(insert(MARK), {"id": 1, **values})
        else:
            connection.execute(update(MARK).values(values))
        return True


def mark(session: Session, zone: ZoneInfo) -> Mark | None:
    """How far the count is; None if there is none that can be used."""
    return _mark(session.connection().execute(select(MARK)).first(), zone)


def _mark(row: Any, zone: ZoneInfo) -> Mark | None:
    return Mark(row.seq, row.walked) if row is not None and row.zone == str(zone) else None


def unwalked(session: Session, after: str, limit: int) -> Sequence[str]:
    """The ids of the next cases, at most so many."""
    query = select(_CASES.id).where(_CASES.id > after).order_by(_CASES.id).limit(limit)
    return session.connection().execute(query).scalars().all()


def counted(session: Session, ids: Sequence[str]) -> list[SummedPart]:
    """The parts of these cases, counted now; what is no referral has none."""
    found = rows.facts(session, ids)
    return [part for id_, case in found if case.is_referral for part in tally(id_, case)]


def kept(session: Session, ids: Collection[str]) -> list[SummedPart]:
    """The parts of these cases as the tables have them."""
    if not ids:
        return []
    query = select(*_COLUMNS).where(PARTS.c.case_id.in_(sorted(ids)))
    return [SummedPart(*row) for row in session.connection().execute(query)]


def day(part: SummedPart, zone: ZoneInfo) -> date:
    """The day of receipt, there."""
    return part.received_at.astimezone(zone).date()


def waits_of(stored: bytes) -> "array[int]":
    """The waits of a cell, each of them."""
    found = array("i")
    found.frombytes(stored)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _stored(waits: Counter[int]) -> bytes:
    found = array("i", sorted(waits.elements()))
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


def _replace(session: Session, ids: Sequence[str], fresh: list[SummedPart], zone: ZoneInfo) -> None:
    """Let the tables have these parts of the cases, and no others."""
    old, new = set(kept(session, ids)), set(fresh)
    gone, come = old - new, new - old
    changed = {part.case_id for part in gone | come}
    if not changed:
        return
    connection = session.connection()
    connection.execute(_REMOVE_PARTS, {"ids": sorted(changed)})
    if add := [_placed(part, zone) for part in fresh if part.case_id in changed]:
        connection.execute(insert(PARTS), add)
    more: defaultdict[CellKey, Sums] = defaultdict(Sums)
    for sign, several in ((-1, gone), (1, come)):
        for part in several:
            if part.settled:
                for key in _keys(part, zone):
                    # A settled part is the same at every moment.
                    more[key].add(part, part.received_at, sign)
    _add(session, more)


def _placed(part: SummedPart, zone: ZoneInfo) -> dict[str, Any]:
    at = day(part, zone)
    month, week = (begin(at, step).toordinal() for step in (Interval.MONTH, Interval.WEEK))
    return part._asdict() | {"settled": part.settled, "month": month, "week": week}


def _keys(part: SummedPart, zone: ZoneInfo) -> Iterable[CellKey]:
    at = day(part, zone)
    for step in Interval:
        period = begin(at, step).toordinal()
        for along in ALONG:
            yield str(step), along, period, getattr(part, along), part.organisation, part.pathway, part.theme


def _add(session: Session, more: dict[CellKey, Sums]) -> None:
    connection = session.connection()
    keys = sorted(more)
    for at in range(0, len(keys), _KEYS_AT_ONCE):
        few = keys[at : at + _KEYS_AT_ONCE]
        query = select(*_KEY, *_NUMBERS).where(tuple_(*_KEY).in_(few))
        there: list[CellKey] = []
        for row in connection.execute(query):
            key, (number, *numbers), waits = tuple(row[: len(_KEY)]), row[len(_KEY) : -1], row[-1]
            there.append(key)
            more[key].summed(number, numbers[: len(MARKS)], numbers[len(MARKS) :])
            more[key].waited(Counter(waits_of(waits)))
        if there:
            remove = [{f"this_{c.name}": value for c, value in zip(_KEY, key, strict=True)} for key in there]
            connection.execute(_REMOVE_CELL, remove)
        if add := [_cell(key, more[key]) for key in few if more[key].parts]:
            connection.execute(insert(CELLS), add)


def _cell(key: CellKey, sums: Sums) -> dict[str, Any]:
    numbers = (sums.parts, *sums.counts, *sums.spent, _stored(sums.waits))
    columns = (*_KEY, *_NUMBERS)
    return {column.name: value for column, value in zip(columns, (*key, *numbers), strict=True)}


def number_of_cases(session: Session, upto: str | None = None) -> int:
    """How many cases there are, or how many of them the first count has passed."""
    query = select(func.count()).select_from(SQLModel.metadata.tables["cases"])
    if upto is not None:
        query = query.where(_CASES.id <= upto)
    return session.connection().execute(query).scalar_one()
