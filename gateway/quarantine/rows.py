"""What the beheerders' page lists: mails that were set aside, and questions that wait for an answer.

Each list costs a few queries by index, however many cases there are, and reads nothing of a mail.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.domain.codes import Kind
from gateway.domain.states import State
from gateway.domain.trail import AuditEvent
from gateway.store.pagetables import SetAsideRow
from gateway.store.tables import CaseRow, ClockRow, EventRow

PAGE = 50
"""So many of each stand on a page."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A mail that was set aside. `problem` is why it has no copy (a code), `waits` that it will have one."""

    kenmerk: str
    received_at: datetime
    since: datetime
    reason: str
    problem: str | None
    waits: bool


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A case that waits for its referrer: what was asked (closed codes) and when it ends."""

    kenmerk: str
    practice_id: str | None
    asked_at: datetime
    problems: tuple[str, ...]
    remind: ClockRow | None
    give_up: ClockRow | None


def asides(session: Session, page: int) -> tuple[list[Aside], bool]:
    """A page (from 1 on) of the mails that were set aside, oldest first, and whether there are more."""
    query = (
        select(CaseRow, SetAsideRow.problem, col(SetAsideRow.sealed).is_not(None))
        .outerjoin(SetAsideRow, col(SetAsideRow.case_id) == col(CaseRow.id))
        .where(CaseRow.state == State.QUARANTINED)
        .order_by(col(CaseRow.received_at), col(CaseRow.id))
    )
    rows = session.exec(query.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    found = [
        Aside(
            kenmerk=case.kenmerk,
            received_at=case.received_at,
            since=case.updated_at,
            reason=case.reason or "",
            problem=None if sealed else problem,
            waits=not sealed and problem is None,
        )
        for case, problem, sealed in rows[:PAGE]
    ]
    return found, len(rows) > PAGE


def questions(session: Session, page: int) -> tuple[list[OpenQuestion], bool]:
    """One page of the cases that wait for an answer, oldest question first, and whether there are more."""
    query = (
        select(CaseRow)
        .where(CaseRow.state == State.NEEDS_INFO)
        .order_by(col(CaseRow.updated_at), col(CaseRow.id))
    )
    rows = session.exec(query.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    cases = rows[:PAGE]
    ids = [case.id for case in cases]
    clocks = session.exec(
        select(ClockRow).where(
            col(ClockRow.case_id).in_(ids), col(ClockRow.kind).in_([Kind.REMIND, Kind.GIVE_UP])
        )
    )
    by_case = {(clock.case_id, clock.kind): clock for clock in clocks}
    events = session.exec(
        select(EventRow)
        .where(col(EventRow.case_id).in_(ids), EventRow.kind == AuditEvent.CASE_NEEDS_INFO)
        .order_by(col(EventRow.seq))
    )
    asked = {event.case_id: event for event in events}
    found = [
        OpenQuestion(
            kenmerk=case.kenmerk,
            practice_id=case.practice_id,
            asked_at=asked[case.id].at if case.id in asked else case.updated_at,
            problems=tuple(json.loads(asked[case.id].data).get("problems", ())) if case.id in asked else (),
            remind=by_case.get((case.id, Kind.REMIND)),
            give_up=by_case.get((case.id, Kind.GIVE_UP)),
        )
        for case in cases
    ]
    return found, len(rows) > PAGE
