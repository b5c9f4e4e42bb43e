"""Receivers that are asked for their statuses: who gives no answer, and who wants to be asked now.

It promises one row for each of them while it is silent, that an administrator is told of a silence once, and
that whoever says often that something changed is asked once for all of it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import Session, col, select

from gateway.store.pagetables import PollHintRow, PollRow

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


def hint(session: Session, organisation_id: str, now: datetime) -> None:
    """Record that a receiver has something to tell."""
    session.merge(PollHintRow(id=organisation_id, at=now))


def hinted(session: Session) -> list[str]:
    """Who has something to tell."""
    return list(session.exec(select(PollHintRow.id).order_by(col(PollHintRow.id))))


def heard(session: Session, organisation_ids: Collection[str]) -> None:
    """Forget that they had: they are asked now."""
    session.execute(delete(PollHintRow).where(col(PollHintRow.id).in_(organisation_ids)))
