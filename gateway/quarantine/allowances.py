"""Senders that beheerders allowed for a practice, beside those in the configuration.

They promise that a sender stands for one practice at a time, also when two beheerders allow it at once, and
that what was revoked counts for nothing from that commit on.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gateway.errors import LostRace, NotFound
from gateway.store.engine import rows_changed
from gateway.store.pagetables import AllowanceRow

_STANDING = col(AllowanceRow.revoked_at).is_(None)


def add(session: Session, practice_id: str, sender: str, now: datetime, by: str) -> AllowanceRow:
    """Let a sender stand for a practice; raises `LostRace` if it was allowed at this very moment."""
    row = AllowanceRow(
        id=uuid.uuid4().hex, practice_id=practice_id, sender=sender, created_at=now, created_by=by
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise LostRace from None
    return row


def find(session: Session, senders: Sequence[str]) -> AllowanceRow | None:
    """The standing allowance of the first of these senders that has one."""
    query = select(AllowanceRow).where(_STANDING, col(AllowanceRow.sender).in_(senders))
    found = {row.sender: row for row in session.exec(query)}
    return next((found[sender] for sender in senders if sender in found), None)


def at_domain(session: Session, domain: str) -> list[AllowanceRow]:
    """The standing allowances of single addresses at a domain."""
    ends = col(AllowanceRow.sender).endswith(f"@{domain}", autoescape=True)
    return list(session.exec(select(AllowanceRow).where(_STANDING, ends)))


def standing(session: Session) -> list[AllowanceRow]:
    """Every allowance that counts, by practice."""
    query = select(AllowanceRow).where(_STANDING)
    return list(session.exec(query.order_by(col(AllowanceRow.practice_id), col(AllowanceRow.sender))))


def by_id(session: Session, id_: str) -> AllowanceRow:
    """The allowance of an id; raises `NotFound`."""
    row = session.get(AllowanceRow, id_)
    if row is None:
        raise NotFound("There is no such allowance")
    return row


def revoke(session: Session, row: AllowanceRow, now: datetime) -> None:
    """End an allowance; raises `LostRace` if somebody else did."""
    changed = rows_changed(
        session, update(AllowanceRow).where(col(AllowanceRow.id) == row.id, _STANDING).values(revoked_at=now)
    )
    if changed != 1:
        raise LostRace
