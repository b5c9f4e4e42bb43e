"""Receivers that are asked for their statuses and give no answer.

It promises one row for each of them while it is silent, and that an administrator is told of a silence once.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import Session, col, select

from gateway.store.pagetables import PollRow

PATIENCE: Final = timedelta(hours=1)
"""After so long without an answer an administrator is told, as with a delivery."""


def answered(session: Session, organisation_id: str) -> None:
    """Record that a receiver answered."""
    session.execute(delete(PollRow).where(col(PollRow.id) == organisation_id))


def failed(session: Session, organisation_id: str, reason: str, now: datetime) -> bool:
    """Record that a receiver gave no answer; says whether an administrator is to be told now."""
    row = session.get(PollRow, organisation_id) or PollRow(id=organisation_id, since=now, reason=reason)
    due = row.told_at is None and now - row.since >= PATIENCE
    row.reason, row.told_at = reason, now if due else row.told_at
    session.add(row)
    return due


def forget(session: Session, but: Collection[str]) -> None:
    """Forget the receivers that nobody asks any more."""
    session.execute(delete(PollRow).where(col(PollRow.id).not_in(but)))


def failing(session: Session) -> list[PollRow]:
    """The receivers that give no answer now."""
    return list(session.exec(select(PollRow).order_by(col(PollRow.id))))
