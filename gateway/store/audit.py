"""The audit trail: append-only events in a hash chain, written in the transaction of what they tell.

Events wait until everything else of their transaction is written, and are chained just before its commit: the
one lock that all writers share is held for that moment only, and nothing is locked after it.

It promises that `verify` finds any event that was changed, removed from the middle, added or reordered, and
any count that does not reconcile (promise P8). `data` holds ids and closed codes, never what stood in a mail.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import func, text
from sqlmodel import Session, SQLModel, col, select

from gateway.domain.attribution import Moment
from gateway.domain.states import Event
from gateway.store.engine import at_the_end
from gateway.store.tables import ALARMING, CaseRow, EventRow, InboxRow

_EVENTS = SQLModel.metadata.tables["events"]
_LAST = select(_EVENTS.c.seq, _EVENTS.c.hash).order_by(_EVENTS.c.seq.desc()).limit(1)
_ADD = _EVENTS.insert()
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_WAITING = "inbeeld.events"

CHAIN_LOCK = 0x1BEE1D
"""PostgreSQL advisory lock: one writer at a time appends to the chain. SQLite has one writer anyway."""

START = "0" * 64
UNCHAINED = 1 << 62
"""The place of an event that has none yet: behind all others."""
OUTCOMES = ("case", "addition", "question", "quarantine", "ignored")
LOOKS = ("board.case_shown", "inbox.opened", "inbox.shown", "quarantine.shown")
"""The events of somebody who looked and changed nothing."""


class NewEvent(NamedTuple):
    """An event that has no place in the chain yet; `data` is canonical JSON."""

    at: datetime
    kind: str
    actor: str
    case_id: str | None
    inbox_id: str | None
    data: str


def event(
    kind: str,
    *,
    now: datetime,
    actor: str,
    case_id: str | None = None,
    inbox_id: str | None = None,
    **data: Any,
) -> NewEvent:
    """An event to be added to the chain."""
    return NewEvent(now, kind, actor, case_id, inbox_id, rfc8785.dumps(data).decode())


def append(session: Session, kind: str, *, now: datetime, actor: str, **facts: Any) -> None:
    """Add one event to the chain, to be committed with the move it tells (see `event`)."""
    add(session, [event(kind, now=now, actor=actor, **facts)])


def add(session: Session, events: Iterable[NewEvent]) -> None:
    """Add events to the chain in this order, when everything else of the transaction is written."""
    new = [*events]
    if new and _WAITING not in session.info:
        session.info[_WAITING] = []
        at_the_end(session, _chain)
    session.info.get(_WAITING, []).extend(new)


def _chain(session: Session) -> None:
    """Give the waiting events their places. Nothing may be locked after this."""
    new: list[NewEvent] = session.info.pop(_WAITING)
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"key": CHAIN_LOCK})
    last, before = connection.execute(_LAST).first() or (0, START)
    rows = []
    for seq, one in enumerate(new, last + 1):
        before = _hash(before, seq, one)
        rows.append(one._asdict() | {"seq": seq, "hash": before})
    connection.execute(_ADD, rows)


def _unchained(session: Session, case_id: str) -> list[EventRow]:
    """The events of a case that this transaction added, as though they stood behind all others."""
    waiting: list[NewEvent] = session.info.get(_WAITING, [])
    return [
        EventRow(**one._asdict(), seq=UNCHAINED + place, hash="")
        for place, one in enumerate(waiting)
        if one.case_id == case_id
    ]


def of_case(session: Session, case_id: str) -> list[EventRow]:
    """The events of one case, oldest first, with those that this transaction adds."""
    query = select(EventRow).where(EventRow.case_id == case_id).order_by(col(EventRow.seq))
    return [*session.exec(query), *_unchained(session, case_id)]


def happened(session: Session, case_id: str) -> list[EventRow]:
    """What happened to one case, oldest first, without who looked at it."""
    query = select(EventRow).where(EventRow.case_id == case_id, col(EventRow.kind).not_in(LOOKS))
    return list(session.exec(query.order_by(col(EventRow.seq))))


def looks(session: Session, case_id: str, limit: int) -> list[EventRow]:
    """Who looked at one case, the last ones first."""
    query = select(EventRow).where(EventRow.case_id == case_id, col(EventRow.kind).in_(LOOKS))
    return list(session.exec(query.order_by(col(EventRow.seq).desc()).limit(limit)))


def moments(session: Session, case_id: str) -> list[Moment]:
    """The moves of one case, oldest first, as the domain counts time with them."""
    return moves(of_case(session, case_id))


def moves(rows: list[EventRow]) -> list[Moment]:
    """The moves among the events of a case."""
    return [
        Moment(row.at, Event(row.kind.removeprefix("case.")))
        for row in rows
        if row.kind.startswith("case.") and row.kind != "case.received"
    ]


def said(session: Session, case_id: str) -> frozenset[str]:
    """The names of the facts of a case that are recorded once, however often they are told."""
    return frozenset(
        name for row in of_case(session, case_id) if (name := json.loads(row.data).get("once")) is not None
    )


def alarming(session: Session, after: int, limit: int, since: datetime | None = None) -> list[EventRow]:
    """The events after that number which need a person, oldest first; none from before `since`."""
    query = select(EventRow).where(text(ALARMING), col(EventRow.seq) > after)
    if since is not None:
        query = query.where(col(EventRow.at) >= since)
    return list(session.exec(query.order_by(col(EventRow.seq)).limit(limit)))


def alarmed(session: Session, data: dict[str, Any]) -> bool:
    """Whether an alarm with exactly these facts was recorded before."""
    same = EventRow.data == rfc8785.dumps(data).decode()
    query = select(EventRow.seq).where(text(ALARMING), EventRow.kind == "alarm", same)
    return session.exec(query.limit(1)).first() is not None


def export(session: Session) -> Iterator[EventRow]:
    """Every event, oldest first, without holding them all in memory."""
    yield from session.exec(select(EventRow).order_by(col(EventRow.seq)).execution_options(yield_per=500))


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found: `faults` is empty when all is well."""

    events: int
    head: str
    mails: dict[str, int]
    cases: int
    faults: tuple[str, ...]


