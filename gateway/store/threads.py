"""Further threads of a case: those of everybody who referred the same patient after the first referrer."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, SQLModel, col, select

from gateway.domain.attribution import Moment
from gateway.store import audit, clocks
from gateway.store.engine import Store, prepared
from gateway.store.tables import CaseRow, ThreadRow

_THREADS = SQLModel.metadata.tables["threads"]
_COLUMNS = tuple(_THREADS.c.keys())
_ADD = _THREADS.insert()


def write(session: Session, rows: Sequence[ThreadRow]) -> None:
    """Add threads to their cases."""
    prepared(session, _ADD, [{name: getattr(row, name) for name in _COLUMNS} for row in rows])


def of_case(session: Session, case_id: str) -> list[ThreadRow]:
    """The further threads of a case, oldest first."""
    return list(
        session.exec(select(ThreadRow).where(ThreadRow.case_id == case_id).order_by(col(ThreadRow.added_at)))
    )


def of_cases(session: Session, case_ids: Collection[str]) -> dict[str, list[ThreadRow]]:
    """The further threads of some cases, by case, oldest first; only cases that have any."""
    found: dict[str, list[ThreadRow]] = {}
    if case_ids:
        query = select(ThreadRow).where(col(ThreadRow.case_id).in_(case_ids))
        for row in session.exec(query.order_by(col(ThreadRow.added_at))):
            found.setdefault(row.case_id, []).append(row)
    return found


def history(store: Store, case: CaseRow) -> tuple[list[ThreadRow], list[Moment], datetime | None]:
    """The further threads of a case, and its moves, both oldest first; and the promise that was broken."""
    with store.read() as session:
        return of_case(session, case.id), audit.moments(session, case.id), clocks.broken(session, case.id)


def by_ids(session: Session, ids: Collection[str]) -> dict[str, ThreadRow]:
    """The threads of these ids, by id, as far as they are there."""
    found = session.exec(select(ThreadRow).where(col(ThreadRow.id).in_(ids))) if ids else ()
    return {row.id: row for row in found}


def leave(session: Session, case_id: str, practice_id: str, now: datetime) -> None:
    """A practice withdrew: nothing is told any more in the threads that it has in a case."""
    session.execute(
        update(ThreadRow)
        .where(col(ThreadRow.case_id) == case_id, col(ThreadRow.practice_id) == practice_id)
        .where(col(ThreadRow.left_at).is_(None))
        .values(left_at=now)
    )


def remove(session: Session, row: ThreadRow) -> None:
    """Take a thread back: nothing is told there any more, and its address is destroyed."""
    session.execute(delete(ThreadRow).where(col(ThreadRow.id) == row.id))


def forget(session: Session, case_id: str, changes: dict[str, Any]) -> None:
    """Destroy the addresses of a case's further threads."""
    session.execute(update(ThreadRow).where(col(ThreadRow.case_id) == case_id).values(**changes))
