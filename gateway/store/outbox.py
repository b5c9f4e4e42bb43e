"""The outbox: what waits to leave, what was sent, what is held.

It promises that a row is leased by one worker at a time and comes back when that worker is lost, that its id
stays the same at every try, and that a row is put there once for one purpose, however often it is asked.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Update, and_, bindparam, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, func, select

from gateway.domain.case import kenmerk_of
from gateway.domain.outgoing import Alert, Digest
from gateway.errors import LostRace, NotFound
from gateway.store.engine import Store, locked, prepared, rows_changed
from gateway.store.outboxrow import KINDS
from gateway.store.outboxrow import Status as Status
from gateway.store.outboxrow import delivery_id as delivery_id
from gateway.store.outboxrow import read as read
from gateway.store.outboxrow import row as row
from gateway.store.outboxrow import thread_of as thread_of
from gateway.store.tables import CaseRow, OutboxRow

DIRECT = ("handover", "nudge", "alert", "head_alert")
"""The kinds that go to an organisation by its own way; the others go to the relay."""

NOBODY = "-"
"""No organisation has this id."""

_OUTBOX = SQLModel.metadata.tables["outbox"]
_ONCE = select(OutboxRow.id).where(col(OutboxRow.once) == bindparam("this_once"))
_COLUMNS = tuple(_OUTBOX.c.keys())
_PUT = {
    "sqlite": sqlite.insert(_OUTBOX).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_OUTBOX).on_conflict_do_nothing(),
}
_LOCK = (
    select(_OUTBOX.c.id, _OUTBOX.c.lease)
    .where(_OUTBOX.c.id.in_(bindparam("ids", expanding=True)), _OUTBOX.c.status == "ready")
    .order_by(_OUTBOX.c.id)
    .with_for_update()
)
_DUE = (
    select(_OUTBOX.c.id)
    .where(_OUTBOX.c.status == "ready", _OUTBOX.c.next_at <= bindparam("now"))
    .where(or_(_OUTBOX.c.lease.is_(None), bindparam("take_over", type_=Boolean)))
    .where(
        ~and_(
            _OUTBOX.c.kind.in_(DIRECT),
            func.coalesce(_OUTBOX.c.organisation_id, "").in_(bindparam("but", expanding=True)),
        )
    )
    .order_by(_OUTBOX.c.next_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_CLAIM, _CLAIM_TO_ORGANISATIONS = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id.in_(due))
    .values(lease=bindparam("lease"), next_at=bindparam("until"), attempt=_OUTBOX.c.attempt + 1)
    .returning(*_OUTBOX.c)
    for due in (_DUE, _DUE.where(_OUTBOX.c.kind.in_(DIRECT)))
)
# Of one case, whatever became of it: asked for its status too, SQLite goes through everything that waits.
_MESSAGES = select(
    *(_OUTBOX.c[name] for name in ("id", "case_id", "status", "lease", "params", "organisation_id"))
).where(_OUTBOX.c.case_id.in_(bindparam("cases", expanding=True)), _OUTBOX.c.kind != "handover")
_SETTLE = update(_OUTBOX).where(
    _OUTBOX.c.id == bindparam("this_id"),
    # A row that a person holds was leased by nobody: NULL must equal NULL.
    _OUTBOX.c.lease.is_not_distinct_from(bindparam("this_lease")),
    _OUTBOX.c.status == bindparam("this_status"),
)

LEASE = timedelta(minutes=15)
"""How long a worker may be busy with one delivery before another takes it over: longer than a relay may think
about a mail (ten minutes, RFC 5321 section 4.5.3.2.6), so that nothing is sent twice at a time."""

ID_LETTERS = 6


def is_there(session: Session, once: str) -> bool:
    """Whether there is, or was, a row for this purpose."""
    return session.connection().execute(_ONCE, {"this_once": once}).first() is not None


def put(session: Session, row: OutboxRow) -> bool:
    """Add a row unless one of the same purpose (`once`) is there; says whether it was added."""
    # Two who put the same at once both see none there: it is the database that says whose is the first.
    statement = _PUT[session.get_bind().dialect.name].execution_options(preserve_rowcount=True)
    return prepared(session, statement, {name: getattr(row, name) for name in _COLUMNS}) == 1


def write(session: Session, rows: Sequence[OutboxRow]) -> None:
    """Add rows, but those of a purpose (`once`) for which one is there."""
    statement = _PUT[session.get_bind().dialect.name]
    prepared(session, statement, [{name: row[name] for name in _COLUMNS} for row in map(vars, rows)])


def lock(session: Session, ids: Collection[str]) -> dict[str, str | None]:
    """Lock rows that are ready; gives the lease of each."""
    return locked(session, _LOCK, ids)


def settled(row: OutboxRow, status: Status, **values: Any) -> dict[str, Any]:
    """A leased row as it will be, for `moves`."""
    return {"this_id": row.id, "this_lease": row.lease, "status": status, "lease": None, **values}


def claim(
    store: Store,
    now: datetime,
    lease: str,
    limit: int,
    but: Collection[str] = (),
    relayed: bool = True,
    *,
    take_over: bool = True,
) -> list[OutboxRow]:
    """Take the rows that are due and that nobody works on, for `LEASE`; the soonest first.

    Nothing is taken that goes to the organisations in `but`, nor, without `relayed`, what the relay takes,
    nor, without `take_over`, what another has a lease on that ended.
    """
    which = {"now": now, "lease": lease, "until": now + LEASE, "limit": limit, "take_over": take_over}
    statement = _CLAIM if relayed else _CLAIM_TO_ORGANISATIONS
    with store.write() as session:
        found = session.connection().execute(statement, which | {"but": [*but, NOBODY]}).mappings()
        rows = [OutboxRow(**row) for row in found]
    return sorted(rows, key=lambda row: (row.created_at, row.id))


def settle(session: Session, row: OutboxRow, status: Status, **values: Any) -> None:
    """Record what became of a leased row; raises `LostRace` if the lease was lost."""
    which = {"this_id": row.id, "this_lease": row.lease, "this_status": Status.READY}
    if prepared(session, _SETTLE, {**which, "status": status, "lease": None, **values}) != 1:
        raise LostRace


def release(store: Store, lease: str, now: datetime, but: Collection[str] = ()) -> None:
    """Give back every row of a lease at once, but for these: the worker stops, or doesn't know them."""
    with store.write() as session:
        session.execute(
            update(OutboxRow)
            .where(col(OutboxRow.lease) == lease, col(OutboxRow.status) == Status.READY)
            .where(col(OutboxRow.id).not_in([*but]))
            .values(lease=None, next_at=now)
        )


