"""How the gateway does, by what stands in its database: counts, ages and codes, about nobody.

It promises answers that cost what waits and not what ever was, except the size, which the database knows.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import case, func, text
from sqlmodel import Session, col, select

from gateway.domain.trail import AuditEvent
from gateway.statistics import rows as figures
from gateway.store import clocks, outbox, polls
from gateway.store.engine import Store
from gateway.store.migrate import is_current
from gateway.store.outbox import Status
from gateway.store.pagetables import OrderRow
from gateway.store.tables import ALARMING, IGNORED, SENT, EventRow, InboxRow, OutboxRow, WorkerRow

MAILS = ("reply", "notice", "digest")
LOOK_BACK = 500
"""So many of the newest alarming events are searched for the last failures."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits somewhere: how many, and since when the oldest."""

    number: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Outbox:
    """What has not left: ready for its first try, waiting for another one, or held."""

    ready: int
    retrying: int
    held: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Way:
    """How one way out did: `organisation_id` is empty for mail that is no handover. `reason` is a code."""

    organisation_id: str
    sent_at: datetime | None = None
    waiting: int = 0
    failed_at: datetime | None = None
    reason: str | None = None
    held: int = 0
    held_since: datetime | None = None

    @property
    def refuses(self) -> bool:
        """Whether it fails now: nothing has got through since it was last told of."""
        told = self.failed_at is not None and self.waiting > 0
        return told and (self.sent_at is None or self.sent_at < self.failed_at)  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Database:
    """What holds all this; `size` is in bytes."""

    kind: str
    size: int
    current: bool
    events: int
    last_event_at: datetime | None


_UNSENT = col(OutboxRow.status).in_([Status.READY, Status.HELD])
# A row that failed says why, until it has left.
_PHASE = case(
    (col(OutboxRow.status) == Status.HELD, "held"),
    (col(OutboxRow.reason).is_not(None), "retrying"),
    else_="ready",
)


def outbox_now(session: Session) -> Outbox:
    """What waits to leave."""
    counts = dict(session.exec(select(_PHASE, func.count()).where(_UNSENT).group_by(_PHASE)).all())
    oldest = session.exec(select(func.min(OutboxRow.created_at)).where(_UNSENT)).one()
    return Outbox(counts.get("ready", 0), counts.get("retrying", 0), counts.get("held", 0), oldest)


def trouble(session: Session) -> tuple[str, ...]:
    """What ails the house itself, as any worker said with its last heartbeat."""
    found = session.exec(select(WorkerRow.trouble).where(WorkerRow.trouble != "")).all()
    return tuple(sorted({code for codes in found for code in codes.split()}))


def inbox_now(session: Session) -> Queue:
    """The mails that were accepted and wait to be read."""
    waits = col(InboxRow.outcome).is_(None)
    number, oldest = session.exec(select(func.count(), func.min(InboxRow.received_at)).where(waits)).one()
    return Queue(number, oldest)


def overdue(session: Session) -> datetime | None:
    """The moment of the oldest work that only a worker does and that was due first; None without any.

    Leased work counts too: a lease moves the moment at which it is due.
    """
    nobody = col(InboxRow.outcome).is_(None), col(InboxRow.next_at).is_(None)
    moments = (
        session.exec(select(func.min(InboxRow.received_at)).where(*nobody)).one(),
        outbox.next_due(session),
        clocks.next_due(session),
        session.exec(select(func.min(OrderRow.ordered_at)).where(col(OrderRow.done_at).is_(None))).one(),
    )
    return min((at for at in moments if at is not None), default=None)


