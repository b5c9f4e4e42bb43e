"""When a receiver that is asked for its statuses last answered, and since when it does not any more.

It promises one row for each receiver, and that an administrator is told of one silence once.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import Session, col, select

from gateway.store.pagetables import PollRow

PATIENCE: Final = timedelta(hours=1)
"""After so long without an answer an administrator is told, as with a delivery."""


def answered(session: Session, organisation_id: str, now: datetime) -> None:
    """Record that a receiver answered."""
    row = _row(session, organisation_id)
    row.answered_at, row.failing_since, row.reason, row.told_at = now, None, None, None


def failed(session: Session, organisation_id: str, reason: str, now: datetime) -> bool:
    """Record that a receiver gave no answer; says whether an administrator is to be told now."""
    row = _row(session, organisation_id)
    row.failing_since, row.reason = row.failing_since or now, reason
    due = row.told_at is None and now - row.failing_since >= PATIENCE
    if due:
        row.told_at = now
    return due


def forget(session: Session, but: Collection[str]) -> None:
    """Forget the receivers that nobody asks any more."""
    session.execute(delete(PollRow).where(col(PollRow.id).not_in(but)))


def all_of(session: Session) -> list[PollRow]:
    """Every receiver that was ever asked."""
    return list(session.exec(select(PollRow).order_by(col(PollRow.id))))


def failing(session: Session) -> list[PollRow]:
    """The receivers that give no answer now."""
    return [row for row in all_of(session) if row.failing_since is not None]


def _row(session: Session, organisation_id: str) -> PollRow:
    row = session.get(PollRow, organisation_id) or PollRow(id=organisation_id)
    session.add(row)
    return row
