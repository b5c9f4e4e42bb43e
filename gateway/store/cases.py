"""Cases: born with their first event, moved by compare-and-set (many at once: see `moves`).

It promises that a move and its event are one transaction, that two workers can't both make it, and that
`states.TRANSITIONS` is asked every time, and that a move after which no mailbox need hold the referral any
more (contact, another organisation, any end) destroys it there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, update
from sqlalchemy import select as columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel, col, select

from gateway.domain.case import kenmerk_of
from gateway.domain.codes import Kind
from gateway.domain.states import ENDED, IN_CONTACT, UNREACHED, Event, State, move
from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace, NotFound
from gateway.store import audit, boxes, mailbox
from gateway.store.engine import locked, prepared, writes
from gateway.store.tables import CaseRow, ClockRow, MessageRow, OriginalRow

_CASES = SQLModel.metadata.tables["cases"]
_COLUMNS = tuple(_CASES.c.keys())
_ADD = _CASES.insert()
_CHANGE = update(_CASES).where(
    _CASES.c.id == bindparam("this_id"), _CASES.c.version == bindparam("this_version")
)
_MESSAGES = SQLModel.metadata.tables["messages"]
_ADD_MESSAGE = _MESSAGES.insert()
_KNOWN_MESSAGES = select(_MESSAGES.c.key).where(_MESSAGES.c.key.in_(bindparam("keys", expanding=True)))
_ORIGINALS = SQLModel.metadata.tables["originals"]
_ADD_ORIGINAL = {
    "sqlite": sqlite.insert(_ORIGINALS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_ORIGINALS).on_conflict_do_nothing(),
}
_LOCK = (
    select(_CASES.c.id, _CASES.c.version)
    .where(_CASES.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_CASES.c.id)
    .with_for_update(key_share=True)
)
_LOCKED = (
    select(CaseRow)
    .where(col(CaseRow.id) == bindparam("this_id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_WITH_ORGANISATION = select(_CASES.c.phone_mac, _CASES.c.id).where(
    _CASES.c.phone_mac.in_(bindparam("marks", expanding=True)),
    _CASES.c.state.in_([str(state) for state in sorted(UNREACHED)]),
)


def start(session: Session, case: CaseRow, *, actor: str, inbox_id: str, **data: Any) -> None:
    """Add a case in its first state (received), with its first event."""
    write_new(session, [case])
    boxes.refuse_destroyed(session, (case.fields_key, case.thread_key))
    audit.append(
        session,
        AuditEvent.CASE_RECEIVED,
        now=case.updated_at,
        actor=actor,
        case_id=case.id,
        inbox_id=inbox_id,
        kenmerk=case.kenmerk,
        practice=case.practice_id,
        **data,
    )


def advance(
    session: Session,
    case: CaseRow,
    event: Event,
    *,
    now: datetime,
    actor: str,
    changes: dict[str, Any] | None = None,
    **data: Any,
) -> None:
    """Move a case and write the event; `changes` are further columns that change with it.

    Raises `NotAllowed` if the table has no such move, `LostRace` if the case moved since it was read.
    """
    values = moved(case, event, now, changes)
    change(session, case, values)
    boxes.refuse_destroyed(session, (values.get("fields_key"), values.get("thread_key")))
    if empties_mailbox(event, case):
        mailbox.destroy(session, case.id)
    kind = AuditEvent.of_case(event)
    audit.append(session, kind, now=now, actor=actor, case_id=case.id, state=case.state, **data)


def moved(case: CaseRow, event: Event, now: datetime, changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """What changes of a case when an event moves it; raises `NotAllowed` if the table has no such move."""
    state = move(State(case.state), event)
    return {"state": str(state), "version": case.version + 1, "updated_at": now, **(changes or {})}


def empties_mailbox(event: Event, case: CaseRow) -> bool:
    """Whether nothing of a case may wait in the mailbox any more, now that an event has moved it."""
    return event is Event.REROUTED or State(case.state) in ENDED | IN_CONTACT


def change(session: Session, case: CaseRow, changes: dict[str, Any]) -> None:
    """Change columns of a case; raises `LostRace` if the case moved since it was read."""
    if prepared(session, _CHANGE, {"this_id": case.id, "this_version": case.version, **changes}) != 1:
        raise LostRace
    now_is(case, changes)


def now_is(case: CaseRow, values: Mapping[str, Any]) -> None:
    """Let the row in memory say what the database says, without writing it a second time."""
    for column, value in values.items():
        set_committed_value(case, column, value)


def find(session: Session, text: str) -> CaseRow | None:
    """The case of a kenmerk as a person types it, if there is one."""
    kenmerk = kenmerk_of(text)
    return session.exec(select(CaseRow).where(CaseRow.kenmerk == kenmerk)).first() if kenmerk else None


def by_kenmerk(session: Session, text: str) -> CaseRow:
    """The case of a kenmerk as a person types it; raises `NotFound`."""
    case = find(session, text)
    if case is None:
        raise NotFound("There is no case with that kenmerk; 'inbeeld cases list' shows them all")
    return case


def looked_at(session: Session, kenmerk: str, now: datetime, actor: str, page: str) -> CaseRow:
    """The case, after it is written down who looks at it on which page; raises `NotFound`."""
    case = by_kenmerk(session, kenmerk)
    audit.append(session, AuditEvent.BOARD_CASE_SHOWN, now=now, actor=actor, case_id=case.id, page=page)
    return case


def by_id(session: Session, case_id: str) -> CaseRow:
    """The case of an id; raises `NotFound`. Who writes has it locked from then on (see `moves`)."""
    if writes(session):
        case = session.exec(_LOCKED, params={"this_id": case_id}).first()
    else:
        case = session.get(CaseRow, case_id)
    if case is None:
        raise NotFound("There is no case with that id")
    return case


def still(session: Session, case_id: str, version: int) -> CaseRow:
    """The case, locked, if it has not moved since it had that version; raises `LostRace`."""
    query = select(CaseRow).where(CaseRow.id == case_id, CaseRow.version == version)
    case = session.exec(query.with_for_update()).first()
    if case is None:
        raise LostRace
    return case


def lock(session: Session, ids: Collection[str]) -> dict[str, int]:
    """Lock cases; gives the version of each."""
    return locked(session, _LOCK, ids)


def with_organisation(session: Session, marks: Collection[str]) -> dict[str, set[str]]:
    """The ids of the cases that `by_phones` gives, by these marks of numbers."""
    found: dict[str, set[str]] = {mark: set() for mark in marks}
    if marks:
        for mark, id_ in session.connection().execute(_WITH_ORGANISATION, {"marks": sorted(marks)}):
            found[mark].add(id_)
    return found


def write_new(session: Session, new: Sequence[CaseRow]) -> None:
    """Add cases without their events."""
    prepared(session, _ADD, [{name: row[name] for name in _COLUMNS} for row in map(vars, new)])


def known_messages(session: Session, keys: Collection[str]) -> set[str]:
    """Those of the keys under which a message started or joined a case."""
    if not keys:
        return set()
    return set(session.connection().execute(_KNOWN_MESSAGES, {"keys": sorted(keys)}).scalars())


def write_messages(session: Session, pairs: Iterable[tuple[str, str]]) -> None:
    """Record which message (by its key) started or joined which case."""
    rows = [{"key": key, "case_id": case_id} for key, case_id in sorted(pairs)]
    prepared(session, _ADD_MESSAGE, rows)


def by_messages(session: Session, keys: Collection[str]) -> dict[str, CaseRow]:
    """The cases that messages with these keys started or joined."""
    if not keys:
        return {}
    query = select(MessageRow.key, CaseRow).where(
        CaseRow.id == MessageRow.case_id, col(MessageRow.key).in_(sorted(keys))
    )
    return {row[0]: row[1] for row in session.exec(query)}


def write_originals(session: Session, pairs: Iterable[tuple[str, str]]) -> None:
    """Record an answer to which message (by its mark) is about which case."""
    rows = [{"key": key, "case_id": case_id} for key, case_id in sorted(pairs)]
    prepared(session, _ADD_ORIGINAL[session.get_bind().dialect.name], rows)


def by_originals(session: Session, keys: Collection[str]) -> dict[str, list[CaseRow]]:
    """The cases that messages with these marks started or joined, the newest first."""
    found: dict[str, list[CaseRow]] = {}
    if keys:
        query = select(OriginalRow.key, CaseRow).where(
            CaseRow.id == OriginalRow.case_id, col(OriginalRow.key).in_(sorted(keys))
        )
        for key, case in session.exec(query.order_by(col(CaseRow.received_at).desc())):
            found.setdefault(key, []).append(case)
    return found


def forget_messages(session: Session, case_id: str) -> None:
    """Destroy the keys and marks of the messages of a case."""
    for row in (MessageRow, OriginalRow):
        session.execute(delete(row).where(col(row.case_id) == case_id))


def move_messages(session: Session, case_id: str, into: str) -> None:
    """What copies or answers a message of a case is about another one from now on."""
    keys = session.exec(select(MessageRow.key).where(MessageRow.case_id == case_id)).all()
    originals = session.exec(select(OriginalRow.key).where(OriginalRow.case_id == case_id)).all()
    forget_messages(session, case_id)
    write_messages(session, [(key, into) for key in keys])
    write_originals(session, [(key, into) for key in originals])


def by_phones(session: Session, marks: Collection[str]) -> list[CaseRow]:
    """The cases that an organisation has about numbers with these marks, newest first; also those in which it
    could not reach the patient, or declined."""
    if not marks:
        return []
    query = select(CaseRow).where(
        col(CaseRow.phone_mac).in_(sorted(marks)), col(CaseRow.state).in_([*UNREACHED])
    )
    return list(session.exec(query.order_by(col(CaseRow.received_at).desc())))


def by_kenmerken(session: Session, kenmerken: Collection[str]) -> dict[str, CaseRow]:
    """The cases with these kenmerken, as they are written."""
    if not kenmerken:
        return {}
    query = select(CaseRow).where(col(CaseRow.kenmerk).in_(sorted(kenmerken)))
    return {case.kenmerk: case for case in session.exec(query)}


def by_ids(session: Session, ids: Collection[str]) -> dict[str, CaseRow]:
    """The cases with these ids."""
    if not ids:
        return {}
    return {case.id: case for case in session.exec(select(CaseRow).where(col(CaseRow.id).in_(sorted(ids))))}


class OwnCase(NamedTuple):
    """A case as the organisation that has it may see it: nothing of the patient."""

    id: str
    kenmerk: str
    state: str
    urgent: bool
    received_at: datetime
    updated_at: datetime
    due_at: datetime | None


_OWN = columns(
    col(CaseRow.id),
    col(CaseRow.kenmerk),
    col(CaseRow.state),
    col(CaseRow.urgent),
    col(CaseRow.received_at),
    col(CaseRow.updated_at),
    col(ClockRow.due_at),
).outerjoin(ClockRow, (col(ClockRow.case_id) == col(CaseRow.id)) & (col(ClockRow.kind) == Kind.CONTACT))


def of_organisation(
    session: Session, organisation_id: str, limit: int, *, after: str = "", since: datetime | None = None
) -> list[OwnCase]:
    """Cases that an organisation has, in the order of their ids, from behind `after`; `since` leaves out what
    did not change since then. Every question follows an index."""
    query = (
        _OWN.where(col(CaseRow.organisation_id) == organisation_id, col(CaseRow.id) > after)
        .order_by(col(CaseRow.id))
        .limit(limit)
    )
    if since is not None:
        query = query.where(col(CaseRow.updated_at) >= since)
    return [OwnCase(*row) for row in session.execute(query)]


def own(session: Session, organisation_id: str, kenmerk: str) -> OwnCase:
    """The one with this kenmerk; raises `NotFound` if the organisation has none."""
    query = _OWN.where(col(CaseRow.organisation_id) == organisation_id, col(CaseRow.kenmerk) == kenmerk)
    row = session.execute(query).first()
    if row is None:
        raise NotFound("This organisation has no case with that kenmerk")
    return OwnCase(*row)
