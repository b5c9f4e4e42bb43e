"""The secure mailbox: sealed referrals that organisations collect themselves.

It promises that an item is leased to one collector at a time and comes back when that collector is lost, that
nothing is found but by the organisation it is for, that whatever a lease allows is done once however often it
is asked, and that a parcel is only taken while its outbox row still waits to leave.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text, update
from sqlmodel import Session, SQLModel, col, func, select

from gateway.errors import LostRace
from gateway.store import conditions, outbox
from gateway.store.engine import prepared, rows_changed
from gateway.store.tables import LEASED, MailboxRow, OutboxRow

_MAILBOX = SQLModel.metadata.tables["mailbox"]
_CHANGE = update(_MAILBOX).where(
    _MAILBOX.c.id == bindparam("this_id"),
    _MAILBOX.c.lease == bindparam("this_lease"),
    _MAILBOX.c.status.in_(bindparam("before", expanding=True)),
)


class Held(NamedTuple):
    """An item without what is sealed in it: all that a collector's word about it needs."""

    id: str
    case_id: str
    kenmerk: str
    organisation_id: str
    status: str
    visible_at: datetime
    lease: str | None
    previous: str | None
    settled_at: datetime | None


_FIND = select(*(_MAILBOX.c[name] for name in Held._fields)).where(
    _MAILBOX.c.id == bindparam("this_id"), _MAILBOX.c.organisation_id == bindparam("owner")
)
VISIBLE = timedelta(minutes=5)
"""How long a collector may be busy with an item before another may have it."""

LEASES_LOST = 5
"""After so many leases that ended without a word an item is held: somebody must look."""

LOST_REASON = "leases_lost"


class ItemStatus(StrEnum):
    """Where an item stands."""

    READY = "ready"
    COLLECTED = "collected"
    DECLINED = "declined"
    HELD = "held"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Figures:
    """One organisation's queue: waiting, in hand, the oldest that waits, the soonest deadline of all."""

    waiting: int
    leased: int
    oldest: datetime | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class Leased:
    """An item in a collector's hands: `token` proves the lease and is kept nowhere."""

    row: MailboxRow
    token: str


def put(
    session: Session, delivery_id: str, organisation_id: str, kenmerk: str, now: datetime, **values: Any
) -> bool:
    """Put a parcel in the mailbox, or again when it was held; says whether it was not there already.

    Raises `LostRace` if its outbox row does not wait to leave any more: contact may have been made meanwhile.
    """
    waiting = session.exec(
        select(OutboxRow)
        .where(OutboxRow.id == delivery_id, OutboxRow.status == outbox.Status.READY)
        .with_for_update()
    ).first()
    if waiting is None or waiting.organisation_id != organisation_id:
        raise LostRace
    row = session.get(MailboxRow, delivery_id)
    if row is not None and row.status != ItemStatus.HELD:
        return False
    row = row or MailboxRow(
        id=delivery_id,
        case_id=waiting.case_id,
        kenmerk=kenmerk,
        organisation_id=organisation_id,
        status=ItemStatus.READY,
        put_at=now,
        visible_at=now,
        **values,
    )
    for column, value in values.items():
        setattr(row, column, value)
    row.status, row.visible_at, row.lost, row.lease, row.previous = ItemStatus.READY, now, 0, None, None
    session.add(row)
    session.flush()
    return True


def lapse(session: Session, now: datetime, organisation_id: str | None = None) -> list[MailboxRow]:
    """End the leases whose time is over; gives the items, of which those lost too often are now held."""
    query = select(MailboxRow).where(text(LEASED), col(MailboxRow.visible_at) <= now)
    if organisation_id is not None:
        query = query.where(MailboxRow.organisation_id == organisation_id)
    rows = list(session.exec(query.with_for_update(skip_locked=True)))
    for row in rows:
        row.lease, row.previous, row.lost = None, None, row.lost + 1
        if row.lost >= LEASES_LOST:
            row.status, row.sealed = ItemStatus.HELD, None
            # The delivery is on the board again, and 'inbeeld queue retry' seals it anew.
            session.execute(
                update(OutboxRow)
                .where(col(OutboxRow.id) == row.id, col(OutboxRow.status) == outbox.Status.SENT)
                .values(status=outbox.Status.HELD, reason=LOST_REASON, alarmed_at=now, sealed=None)
            )
        session.add(row)
    session.flush()
    return rows


