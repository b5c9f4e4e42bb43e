"""An organisation's cases as its colleagues see them: ids, states and moments, and where the text is.

It promises that a list is never longer than asked, and that no ciphertext is read for it.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from gateway.domain.codes import Kind
from gateway.domain.states import State
from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace
from gateway.store import labels, mailbox, takings
from gateway.store.mailbox import ItemStatus, Leased
from gateway.store.pagetables import UserRow
from gateway.store.tables import CaseRow, ClockRow, EventRow, MailboxRow, OutboxRow
from gateway.store.takings import Hands, Taking

_NO_MORE: Any = func.coalesce(ClockRow.met_at, ClockRow.ended_at)
"""When the promise of contact was kept, or no longer mattered."""

JOSE = "application/jose"
"""What a browser opens by itself."""

OPENED = AuditEvent.INBOX_OPENED
"""The event of a text that was opened in a browser for the first time."""


@dataclass(frozen=True, slots=True)
class InboxItem:
    """Where the newest parcel of a case is; `readable` says whether there is ciphertext for a browser.

    `sealed_for` is the fingerprint of the key that opens it, where it is known.
    """

    id: str
    status: ItemStatus
    readable: bool
    leased_until: datetime | None
    settled_at: datetime | None
    sealed_for: str | None


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opened a text first, and when; the name is empty once they have gone."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One case."""

    case: CaseRow
    due_at: datetime | None
    met_at: datetime | None
    item: InboxItem | None
    opening: Opening | None
    taking: Taking | None
    label: str = ""
    """What a colleague calls it, as ciphertext; see `store.labels`."""


def lines(
    session: Session,
    organisation_id: str,
    states: Collection[State],
    limit: int,
    *,
    latest_first: bool = False,
    hands: Hands | None = None,
) -> list[InboxLine]:
    """The cases an organisation has in these states: due soonest first, or changed latest first.

    With `hands` only those that this colleague has taken on, or nobody has.
    """
    contact = and_(col(ClockRow.case_id) == col(CaseRow.id), col(ClockRow.kind) == Kind.CONTACT)
    order = [col(CaseRow.updated_at).desc()] if latest_first else [col(ClockRow.due_at)]
    which = [
        col(CaseRow.organisation_id) == organisation_id,
        col(CaseRow.state).in_([str(state) for state in states]),
    ]
    if hands is not None:
        which.append(takings.among(CaseRow.id, hands))
    found = session.exec(
        select(CaseRow, ClockRow.due_at, _NO_MORE)
        .outerjoin(ClockRow, contact)
        .where(*which)
        .order_by(*order, col(CaseRow.id))
        .limit(limit)
    ).all()
    return _lines(session, organisation_id, found)


def line(session: Session, organisation_id: str, case: CaseRow) -> InboxLine:
    """One case of the organisation, as in the list."""
    clock = session.exec(
        select(ClockRow.due_at, _NO_MORE).where(ClockRow.case_id == case.id, ClockRow.kind == Kind.CONTACT)
    ).first()
    (found,) = _lines(session, organisation_id, [(case, *(clock or (None, None)))])
    return found


def newest(session: Session, organisation_id: str, case_id: str) -> MailboxRow | None:
    """The item of a case that was put in this organisation's mailbox last."""
    return session.exec(
        select(MailboxRow)
        .where(MailboxRow.case_id == case_id, MailboxRow.organisation_id == organisation_id)
        .order_by(col(MailboxRow.put_at).desc(), col(MailboxRow.id))
        .limit(1)
    ).first()


def take(session: Session, organisation_id: str, item_id: str, now: datetime) -> Leased:
    """Lease one item that waits; raises `LostRace` if it does not, or if another has it in hand."""
    for leased in mailbox.lease(session, organisation_id, now, 1, item_id=item_id):
        return leased
    raise LostRace


def _lines(session: Session, organisation_id: str, found: Iterable[Any]) -> list[InboxLine]:
    rows = list(found)
    ids = [case.id for case, _, _ in rows]
    items = _items(session, organisation_id, ids)
    openings = _openings(session, items)
    called, taken = (
        labels.of_cases(session, organisation_id, ids),
        takings.of_cases(session, organisation_id, ids),
    )
    return [
        InboxLine(
            case,
            due_at,
            met_at,
            items.get(case.id),
            openings.get(case.id),
            taken.get(case.id),
            called.get(case.id, ""),
        )
        for case, due_at, met_at in rows
    ]


def _items(session: Session, organisation_id: str, case_ids: list[str]) -> dict[str, InboxItem]:
    # The ciphertext itself stays where it is: a list of hundreds would carry megabytes.
    found = session.exec(
        select(
            MailboxRow.case_id,
            MailboxRow.id,
            MailboxRow.status,
            and_(col(MailboxRow.sealed).is_not(None), col(MailboxRow.media_type) == JOSE),
            MailboxRow.lease,
            MailboxRow.visible_at,
            MailboxRow.settled_at,
            OutboxRow.sealed_for,
        )  # type: ignore[call-overload]
        .outerjoin(OutboxRow, col(OutboxRow.id) == col(MailboxRow.id))
        .where(col(MailboxRow.case_id).in_(case_ids), MailboxRow.organisation_id == organisation_id)
        .order_by(col(MailboxRow.put_at), col(MailboxRow.id).desc())
    ).all()
    return {
        case_id: InboxItem(
            id_, ItemStatus(status), bool(readable), visible_at if lease else None, settled_at, key
        )
        for case_id, id_, status, readable, lease, visible_at, settled_at, key in found
    }


def _openings(session: Session, items: Mapping[str, InboxItem]) -> dict[str, Opening]:
    events = session.exec(
        select(EventRow.case_id, EventRow.actor, EventRow.at, EventRow.data)
        .where(col(EventRow.case_id).in_(items), EventRow.kind == OPENED)
        .order_by(col(EventRow.seq))
    ).all()
    first: dict[str, tuple[str, datetime]] = {}
    for case_id, actor, at, data in events:
        # Another organisation's colleague may have opened what lay in their own mailbox.
        if case_id is not None and json.loads(data)["delivery"] == items[case_id].id:
            first.setdefault(case_id, (actor.removeprefix("user:"), at))
    users = {user for user, _ in first.values()}
    names = dict(session.exec(select(UserRow.id, UserRow.name).where(col(UserRow.id).in_(users))).all())
    return {case_id: Opening(names.get(user, ""), at) for case_id, (user, at) in first.items()}
