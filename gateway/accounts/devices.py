"""Devices: browsers in which somebody logged in before, so that strangers' failures keep nobody out of them.

They promise that only the digest of a cookie's secret is kept, that an account has few of them, and that one
counts for its own account only.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from gateway.store.pagetables import DeviceRow
from gateway.web.sessions import digest

MOST = 10
"""So many are remembered of one account; those longest unused are forgotten."""

LASTS = timedelta(days=365)


def find(session: Session, token: str, user_id: str, now: datetime) -> DeviceRow | None:
    """The device of a cookie, if this account knows it; kept from others while the transaction lasts."""
    own = select(DeviceRow).where(DeviceRow.id == digest(token), DeviceRow.user_id == user_id)
    return session.exec(own.where(col(DeviceRow.used_at) > now - LASTS).with_for_update()).first()


def used(session: Session, token: str, user_id: str, now: datetime) -> tuple[str, bool]:
    """Remember that somebody is in; gives the secret for the cookie, and whether the device was known."""
    row = find(session, token, user_id, now) if token else None
    if row is not None:
        row.failures, row.locked_until, row.used_at = 0, None, now
        session.add(row)
        return token, True
    fresh = secrets.token_urlsafe(32)
    session.add(DeviceRow(id=digest(fresh), user_id=user_id, used_at=now))
    session.flush()
    order = col(DeviceRow.used_at).desc(), col(DeviceRow.id)
    old = select(DeviceRow).where(DeviceRow.user_id == user_id).order_by(*order).offset(MOST)
    for one in session.exec(old).all():
        session.delete(one)
    session.flush()
    return fresh, False


def ended(session: Session, now: datetime) -> bool:
    """Whether there is one that counts no more."""
    return session.exec(select(DeviceRow.id).where(_over(now)).limit(1)).first() is not None


def clean(session: Session, now: datetime) -> None:
    """Forget those that count no more."""
    session.execute(delete(DeviceRow).where(_over(now)))


def _over(now: datetime) -> ColumnElement[bool]:
    return col(DeviceRow.used_at) <= now - LASTS


def forget(session: Session, user_id: str) -> None:
    session.execute(delete(DeviceRow).where(col(DeviceRow.user_id) == user_id))
