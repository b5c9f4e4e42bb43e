"""Cases: born with their first event, moved by compare-and-set.

It promises that a move and its event are one transaction, that two workers can't both make it, and that
`states.TRANSITIONS` is asked every time, and that a move after which no mailbox need hold the referral any
more (contact, another organisation, any end) destroys it there.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel, col, select

from gateway.domain.case import kenmerk_of
from gateway.domain.states import ENDED, IN_CONTACT, Event, State, move
from gateway.errors import LostRace, NotFound
from gateway.store import audit, boxes, mailbox
from gateway.store.engine import prepared
from gateway.store.tables import CaseRow, ThreadRow

_CASES = SQLModel.metadata.tables["cases"]
_COLUMNS = tuple(_CASES.c.keys())
_ADD = _CASES.insert()
_CHANGE = update(_CASES).where(
    _CASES.c.id == bindparam("this_id"), _CASES.c.version == bindparam("this_version")
)
_BY_MESSAGE = select(CaseRow).where(
    col(CaseRow.message_mac) == bindparam("message"), col(CaseRow.practice_id) == bindparam("practice")
)
_BY_THREAD = select(ThreadRow.case_id).where(
    col(ThreadRow.message_mac) == bindparam("message"), col(ThreadRow.practice_id) == bindparam("practice")
)


def start(session: Session, case: CaseRow, *, actor: str, inbox_id: str, **data: Any) -> None:
    """Add a case in its first state (received), with its first event."""
    prepared(session, _ADD, {name: getattr(case, name) for name in _COLUMNS})
    boxes.refuse_destroyed(session, (case.fields_key, case.thread_key))
    audit.append(
        session,
        "case.received",
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
    state = move(State(case.state), event)
    values = {"state": str(state), "version": case.version + 1, "updated_at": now, **(changes or {})}
    if prepared(session, _CHANGE, {"this_id": case.id, "this_version": case.version, **values}) != 1:
        raise LostRace
    boxes.refuse_destroyed(session, (values.get("fields_key"), values.get("thread_key")))
    _now_is(case, values)
    if event is Event.REROUTED or state in ENDED | IN_CONTACT:
        mailbox.destroy(session, case.id)
    audit.append(session, f"case.{event}", now=now, actor=actor, case_id=case.id, state=str(state), **data)


def change(session: Session, case: CaseRow, changes: dict[str, Any]) -> None:
    """Change columns that are no move; raises `LostRace` if the case moved since it was read."""
    if prepared(session, _CHANGE, {"this_id": case.id, "this_version": case.version, **changes}) != 1:
        raise LostRace
    _now_is(case, changes)


def _now_is(case: CaseRow, values: dict[str, Any]) -> None:
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


def by_id(session: Session, case_id: str) -> CaseRow:
    """The case of an id; raises `NotFound`."""
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


def by_message(session: Session, message_mac: str, practice_id: str) -> CaseRow | None:
    """The case that a mail with this keyed Message-ID started or joined, if the same practice sent it."""
    which = {"message": message_mac, "practice": practice_id}
    case = session.exec(_BY_MESSAGE, params=which).first()
    if case is None:
        case_id = session.exec(_BY_THREAD, params=which).first()
        case = session.get(CaseRow, case_id) if case_id else None
    return case


def by_phone(session: Session, marks: Sequence[str], states: Iterable[State]) -> list[CaseRow]:
    """The cases in these states about a number with one of these marks, newest first."""
    return list(
        session.exec(
            select(CaseRow)
            .where(
                col(CaseRow.phone_mac).in_(marks), col(CaseRow.state).in_([str(state) for state in states])
            )
            .order_by(col(CaseRow.received_at).desc())
        )
    )