def ways_out(session: Session, organisations: Collection[str]) -> dict[str, Way]:
    """Each way out by the id of its organisation, "" for all other mail. When something was sent last is told
    of these organisations."""
    sent = {key: at for key in organisations if (at := _sent(session, "handover", key)) is not None}
    other = [_sent(session, kind, key) for kind in MAILS for key in (*organisations, None)]
    if (at := max(filter(None, other), default=None)) is not None:
        sent[""] = at
    waiting: dict[str, int] = {}
    reasons: dict[str, str] = {}
    # Without what is sealed in them: many may wait.
    held: dict[str, tuple[int, datetime]] = {}
    columns = OutboxRow.kind, OutboxRow.organisation_id, OutboxRow.reason, OutboxRow.status
    unsent = select(*columns, OutboxRow.created_at).where(_UNSENT)  # type: ignore[call-overload]
    for kind, organisation, reason, status, at in session.exec(unsent.order_by(col(OutboxRow.created_at))):
        if (key := _way(kind, organisation)) is None:
            continue
        waiting[key] = waiting.get(key, 0) + 1
        if reason:
            reasons[key] = reason
        if status == Status.HELD:
            number, since = held.get(key, (0, at))
            held[key] = number + 1, min(since, at)
    failed = _failures(session)
    for poll in polls.failing(session):
        failed[poll.id] = (poll.since, poll.reason)
        reasons.setdefault(poll.id, poll.reason)
    return {
        key: Way(
            key,
            sent.get(key),
            waiting.get(key, 0),
            failed[key][0] if key in failed else None,
            reasons.get(key) or (failed[key][1] if key in failed else None),
            *held.get(key, (0, None)),
        )
        for key in sent.keys() | waiting.keys() | failed.keys()
    }


def database(store: Store, session: Session) -> Database:
    """What holds it, how large it is, and how far its trail goes."""
    events = figures.last_event(session)
    last = session.get(EventRow, events)
    if store.sqlite:
        name = store.engine.url.database or ""
        paths = [Path(name), Path(f"{name}-wal")]
        size = sum(path.stat().st_size for path in paths if path.exists())
    else:
        size = session.connection().execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    kind = "SQLite" if store.sqlite else "PostgreSQL"
    return Database(kind, size, is_current(store), events, last.at if last else None)


def _failures(session: Session) -> dict[str, tuple[datetime, str]]:
    """When each way out last failed for so long that an administrator was told, and why."""
    query = select(EventRow).where(
        text(ALARMING), col(EventRow.kind).in_([AuditEvent.DELIVERY_HELD, AuditEvent.DELIVERY_LATE])
    )
    told = [
        (event.at, json.loads(event.data))
        for event in session.exec(query.order_by(col(EventRow.seq).desc()).limit(LOOK_BACK))
    ]
    columns = select(OutboxRow.id, OutboxRow.kind, OutboxRow.organisation_id)
    ids = {facts.get("delivery", "") for _, facts in told}
    rows = session.exec(columns.where(col(OutboxRow.id).in_(ids))).all() if ids else []
    ways = {id_: _way(kind, organisation) for id_, kind, organisation in rows}
    found: dict[str, tuple[datetime, str]] = {}
    for at, facts in told:
        if (key := ways.get(facts.get("delivery", ""))) is not None:
            found.setdefault(key, (at, facts.get("reason", "")))
    return found


def _sent(session: Session, kind: str, organisation: str | None) -> datetime | None:
    """When a mail of that kind was sent for the last time, of one organisation or of none."""
    whose = col(OutboxRow.organisation_id)
    query = select(OutboxRow.sent_at).where(
        text(SENT), OutboxRow.kind == kind, whose.is_(None) if organisation is None else whose == organisation
    )
    return session.exec(query.order_by(col(OutboxRow.sent_at).desc()).limit(1)).first()


def _way(kind: str, organisation: str | None) -> str | None:
    """The way out of a row; none for a handover that has no organisation yet, and for an alarm by webhook:
    the board shows these."""
    if kind in ("alert", "head_alert"):
        return None
    return organisation if kind == "handover" else ""


def ignored(session: Session, since: datetime) -> tuple[tuple[str, int], ...]:
    """How many mails were ignored since a moment, by the code of why, the most first."""
    query = (
        select(EventRow.data, func.count())
        .where(text(IGNORED), col(EventRow.at) >= since)
        .group_by(col(EventRow.data))
    )
    found: dict[str, int] = {}
    for data, number in session.exec(query):
        code = json.loads(data).get("code") or "other"
        found[code] = found.get(code, 0) + number
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