def by_id(session: Session, row_id: str) -> OutboxRow:
    """The row of an id; raises `NotFound`."""
    row = session.get(OutboxRow, row_id)
    if row is None:
        raise NotFound("There is no delivery with that id; 'inbeeld queue list' shows them all")
    return row


def resume(session: Session, row: OutboxRow, now: datetime, **values: Any) -> None:
    """Make a held row ready again, its tries counted anew; raises `LostRace` if it is not held any more."""
    changed = rows_changed(
        session,
        update(OutboxRow)
        .where(col(OutboxRow.id) == row.id, col(OutboxRow.status) == Status.HELD)
        .values(
            status=Status.READY,
            next_at=now,
            created_at=now,
            attempt=0,
            lease=None,
            reason=None,
            alarmed_at=None,
            **values,
        ),
    )
    if changed != 1:
        raise LostRace


def on_its_way(session: Session, row_ids: Collection[str]) -> bool:
    """Whether one of these rows is being sent: what came back of it may come before we know that it left."""
    mine = col(OutboxRow.id).in_(row_ids), OutboxRow.status == Status.READY, col(OutboxRow.lease).is_not(None)
    return session.exec(select(OutboxRow.id).where(*mine).limit(1)).first() is not None


def bounce(session: Session, row_id: str, reason: str) -> OutboxRow | None:
    """Hold a row that was sent and came back; None if there is no such row, or it is not sent."""
    row = session.get(OutboxRow, row_id)
    if row is None or row.status != Status.SENT:
        return None
    changed = rows_changed(
        session,
        update(OutboxRow)
        .where(col(OutboxRow.id) == row.id, col(OutboxRow.status) == Status.SENT)
        .values(status=Status.HELD, reason=reason, lease=None),
    )
    return row if changed == 1 else None


