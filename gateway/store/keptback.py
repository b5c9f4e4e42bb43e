"""What a restore keeps back: deliveries that may have left between the backup and the restore.

It promises that what is kept back leaves only when a person says so, and that it counts as sent only when a
person says that it had left.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.errors import LostRace
from gateway.store.engine import rows_changed
from gateway.store.outbox import Status
from gateway.store.tables import OutboxRow


def waiting_of(session: Session, after: datetime | None = None) -> list[OutboxRow]:
    """The rows that wait to leave, or those of them that were made after a moment."""
    query = select(OutboxRow).where(OutboxRow.status == Status.READY)
    if after is not None:
        query = query.where(col(OutboxRow.created_at) > after)
    return list(session.exec(query.order_by(col(OutboxRow.created_at), col(OutboxRow.id))))


def keep_back(session: Session, but: Collection[str], reason: str) -> list[OutboxRow]:
    """Hold every row that waits to leave, except these; gives what was held. A nudge is dropped instead."""
    found = [one for one in waiting_of(session) if one.id not in but]
    for one in found:
        one.status = Status.DROPPED if one.kind == "nudge" else Status.HELD
        one.reason, one.lease = reason, None
        session.add(one)
    return [one for one in found if one.status is Status.HELD]


def said_sent(session: Session, row: OutboxRow, now: datetime) -> None:
    """Let a held row count as sent; raises `LostRace` if it is not held any more."""
    changed = rows_changed(
        session,
        update(OutboxRow)
        .where(col(OutboxRow.id) == row.id, col(OutboxRow.status) == Status.HELD)
        .values(status=Status.SENT, sent_at=now, sealed=None, reason=None),
    )
    if changed != 1:
        raise LostRace
