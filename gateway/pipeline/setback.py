"""After the machine's clock stepped back: nothing waits for longer than it would by itself.

What was to be tried again "in a minute" was written down as a moment, which after a step of an hour is an
hour away. It promises that such a wait begins anew, counted from now; that what was planned for a moment of
the calendar keeps it, and so does what somebody works on; and that doing this twice, or by several workers
at once, changes nothing.
"""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select

from gateway.pipeline import batch, receipts
from gateway.store.engine import Store
from gateway.store.outbox import Status
from gateway.store.tables import InboxRow, OutboxRow


def shorten_waits(store: Store, now: datetime) -> int:
    """Let every wait be no longer than its own; gives how many were."""
    with store.write() as session:
        changed = 0
        mails = select(InboxRow.id, InboxRow.next_at, InboxRow.attempt, InboxRow.postponed).where(
            col(InboxRow.outcome).is_(None), col(InboxRow.lease).is_(None), col(InboxRow.next_at) > now
        )
        for id_, next_at, attempt, postponed in session.exec(mails).all():
            wait = _nth(batch.WAITS, max(attempt, postponed))
            if next_at is not None and next_at > now + wait:
                row = update(InboxRow).where(col(InboxRow.id) == id_, col(InboxRow.lease).is_(None))
                session.execute(row.values(next_at=now + wait))
                changed += 1
        rows = (
            select(OutboxRow.id, OutboxRow.next_at, OutboxRow.created_at, OutboxRow.attempt)
            .where(OutboxRow.status == Status.READY, col(OutboxRow.lease).is_(None))
            .where(col(OutboxRow.next_at) > now)
        )
        for id_, next_at, created_at, attempt in session.exec(rows).all():
            if attempt == 0 and next_at > created_at:
                # It was planned for that moment.
                continue
            wait = _nth((*receipts.WAITS, receipts.THEN), attempt)
            if next_at > now + wait * (1 + receipts.JITTER):
                mine = update(OutboxRow).where(col(OutboxRow.id) == id_, col(OutboxRow.lease).is_(None))
                session.execute(mine.values(next_at=now + wait))
                changed += 1
    return changed


def _nth(waits: tuple[timedelta, ...], number: int) -> timedelta:
    """How long is waited after that try; nothing before the first."""
    return waits[min(number, len(waits)) - 1] if number else timedelta(0)
