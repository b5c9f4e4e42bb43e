"""Strangers: how often somebody failed to log in, of whom nothing is known.

They promise that whoever tries for days adds one event a minute to the audit trail, in which none is left out
of the count, and that every failure costs the same write, whichever account it was about.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from gateway.domain.trail import AuditEvent
from gateway.store import audit
from gateway.store.pagetables import StrangersRow

ACTOR = "stranger"
"""How the audit trail names them."""


TELL = timedelta(minutes=1)


def failed(session: Session, *, wall: datetime, now: datetime, **how: str) -> None:
    """Count a failure; one a minute is an event at `now`: `how` it was, and how many since the one before."""
    row = session.exec(select(StrangersRow).with_for_update()).one()
    row.failures += 1
    if row.told_at is None or not row.told_at <= wall < row.told_at + TELL:
        audit.append(session, AuditEvent.LOGIN_FAILED, now=now, actor=ACTOR, failures=row.failures, **how)
        row.failures, row.told_at = 0, wall
    session.add(row)
    session.flush()
