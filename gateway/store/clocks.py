"""Clock rows: promises as data. A sweep reads the index of what is due, not what exists."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.errors import LostRace
from gateway.store.engine import rows_changed
from gateway.store.tables import ClockRow


def start(session: Session, case_id: str, rows: Iterable[tuple[str, datetime, datetime]]) -> None:
    """Start the clocks of a case; each is (kind, due_at, notify_at)."""
    session.add_all(
        ClockRow(case_id=case_id, kind=kind, due_at=due_at, notify_at=notify_at)
        for kind, due_at, notify_at in rows
    )


def due(session: Session, now: datetime, limit: int) -> list[ClockRow]:
    """The clocks that are due and run, in the order in which they became due."""
    return list(
        session.exec(
            select(ClockRow)
            .where(
                col(ClockRow.fired_at).is_(None),
                col(ClockRow.met_at).is_(None),
                col(ClockRow.paused_from).is_(None),
                col(ClockRow.due_at) <= now,
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


def of_case(session: Session, case_id: str) -> list[ClockRow]:
    """The clocks of one case, soonest first."""
    return list(
        session.exec(select(ClockRow).where(ClockRow.case_id == case_id).order_by(col(ClockRow.due_at)))
    )
