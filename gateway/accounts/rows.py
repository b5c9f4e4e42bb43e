"""Accounts: who may log in, and what their failures cost.

They promise that a login is one living account's, that somebody who was removed has no factor, session, wrap
or address left, that failures of every factor count together until somebody is really in, those from a device
of theirs apart from those of strangers, and that there is always a beheerder.

`Expiry` forgets sessions, invitations and devices whose time is over; their events stay in the audit trail.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.accounts import devices, factors, invitations
from gateway.errors import InbeeldError, NotFound
from gateway.store import pairs
from gateway.store.engine import Store, rows_changed
from gateway.store.pagetables import DeviceRow, UserRow
from gateway.web import sessions

BEHEERDER = "beheerder"

FAILURES = 10
"""So many wrong factors in a row are let be; the next lock."""

SHORTEST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(days=1)

Tried = UserRow | DeviceRow
"""Where failures are counted: with the account, or with a device of its owner."""


class LastBeheerder(InbeeldError):
    """This is the last beheerder: invite another one first."""


def new_id() -> str:
    """The id of a new account; none is ever used again."""
    return uuid.uuid4().hex


def make(
    session: Session,
    *,
    id_: str,
    login: str,
    name: str,
    role: str,
    organisation_id: str | None,
    now: datetime,
) -> UserRow:
    """A new account, without any factor."""
    row = UserRow(id=id_, login=login, name=name, role=role, organisation_id=organisation_id, created_at=now)
    session.add(row)
    session.flush()
    return row


def by_login(session: Session, login: str) -> UserRow | None:
    """The living account of an address in small letters."""
    return session.exec(select(UserRow).where(UserRow.login == login, *_living())).first()


def of_subject(session: Session, subject: str) -> UserRow | None:
    """The living account of somebody at the OpenID provider."""
    return session.exec(select(UserRow).where(UserRow.subject == subject, *_living())).first()


def has_factor(session: Session, user: UserRow) -> bool:
    """Whether there is a way to log in to an account: a password, a passkey, or somebody at the provider."""
    return bool(user.password_hash or user.subject or factors.passkeys(session, user.id))


def bind(session: Session, user: UserRow, subject: str) -> bool:
    """Let an account belong to somebody at the OpenID provider; False when either belongs to another."""
    if of_subject(session, subject) is not None:
        return False
    unbound = update(UserRow).where(col(UserRow.id) == user.id, col(UserRow.subject).is_(None))
    return rows_changed(session, unbound.values(subject=subject, awaited=False)) == 1


def find(session: Session, user_id: str, *, locked: bool = False) -> UserRow | None:
    """A living account; `locked` keeps others from changing it while this transaction lasts."""
    query = select(UserRow).where(UserRow.id == user_id, *_living())
    return session.exec(query.with_for_update() if locked else query).first()


def named(session: Session, login: str) -> UserRow:
    """The living account of an address; raises `NotFound`."""
    row = by_login(session, login.strip().lower())
    if row is None:
        raise NotFound("There is no account with that login; 'inbeeld users list' shows them all")
    return row


def all_of(session: Session, organisation_id: str | None = None) -> list[UserRow]:
    """The living accounts of an organisation, or all of them: beheerders first, then by name."""
    query = select(UserRow).where(*_living()).order_by(UserRow.role, col(UserRow.name), col(UserRow.id))
    if organisation_id is not None:
        query = query.where(UserRow.organisation_id == organisation_id)
    return list(session.exec(query))


def is_locked(tried: Tried, now: datetime) -> bool:
    """Whether no password or code counts there now."""
    return tried.locked_until is not None and tried.locked_until > now


def failed(session: Session, tried: Tried, now: datetime) -> timedelta | None:
    """Count a wrong factor in a row that this transaction keeps; gives how long it locks, if it does.

    Each whole day without one, and without a lock, halves those before.
    """
    if is_locked(tried, now):
        return None
    last = max(filter(None, (tried.failed_at, tried.locked_until)), default=now)
    tried.failures = (tried.failures >> max((now - last).days, 0)) + 1
    tried.failed_at = now
    beyond = tried.failures - FAILURES
    lock = None if beyond < 0 else min(SHORTEST_LOCK * 2 ** min(beyond, 10), LONGEST_LOCK)
    if lock is not None:
        tried.locked_until = now + lock
    session.add(tried)
    session.flush()
    return lock


def entered(session: Session, user_id: str, now: datetime, device: str = "") -> str:
    """Somebody is in, with both factors: their failures are forgotten, from a device of theirs those there.

    Gives the secret by which their device is known from now on.
    """
    device, known = devices.used(session, device, user_id, now)
    forgotten = {} if known else {"failures": 0, "locked_until": None}
    session.execute(update(UserRow).where(col(UserRow.id) == user_id).values(last_login_at=now, **forgotten))
    return device


def use_step(session: Session, user_id: str, step: int) -> bool:
    """Take a time step of an account's app; False when it, or a later one, was used before."""
    unused = update(UserRow).where(col(UserRow.id) == user_id, col(UserRow.totp_step) < step)
    return rows_changed(session, unused.values(totp_step=step)) == 1


def without_factors(session: Session, user: UserRow, now: datetime) -> None:
    """Take away every factor of an account, also somebody at a provider, and end its sessions.

    It waits for a new invitation.
    """
    user.password_hash, user.totp, user.totp_step, user.subject = None, None, 0, None
    # Whoever gets a new link is awaited there alone.
    user.awaited = False
    user.failures, user.locked_until = 0, None
    session.add(user)
    factors.forget(session, user.id)
    devices.forget(session, user.id)
    sessions.end_all(session, user.id, now)


def remove(session: Session, user: UserRow, now: datetime) -> None:
    """End an account for good; raises `LastBeheerder`. Its name stays, for those who read the audit trail."""
    if user.role == BEHEERDER and _others(session, user.id) == 0:
        raise LastBeheerder
    without_factors(session, user, now)
    invitations.revoke_of(session, user.login, user.organisation_id, now)
    pairs.forget(session, user.id)
    # The address is free for a new account, which shares nothing with this one.
    user.login, user.removed_at = f"removed:{user.id}", now
    session.add(user)
    session.flush()


def _others(session: Session, user_id: str) -> int:
    """How many beheerders there are beside this one, while nobody removes another."""
    query = select(UserRow).where(UserRow.role == BEHEERDER, *_living()).order_by(col(UserRow.id))
    return sum(row.id != user_id for row in session.exec(query.with_for_update()))


def _living() -> tuple[Any, ...]:
    return (col(UserRow.removed_at).is_(None),)


class Expiry:
    """The step; `wall` is the clock of sessions, which counts real time where that of cases does not."""

    def __init__(self, *, store: Store, wall: Callable[[], datetime]) -> None:
        self._store, self._wall = store, wall

    def run(self, _: datetime) -> int:
        """Forget what is over; says whether there was anything."""
        wall = self._wall()
        with self._store.read() as session:
            if not any(each.ended(session, wall) for each in (sessions, invitations, devices)):
                return 0
        with self._store.write() as session:
            for each in (sessions, invitations, devices):
                each.clean(session, wall)
        return 1
