"""Clock rows: promises as data. A sweep reads the index of what is due, not what exists.

Every change is one statement for many rows, which reads nothing first.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, func, select

from gateway.domain.clock import PlannedClock as Planned
from gateway.domain.codes import Kind
from gateway.errors import LostRace
from gateway.store.engine import prepared, rows_changed
from gateway.store.tables import CaseRow, ClockRow

_CLOCKS = SQLModel.metadata.tables["clocks"]
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert(_CLOCKS), "postgresql": postgresql.insert(_CLOCKS)}
_UNIQUE = [_CLOCKS.c.case_id, _CLOCKS.c.kind]
_RUNS = and_(_CLOCKS.c.fired_at.is_(None), _CLOCKS.c.met_at.is_(None), _CLOCKS.c.ended_at.is_(None))
_TICKS = and_(_RUNS, _CLOCKS.c.paused_from.is_(None))
_STEADY = (Kind.RETIRE, Kind.CLOSING, Kind.REPEAT)
"""The kinds that don't stand still when the referrer has the turn: no promise to the patient."""
_PLANNED = ("due_at", "notify_at", "tell")
_PLAN = {
    name: insert.on_conflict_do_update(
        index_elements=_UNIQUE,
        set_={column: insert.excluded[column] for column in _PLANNED} | {"paused_from": None},
        where=_RUNS,
    )
    for name, insert in _INSERT.items()
}
_RESTART = {
    name: insert.on_conflict_do_update(
        index_elements=_UNIQUE,
        set_={column: insert.excluded[column] for column in _PLANNED}
        | dict.fromkeys(("fired_at", "met_at", "ended_at", "paused_from")),
    )
    for name, insert in _INSERT.items()
}
_ADD_PAUSED = {
    name: insert.on_conflict_do_nothing(index_elements=_UNIQUE) for name, insert in _INSERT.items()
}
_PAUSE = (
    update(_CLOCKS)
    .where(_CLOCKS.c.case_id == bindparam("this_case"), _RUNS, *(_CLOCKS.c.kind != kind for kind in _STEADY))
    .values(paused_from=bindparam("paused_from"))
)
_MEET = update(_CLOCKS).where(
    _CLOCKS.c.case_id == bindparam("this_case"),
    _CLOCKS.c.kind == bindparam("this_kind"),
    _CLOCKS.c.met_at.is_(None),
)
_END = update(_CLOCKS).where(
    _CLOCKS.c.case_id == bindparam("this_case"),
    _CLOCKS.c.kind != Kind.RETIRE,
    _CLOCKS.c.met_at.is_(None),
    _CLOCKS.c.ended_at.is_(None),
)
_OF_CASE = (
    select(ClockRow)
    .where(col(ClockRow.case_id) == bindparam("this_case"))
    .order_by(col(ClockRow.due_at))
    # What was written above is not told to rows that were read before.
    .execution_options(populate_existing=True)
)
_KINDS = select(_CLOCKS.c.kind).where(_CLOCKS.c.case_id == bindparam("this_case"))
Values = dict[str, Any]


def planned(case_id: str, rows: Iterable[Planned]) -> list[Values]:
    """Clocks of a case, for `write_plans` and `write_restarts`."""
    return [
        {
            "case_id": case_id,
            "kind": str(row.kind),
            "due_at": row.due_at,
            "notify_at": row.notify_at,
            "tell": " ".join(row.tell),
        }
        for row in rows
    ]


def paused(case_id: str, deadline: datetime, now: datetime) -> Values:
    """A pause of a case, for `write_pauses`."""
    return {"case_id": case_id, "due_at": deadline, "paused_from": now}


def met(case_id: str, kinds: Iterable[str], now: datetime) -> list[Values]:
    """Clocks that were met, for `write_met`."""
    return [{"this_case": case_id, "this_kind": str(kind), "met_at": now} for kind in kinds]


def write_plans(session: Session, rows: list[Values]) -> None:
    """Start clocks, or move those that run; what has fired or was met stays as it is."""
    _write(session, _PLAN, rows)


def write_restarts(session: Session, rows: list[Values]) -> None:
    """Start clocks anew, also those that fired or were met before."""
    _write(session, _RESTART, rows)


def write_pauses(session: Session, rows: list[Values]) -> None:
    """Let every running clock of these cases stand still, and add a contact clock where there is none."""
    _write(session, _ADD_PAUSED, [row | {"kind": str(Kind.CONTACT), "tell": ""} for row in rows])
    pauses = [{"this_case": row["case_id"], "paused_from": row["paused_from"]} for row in rows]
    prepared(session, _PAUSE, pauses)


def write_met(session: Session, rows: list[Values]) -> None:
    """Mark clocks as met; those that have fired stay fired, so that late stays late."""
    prepared(session, _MEET, rows)


def plan(session: Session, case_id: str, rows: Iterable[Planned]) -> None:
    """Start the clocks of a case, or move those it has; what has fired or was met stays as it is."""
    write_plans(session, planned(case_id, rows))


def restart(session: Session, case_id: str, rows: Iterable[Planned]) -> None:
    """Start clocks of a case anew, also those that fired or were met before: a new turn begins."""
    write_restarts(session, planned(case_id, rows))


def pause(session: Session, case_id: str, deadline: datetime, now: datetime) -> None:
    """Let every running clock of a case stand still; a first question starts with a paused contact clock."""
    write_pauses(session, [paused(case_id, deadline, now)])


