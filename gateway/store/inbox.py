"""The inbox: mails as they were accepted, sealed, until they are received.

It promises that a mail sent again (same digest) is kept once, that a claimed mail comes back when its worker
is lost, and that its content is destroyed in the very transaction that says what became of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, bindparam, or_, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import Session, SQLModel, col, func, select

from gateway.errors import CannotKeep, LostRace, StoreAway
from gateway.store import boxes, setaside
from gateway.store.engine import Store, is_away, locked, prepared, rows_changed
from gateway.store.tables import KEPT_OF_NETWORK, PROVEN_OF_NETWORK, InboxRow

_INBOX = SQLModel.metadata.tables["inbox"]
_CHANGE = update(_INBOX).where(
    _INBOX.c.id == bindparam("this_id"),
    _INBOX.c.lease == bindparam("this_lease"),
    _INBOX.c.outcome.is_(None),
)
_LOCK = (
    select(_INBOX.c.id, _INBOX.c.lease)
    .where(_INBOX.c.id.in_(bindparam("ids", expanding=True)), _INBOX.c.outcome.is_(None))
    .order_by(_INBOX.c.id)
    .with_for_update()
)


def _claim(which: ColumnElement[bool]) -> ReturningUpdate[Any]:
    """Take mails that wait, the oldest first: as many as `limit`, and no more than come in before there are
    `room` bytes of them. The first is taken however large it is."""
    oldest = (
        select(_INBOX.c.id, _INBOX.c.size, _INBOX.c.received_at)
        .where(_INBOX.c.outcome.is_(None), which)
        .where(or_(_INBOX.c.next_at.is_(None), _INBOX.c.next_at <= bindparam("now")))
        .where(or_(_INBOX.c.lease.is_(None), bindparam("take_over", type_=Boolean)))
        .order_by(_INBOX.c.received_at)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .subquery()
    )
    order = (oldest.c.received_at, oldest.c.id)
    before = func.sum(oldest.c.size).over(order_by=order, rows=(None, 0)) - oldest.c.size
    counted = select(oldest.c.id, before.label("before")).subquery()
    waiting = select(counted.c.id).where(counted.c.before < bindparam("room"))
    return (
        update(_INBOX)
        .where(_INBOX.c.id.in_(waiting))
        .values(lease=bindparam("lease"), next_at=bindparam("until"), attempt=_INBOX.c.attempt + 1)
        .returning(*_INBOX.c)
    )


_CLAIM = _claim(_INBOX.c.attempt == 0)
_CLAIM_FEW = _claim(_INBOX.c.attempt == 1)
_CLAIM_ALONE = _claim(_INBOX.c.attempt > 1)
_RECENT = _INBOX.c.received_at > bindparam("since")
_OF_SENDERS, _OF_PRACTICES = (
    select(column, func.count()).where(column.in_(bindparam("who", expanding=True)), _RECENT).group_by(column)
    for column in (_INBOX.c.sender_mac, _INBOX.c.practice_id)
)

LEASE = timedelta(minutes=2)
"""How long a worker may be busy with one mail before another takes it over."""

FEW = 8
"""So many mails are tried again together, once."""

ROOM = 16 * 1024 * 1024
"""So many bytes of mail are claimed together: a worker holds each mail several times while it reads it."""


_NAMES = ("id", "received_at", "digest", "sealed", "size", "network", "line")
_RECEIVED_AT = _INBOX.c.received_at.type
# Both are answered from a small index alone, without a look at the rows and the mails in them.
_UNPROVEN = text(
    f"SELECT network, count(*), sum(size) FROM inbox WHERE {KEPT_OF_NETWORK} GROUP BY network"  # noqa: S608
)
_KNOWN = text(f"SELECT DISTINCT network FROM inbox WHERE {PROVEN_OF_NETWORK}")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Kept:
    """One accepted mail, ready to be committed: `sealed` is for the intake key, `digest` finds retries.

    `network` is the mark of where it came from, unless more than an address vouched for the client; `line` is
    how the line was encrypted by which it came.
    """

    id: str
    received_at: datetime
    digest: str
    sealed: bytes
    size: int
    network: str | None = None
    line: str | None = None


class Share(NamedTuple):
    """What mails take together."""

    mails: int
    bytes: int


def insert(store: Store, mails: Sequence[Kept]) -> None:
    """Keep the mails in one transaction; one that is there already stays.

    Raises `CannotKeep`, which is `StoreAway` when the store takes nothing at all.
    """
    try:
        # Straight to the driver: this is what every mail waits for, and the ORM took half of it.
        with store.write() as session:
            connection = session.connection()
            moment = _RECEIVED_AT.dialect_impl(connection.dialect).bind_processor(connection.dialect)
            values: list[object] = []
            for mail in mails:
                received_at = moment(mail.received_at) if moment else mail.received_at
                values += (mail.id, received_at, mail.digest, mail.sealed, mail.size, mail.network, mail.line)
            connection.exec_driver_sql(_keep("?" if store.sqlite else "%s", len(mails)), tuple(values))
            boxes.refuse_destroyed(session, [mail.sealed for mail in mails])
    except (SQLAlchemyError, OSError) as error:
        # The statement's parameters hold the sealed mail; only the kind of error may be told.
        away = isinstance(error, OSError) or is_away(error)
        raise (StoreAway if away else CannotKeep)(
            f"the store did not take the mail ({type(error).__name__})"
        ) from None


@cache
def _keep(mark: str, rows: int) -> str:
    """One statement for all: with one for each row, the driver lets go of Python's lock, and waits for it
    behind everything else that is done, as often as there are rows."""
    row = f"({', '.join([mark] * len(_NAMES))}, 0)"
    return (
        f"INSERT INTO inbox ({', '.join(_NAMES)}, attempt) VALUES {', '.join([row] * rows)} "  # noqa: S608
        "ON CONFLICT (digest) DO NOTHING"
    )


def unproven(store: Store) -> dict[str, Share]:
    """What is kept of mails that nobody has proven, by the mark of the network they came from: those that
    wait, and those in quarantine. Costs what is kept, not what ever came."""
    with store.read() as session:
        rows = session.connection().execute(_UNPROVEN)
        return {network: Share(mails, int(size)) for network, mails, size in rows}


def known_networks(store: Store) -> frozenset[str]:
    """The marks of the networks from which a practice's mail came that was proven as its own."""
    with store.read() as session:
        return frozenset(session.connection().execute(_KNOWN).scalars())


