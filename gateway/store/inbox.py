"""The inbox: mails as they were accepted, sealed, until they are received.

It promises that a mail sent again (same digest) is kept once, that a claimed mail comes back when its worker
is lost, and that its content is destroyed in the very transaction that says what became of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel, col, func, select

from gateway.errors import CannotKeep, LostRace
from gateway.store import boxes, setaside
from gateway.store.engine import Store, prepared, rows_changed
from gateway.store.tables import InboxRow

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
_CLAIM = (
    update(_INBOX)
    .where(
        _INBOX.c.id.in_(
            select(_INBOX.c.id)
            .where(_INBOX.c.outcome.is_(None))
            .where(or_(_INBOX.c.next_at.is_(None), _INBOX.c.next_at <= bindparam("now")))
            .order_by(_INBOX.c.received_at)
            .limit(bindparam("limit"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(lease=bindparam("lease"), next_at=bindparam("until"), attempt=_INBOX.c.attempt + 1)
    .returning(*_INBOX.c)
)
_SINCE = col(InboxRow.received_at) > bindparam("since")
_COUNTS = select(
    select(func.count()).where(col(InboxRow.sender_mac) == bindparam("sender"), _SINCE).scalar_subquery(),
    select(func.count()).where(col(InboxRow.practice_id) == bindparam("practice"), _SINCE).scalar_subquery(),
)

LEASE = timedelta(minutes=2)
"""How long a worker may be busy with one mail before another takes it over."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One accepted mail, ready to be committed: `sealed` is for the intake key, `digest` finds retries."""

    id: str
    received_at: datetime
    digest: str
    sealed: bytes
    size: int


def insert(store: Store, mails: Sequence[Kept]) -> None:
    """Keep the mails in one transaction; one that is there already stays. Raises `CannotKeep`."""
    dialect = sqlite if store.sqlite else postgresql
    statement = dialect.insert(InboxRow).on_conflict_do_nothing(index_elements=["digest"])
    try:
        with store.write() as session:
            session.connection().execute(statement, [asdict(mail) | {"attempt": 0} for mail in mails])
            boxes.refuse_destroyed(session, [mail.sealed for mail in mails])
    except (SQLAlchemyError, OSError) as error:
        # The statement's parameters hold the sealed mail; only the kind of error may be told.
        raise CannotKeep(f"the store did not take the mail ({type(error).__name__})") from None


def claim(store: Store, now: datetime, lease: str, limit: int) -> list[InboxRow]:
    """Take the oldest waiting mails that nobody works on, for `LEASE`.

    The attempt is counted here, before anything is done with the mail, so that it counts also if we are
    killed over it.
    """
    with store.write() as session:
        which = {"now": now, "lease": lease, "until": now + LEASE, "limit": limit}
        found = session.connection().execute(_CLAIM, which).mappings()
        return sorted((InboxRow(**row) for row in found), key=lambda row: row.received_at)


def lock(session: Session, ids: Collection[str]) -> dict[str, str | None]:
    """Lock mails that wait; gives the lease of each."""
    if not ids:
        return {}
    found = session.connection().execute(_LOCK, {"ids": sorted(ids)})
    return {row.id: row[1] for row in found}


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


def put_back(store: Store, row: InboxRow, next_at: datetime) -> None:
    """Let a claimed mail wait until `next_at`."""
    with store.write() as session:
        which = {"this_id": row.id, "this_lease": row.lease}
        if prepared(session, _CHANGE, {**which, "lease": None, "next_at": next_at}) != 1:
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
        .values(outcome=None, next_at=None, lease=None, attempt=0),
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
    session.execute(update(InboxRow).where(col(InboxRow.id) == row.id).values(sealed=None))
    setaside.destroy(session, row.id)


def release(store: Store, lease: str) -> None:
    """Give back every mail of a lease at once: the worker stops."""
    with store.write() as session:
        session.execute(update(InboxRow).where(col(InboxRow.lease) == lease).values(lease=None, next_at=None))


def counts(session: Session, practice_id: str, sender_mac: str, since: datetime) -> tuple[int, int]:
    """How many mails came from this sender and from this practice since a moment."""
    which = {"sender": sender_mac, "practice": practice_id, "since": since}
    of_sender, of_practice = session.connection().execute(_COUNTS, which).one()
    return of_sender, of_practice


def waiting(session: Session) -> int:
    """How many mails wait to be received."""
    return session.exec(
        select(func.count()).select_from(InboxRow).where(col(InboxRow.outcome).is_(None))
    ).one()
