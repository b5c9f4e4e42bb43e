"""The audit trail: append-only events in a hash chain, written in the transaction of what they tell.

Events wait until everything else of their transaction is written, and are chained just before its commit: the
one lock that all writers share is held for that moment only, and nothing is locked after it.

It promises that `verify` finds any event that was changed, removed from the middle, added or reordered, and
any count that does not reconcile (promise P8). `data` holds ids and closed codes, never what stood in a mail.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import bindparam, exists, func, text
from sqlmodel import Session, SQLModel, col, select

from gateway.domain.attribution import Moment
from gateway.domain.messages import Code
from gateway.domain.states import CONTACT, WITH_ORGANISATION, Event
from gateway.domain.trail import AuditEvent
from gateway.store.engine import at_the_end
from gateway.store.tables import RECONCILED, CaseRow, EventRow, InboxRow

_EVENTS = SQLModel.metadata.tables["events"]
_LAST = select(_EVENTS.c.seq, _EVENTS.c.hash).order_by(_EVENTS.c.seq.desc()).limit(1)
_ADD = _EVENTS.insert()
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_WAITING = "inbeeld.events"

CHAIN_LOCK = 0x1BEE1D
"""PostgreSQL advisory lock: one writer at a time appends to the chain. SQLite has one writer anyway."""

START = "0" * 64
FAULTS = 100
"""So many faults are told one by one."""

UNCHAINED = 1 << 62
"""The place of an event that has none yet: behind all others."""
OUTCOMES = ("case", "addition", "question", "quarantine", "ignored")
LOOKS = (
    AuditEvent.ANSWER_SHOWN,
    AuditEvent.BOARD_CASE_SHOWN,
    AuditEvent.BOARD_LIST_EXPORTED,
    AuditEvent.INBOX_OPENED,
    AuditEvent.INBOX_SHOWN,
    AuditEvent.QUARANTINE_SHOWN,
    AuditEvent.LETTER_SHOWN,
    AuditEvent.AUDIT_EXPORTED,
)
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
    kind: AuditEvent,
    *,
    now: datetime,
    actor: str,
    case_id: str | None = None,
    inbox_id: str | None = None,
    **data: Any,
) -> NewEvent:
    """An event to be added to the chain."""
    return NewEvent(now, kind, actor, case_id, inbox_id, rfc8785.dumps(data).decode())


def append(session: Session, kind: AuditEvent, *, now: datetime, actor: str, **facts: Any) -> None:
    """Add one event to the chain, to be committed with the move it tells (see `event`)."""
    add(session, [event(kind, now=now, actor=actor, **facts)])


def add(session: Session, events: Iterable[NewEvent]) -> None:
    """Add events to the chain in this order, when everything else of the transaction is written."""
    new = [*events]
    if new and _WAITING not in session.info:
        session.info[_WAITING] = []
        at_the_end(session, _chain)
    session.info.get(_WAITING, []).extend(new)


def last(session: Session) -> "Head":
    """The end of the chain as it is committed."""
    row = session.connection().execute(_LAST).first()
    return Head(*row) if row else BEGINNING


def began(session: Session) -> datetime | None:
    """When the first event was."""
    return session.exec(select(EventRow.at).order_by(col(EventRow.seq)).limit(1)).first()


def _chain(session: Session) -> None:
    """Give the waiting events their places. Nothing may be locked after this."""
    new: list[NewEvent] = session.info.pop(_WAITING)
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"key": CHAIN_LOCK})
    last, before = connection.execute(_LAST).first() or (0, START)
    rows = []
    for seq, one in enumerate(new, last + 1):
        before = chained(before, seq, one)
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
        if row.kind.startswith("case.") and row.kind != AuditEvent.CASE_RECEIVED
    ]


def said(session: Session, case_id: str) -> tuple[str, ...]:
    """The names of the facts of a case that are recorded once, though told again and again; in order."""
    names = (json.loads(row.data).get("once") for row in of_case(session, case_id))
    return tuple(name for name in names if name is not None)


def joined(session: Session, case_ids: Collection[str]) -> dict[str, str]:
    """Which case each of these joined, of those that joined one."""
    if not case_ids:
        return {}
    query = select(EventRow.case_id, EventRow.data).where(
        EventRow.kind == AuditEvent.CASE_JOINED, col(EventRow.case_id).in_(sorted(case_ids))
    )
    return {case_id or "": json.loads(data)["into"] for case_id, data in session.exec(query)}


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
    doubles: int = 0
    """So many running cases are about a number that another one at the same organisation is about too; who
    shares a telephone is no fault."""


class Head(NamedTuple):
    """A place in the chain up to which it was verified before."""

    seq: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> "Head":
        """The head as `str` writes it, "SEQ:HASH"; raises ValueError."""
        seq, _, digest = text.partition(":")
        if not re.fullmatch(r"[0-9]{1,18}", seq) or not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise ValueError("a head is SEQ:HASH, as 'inbeeld audit verify' prints it")
        return cls(int(seq), digest)

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


BEGINNING = Head(0, START)


def verify(session: Session, since: Head = BEGINNING) -> Verification:
    """Recompute the chain and reconcile the counts: every accepted mail ends as exactly one outcome.

    Events up to `since` are taken as they are, since they were verified before; all else is looked at. To be
    called in a `Store.snapshot`, so that what is written meanwhile is no fault. Memory does not grow with the
    trail.
    """
    faults = _Faults()
    before, seq = since.hash, since.seq
    if since.seq and session.connection().execute(_HASH_AT, {"seq": since.seq}).scalar() != since.hash:
        faults.add(f"event {since.seq}: is not the one that was verified before")
    events = _EVENTS.select().where(_EVENTS.c.seq > since.seq).order_by(_EVENTS.c.seq)
    for row in session.connection().execute(events.execution_options(yield_per=1000)):
        if row.seq != seq + 1:
            faults.add(f"event {seq + 1}: missing (the next one is {row.seq})")
        event = NewEvent(row.at, row.kind, row.actor, row.case_id, row.inbox_id, row.data)
        if row.hash != chained(before, row.seq, event):
            faults.add(f"event {row.seq}: does not fit the chain")
        before, seq = row.hash, row.seq
    counts = session.exec(select(InboxRow.outcome, func.count()).group_by(col(InboxRow.outcome))).all()
    mails = {outcome or "waiting": number for outcome, number in counts}
    for name in mails.keys() - {*OUTCOMES, "waiting"}:
        faults.add(f"mails: outcome {name} is not one of ours")
    for case_id in session.connection().execute(_UNTOLD).scalars():
        faults.add(f"case {case_id}: its moves and its events do not reconcile")
    for case_id in session.connection().execute(_UNKNOWN).scalars():
        faults.add(f"case {case_id}: has events but no row")
    for case_id in session.connection().execute(_UNTRUE).scalars():
        faults.add(f"case {case_id}: its referrer is told of contact that nobody reported")
    cases = session.exec(select(func.count()).select_from(CaseRow)).one()
    born = sum(mails.get(outcome, 0) for outcome in ("case", "question", "quarantine"))
    # A mail about two patients, plainly apart, makes two cases.
    told: dict[str, int] = dict(session.connection().execute(_RECONCILED).all())
    born += told.get(AuditEvent.MAIL_SPLIT, 0)
    # A test referral, or a mail let out of quarantine, is of its case before it is read.
    read_later = select(func.count()).select_from(InboxRow).where(col(InboxRow.outcome).is_(None))
    born += session.exec(read_later.where(col(InboxRow.case_id).is_not(None))).one()
    # One that was entered by hand began with no mail.
    born += told.get(AuditEvent.CASE_RECEIVED, 0)
    if born != cases:
        faults.add(f"mails: {born} made a case, but there are {cases} cases")
    kept = session.connection().execute(_LETTERS).scalar() or 0
    dealt = told.get(AuditEvent.LETTER_DEALT, 0) + told.get(AuditEvent.LETTER_EXPIRED, 0)
    owed = told.get(AuditEvent.LETTER_KEPT, 0) - dealt
    if kept != owed:
        faults.add(f"letters: {owed} wait for a person by what was written down, but {kept} are kept")
    for number, at in session.connection().execute(_UNFIT_HEADS):
        faults.add(f"head {number}: the trail lacks what it held when this was signed on {at:%Y-%m-%d}")
    # PostgreSQL sums into a decimal, which is a text in JSON.
    doubles = int(session.connection().execute(_DOUBLES).scalar() or 0)
    return Verification(seq, before, mails, cases, faults.told(), doubles)


# Of each kind by itself, in an index that holds no other events.
_RECONCILED = select(_EVENTS.c.kind, func.count()).where(text(RECONCILED)).group_by(_EVENTS.c.kind)


_OUTBOX = SQLModel.metadata.tables["outbox"]
# Whoever writes in the database can put a message there; the trail can't be written so that it fits.
_UNTRUE = (
    select(_OUTBOX.c.case_id)
    .where(
        _OUTBOX.c.code == str(Code.IN_BEELD),
        ~exists().where(
            _EVENTS.c.case_id == _OUTBOX.c.case_id,
            _EVENTS.c.kind.in_([str(AuditEvent.of_case(event)) for event in sorted(CONTACT)]),
        ),
    )
    .distinct()
)


def fits(session: Session, head: Head) -> str | None:
    """What is wrong with a trail by a head of it that was kept elsewhere; None if it still holds all that."""
    found = session.connection().execute(_HASH_AT, {"seq": head.seq}).scalar() if head.seq else head.hash
    if found == head.hash:
        return None
    there = last(session).seq
    if there < head.seq:
        return (
            f"the trail ends at event {there}, and it had {head.seq} when the head was signed: it was cut off"
        )
    return f"event {head.seq}: is not the one that was signed: the trail was changed before it"


class _Faults:
    """The first faults, and how many more there are."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._more = 0

    def add(self, fault: str) -> None:
        if len(self._first) < FAULTS:
            self._first.append(fault)
        else:
            self._more += 1

    def told(self) -> tuple[str, ...]:
        return (*self._first, *([f"and {self._more} more"] if self._more else []))


