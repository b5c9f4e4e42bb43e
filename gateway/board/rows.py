"""The cases whose promise of contact is open, due soonest first, a page at a time.

It promises that a page costs what it shows and not what exists (it follows the index of open promises and
begins where the page before ended), and that cases which wait for their referrer come after those whose clock
runs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, not_, or_, select, text
from sqlmodel import Session, SQLModel

from gateway.board.order import NAMED, SORTED, Sort, around, by_name, placed
from gateway.domain.attribution import AWAITING, Turn, whose_turn
from gateway.domain.states import State
from gateway.store import takings
from gateway.store.outbox import Status
from gateway.store.tables import AWAITED, RUNNING, TROUBLED
from gateway.store.takings import BEHEERDERS, Hands

PAGE: Final = 50
"""So many cases stand on a page."""

MOST: Final = 500
"""Nobody is told a larger number than this: beyond it only that there are more."""

DEEPEST: Final = 5_000
"""A list that is sorted otherwise than by when it is due goes so far on pages."""

FOUND: Final = 50
"""So many cases are shown for the beginning of a kenmerk."""

_WHOLE = len("IB-7K3F-9QXM")
_TABLES = SQLModel.metadata.tables
_CASES, _CLOCKS, _OUTBOX = _TABLES["cases"].c, _TABLES["clocks"].c, _TABLES["outbox"].c
_OPEN = text(AWAITED)
_TOGETHER = _TABLES["clocks"].join(_TABLES["cases"], _CLOCKS.case_id == _CASES.id)
_HELD = (
    select(_OUTBOX.case_id)
    .where(text(TROUBLED), _OUTBOX.status == str(Status.HELD), _OUTBOX.kind == "handover")
    .scalar_subquery()
)
_ASKED = (State.NEEDS_INFO, State.UNREACHABLE)
WAITS = or_(
    _CASES.state.in_([str(state) for state in _ASKED]),
    # An answer came that nobody has read yet.
    and_(_CASES.state == str(State.RECEIVED), _CLOCKS.paused_from.is_not(None)),
)
"""That a case waits for its referrer."""
_SEGMENTS = {
    False: frozenset(AWAITING) - {*_ASKED},
    True: frozenset((*_ASKED, State.RECEIVED)),
}
"""The states of cases whose clock runs, and of those that wait."""
_FLEETING = frozenset((*_ASKED, State.RECEIVED, State.ROUTED))
"""States in which few cases are at a time."""
_COLUMNS = (
    _CASES.id,
    _CASES.kenmerk,
    _CASES.state,
    _CASES.practice_id,
    _CASES.organisation_id,
    _CASES.wijk,
    _CASES.received_at,
    _CASES.urgent,
    _CLOCKS.due_at,
    _CLOCKS.paused_from,
    _CLOCKS.met_at,
    _CLOCKS.ended_at,
    _CLOCKS.id.label("clock_id"),
)


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One case. `due_at` is when contact is due; `waits` says that it waits for its referrer, `held` that a
    handover of it is held. `open` is false once there was contact, or where there never was a promise."""

    kenmerk: str
    state: State
    practice_id: str | None
    organisation_id: str | None
    wijk: str | None
    received_at: datetime
    due_at: datetime | None
    waits: bool
    open: bool
    urgent: bool
    held: bool
    clock_id: int
    taken_by: str = ""

    @property
    def turn(self) -> Turn | None:
        """Who must do something now."""
        return whose_turn(self.state, self.held)


@dataclass(frozen=True, slots=True)
class BoardPlace:
    """Where a page begins: after the case with this clock."""

    waits: bool
    due_at: datetime
    clock_id: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases somebody wants to see; what is None or false asks for nothing."""

    state: State | None = None
    organisation: str | None = None
    practice: str | None = None
    wijk: str | None = None
    turn: Turn | None = None
    late: bool = False
    hands: Hands | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page, and where the next begins if there is one."""

    lines: tuple[BoardLine, ...]
    next: BoardPlace | None


def page(session: Session, wanted: Wanted, now: datetime, after: BoardPlace | None = None) -> Page:
    """The cases that are wanted, those whose clock runs first, due soonest first."""
    rows: list[Any] = []
    few = _few(session, wanted)
    for waits in (False, True):
        if (after and after.waits and not waits) or len(rows) > PAGE:
            continue
        query = _query(_COLUMNS, wanted, now, waits, few)
        if query is None:
            continue
        if after and after.waits == waits:
            query = query.where(_later(after))
        query = query.order_by(_CLOCKS.due_at, _CLOCKS.id).limit(PAGE + 1 - len(rows))
        rows.extend(session.execute(query))
    lines = _lines(session, rows[:PAGE])
    last = lines[-1] if len(rows) > PAGE else None
    return Page(lines, BoardPlace(last.waits, last.due_at, last.clock_id) if last and last.due_at else None)