def unblame(
    session: Session, ids: Sequence[str], reason: str, now_reason: str, at: datetime
) -> list[OutboxRow]:
    """Let rows that are held for a reason that begins so be tried again, at `at`; gives them."""
    mine = select(OutboxRow).where(
        col(OutboxRow.id).in_(ids), OutboxRow.status == Status.HELD, col(OutboxRow.reason).startswith(reason)
    )
    rows = list(session.exec(mine.order_by(col(OutboxRow.id)).with_for_update()))
    for each in rows:
        each.status, each.reason, each.next_at = Status.READY, f"{now_reason} {each.reason}", at
        session.add(each)
    return rows


def hurry(session: Session, reason: str, now: datetime) -> None:
    """Let everything leave now that waits for a reason that begins so."""
    session.execute(
        update(OutboxRow)
        .where(
            col(OutboxRow.status) == Status.READY,
            col(OutboxRow.lease).is_(None),
            col(OutboxRow.reason).startswith(reason),
        )
        .values(next_at=now)
    )


def explain(session: Session, row: OutboxRow, reason: str) -> None:
    """Record why a held row can't leave now."""
    session.execute(update(OutboxRow).where(col(OutboxRow.id) == row.id).values(reason=reason))


def select_rows(session: Session, which: str | None, statuses: Sequence[Status]) -> list[OutboxRow]:
    """The rows a person means by a kenmerk or the beginning of an id; all of them for None."""
    rows = unfinished(session, statuses)
    if which is None:
        return rows
    # The beginning of an id may look like a kenmerk, so that only a case which is there decides.
    case = session.exec(select(CaseRow.id).where(CaseRow.kenmerk == kenmerk_of(which))).first()
    if case is not None:
        return [row for row in rows if row.case_id == case]
    if len(which) < ID_LETTERS:
        raise NotFound("Name a kenmerk, at least six letters of an id, or --all")
    return [row for row in rows if row.id.startswith(which)]


def waits(session: Session, kind: str, organisation_id: str) -> bool:
    """Whether a row of this kind waits for an organisation that nobody is sending."""
    found = select(OutboxRow.id).where(
        OutboxRow.kind == kind,
        OutboxRow.organisation_id == organisation_id,
        OutboxRow.status == Status.READY,
        col(OutboxRow.lease).is_(None),
    )
    return session.exec(found.limit(1)).first() is not None


def of_case(session: Session, case_id: str) -> list[OutboxRow]:
    """Every row of one case, oldest first."""
    return list(
        session.exec(
            select(OutboxRow).where(OutboxRow.case_id == case_id).order_by(col(OutboxRow.created_at))
        )
    )


def last_handovers(session: Session) -> dict[str, datetime]:
    """When the last handover to each organisation was sent."""
    rows = session.exec(
        select(OutboxRow.organisation_id, func.max(OutboxRow.sent_at))
        .where(OutboxRow.kind == "handover", col(OutboxRow.sent_at).is_not(None))
        .group_by(col(OutboxRow.organisation_id))
    )
    return {organisation: at for organisation, at in rows if organisation and at}


def unfinished(session: Session, statuses: Sequence[Status] = (Status.READY, Status.HELD)) -> list[OutboxRow]:
    """Every row that has not left yet."""
    return list(
        session.exec(
            select(OutboxRow).where(col(OutboxRow.status).in_(statuses)).order_by(col(OutboxRow.created_at))
        )
    )