def claim(store: Store, now: datetime, lease: str, limit: int, *, take_over: bool = True) -> list[InboxRow]:
    """Take the oldest mails that wait for their first attempt, for `LEASE`: as many as `limit`, and as fit in
    `ROOM`. Without `take_over` none is taken on which another has a lease that ended.

    The attempt is counted here, before anything is done with a mail, so that it counts also if we are killed
    over it.
    """
    with store.write() as session:
        return _claimed(session, _CLAIM, now, lease, limit, take_over)


def claim_again(store: Store, now: datetime, lease: str, *, take_over: bool = True) -> list[InboxRow]:
    """Take mails of which an attempt came to no end: a few that had one, or else one that had more, alone.

    Whoever was killed had many under way, and mostly none of them is to blame: one by one they would take as
    long as the others wait.
    """
    with store.write() as session:
        few = _claimed(session, _CLAIM_FEW, now, lease, FEW, take_over)
        return few or _claimed(session, _CLAIM_ALONE, now, lease, 1, take_over)


def _claimed(
    session: Session,
    statement: ReturningUpdate[Any],
    now: datetime,
    lease: str,
    limit: int,
    take_over: bool,
) -> list[InboxRow]:
    which = {
        "now": now,
        "lease": lease,
        "until": now + LEASE,
        "limit": limit,
        "room": ROOM,
        "take_over": take_over,
    }
    found = session.connection().execute(statement, which).mappings()
    return sorted((InboxRow(**row) for row in found), key=lambda row: row.received_at)


def lock(session: Session, ids: Collection[str]) -> dict[str, str | None]:
    """Lock mails that wait; gives the lease of each."""
    return locked(session, _LOCK, ids)


def finished(row: InboxRow, outcome: str, case_id: str | None, *, keep: bool = False) -> dict[str, Any]:
    """A claimed mail as it ends, for `moves`: its content goes, unless a person must still read it."""
    values: dict[str, Any] = {
        "this_id": row.id,
        "this_lease": row.lease,
        "outcome": outcome,
        "case_id": case_id,
        "practice_id": row.practice_id,
        "sender_mac": row.sender_mac,
        "lease": None,
        "next_at": None,
    }
    return values if keep else values | {"sealed": None}


