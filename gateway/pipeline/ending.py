"""Ends the work on a case: its clocks stand still for good, and retention begins.

It promises that nobody is reminded of a case that ended, and that its keys are destroyed in time.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from gateway.domain.clock import Kind, PlannedClock, retire_due
from gateway.pipeline.notify import policy
from gateway.store import cases, clocks, outbox
from gateway.store.tables import CaseRow

LINGERS = timedelta(days=5)
"""How long the thread of a closed case is kept for the message that it was closed."""


def joined(session: Session, case_id: str, into: str, now: datetime) -> None:
    """A case that joined another: what answers its messages is about that one, and nobody is reminded of it.
    Its thread goes when what was said in it has left."""
    kinds = [row.kind for row in clocks.of_case(session, case_id) if row.kind != Kind.RETIRE]
    clocks.end(session, case_id, now)
    outbox.drop_reminders(session, case_id, kinds)
    clocks.restart(session, case_id, [PlannedClock(Kind.RETIRE, now + LINGERS)])
    cases.move_messages(session, case_id, into)


def end(session: Session, case: CaseRow, now: datetime) -> None:
    """End every clock, take back reminders that have not left, and count retention from now."""
    kinds = [row.kind for row in clocks.of_case(session, case.id) if row.kind != Kind.RETIRE]
    clocks.end(session, case.id, now)
    outbox.drop_reminders(session, case.id, kinds)
    clocks.plan(session, case.id, [PlannedClock(Kind.RETIRE, retire_due(now, policy(case)))])