_HASH_AT = select(_EVENTS.c.hash).where(_EVENTS.c.seq == bindparam("seq"))
_CASES = SQLModel.metadata.tables["cases"]
_MOVES = (
    select(_EVENTS.c.case_id, func.count().label("moves"))
    .where(_EVENTS.c.case_id.is_not(None), _EVENTS.c.kind.startswith("case."))
    .group_by(_EVENTS.c.case_id)
    .subquery()
)
_UNTOLD = (
    select(_CASES.c.id)
    .outerjoin(_MOVES, _MOVES.c.case_id == _CASES.c.id)
    .where(func.coalesce(_MOVES.c.moves, 0) != _CASES.c.version)
    .order_by(_CASES.c.id)
)
_UNKNOWN = (
    select(_MOVES.c.case_id)
    .outerjoin(_CASES, _MOVES.c.case_id == _CASES.c.id)
    .where(_CASES.c.id.is_(None))
    .order_by(_MOVES.c.case_id)
)
_SHARED = (
    select((func.count(_CASES.c.id) - 1).label("more"))
    .where(_CASES.c.phone_mac.is_not(None))
    .where(_CASES.c.state.in_([str(state) for state in sorted(WITH_ORGANISATION)]))
    .group_by(_CASES.c.phone_mac, _CASES.c.organisation_id)
    .having(func.count() > 1)
    .subquery()
)
_DOUBLES = select(func.sum(_SHARED.c.more))
_HEADS = SQLModel.metadata.tables["heads"]
_UNFIT_HEADS = (
    select(_HEADS.c.seq, _HEADS.c.at)
    .outerjoin(_EVENTS, _EVENTS.c.seq == _HEADS.c.seq)
    .where(func.coalesce(_EVENTS.c.hash, "") != _HEADS.c.hash)
    .order_by(_HEADS.c.seq)
)
_INBOX = SQLModel.metadata.tables["inbox"]
_LETTERS = (
    select(func.count())
    .select_from(_INBOX)
    .where(_INBOX.c.outcome == "addition", _INBOX.c.sealed.is_not(None))
)


def chained(before: str, seq: int, event: NewEvent) -> str:
    """The hash of an event behind another: over the canonical form (RFC 8785), which `json` writes too where
    there are only texts and numbers."""
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
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
