"""Which cases may be in trouble without anybody being told again.

It promises to find every such case by what is due and what is set aside, not by looking at all that exist.
"""

from datetime import datetime

from sqlalchemy import and_, exists, select, text, union
from sqlmodel import Session, SQLModel, col

from gateway.domain.codes import Kind
from gateway.domain.messages import Code
from gateway.domain.states import IN_CONTACT, WITH_ORGANISATION, Event, State
from gateway.store.outboxrow import Status
from gateway.store.tables import AGREED, ASIDE, AWAITED, TROUBLED, EventRow

_TABLES = SQLModel.metadata.tables
_CASES, _OUTBOX, _CLOCKS = _TABLES["cases"], _TABLES["outbox"], _TABLES["clocks"]
_REPEATS = _CLOCKS.alias("repeats")
_WATCHED = exists().where(
    and_(
        _REPEATS.c.case_id == _CASES.c.id,
        _REPEATS.c.kind == str(Kind.REPEAT),
        _REPEATS.c.fired_at.is_(None),
        _REPEATS.c.met_at.is_(None),
        _REPEATS.c.ended_at.is_(None),
    )
)
_CONFIRMED = exists().where(
    and_(
        col(EventRow.case_id) == _CASES.c.id,
        col(EventRow.kind) == f"case.{Event.WITHDRAWAL_CONFIRMED}",
    )
)
_ASKED = exists().where(
    and_(_OUTBOX.c.case_id == _CASES.c.id, _OUTBOX.c.code.in_([Code.ORG_WITHDRAWN, Code.ORG_STOP]))
)
_AWAITED = [str(state) for state in sorted({*WITH_ORGANISATION, State.DECLINED})]
_LATE = select(_CLOCKS.c.case_id).where(text(AWAITED), _CLOCKS.c.paused_from.is_(None))
_MISSED = select(_CLOCKS.c.case_id).where(text(AGREED), _CLOCKS.c.paused_from.is_(None))
_HELD = (
    select(_OUTBOX.c.case_id)
    .where(text(TROUBLED), _OUTBOX.c.status == str(Status.HELD))
    .where(_OUTBOX.c.case_id != "")
)


def unwatched(session: Session, now: datetime, limit: int, after: str = "") -> list[str]:
    """The ids of cases that may be in trouble and have no clock that tells it again; those after an id."""
    id_ = _CASES.c.id
    late = select(id_).where(
        _CASES.c.state.in_(_AWAITED), id_.in_(_LATE.where(_CLOCKS.c.due_at <= now)), ~_WATCHED
    )
    missed = select(id_).where(
        _CASES.c.state.in_([str(state) for state in sorted(IN_CONTACT)]),
        id_.in_(_MISSED.where(_CLOCKS.c.due_at <= now)),
        ~_WATCHED,
    )
    aside = select(id_).where(text(ASIDE), _CASES.c.state != str(State.RETURNED), ~_WATCHED)
    taken_back = select(id_).where(_CASES.c.state == str(State.WITHDRAWN), ~_WATCHED, _ASKED, ~_CONFIRMED)
    held = select(id_).where(id_.in_(_HELD), _CASES.c.state != str(State.CLOSED), ~_WATCHED)
    every = union(late, missed, aside, taken_back, held).subquery()
    query = select(every.c.id).where(every.c.id > after).order_by(every.c.id).limit(limit)
    return list(session.connection().execute(query).scalars())
