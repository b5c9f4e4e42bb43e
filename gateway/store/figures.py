"""The facts about cases from which figures are made: ids, codes and moments, read from the audit trail.

It promises that closing a case and destroying its keys changes no figure: the trail stays.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.domain.clock import Kind
from gateway.domain.states import Event, State
from gateway.domain.turns import Moment
from gateway.store.tables import CaseRow, ClockRow, EventRow


@dataclass(frozen=True, slots=True)
class Facts:
    """One case. `moves` are its events, oldest first; `reasons` the coded reason of each refusal."""

    kenmerk: str
    state: State
    practice: str
    organisation: str
    wijk: str
    pathway: str
    received_at: datetime
    due_at: datetime | None
    moves: tuple[Moment, ...]
    reasons: tuple[str, ...] = field(default=())


def facts(session: Session, since: datetime | None, until: datetime | None) -> Iterator[Facts]:
    """The cases that were received from `since` until before `until`, oldest first."""
    query = select(CaseRow).order_by(col(CaseRow.received_at))
    if since is not None:
        query = query.where(col(CaseRow.received_at) >= since)
    if until is not None:
        query = query.where(col(CaseRow.received_at) < until)
    rows = session.exec(query).all()
    ids = {row.id for row in rows}
    due = {
        clock.case_id: clock.due_at
        for clock in session.exec(select(ClockRow).where(ClockRow.kind == Kind.CONTACT))
        if clock.case_id in ids
    }
    moves: dict[str, list[Moment]] = {}
    reasons: dict[str, list[str]] = {}
    # One pass over the trail costs less than a question for each case.
    events = select(EventRow).where(col(EventRow.kind).startswith("case.")).order_by(col(EventRow.seq))
    for event in session.exec(events.execution_options(yield_per=500)):
        if event.case_id not in ids or event.kind == "case.received":
            continue
        name = Event(event.kind.removeprefix("case."))
        moves.setdefault(event.case_id, []).append(Moment(event.at, name))
        if name is Event.DECLINED:
            reasons.setdefault(event.case_id, []).append(json.loads(event.data).get("reason", ""))
    for row in rows:
        yield Facts(
            kenmerk=row.kenmerk,
            state=State(row.state),
            practice=row.practice_id or "-",
            organisation=row.organisation_id or "-",
            wijk=row.wijk or "-",
            pathway=json.loads(row.pathway).get("name", "-"),
            received_at=row.received_at,
            due_at=due.get(row.id),
            moves=tuple(moves.get(row.id, ())),
            reasons=tuple(reasons.get(row.id, ())),
        )
