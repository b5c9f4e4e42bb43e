"""The facts about cases from which figures are made: ids, codes and moments, read from the audit trail.

It promises that closing a case and destroying its keys changes no figure: the trail stays. The trail is read
for a batch of cases at a time, so that their number costs time and little memory.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel

from gateway.domain.attribution import Moment
from gateway.domain.codes import Kind
from gateway.domain.pathway import DEBTS
from gateway.domain.states import Event, State
from gateway.domain.trail import AuditEvent
from gateway.statistics.facts import NOBODY, CaseFacts
from gateway.store import tables  # noqa: F401 - the tables are known by name once this is read

BATCH = 1000
"""The trail of so many cases is read at a time."""

_CASES, _CLOCKS, _EVENTS = (SQLModel.metadata.tables[name].c for name in ("cases", "clocks", "events"))
_COLUMNS = (
    _CASES.id,
    _CASES.kenmerk,
    _CASES.state,
    _CASES.practice_id,
    _CASES.organisation_id,
    _CASES.wijk,
    _CASES.pathway,
    _CASES.theme,
    _CASES.received_at,
)
_MOVES = {AuditEvent.of_case(event): event for event in Event if event is not Event.RECEIVED}
_AT = type_coerce(_EVENTS.at, NullType())
"""As the driver gives it: SQLAlchemy's own way takes half of the time for what is read by the million."""
_TELLS = {
    Event.ROUTED: "organisation",
    Event.REROUTED: "organisation",
    Event.DECLINED: "reason",
    Event.STOPPED: "outcome",
}
"""What else is read of an event."""
_STATES = {str(state): state for state in State}


def facts(session: Session, ids: Sequence[str]) -> Iterator[tuple[str, CaseFacts]]:
    """The cases with these ids, each with its id, in this order; an id without a case, or of a test, gives
    nothing."""
    for begin in range(0, len(ids), BATCH):
        yield from _batch(session, ids[begin : begin + BATCH])


def moved(session: Session, since: datetime) -> Sequence[str]:
    """The ids of the cases that moved since then, the one that was received first at the head."""
    query = select(_CASES.id).where(_CASES.updated_at >= since).order_by(_CASES.received_at)
    return session.connection().execute(query).scalars().all()


def last_event(session: Session) -> int:
    """The number of the newest event of the trail, 0 while there is none."""
    return session.connection().execute(select(func.max(_EVENTS.seq))).scalar() or 0


def touched(session: Session, after: int, upto: int) -> Sequence[str]:
    """The ids of the cases that the events after that number, up to this one, are about."""
    query = select(_EVENTS.case_id).distinct().where(_EVENTS.seq > after, _EVENTS.seq <= upto)
    return session.connection().execute(query.where(_EVENTS.case_id.is_not(None))).scalars().all()


def _batch(session: Session, ids: Sequence[str]) -> Iterator[tuple[str, CaseFacts]]:
    connection = session.connection()
    counted = select(*_COLUMNS).where(_CASES.id.in_(ids), ~_CASES.trial)
    rows = {row.id: row for row in connection.execute(counted)}
    query = select(_CLOCKS.case_id, _CLOCKS.due_at, _CLOCKS.paused_from).where(_CLOCKS.kind == Kind.CONTACT)
    clocks = {clock.case_id: clock for clock in connection.execute(query.where(_CLOCKS.case_id.in_(ids)))}
    moves: dict[str, list[Moment]] = {id_: [] for id_ in ids}
    told: dict[tuple[str, str], list[str]] = {}
    events = select(_EVENTS.case_id, _EVENTS.kind, _AT, _EVENTS.data).where(_EVENTS.case_id.in_(ids))
    for case_id, kind, at, data in connection.execute(events.order_by(_EVENTS.seq)):
        if (event := _MOVES.get(kind)) is None:
            continue
        moves[case_id].append(Moment(_moment(at), event))
        if name := _TELLS.get(event):
            told.setdefault((case_id, name), []).append(json.loads(data).get(name) or "")
    for id_ in ids:
        if row := rows.get(id_):
            several = {name: tuple(told.get((id_, name), ())) for name in set(_TELLS.values())}
            yield id_, _facts(row, clocks.get(id_), tuple(moves[id_]), several)


def _facts(row: Any, clock: Any, moves: tuple[Moment, ...], told: Mapping[str, tuple[str, ...]]) -> CaseFacts:
    name, theme = _agreement(row.pathway)
    return CaseFacts(
        kenmerk=row.kenmerk,
        state=_STATES[row.state],
        practice=row.practice_id or NOBODY,
        organisation=row.organisation_id or NOBODY,
        wijk=row.wijk or NOBODY,
        pathway=name,
        theme=row.theme or theme,
        received_at=row.received_at,
        due_at=clock.due_at if clock else None,
        paused=clock is not None and clock.paused_from is not None,
        moves=moves,
        handed_to=told["organisation"],
        reasons=told["reason"],
        outcomes=told["outcome"],
    )


def _moment(at: datetime | str) -> datetime:
    """A moment as the driver gives it: SQLite keeps it as text, in UTC."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at


@lru_cache(maxsize=256)
def _agreement(pathway: str) -> tuple[str, str]:
    """The name and theme of an agreement as it was copied into a case; thousands have the same copy."""
    try:
        agreed = json.loads(pathway)
        name = str(agreed.get("name", NOBODY))
        if name == NOBODY:
            return NOBODY, NOBODY
        return name, str(agreed.get("theme", {}).get("name", DEBTS))
    except (ValueError, AttributeError):
        # One damaged case must not stop the counting of all others.
        return NOBODY, NOBODY