def finish(session: Session, row: InboxRow, outcome: str, case_id: str | None, *, keep: bool = False) -> None:
    """Say what became of a claimed mail; raises `LostRace` if another worker has taken it over."""
    if prepared(session, _CHANGE, finished(row, outcome, case_id, keep=keep)) != 1:
        raise LostRace


def reopen(session: Session, row: InboxRow) -> None:
    """Let a quarantined mail be received again."""
    changed = rows_changed(
        session,
        update(InboxRow)
        .where(
            col(InboxRow.id) == row.id,
            col(InboxRow.outcome) == "quarantine",
            col(InboxRow.sealed).is_not(None),
        )
        .values(outcome=None, next_at=None, lease=None, attempt=0, postponed=0),
    )
    if changed != 1:
        raise LostRace
    setaside.destroy(session, row.id)


def of_case(session: Session, case_id: str) -> InboxRow | None:
    """The quarantined mail of a case."""
    return session.exec(
        select(InboxRow).where(InboxRow.case_id == case_id, InboxRow.outcome == "quarantine")
    ).first()


def quarantined(session: Session, before: datetime) -> list[InboxRow]:
    """The quarantined mails that were received before a moment and still have their content."""
    return list(
        session.exec(
            select(InboxRow)
            .where(InboxRow.outcome == "quarantine", col(InboxRow.received_at) < before)
            .where(col(InboxRow.sealed).is_not(None))
        )
    )


def destroy(session: Session, row: InboxRow) -> None:
    """Destroy the content of a mail whose outcome is known, and the copy for the beheerders."""
    # It takes no room any more, so it counts for no network either.
    session.execute(update(InboxRow).where(col(InboxRow.id) == row.id).values(sealed=None, network=None))
    setaside.destroy(session, row.id)


def forget_marks(session: Session, *, senders_before: datetime, networks_before: datetime) -> int:
    """Forget by whom and from where mails came that were received before; gives how many marks that were."""
    gone = 0
    for column, before in ((InboxRow.sender_mac, senders_before), (InboxRow.network, networks_before)):
        old = update(InboxRow).where(col(column).is_not(None), col(InboxRow.received_at) < before)
        old = old.where(col(InboxRow.outcome).is_not(None)).values({column: None})
        gone += rows_changed(session, old)
    return gone


def release(store: Store, lease: str) -> None:
    """Give back every mail of a lease at once, as though it had not been claimed: the worker stops."""
    with store.write() as session:
        session.execute(
            update(InboxRow)
            .where(col(InboxRow.lease) == lease, col(InboxRow.outcome).is_(None))
            .values(lease=None, next_at=None, attempt=col(InboxRow.attempt) - 1)
        )


def counts(
    session: Session, senders: Collection[str], practices: Collection[str], since: datetime
) -> dict[str, int]:
    """How many mails came from each of these senders (by mark) and practices since a moment."""
    connection = session.connection()
    found: dict[str, int] = {}
    for statement, who in ((_OF_SENDERS, senders), (_OF_PRACTICES, practices)):
        rows = connection.execute(statement, {"who": sorted(who), "since": since})
        found |= {row[0]: row[1] for row in rows}
    return found


def waiting(session: Session) -> int:
    """How many mails wait to be received."""
    return session.exec(
        select(func.count()).select_from(InboxRow).where(col(InboxRow.outcome).is_(None))
    ).one()


def waiting_since(session: Session, until: datetime) -> int:
    """How many mails wait that were received up to a moment."""
    mine = col(InboxRow.outcome).is_(None), col(InboxRow.received_at) <= until
    return session.exec(select(func.count()).select_from(InboxRow).where(*mine)).one()


def let_wait(session: Session, after: datetime, until: datetime | None) -> None:
    """Let the mails that were received after a moment wait until another one, or no longer."""
    mine = col(InboxRow.outcome).is_(None), col(InboxRow.received_at) > after
    session.execute(update(InboxRow).where(*mine).values(next_at=until))


def hurry(session: Session) -> None:
    """Let every mail that waits be received at once, whoever had it before."""
    session.execute(update(InboxRow).where(col(InboxRow.outcome).is_(None)).values(next_at=None, lease=None))
