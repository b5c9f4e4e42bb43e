"""Accounts that a municipality's own identity system keeps: made, changed, shut and opened from there.

It promises that whoever asks for an organisation reaches its medewerkers and nobody else, that a shut account
lets nobody in and has no session, that a new one is opened by nothing but the first login at the OpenID
provider, and one event for each change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from gateway.accounts import invitations
from gateway.accounts import rows as accounts
from gateway.domain.trail import AuditEvent
from gateway.errors import InbeeldError, NotFound
from gateway.gate.passwords import LONGEST_NAME
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.pagetables import UserRow
from gateway.web import sessions
from gateway.web.auth import Role

MOST = 500
"""So many accounts one organisation may have in this way."""


class LoginTaken(InbeeldError):
    """There is an account with that login."""


class TooManyAccounts(InbeeldError):
    """The organisation has as many accounts as it may have."""


@dataclass(frozen=True, slots=True)
class WantedAccount:
    """What an account is to be; None leaves it as it is, and an empty `external_id` takes that away."""

    login: str | None = None
    name: str | None = None
    external_id: str | None = None
    active: bool | None = None


class Provisioned:
    """The medewerkers of one organisation at a time. `wall` and `now`: of accounts and events."""

    def __init__(self, *, store: Store, wall: Callable[[], datetime], now: Callable[[], datetime]) -> None:
        self._store, self._wall, self._now = store, wall, now

    def all_of(self, organisation: str, start: int, count: int, **like: str) -> tuple[int, list[UserRow]]:
        """How many there are, and those from the `start`th on; `like` names a column and its value."""
        conditions = [*_of(organisation), *(getattr(UserRow, name) == value for name, value in like.items())]
        with self._store.read() as session:
            total = session.exec(select(func.count()).select_from(UserRow).where(*conditions)).one()
            query = select(UserRow).where(*conditions).order_by(col(UserRow.created_at), col(UserRow.id))
            return total, list(session.exec(query.offset(start - 1).limit(count)))

    def one(self, organisation: str, user_id: str) -> UserRow:
        """One account; raises `NotFound`."""
        with self._store.read() as session:
            return _found(session, organisation, user_id)

    def make(self, organisation: str, wanted: WantedAccount, by: str) -> UserRow:
        """A new account that waits for its first login; raises `LoginTaken` or `TooManyAccounts`."""
        login = wanted.login or ""
        try:
            with self._store.write() as session:
                if accounts.by_login(session, login) is not None:
                    raise LoginTaken
                if len(accounts.all_of(session, organisation)) >= MOST:
                    raise TooManyAccounts
                # A link that lies about somewhere must not open it beside the login that it waits for.
                invitations.revoke_of(session, login, organisation, self._wall())
                user = accounts.make(
                    session,
                    id_=accounts.new_id(),
                    login=login,
                    name=wanted.name or login[:LONGEST_NAME],
                    role=Role.MEDEWERKER,
                    organisation_id=organisation,
                    now=self._wall(),
                )
                user.awaited, user.external_id = True, wanted.external_id or None
                if wanted.active is False:
                    user.disabled_at = self._wall()
                session.add(user)
                self._note(session, AuditEvent.ACCOUNT_PROVISIONED, by, user)
                return user
        except IntegrityError:
            raise LoginTaken from None

    def change(self, organisation: str, user_id: str, wanted: WantedAccount, by: str) -> UserRow:
        """Change an account; raises `NotFound` or `LoginTaken`."""
        try:
            with self._store.write() as session:
                user = _found(session, organisation, user_id, locked=True)
                before = (user.login, user.name, user.external_id)
                if wanted.login not in (None, user.login) and accounts.by_login(session, str(wanted.login)):
                    raise LoginTaken
                user.login, user.name = wanted.login or user.login, wanted.name or user.name
                if wanted.external_id is not None:
                    user.external_id = wanted.external_id or None
                session.add(user)
                session.flush()
                if (user.login, user.name, user.external_id) != before:
                    self._note(session, AuditEvent.ACCOUNT_CHANGED, by, user)
                if wanted.active is not None and wanted.active is (user.disabled_at is not None):
                    self._turn(session, user, wanted.active, by)
                return user
        except IntegrityError:
            raise LoginTaken from None

    def remove(self, organisation: str, user_id: str, by: str) -> None:
        """End an account for good; raises `NotFound`."""
        with self._store.write() as session:
            user = _found(session, organisation, user_id, locked=True)
            accounts.remove(session, user, self._wall())
            self._note(session, AuditEvent.ACCOUNT_REMOVED, by, user)

    def _turn(self, session: Session, user: UserRow, active: bool, by: str) -> None:
        """Shut an account, or open it again."""
        user.disabled_at = None if active else self._wall()
        session.add(user)
        if not active:
            sessions.end_all(session, user.id, self._wall())
        self._note(session, AuditEvent.ACCOUNT_ENABLED if active else AuditEvent.ACCOUNT_DISABLED, by, user)

    def _note(self, session: Session, kind: AuditEvent, by: str, user: UserRow) -> None:
        audit.append(session, kind, now=self._now(), actor=by, user=user.id, role=user.role)


def _of(organisation: str) -> tuple[object, ...]:
    return (
        UserRow.organisation_id == organisation,
        UserRow.role == Role.MEDEWERKER,
        col(UserRow.removed_at).is_(None),
    )


def _found(session: Session, organisation: str, user_id: str, *, locked: bool = False) -> UserRow:
    user = accounts.find(session, user_id, locked=locked)
    if user is None or user.role != Role.MEDEWERKER or user.organisation_id != organisation:
        raise NotFound("There is no such account")
    return user