def counts(session: Session) -> dict[str, int]:
    """How many rows have not left, by status."""
    found = session.exec(
        select(OutboxRow.status, func.count())
        .where(col(OutboxRow.status).in_([Status.READY, Status.HELD]))
        .group_by(col(OutboxRow.status))
    ).all()
    return {Status.READY: 0, Status.HELD: 0} | dict(found)


def next_due(session: Session) -> datetime | None:
    """When the next ready row is due."""
    return session.exec(
        select(OutboxRow.next_at)
        .where(col(OutboxRow.status) == Status.READY)
        .order_by(col(OutboxRow.next_at))
        .limit(1)
    ).first()


def drop_handovers(session: Session, case_id: str, reason: str) -> None:
    """Take the handovers of a case that have not left out of the queue, with their ciphertext."""
    session.execute(_dropping(case_id, reason).where(col(OutboxRow.kind) == "handover"))


def drop_unsent(session: Session, case_id: str) -> None:
    """Take everything of a case that has not left out of the queue: nobody can write it any more."""
    session.execute(_dropping(case_id, "retention"))


def _dropping(case_id: str, reason: str) -> Update:
    waits = col(OutboxRow.status).in_([Status.READY, Status.HELD])
    dropped = {"status": Status.DROPPED, "lease": None, "sealed": None, "reason": reason}
    return update(OutboxRow).where(col(OutboxRow.case_id) == case_id, waits).values(dropped)


def dismiss(session: Session, row: OutboxRow) -> None:
    """Let a held message go unsent; raises `LostRace` if it is not held any more."""
    if row.status != Status.HELD or not _drop(session, row, "dismissed"):
        raise LostRace


def drop_reminders(
    session: Session, case_id: str, clocks: Collection[str], organisation_id: str | None = None
) -> None:
    """Take back what has not left yet about clocks that no longer matter; with an organisation, what that one
    would be told."""
    drop_outdated(session, {case_id: clocks}, organisation_id)


def drop_outdated(
    session: Session, outdated: Mapping[str, Collection[str]], organisation_id: str | None = None
) -> None:
    """The same for many cases, each with its clocks (`params` names the clock)."""
    messages = session.connection().execute(_MESSAGES, {"cases": [*outdated]}).all() if outdated else ()
    for id_, case_id, status, lease, params, whose in messages:
        waits = status == Status.READY and lease is None
        told = outdated[case_id] if organisation_id in (None, whose) else ()
        if waits and json.loads(params).get("clock") in told:
            _drop(session, by_id(session, id_), "no_longer_true")


def take_back(session: Session, case_id: str, code: str, thread: str = "") -> bool:
    """Take back the newest message with this code in this thread; says whether it surely never left."""
    rows = [
        row
        for row in of_case(session, case_id)
        if (row.kind, row.code) == ("reply", code) and (thread_of(row) or "") == thread
    ]
    if not rows:
        return True
    return rows[-1].status in (Status.READY, Status.HELD) and _drop(session, rows[-1], "taken_back")


def _drop(session: Session, row: OutboxRow, reason: str) -> bool:
    """Drop a row that nobody is sending; says whether it was dropped."""
    changed = rows_changed(
        session,
        update(OutboxRow)
        .where(
            col(OutboxRow.id) == row.id,
            col(OutboxRow.lease).is_(None),
            col(OutboxRow.status).in_([Status.READY, Status.HELD]),
        )
        .values(status=Status.DROPPED, sealed=None, reason=reason),
    )
    return changed == 1


def newest(session: Session, kind: type[Digest] | type[Alert]) -> tuple[Digest | Alert, datetime] | None:
    """The last digest or alert that was made for the administrators, and when; their `once` count up."""
    # Not a range of names: where a linguistic collation sorts signs before digits, it would be empty.
    found = session.exec(
        select(OutboxRow)
        .where(OutboxRow.case_id == "", OutboxRow.kind == KINDS[kind])
        .order_by(col(OutboxRow.once).desc())
        .limit(1)
    ).first()
    told = read(found) if found else None
    return (told, found.created_at) if found and isinstance(told, Digest | Alert) else None