def lease(
    session: Session, organisation_id: str, now: datetime, limit: int, item_id: str | None = None
) -> list[Leased]:
    """Lease what waits for an organisation, what is urgent and due soonest first, for `VISIBLE`.

    With `item_id`, that item only. Nothing leaves a gateway that is paused.
    """
    if conditions.of(session, conditions.ConditionName.PAUSED):
        return []
    query = select(MailboxRow).where(
        MailboxRow.organisation_id == organisation_id,
        MailboxRow.status == ItemStatus.READY,
        col(MailboxRow.lease).is_(None),
        col(MailboxRow.visible_at) <= now,
    )
    if item_id is not None:
        query = query.where(MailboxRow.id == item_id)
    rows = session.exec(
        query.order_by(col(MailboxRow.urgent).desc(), col(MailboxRow.due_at), col(MailboxRow.put_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    leased = []
    for row in rows:
        token = secrets.token_urlsafe(24)
        row.lease, row.previous, row.visible_at = digest(token), None, now + VISIBLE
        row.attempt += 1
        session.add(row)
        leased.append(Leased(row, token))
    session.flush()
    return leased


def is_waiting(session: Session, organisation_id: str, now: datetime) -> bool:
    """Whether there is anything to lease, or a lease that has ended."""
    return (
        session.exec(
            select(MailboxRow.id)
            .where(
                MailboxRow.organisation_id == organisation_id,
                MailboxRow.status == ItemStatus.READY,
                col(MailboxRow.visible_at) <= now,
            )
            .limit(1)
        ).first()
        is not None
    )


def has_lapsed(session: Session, now: datetime) -> bool:
    """Whether any lease has ended without a word."""
    return (
        session.exec(
            select(MailboxRow.id).where(text(LEASED), col(MailboxRow.visible_at) <= now).limit(1)
        ).first()
        is not None
    )


def find(session: Session, organisation_id: str, item_id: str) -> Held | None:
    """An organisation's own item; another's is as absent as one that never was."""
    row = session.connection().execute(_FIND, {"this_id": item_id, "owner": organisation_id}).first()
    return None if row is None else Held(*row)


def holds(row: Held, token: str, now: datetime) -> bool:
    """Whether this token leases the item now."""
    return row.status == ItemStatus.READY and row.lease == digest(token) and row.visible_at > now


def settle(session: Session, row: Held, token: str, status: ItemStatus, **values: Any) -> None:
    """Say what became of an item that this token leased; raises `LostRace` if another has it now."""
    _change(session, row, token, (ItemStatus.READY, ItemStatus.DROPPED), {"status": status, **values})


def extend(session: Session, row: Held, token: str, until: datetime) -> None:
    """Let a lease last until a moment; raises `LostRace` if it was lost."""
    _change(session, row, token, (ItemStatus.READY,), {"visible_at": until})


def give_back(session: Session, row: Held, token: str, now: datetime) -> None:
    """End a lease at once, without counting it as lost; raises `LostRace` if it was lost."""
    values = {"visible_at": now, "lease": None, "previous": digest(token), "settled_at": now}
    _change(session, row, token, (ItemStatus.READY,), values)


def figures(session: Session, organisation_id: str, now: datetime) -> Figures:
    """The queue of one organisation."""
    own = (MailboxRow.organisation_id == organisation_id, MailboxRow.status == ItemStatus.READY)
    waiting, oldest = session.exec(
        select(func.count(), func.min(MailboxRow.put_at)).where(*own, col(MailboxRow.visible_at) <= now)
    ).one()
    total, next_due = session.exec(select(func.count(), func.min(MailboxRow.due_at)).where(*own)).one()
    return Figures(waiting, total - waiting, oldest, next_due)


def destroy(session: Session, case_id: str) -> None:
    """Take the items of a case out of every mailbox and destroy their ciphertext, also what was collected."""
    mine = col(MailboxRow.case_id) == case_id
    session.execute(
        update(MailboxRow)
        .where(mine, col(MailboxRow.status).in_([ItemStatus.READY, ItemStatus.HELD]))
        .values(status=ItemStatus.DROPPED)
    )
    session.execute(update(MailboxRow).where(mine).values(sealed=None, destroy_at=None))


def expire(session: Session, now: datetime) -> int:
    """Destroy the ciphertext of collected items whose time is over; gives how many."""
    return rows_changed(
        session,
        update(MailboxRow).where(col(MailboxRow.destroy_at) <= now).values(sealed=None, destroy_at=None),
    )


def took(session: Session, case_id: str, organisation_id: str) -> bool:
    """Whether the referral of a case left for an organisation, and did not stay behind in its mailbox."""
    kept = select(MailboxRow.id).where(
        MailboxRow.case_id == case_id, MailboxRow.status != ItemStatus.COLLECTED
    )
    left = select(OutboxRow.id).where(
        OutboxRow.case_id == case_id,
        OutboxRow.kind == "handover",
        OutboxRow.organisation_id == organisation_id,
        OutboxRow.status == outbox.Status.SENT,
        col(OutboxRow.id).not_in(kept),
    )
    return session.exec(left.limit(1)).first() is not None


def was_handed(session: Session, case_id: str, organisation_id: str) -> bool:
    """Whether a case was ever handed over to an organisation, by whatever channel."""
    return (
        session.exec(
            select(OutboxRow.id)
            .where(
                OutboxRow.case_id == case_id,
                OutboxRow.kind == "handover",
                OutboxRow.organisation_id == organisation_id,
            )
            .limit(1)
        ).first()
        is not None
    )


def digest(token: str) -> str:
    """What is kept of a lease token: it is random, so a plain hash tells nothing of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _change(
    session: Session, row: Held, token: str, before: Sequence[ItemStatus], values: dict[str, Any]
) -> None:
    which = {"this_id": row.id, "this_lease": digest(token), "before": list(before)}
    if prepared(session, _CHANGE, which | values) != 1:
        raise LostRace
