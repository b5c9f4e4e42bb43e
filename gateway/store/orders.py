"""Orders: what a beheerder asked for on a page that only the worker can do, because it holds the keys.

They promise that a case has at most one order that waits, also when two beheerders press at once, and that an
order ends once: whoever ends it does so in the transaction of the work itself.
"""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace, NotAllowed
from gateway.store import audit
from gateway.store.engine import rows_changed
from gateway.store.pagetables import OrderRow
from gateway.store.tables import CaseRow

SHOWN = 20
"""So many of a case's orders are remembered on its page."""


class OrderKind(StrEnum):
    """What can be ordered."""

    RETRY = "retry"
    """Send a held handover after all; the target is the delivery."""
    REROUTE = "reroute"
    """Hand the case to the organisation that is the target."""
    BACKUP = "backup"
    """Hand the case to the backup of its organisation."""


def place(
    session: Session, case: CaseRow, kind: OrderKind, now: datetime, ordered_by: str, target: str = ""
) -> OrderRow:
    """Ask the worker for something; raises `NotAllowed` while another order for the case waits."""
    row = OrderRow(
        id=uuid.uuid4().hex,
        kind=kind,
        case_id=case.id,
        target=target,
        version=case.version,
        ordered_at=now,
        ordered_by=ordered_by,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise NotAllowed("another order for this case waits") from None
    return row


def ordered(
    session: Session, case: CaseRow, kind: OrderKind, now: datetime, ordered_by: str, target: str = ""
) -> OrderRow:
    """The same, and the event of it: what somebody pressed."""
    row = place(session, case, kind, now, ordered_by, target)
    facts = {"case_id": case.id, "order": str(kind), "target": target}
    audit.append(session, AuditEvent.ORDER_PLACED, now=now, actor=ordered_by, **facts)
    return row


def waiting(session: Session, limit: int) -> list[OrderRow]:
    """The orders that nobody carried out yet, oldest first."""
    query = select(OrderRow).where(col(OrderRow.done_at).is_(None)).order_by(col(OrderRow.ordered_at))
    return list(session.exec(query.limit(limit)))


def take(session: Session, order: OrderRow, now: datetime) -> None:
    """End an order, to be committed with what it asks for; raises `LostRace` if it has ended."""
    _change(session, order, done_at=now)


def refuse(session: Session, order: OrderRow, problem: str) -> None:
    """Say of an order that was taken in this transaction why it can't be done."""
    session.execute(update(OrderRow).where(col(OrderRow.id) == order.id).values(problem=problem))


def failed(session: Session, order: OrderRow) -> None:
    """Count a failure that nobody foresaw; raises `LostRace` if the order has ended."""
    _change(session, order, tries=order.tries + 1)


def of_case(session: Session, case_id: str) -> list[OrderRow]:
    """The newest orders of a case, newest first."""
    query = select(OrderRow).where(OrderRow.case_id == case_id).order_by(col(OrderRow.ordered_at).desc())
    return list(session.exec(query.limit(SHOWN)))


def has_ended(session: Session, order_id: str) -> bool:
    """Whether an order was carried out or refused."""
    row = session.get(OrderRow, order_id)
    return row is not None and row.done_at is not None


def _change(session: Session, order: OrderRow, **values: object) -> None:
    statement = update(OrderRow).where(col(OrderRow.id) == order.id, col(OrderRow.done_at).is_(None))
    if rows_changed(session, statement.values(**values)) != 1:
        raise LostRace