def verify(session: Session) -> Verification:
    """Recompute the chain and reconcile the counts: every accepted mail ends as exactly one outcome."""
    faults: list[str] = []
    before, expected = START, 1
    moves: dict[str, int] = {}
    for row in export(session):
        if row.seq != expected:
            faults.append(f"event {expected}: missing (the next one is {row.seq})")
        told = NewEvent(row.at, row.kind, row.actor, row.case_id, row.inbox_id, row.data)
        if row.hash != _hash(before, row.seq, told):
            faults.append(f"event {row.seq}: does not fit the chain")
        before, expected = row.hash, row.seq + 1
        if row.case_id and row.kind.startswith("case."):
            moves[row.case_id] = moves.get(row.case_id, 0) + 1
    counts = session.exec(select(InboxRow.outcome, func.count()).group_by(col(InboxRow.outcome))).all()
    mails = {outcome or "waiting": number for outcome, number in counts}
    faults.extend(
        f"mails: outcome {name} is not one of ours" for name in mails.keys() - {*OUTCOMES, "waiting"}
    )
    cases = 0
    for case_id, version in session.exec(select(CaseRow.id, CaseRow.version)):
        cases += 1
        if moves.pop(case_id, 0) != version:
            faults.append(f"case {case_id}: its moves and its events do not reconcile")
    faults.extend(f"case {case_id}: has events but no row" for case_id in moves)
    born = sum(mails.get(outcome, 0) for outcome in ("case", "question", "quarantine"))
    if born != cases:
        faults.append(f"mails: {born} made a case, but there are {cases} cases")
    return Verification(expected - 1, before, mails, cases, tuple(faults))


def _hash(before: str, seq: int, event: NewEvent) -> str:
    content: dict[str, str | int | None] = {
        "before": before,
        "seq": seq,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "actor": event.actor,
        "case": event.case_id,
        "inbox": event.inbox_id,
        "data": event.data,
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
