"""The promises of a case, which stand still while the referrer has the turn, run on after it, and end.

It promises that no promise is broken while the referrer has the turn, and that the term which is left is the
one that was left when they got it; and that nobody is reminded of a case whose work ended, while its keys are
destroyed in time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from gateway.domain.attribution import paused_time
from gateway.domain.clock import PlannedClock, plan, question_plan, retire_due
from gateway.domain.codes import Kind
from gateway.domain.states import Event
from gateway.pipeline.notify import deadline, policy
from gateway.store import audit, cases, clocks, outbox
from gateway.store.moves import Move
from gateway.store.tables import CaseRow

LINGERS = timedelta(days=5)
"""How long the thread of a closed case is kept for the message that it was closed."""


def give_turn(session: Session, case: CaseRow, now: datetime) -> None:
    """Let every promise stand still, and remind the referrer."""
    clocks.pause(session, case.id, deadline(session, case), now)
    clocks.restart(session, case.id, question_plan(now, policy(case)))


def answered(move: Move, case: CaseRow, changes: Mapping[str, object], now: datetime, actor: str) -> None:
    """Let a move take the turn from a referrer who was asked something: nobody is reminded of it any more."""
    move.advance(case, Event.INFO_GIVEN, now=now, actor=actor, changes=changes)
    move.meet(case.id, (Kind.REMIND, Kind.GIVE_UP, Kind.FORGET), now)
    move.outdate(case.id, (Kind.REMIND,))


def take_turn_back(session: Session, case: CaseRow, now: datetime) -> None:
    """Let every promise run on, with the term that it has left, after the move; a test has none."""
    clocks.meet(session, case.id, (Kind.REMIND, Kind.GIVE_UP), now)
    if case.trial:
        return
    paused = paused_time(case.received_at, audit.moments(session, case.id), now)
    clocks.plan(session, case.id, plan(case.received_at, policy(case), paused=paused, urgent=case.urgent))


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