def sorted_page(
    session: Session,
    wanted: Wanted,
    now: datetime,
    by: Sort,
    skip: int = 0,
    names: Mapping[str, str] = MappingProxyType({}),
) -> tuple[tuple[BoardLine, ...], bool]:
    """The cases that are wanted in another order, and whether more of them follow. `names` are those of the
    organisations or practices, where they are sorted by."""
    query, order = _sought(wanted, now), SORTED[by]
    if by in NAMED:
        few, skip = around(session, query, by, names, skip, PAGE)
        if not few:
            return (), False
        query, order = query.where(func.coalesce(SORTED[by], "").in_(few)), placed(by, few)
    ids = list(session.execute(query.order_by(order, _CASES.id).offset(skip).limit(PAGE + 1)).scalars())
    return lines_of(session, ids[:PAGE]), len(ids) > PAGE


def sorted_ids(
    session: Session, wanted: Wanted, now: datetime, by: Sort | None, names: Mapping[str, str]
) -> list[str]:
    """The ids of all the cases that are wanted, in that order or in that of `page`."""
    query = _sought(wanted, now)
    if by is None:
        first = (case((WAITS, 1), else_=0), _CLOCKS.due_at, _CLOCKS.id)
        due = select(_CASES.id).select_from(_TOGETHER).where(_CLOCKS.kind == "contact", _CASES.id.in_(query))
        return list(session.execute(due.order_by(*first)).scalars())
    if by in NAMED:
        return by_name(list(session.execute(query.add_columns(SORTED[by]))), by, names)
    return list(session.execute(query.order_by(SORTED[by], _CASES.id)).scalars())


def lines_of(session: Session, ids: Sequence[str]) -> tuple[BoardLine, ...]:
    """These cases in their order, but for those that are gone."""
    together = _TABLES["cases"].join(_TABLES["clocks"], _CLOCKS.case_id == _CASES.id)
    known: dict[str, BoardLine] = {}
    for start in range(0, len(ids), MOST):
        rows = session.execute(
            select(*_COLUMNS)
            .select_from(together)
            .where(_CLOCKS.case_id.in_(ids[start : start + MOST]), _CLOCKS.kind == "contact")
        ).all()
        known |= {row.id: line for row, line in zip(rows, _lines(session, rows), strict=True)}
    return tuple(known[id_] for id_ in ids if id_ in known)


def _sought(wanted: Wanted, now: datetime) -> Select[Any]:
    """The ids of the cases that are wanted, without an order."""
    query = _looked_up(wanted, AWAITING)
    if wanted.late:
        # Those are few, and found by when they were due.
        due = select(_CLOCKS.case_id).where(_OPEN, _CLOCKS.due_at < now)
        query = query.where(_CASES.id.in_(due), not_(_CASES.state.in_([str(state) for state in _ASKED])))
    return query


def number(session: Session, wanted: Wanted, now: datetime) -> int:
    """How many cases are wanted; at most one more than `MOST`."""
    one: ColumnElement[int] = literal_column("1")
    if wanted == Wanted():
        return _count(session, select(one).select_from(_TABLES["clocks"]).where(_OPEN))
    few = _few(session, wanted)
    if few is None and _which(wanted, looked_up=True) and not wanted.late:
        return MOST + 1
    queries = (_query((one,), wanted, now, waits, few) for waits in (False, True))
    return min(MOST + 1, sum(_count(session, query) for query in queries if query is not None))


def by_kenmerk(session: Session, begin: str) -> tuple[BoardLine, ...]:
    """The cases, whatever became of them, whose kenmerk begins so (as it is written: "IB-7K3F")."""
    together = _TABLES["cases"].outerjoin(
        _TABLES["clocks"], and_(_CLOCKS.case_id == _CASES.id, _CLOCKS.kind == "contact")
    )
    query = (
        select(*_COLUMNS).select_from(together).where(_begins(begin)).order_by(_CASES.kenmerk).limit(FOUND)
    )
    return _lines(session, session.execute(query).all())


def last_seq(session: Session) -> int:
    """The number of the newest event: whoever sees it change knows that something happened."""
    seq = _TABLES["events"].c.seq
    return session.execute(select(seq).order_by(seq.desc()).limit(1)).scalar() or 0


def _begins(begin: str) -> Any:
    if len(begin) == _WHOLE:
        return _CASES.kenmerk == begin
    # A range would be faster, and mean something else in every collation of PostgreSQL.
    return func.substr(_CASES.kenmerk, 1, len(begin)) == begin


