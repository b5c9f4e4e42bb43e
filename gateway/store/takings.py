"""Who of a desk has taken a case on: a colleague of an organisation, or one of the beheerders.

It promises that a case has at most one such person a desk, that whoever presses after somebody else takes
nothing from them unseen, and that each change is an event. None of it is told to anybody else.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, or_
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace, NotFound
from gateway.store import audit
from gateway.store.pagetables import TakingRow, UserRow

_TAKINGS = SQLModel.metadata.tables["takings"]
_INSERT: dict[str, Any] = {
    "sqlite": sqlite.insert(_TAKINGS).on_conflict_do_nothing().returning(_TAKINGS.c.case_id),
    "postgresql": postgresql.insert(_TAKINGS).on_conflict_do_nothing().returning(_TAKINGS.c.case_id),
}
_GONE = select_columns(col(UserRow.id)).where(col(UserRow.removed_at).is_not(None))
"""Whoever was removed has nothing in hand any more."""


BEHEERDERS = "beheerders"
"""The desk of the beheerders; no organisation has this id."""


class TakingReason(StrEnum):
    """Why a case goes to a colleague."""

    ABSENT = "absent"
    BUSY = "busy"
    AREA = "area"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True)
class Taking:
    """Who has a case, by which name, and since when."""

    user_id: str
    name: str
    since: datetime
    reason: TakingReason | None = None


@dataclass(frozen=True, slots=True)
class Hands:
    """Whose cases are looked for: those of a user, or, where that is None, those that nobody has."""

    desk: str
    user_id: str | None


def of_cases(session: Session, desk: str, case_ids: Collection[str]) -> dict[str, Taking]:
    """Who has these cases; what nobody has is left out."""
    if not case_ids:
        return {}
    query = (
        select(TakingRow, UserRow.name)
        .join(UserRow, col(UserRow.id) == col(TakingRow.user_id))
        .where(
            col(TakingRow.case_id).in_(case_ids),
            TakingRow.desk == desk,
            col(UserRow.removed_at).is_(None),
        )
    )
    return {
        row.case_id: Taking(row.user_id, name, row.taken_at, TakingReason(row.reason) if row.reason else None)
        for row, name in session.exec(query)
    }


def among(case_id: Any, hands: Hands) -> ColumnElement[bool]:
    """The condition that a case is one of these."""
    rows = select_columns(col(TakingRow.case_id)).where(col(TakingRow.desk) == hands.desk)
    if hands.user_id is not None:
        return col(case_id).in_(rows.where(col(TakingRow.user_id) == hands.user_id))
    return col(case_id).not_in(rows.where(col(TakingRow.user_id).not_in(_GONE)))


def colleagues(session: Session, organisation_id: str | None) -> dict[str, str]:
    """Those who log in for an organisation, or as a beheerder where it is None: name by id, by name."""
    query = (
        select(UserRow.id, UserRow.name)
        .where(
            col(UserRow.removed_at).is_(None),
            UserRow.organisation_id == organisation_id,
        )
        .order_by(col(UserRow.name), col(UserRow.id))
    )
    return dict(session.exec(query).all())


def change(
    session: Session,
    case_id: str,
    desk: str,
    *,
    by: str,
    to: str | None,
    seen: str,
    now: datetime,
    reason: TakingReason | None = None,
) -> None:
    """Give a case to a user, or to nobody; `seen` is who had it on the page of whoever pressed, or empty.

    Raises `LostRace` when it is somebody else's by now, `NotFound` when it is to go to nobody of this desk.
    """
    of = None if desk == BEHEERDERS else desk
    if to is not None and to not in colleagues(session, of):
        raise NotFound
    theirs = col(TakingRow.user_id) == seen
    here = (col(TakingRow.case_id) == case_id, col(TakingRow.desk) == desk)
    left: Any = session.execute(
        delete(TakingRow).where(*here, or_(theirs, col(TakingRow.user_id).in_(_GONE)))
    )
    if seen and not left.rowcount:
        raise LostRace
    if to is None:
        if not seen:
            raise LostRace
        kind = AuditEvent.TAKING_RELEASED
    else:
        values = {
            "case_id": case_id,
            "desk": desk,
            "user_id": to,
            "taken_at": now,
            "reason": str(reason) if reason else None,
        }
        made = session.execute(_INSERT[session.connection().dialect.name].values(**values)).first()
        if made is None:
            raise LostRace
        kind = AuditEvent.TAKING_TAKEN if to == by else AuditEvent.TAKING_HANDED
    facts: dict[str, Any] = {"desk": desk}
    if to is not None and to != by:
        facts |= {"to": to} | ({"reason": str(reason)} if reason else {})
    audit.append(session, kind, now=now, actor=f"user:{by}", case_id=case_id, **facts)
