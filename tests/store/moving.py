"""Moves to be made, and what the database is asked while they are."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from gateway.domain.clock import PlannedClock as Planned
from gateway.domain.codes import Kind
from gateway.domain.messages import Code
from gateway.domain.outgoing import Handover, Reply
from gateway.domain.states import Event, State
from gateway.store import audit, inbox, outbox
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.tables import CaseRow, InboxRow
from tests.store.rows import DAY, HOUR, NOW, keep

MARK = "a1" * 32
OTHER = "b2" * 32


def new_case(name: str, **overrides: Any) -> CaseRow:
    values: dict[str, Any] = {"id": name, "kenmerk": name, "state": State.RECEIVED, "practice_id": "filmwijk"}
    return CaseRow(**values | {"received_at": NOW, "updated_at": NOW} | overrides)


def referral(mail: InboxRow, name: str, **overrides: Any) -> Move:
    """What a referral becomes: a routed case with its clock, its handover and its receipt."""
    case, move = new_case(name, **overrides), Move()
    move.start(case, actor="gateway", inbox_id=mail.id)
    move.advance(
        case, Event.ROUTED, now=NOW, actor="gateway", changes={"organisation_id": "o1"}, organisation="o1"
    )
    move.plan(case.id, [Planned(Kind.CONTACT, NOW + DAY), Planned(Kind.WARN, NOW + HOUR)])
    move.put(outbox.row(Handover(case_id=case.id, turn=1, organisation_id=None), NOW))
    move.put(outbox.row(Reply(case_id=case.id, code=Code.RECEIPT), NOW))
    move.finish(mail, "case", case.id)
    return move


def claimed(store: Store, *names: str, lease: str = "mine") -> list[InboxRow]:
    keep(store, *names)
    return inbox.claim(store, NOW + HOUR, lease, len(names))


def whole(store: Store) -> audit.Verification:
    with store.read() as session:
        found = audit.verify(session)
    assert found.faults == ()
    return found


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """What the database is asked meanwhile; what one statement does for many rows counts once."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(re.sub(r"IN \((\?|%\(\w+\)s::VARCHAR|, )+\)", "IN (…)", statement))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
