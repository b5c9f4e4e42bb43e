"""Clock rows: promises as data. A sweep reads the index of what is due, not what exists."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, bindparam, or_, true, update
from sqlmodel import Session, SQLModel, col, select

from gateway.domain.clock import ClockRow as Planned
from gateway.domain.clock import Kind
from gateway.errors import LostRace
from gateway.store.engine import prepared, rows_changed
from gateway.store.tables import ClockRow

_ADD = SQLModel.metadata.tables["clocks"].insert()
_OF_CASE = (
    select(ClockRow).where(col(ClockRow.case_id) == bindparam("this_case")).order_by(col(ClockRow.due_at))
)


def plan(session: Session, case_id: str, rows: Iterable[Planned]) -> None:
    """Start the clocks of a case, or move those it has; what has fired or was met stays as it is."""
    known = {row.kind: row for row in of_case(session, case_id)}
    new = []
    for planned in rows:
        row = known.get(planned.kind)
        values = {
            "due_at": planned.due_at,
            "notify_at": planned.notify_at,
            "paused_from": None,
            "tell": " ".join(planned.tell),
        }
        if row is None:
            new.append({"case_id": case_id, "kind": planned.kind, **values})
        elif row.fired_at is None and row.met_at is None:
            for column, value in values.items():
                setattr(row, column, value)
            session.add(row)
    session.flush()
    if new:
        prepared(session, _ADD, new)


def restart(session: Session, case_id: str, rows: Iterable[Planned]) -> None:
    """Start clocks of a case anew, also those that fired or were met before: a new turn begins."""
    fresh = list(rows)
    session.execute(
        update(ClockRow)
        .where(col(ClockRow.case_id) == case_id, col(ClockRow.kind).in_([row.kind for row in fresh]))
        .values(fired_at=None, met_at=None, paused_from=None)
    )
    plan(session, case_id, fresh)


def pause(session: Session, case_id: str, deadline: datetime, now: datetime) -> None:
    """Let every running clock of a case stand still; a first question starts with a paused contact clock."""
    rows = of_case(session, case_id)
    if not any(row.kind == Kind.CONTACT for row in rows):
        rows.append(ClockRow(case_id=case_id, kind=Kind.CONTACT, due_at=deadline))
    for row in rows:
        if row.fired_at is None and row.met_at is None and row.kind != Kind.RETIRE:
            row.paused_from = now
            session.add(row)
    session.flush()


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
            .where(
                col(ClockRow.fired_at).is_(None),
                col(ClockRow.met_at).is_(None),
                col(ClockRow.paused_from).is_(None),
                col(ClockRow.due_at) <= now,
                later,
            )
            .order_by(col(ClockRow.due_at), col(ClockRow.id))
            .limit(limit)
        )
    )


def next_due(session: Session) -> datetime | None:
    """When the next running clock is due."""
    return session.exec(
        select(ClockRow.due_at)
        .where(
            col(ClockRow.fired_at).is_(None),
            col(ClockRow.met_at).is_(None),
            col(ClockRow.paused_from).is_(None),
        )
        .order_by(col(ClockRow.due_at))
        .limit(1)
    ).first()


def fire(session: Session, clock: ClockRow, now: datetime) -> None:
    """Mark a clock as fired; raises `LostRace` if another worker did, or if it was met meanwhile."""
    changed = rows_changed(
        session,
        update(ClockRow)
        .where(col(ClockRow.id) == clock.id, col(ClockRow.fired_at).is_(None), col(ClockRow.met_at).is_(None))
        .values(fired_at=now),
    )
    if changed != 1:
        raise LostRace


def meet(session: Session, case_id: str, kinds: Iterable[str], now: datetime) -> None:
    """Mark clocks of a case as met; those that have fired stay fired, so that late stays late."""
    session.execute(
        update(ClockRow)
        .where(
            col(ClockRow.case_id) == case_id,
            col(ClockRow.kind).in_(list(kinds)),
            col(ClockRow.met_at).is_(None),
        )
        .values(met_at=now)
    )


def reopen(session: Session, case_id: str, kinds: Iterable[str]) -> None:
    """Take back that clocks of a case were met."""
    session.execute(
        update(ClockRow)
        .where(col(ClockRow.case_id) == case_id, col(ClockRow.kind).in_(list(kinds)))
        .values(met_at=None)
    )


def of_case(session: Session, case_id: str) -> list[ClockRow]:
    """The clocks of one case, soonest first."""
    return list(session.exec(_OF_CASE, params={"this_case": case_id}))
