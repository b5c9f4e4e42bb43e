"""Invitations: one-time links with which somebody sets up how they log in.

They promise that only the digest of a link is kept, that it ends by use, by age, when somebody takes it back
or when its organisation makes a newer one for the same address, and that it is used once, whoever is first.
"""

import hashlib
import re
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from gateway.store.engine import rows_changed
from gateway.store.pagetables import InvitationRow

LASTS = timedelta(hours=72)

_CODE = re.compile(r"[A-Za-z0-9_-]{43}")


def make(
    session: Session, *, login: str, name: str, role: str, organisation_id: str | None, by: str, now: datetime
) -> tuple[InvitationRow, str]:
    """A new invitation, and the code of its link, which is kept nowhere."""
    revoke_of(session, login, organisation_id, now)
    code = secrets.token_urlsafe(32)
    row = InvitationRow(
        id=uuid.uuid4().hex,
        digest=_digest(code),
        login=login,
        name=name,
        role=role,
        organisation_id=organisation_id,
        created_at=now,
        created_by=by,
        expires_at=now + LASTS,
    )
    session.add(row)
    session.flush()
    return row, code


def find(session: Session, code: str, now: datetime) -> InvitationRow | None:
    """The invitation of a link, while it can be used."""
    if not _CODE.fullmatch(code):
        return None
    query = select(InvitationRow).where(InvitationRow.digest == _digest(code), *_open(now))
    return session.exec(query).first()


def by_id(session: Session, id_: str, now: datetime) -> InvitationRow | None:
    """An invitation that can still be used."""
    return session.exec(select(InvitationRow).where(InvitationRow.id == id_, *_open(now))).first()


def all_for(session: Session, login: str, now: datetime) -> list[InvitationRow]:
    """The invitations for an address that can still be used: one of each organisation at most."""
    return list(session.exec(select(InvitationRow).where(InvitationRow.login == login, *_open(now))))


def number_by(session: Session, by: str, now: datetime) -> int:
    """How many invitations of somebody can still be used."""
    return session.exec(select(func.count()).where(InvitationRow.created_by == by, *_open(now))).one()


def waiting(session: Session, now: datetime, organisation_id: str | None = None) -> list[InvitationRow]:
    """The invitations that can still be used, of an organisation or all of them; the newest first."""
    query = select(InvitationRow).where(*_open(now)).order_by(col(InvitationRow.created_at).desc())
    if organisation_id is not None:
        query = query.where(InvitationRow.organisation_id == organisation_id)
    return list(session.exec(query))


def remember(session: Session, row: InvitationRow, pending: bytes, now: datetime) -> None:
    """Keep the sealed state of a set-up that runs."""
    session.execute(
        update(InvitationRow).where(col(InvitationRow.id) == row.id, *_open(now)).values(pending=pending)
    )


def use(session: Session, row: InvitationRow, user_id: str, now: datetime) -> bool:
    """Use an invitation; False when somebody was first, or it was taken back."""
    open_ = update(InvitationRow).where(col(InvitationRow.id) == row.id, *_open(now))
    return rows_changed(session, open_.values(used_at=now, user_id=user_id, pending=None)) == 1


def revoke(session: Session, id_: str, now: datetime) -> None:
    session.execute(
        update(InvitationRow)
        .where(col(InvitationRow.id) == id_, *_open(now))
        .values(revoked_at=now, pending=None)
    )


def revoke_of(session: Session, login: str, organisation_id: str | None, now: datetime) -> None:
    """Take back the invitation of an organisation, or of the beheerders, for an address."""
    own = col(InvitationRow.organisation_id) == organisation_id
    session.execute(
        update(InvitationRow)
        .where(col(InvitationRow.login) == login, own, *_open(now))
        .values(revoked_at=now, pending=None)
    )


def ended(session: Session, now: datetime) -> bool:
    """Whether there are invitations that nobody can use any more."""
    query = select(InvitationRow.id).where(col(InvitationRow.expires_at) <= now)
    return session.exec(query.limit(1)).first() is not None


def clean(session: Session, now: datetime) -> None:
    """Forget invitations whose time is over, used or not."""
    session.execute(delete(InvitationRow).where(col(InvitationRow.expires_at) <= now))


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _open(now: datetime) -> tuple[Any, ...]:
    return (
        col(InvitationRow.used_at).is_(None),
        col(InvitationRow.revoked_at).is_(None),
        col(InvitationRow.expires_at) > now,
    )