def meet(session: Session, case_id: str, kinds: Iterable[str], now: datetime) -> None:
    """Mark clocks of a case as met; those that have fired stay fired, so that late stays late."""
    write_met(session, met(case_id, kinds, now))


def _write(session: Session, statements: dict[str, Any], rows: list[Values]) -> None:
    prepared(session, statements[session.get_bind().dialect.name], rows)


def due(
    session: Session, now: datetime, limit: int, after: tuple[datetime, int] | None = None
) -> list[ClockRow]:
    """The clocks that are due and run, in the order in which they became due.

    `after` is (due_at, id) of the last one that was seen: those that come after it.
    """
    later = (
        or_(
            col(ClockRow.due_at) > after[0],
            and_(col(ClockRow.due_at) == after[0], col(ClockRow.id) > after[1]),
        )
        if after
        else true()
    )
    return list(
        session.exec(
            select(ClockRow)
            .where(_TICKS, col(ClockRow.due_at) <= now, later)
            .order_by(col(ClockRow.due_at), col(ClockRow.id))
            .limit(limit)
        )
    )


def count_due(session: Session, now: datetime) -> int:
    """How many running clocks are due."""
    return session.exec(
        select(func.count()).select_from(ClockRow).where(_RUNS, _CLOCKS.c.due_at <= now)
    ).one()


def next_due(session: Session) -> datetime | None:
    """When the next running clock is due."""
    return session.exec(select(ClockRow.due_at).where(_TICKS).order_by(col(ClockRow.due_at)).limit(1)).first()


_TO_FIRE = (
    select(_CLOCKS.c.id)
    .where(_CLOCKS.c.id.in_(bindparam("ids", expanding=True)), _RUNS)
    .order_by(_CLOCKS.c.id)
    .with_for_update()
)
_FIRE = update(_CLOCKS).where(_CLOCKS.c.id == bindparam("this_id"))


def lock_running(session: Session, ids: Collection[int]) -> set[int]:
    """Lock clocks; gives those of them that neither fired nor were met."""
    if not ids:
        return set()
    return set(session.connection().execute(_TO_FIRE, {"ids": sorted(ids)}).scalars())


def write_fired(session: Session, fired: list[Values]) -> None:
    """Mark locked clocks as fired (`this_id`, `fired_at`)."""
    prepared(session, _FIRE, fired)


def fire(session: Session, clock: ClockRow, now: datetime) -> None:
    """Mark a clock as fired; raises `LostRace` if another worker did, or if it was met meanwhile.

    The case is locked before its clock, as whoever moves a case does.
    """
    session.execute(select(CaseRow.id).where(CaseRow.id == clock.case_id).with_for_update(key_share=True))
    changed = rows_changed(
        session,
        update(ClockRow).where(col(ClockRow.id) == clock.id, _RUNS).values(fired_at=now),
    )
    if changed != 1:
        raise LostRace


def end(session: Session, case_id: str, now: datetime, kinds: Sequence[str] | None = None) -> None:
    """Say of clocks of a case (all but the last one) that they no longer matter; what was met stays met."""
    if kinds is None:
        prepared(session, _END, [{"this_case": case_id, "ended_at": now}])
        return
    ended = {"this_case": case_id, "ended_at": now}
    session.connection().execute(_END.where(_CLOCKS.c.kind.in_(kinds)), ended)


def reopen(session: Session, case_id: str, kinds: Iterable[str]) -> None:
    """Take back that clocks of a case were met, or no longer mattered."""
    session.execute(
        update(ClockRow)
        .where(col(ClockRow.case_id) == case_id, col(ClockRow.kind).in_(list(kinds)))
        .values(met_at=None, ended_at=None)
    )


def due_of(session: Session, case_ids: Collection[str], kind: Kind) -> dict[str, datetime]:
    """When the clock of this kind is due, by case."""
    if not case_ids:
        return {}
    query = select(ClockRow.case_id, ClockRow.due_at).where(
        col(ClockRow.case_id).in_(case_ids), ClockRow.kind == kind
    )
    return dict(session.exec(query).all())


def broken(session: Session, case_id: str) -> datetime | None:
    """By when there should have been contact, once that moment has passed without it."""
    query = select(ClockRow.due_at).where(
        col(ClockRow.case_id) == case_id, ClockRow.kind == Kind.CONTACT, col(ClockRow.fired_at).is_not(None)
    )
    return session.exec(query).first()


def running(session: Session, case_ids: Collection[str]) -> dict[str, list[ClockRow]]:
    """The clocks of these cases that run, soonest first, by case."""
    found: dict[str, list[ClockRow]] = {id_: [] for id_ in case_ids}
    if case_ids:
        query = select(ClockRow).where(col(ClockRow.case_id).in_(sorted(case_ids)), _RUNS)
        for clock in session.exec(query.order_by(col(ClockRow.due_at))):
            found[clock.case_id].append(clock)
    return found


def kinds_of(session: Session, case_id: str) -> list[str]:
    """Which clocks one case has, in no order."""
    return list(session.connection().execute(_KINDS, {"this_case": case_id}).scalars())


def of_case(session: Session, case_id: str) -> list[ClockRow]:
    """The clocks of one case, soonest first."""
    return list(session.exec(_OF_CASE, params={"this_case": case_id}))
