"""The alarms among the events of the audit trail: what needs a person.

It promises that an alarm which is noted once is noted once, whoever else notes it at the same moment.
"""

from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import text
from sqlmodel import Session, col, select

from gateway.domain.trail import AuditEvent
from gateway.store import audit
from gateway.store.engine import one_at_a_time
from gateway.store.tables import ALARMING, EventRow


def alarming(session: Session, after: int, limit: int, since: datetime | None = None) -> list[EventRow]:
    """The events after that number which need a person, oldest first; none from before `since`."""
    query = select(EventRow).where(text(ALARMING), col(EventRow.seq) > after)
    if since is not None:
        query = query.where(col(EventRow.at) >= since)
    return list(session.exec(query.order_by(col(EventRow.seq)).limit(limit)))


def alarm_once(session: Session, *, now: datetime, actor: str, **facts: Any) -> bool:
    """Record an alarm, unless one with exactly these facts was recorded before; says whether it was added."""
    one_at_a_time(session, "alarm")
    if alarmed(session, facts):
        return False
    audit.append(session, AuditEvent.ALARM, now=now, actor=actor, **facts)
    return True


def alarmed(session: Session, data: dict[str, Any]) -> bool:
    """Whether an alarm with exactly these facts was recorded before."""
    same = EventRow.data == rfc8785.dumps(data).decode()
    query = select(EventRow.seq).where(text(ALARMING), EventRow.kind == AuditEvent.ALARM, same)
    return session.exec(query.limit(1)).first() is not None
