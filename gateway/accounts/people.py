"""What is done about people's accounts: inviting, removing, resetting, ending sessions.

Asked on the command line or on a page, always the same. It promises one event for each, that a link is told
once, that a colleague is of an organisation that exists (or of a practice that reads on a page, which is
called by its `party_of` wherever an organisation's id stands), and that who invites for their own
organisation learns nothing of another, and takes nothing from it.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.accounts import invitations
from gateway.accounts import rows as accounts
from gateway.domain.trail import AuditEvent
from gateway.errors import InbeeldError, NotFound
from gateway.gate.passwords import login_of, name_of
from gateway.gate.senders import practice_of
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.pagetables import InvitationRow, UserRow
from gateway.web import sessions
from gateway.web.auth import Role

MOST = 20
"""So many invitations of one medewerker may wait."""


def role_in(party: str | None) -> Role:
    if party is None:
        return Role.BEHEERDER
    return Role.MEDEWERKER if practice_of(party) is None else Role.VERWIJZER


def _unknown(party: str, parties: Collection[str]) -> str:
    """That there is no such party, and which of its kind there are, as one types them."""
    practice = practice_of(party)
    alike = [each for each in parties if (practice_of(each) is None) == (practice is None)]
    known = ", ".join(sorted(practice_of(each) or each for each in alike)) or "none"
    if practice is None:
        return f"there is no organisation '{party}'; known are {known}"
    return f"there is no practice '{practice}' with page = true; known are {known}"


class InviteError(InbeeldError):
    """Nobody can be invited so; `code` says why: login, name, organisation, exists or many."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class People:
    """Changes accounts. `base` is where our pages are found; `wall` counts how long an invitation lasts."""

    def __init__(
        self,
        *,
        store: Store,
        organisations: Collection[str],
        base: str,
        wall: Callable[[], datetime],
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._organisations, self._base = store, organisations, base
        self._wall, self._now = wall, now

    def invite(
        self, *, login: str, name: str, role: str, organisation: str | None, by: str, colleague: bool = False
    ) -> str:
        """Invite somebody; gives the link, which is kept nowhere. Raises `InviteError`.

        A `colleague` asks for their own organisation: they are told of nobody in another, and a link for
        somebody who has an account there ends when it is to be used.
        """
        address, person = login_of(login), name_of(name)
        if address is None:
            raise InviteError("login", "the login is not a mail address")
        if person is None:
            raise InviteError("name", "the name is empty, longer than 100 characters, or not one line")
        if role != role_in(organisation):
            told = "a medewerker has an organisation, a verwijzer a practice, a beheerder has none"
            raise InviteError("organisation", told)
        if organisation is not None and organisation not in self._organisations:
            raise InviteError("organisation", _unknown(organisation, self._organisations))
        with self._store.write() as session:
            user = accounts.by_login(session, address)
            if user is not None and (not colleague or user.organisation_id == organisation):
                remedy = "'inbeeld users reset' makes a new link for somebody who lost their factors"
                raise InviteError("exists", f"that login has an account already; {remedy}")
            waits = invitations.all_for(session, address, self._wall())
            others = [row for row in waits if (row.role, row.organisation_id) != (role, organisation)]
            if others and not colleague:
                # Somebody has one account: who may see both invitations chooses.
                raise InviteError("exists", "that login is invited as somebody else; take that back first")
            again = len(waits) > len(others)
            if colleague and not again and invitations.number_by(session, by, self._wall()) >= MOST:
                raise InviteError("many", f"{MOST} invitations wait already; take one back first")
            return self._invited(session, AuditEvent.ACCOUNT_INVITED, address, person, role, organisation, by)

    def reset(self, user_id: str, by: str) -> str:
        """Take away every factor of an account; gives the link to set up new ones. Raises `NotFound`."""
        with self._store.write() as session:
            user = self._found(session, user_id)
            accounts.without_factors(session, user, self._wall())
            return self._invited(
                session,
                AuditEvent.ACCOUNT_RESET,
                user.login,
                user.name,
                user.role,
                user.organisation_id,
                by,
                user.id,
            )

    def remove(self, user_id: str, by: str) -> None:
        """End an account for good; raises `NotFound` or `LastBeheerder`."""
        with self._store.write() as session:
            user = self._found(session, user_id)
            accounts.remove(session, user, self._wall())
            self._note(session, AuditEvent.ACCOUNT_REMOVED, by, user=user.id, role=user.role)

    def withdraw(self, login: str, by: str) -> bool:
        """Take back the invitations for a login; gives whether there were any."""
        address = login.strip().lower()
        with self._store.write() as session:
            waiting = [row for row in invitations.waiting(session, self._wall()) if row.login == address]
            for row in waiting:
                invitations.revoke(session, row.id, self._wall())
                self._note(session, AuditEvent.ACCOUNT_INVITATION_REVOKED, by, invitation=row.id)
        return bool(waiting)

    def log_out(self, user_id: str, by: str) -> int:
        """End every session of an account; gives how many. Raises `NotFound`."""
        with self._store.write() as session:
            user = self._found(session, user_id)
            number = sessions.end_all(session, user.id, self._wall())
            self._note(session, AuditEvent.ACCOUNT_LOGGED_OUT, by, user=user.id, sessions=number)
        return number

    def take_back(self, invitation: InvitationRow, by: str) -> None:
        """Let an invitation open nothing any more."""
        with self._store.write() as session:
            invitations.revoke(session, invitation.id, self._wall())
            self._note(session, AuditEvent.ACCOUNT_INVITATION_REVOKED, by, invitation=invitation.id)

    def _found(self, session: Session, user_id: str) -> UserRow:
        user = accounts.find(session, user_id, locked=True)
        if user is None:
            raise NotFound("There is no such account any more")
        return user

    def _invited(
        self,
        session: Session,
        kind: AuditEvent,
        login: str,
        name: str,
        role: str,
        organisation: str | None,
        by: str,
        user_id: str | None = None,
    ) -> str:
        row, code = invitations.make(
            session, login=login, name=name, role=role, organisation_id=organisation, by=by, now=self._wall()
        )
        whose = {"user": user_id} if user_id else {}
        self._note(session, kind, by, invitation=row.id, role=role, organisation=organisation or "", **whose)
        return f"{self._base}/uitnodiging/{code}"

    def _note(self, session: Session, kind: AuditEvent, by: str, **data: Any) -> None:
        audit.append(session, kind, now=self._now(), actor=by, **data)
