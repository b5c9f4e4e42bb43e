"""Probes: what a beheerder asked the worker to try, because it holds the keys and the ways out.

They promise that each is tried once however many workers there are, and that the last ones alone are kept.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from gateway.store.engine import rows_changed
from gateway.store.pagetables import ProbeRow

KEPT = 20
"""So many probes are kept; one more and the oldest goes."""


def ask(session: Session, target: str, now: datetime, asked_by: str) -> ProbeRow:
    """Ask for one. While one of the same target waits, that is it."""
    query = select(ProbeRow).where(ProbeRow.target == target, col(ProbeRow.taken_at).is_(None))
    row = session.exec(query).first()
    if row is None:
        row = ProbeRow(id=uuid.uuid4().hex, target=target, asked_at=now, asked_by=asked_by)
        session.add(row)
        session.flush()
    older = select(ProbeRow.id).order_by(col(ProbeRow.asked_at).desc(), col(ProbeRow.id)).offset(KEPT)
    session.execute(delete(ProbeRow).where(col(ProbeRow.id).in_(older.limit(1000).scalar_subquery())))
    return row


def take(session: Session, now: datetime) -> ProbeRow | None:
    """One that nobody tries yet; it is the caller's from now on."""
    query = select(ProbeRow).where(col(ProbeRow.taken_at).is_(None)).order_by(col(ProbeRow.asked_at))
    row = session.exec(query.limit(1)).first()
    if row is None:
        return None
    mine = update(ProbeRow).where(col(ProbeRow.id) == row.id, col(ProbeRow.taken_at).is_(None))
    return row if rows_changed(session, mine.values(taken_at=now)) == 1 else None


def end(session: Session, id_: str, now: datetime, problem: str) -> None:
    """Say what came of it: the code of what is wrong, or nothing."""
    session.execute(
        update(ProbeRow).where(col(ProbeRow.id) == id_).values(done_at=now, problem=problem or None)
    )


def latest(session: Session) -> Sequence[ProbeRow]:
    """The last ones, newest first."""
    query = select(ProbeRow).order_by(col(ProbeRow.asked_at).desc(), col(ProbeRow.id))
    return session.exec(query.limit(KEPT)).all()