def _which(wanted: Wanted, *, looked_up: bool) -> list[Any]:
    """What the case itself must be. Unless the cases are `looked_up` no index of theirs is to be used."""
    found: list[Any] = []
    for column, value in (
        (_CASES.organisation_id, wanted.organisation),
        (_CASES.practice_id, wanted.practice),
        (_CASES.wijk, wanted.wijk),
    ):
        if value is not None:
            found.append((column if looked_up else func.coalesce(column, "")) == value)
    if wanted.hands is not None:
        found.append(takings.among(_CASES.id, wanted.hands))
    return found


def _few(session: Session, wanted: Wanted) -> list[str] | None:
    """The ids of the cases that are wanted, where they are few; then they are looked up one by one, and
    otherwise soon met by whoever follows the index of open promises."""
    if not _which(wanted, looked_up=True):
        return None
    ids = list(session.execute(_looked_up(wanted, (*AWAITING, State.DECLINED)).limit(MOST + 1)).scalars())
    return ids if len(ids) <= MOST else None


def _looked_up(wanted: Wanted, among: Collection[State]) -> Select[Any]:
    """The ids of the running cases that are wanted, without a look at their clocks."""
    query = select(_CASES.id).where(text(RUNNING), *_which(wanted, looked_up=True))
    states = {*among}
    if wanted.state is not None:
        states &= {wanted.state}
    if wanted.turn is Turn.ADMINISTRATOR:
        query = query.where(_CASES.id.in_(_HELD))
    elif wanted.turn is not None:
        states &= {state for state in AWAITING if whose_turn(state) is wanted.turn}
        query = query.where(_CASES.id.not_in(_HELD))
    return query.where(_CASES.state.in_(sorted(states)))


def _query(
    columns: tuple[Any, ...], wanted: Wanted, now: datetime, waits: bool, few: list[str] | None
) -> Select[Any] | None:
    """The cases that are wanted among those that wait, or don't; None if there can't be any."""
    if waits and wanted.late:
        return None
    states = _SEGMENTS[waits]
    if wanted.state is not None:
        states &= {wanted.state}
    if wanted.turn not in (None, Turn.ADMINISTRATOR):
        states &= {state for state in AWAITING if whose_turn(state) is wanted.turn}
    if not states:
        return None
    query = select(*columns).select_from(_TOGETHER).where(_OPEN, WAITS if waits else not_(WAITS))
    if states != _SEGMENTS[False]:
        # Where many are in a state, the first of them are found sooner by when they are due.
        state = _CASES.state if states <= _FLEETING else func.coalesce(_CASES.state, "")
        query = query.where(state.in_(sorted(states)))
    if wanted.late:
        query = query.where(_CLOCKS.due_at < now)
    query = query.where(*_which(wanted, looked_up=False) if few is None else [_CLOCKS.case_id.in_(few)])
    if wanted.turn is Turn.ADMINISTRATOR:
        return query.where(_CASES.id.in_(_HELD))
    return query.where(_CASES.id.not_in(_HELD)) if wanted.turn else query


def _count(session: Session, query: Select[Any]) -> int:
    found: int = session.scalars(select(func.count()).select_from(query.limit(MOST + 1).subquery())).one()
    return found


def _later(after: BoardPlace) -> Any:
    # The first part alone lets the index begin at the right place.
    return and_(
        _CLOCKS.due_at >= after.due_at, or_(_CLOCKS.due_at > after.due_at, _CLOCKS.id > after.clock_id)
    )


def _lines(session: Session, rows: Collection[Any]) -> tuple[BoardLine, ...]:
    ids = [row.id for row in rows]
    held, taken = _held_among(session, ids), takings.of_cases(session, BEHEERDERS, ids)
    return tuple(
        BoardLine(
            kenmerk=row.kenmerk,
            state=State(row.state),
            practice_id=row.practice_id,
            organisation_id=row.organisation_id,
            wijk=row.wijk,
            received_at=row.received_at,
            due_at=row.due_at,
            waits=row.state in _ASKED or (row.state == State.RECEIVED and row.paused_from is not None),
            open=row.due_at is not None and row.met_at is None and row.ended_at is None,
            urgent=row.urgent,
            held=row.id in held,
            clock_id=row.clock_id or 0,
            taken_by=taken[row.id].name if row.id in taken else "",
        )
        for row in rows
    )


def _held_among(session: Session, ids: list[str]) -> frozenset[str]:
    if not ids:
        return frozenset()
    held = func.coalesce(_OUTBOX.status, "") == str(Status.HELD)
    # By the cases: however much is held, the deliveries of these are few.
    query = select(_OUTBOX.case_id).where(_OUTBOX.case_id.in_(ids), held, _OUTBOX.kind == "handover")
    return frozenset(session.execute(query).scalars())
