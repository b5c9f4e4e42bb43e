"""Gives the turn to the referrer and takes it back: the promises of a case stand still meanwhile, and run on.

It promises that no promise is broken while the referrer has the turn, and that the term which is left is the
one that was left when they got it.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from gateway.domain.attribution import paused_time
from gateway.domain.clock import Kind, plan, question_plan
from gateway.domain.states import Event
from gateway.pipeline.notify import deadline, policy
from gateway.store import audit, clocks, outbox
from gateway.store.moves import Move
from gateway.store.tables import CaseRow


def give_turn(session: Session, case: CaseRow, now: datetime) -> None:
    """Let every promise stand still, and remind the referrer."""
    clocks.pause(session, case.id, deadline(session, case), now)
    clocks.restart(session, case.id, question_plan(now, policy(case)))


def answered(move: Move, case: CaseRow, changes: Mapping[str, object], now: datetime, actor: str) -> None:
    """Let a move take the turn from a referrer who was asked something: nobody is reminded of it any more."""
    move.advance(case, Event.INFO_GIVEN, now=now, actor=actor, changes=changes)
    move.meet(case.id, (Kind.REMIND, Kind.GIVE_UP, Kind.FORGET), now)
    move.also(lambda session: outbox.drop_reminders(session, case.id, (Kind.REMIND,)))


def take_turn_back(session: Session, case: CaseRow, now: datetime) -> None:
    """Let every promise run on, with the term that it has left; to be called after the move."""
    clocks.meet(session, case.id, (Kind.REMIND, Kind.GIVE_UP), now)
    paused = paused_time(case.received_at, audit.moments(session, case.id), now)
    clocks.plan(session, case.id, plan(case.received_at, policy(case), paused=paused, urgent=case.urgent))
