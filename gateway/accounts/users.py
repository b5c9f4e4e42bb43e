"""The accounts of others: of everybody for a beheerder, of their own colleagues for a medewerker.

It promises that a medewerker sees and changes colleagues of their own organisation only, that everything is
asked once more before it is done, of somebody who showed a factor a short while ago, that a link is shown
once, and that nobody removes themselves.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.accounts import invitations
from gateway.accounts import rows as accounts
from gateway.accounts.login import WRONG
from gateway.accounts.people import MOST, InviteError, People, role_in
from gateway.accounts.rows import LastBeheerder
from gateway.gate.senders import practice_of
from gateway.store.pagetables import InvitationRow, UserRow
from gateway.web import problems
from gateway.web.auth import Endpoint, Role, Visitor
from gateway.web.forms import posted
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem

REMOVE, RESET, LOG_OUT = "verwijderen", "herstellen", "afmelden"


class Users(ShellPage):
    """The pages below `path`, for one role; `acts` is what it may do with an account."""

    def __init__(
        self,
        shell: Shell,
        *,
        path: str,
        role: Role,
        acts: tuple[str, ...],
        people: People,
        organisations: Mapping[str, str],
        practices: Mapping[str, str],
    ) -> None:
        super().__init__(shell)
        self._path, self._role, self._acts = path, role, acts
        self._people, self._organisations, self._practices = people, organisations, practices

    def routes(self) -> list[BaseRoute]:

        def route(path: str, endpoint: Endpoint, *, fresh: bool = False) -> BaseRoute:
            both = ("GET", "POST")
            return self._auth.route(
                self._path + path, endpoint, roles=[self._role], methods=both, fresh=fresh
            )

        return [
            self._auth.route(self._path, self.show, roles=[self._role]),
            route("/uitnodigen", self.invite, fresh=True),
            route("/uitnodiging/{id}", self.take_back),
            route("/{id}/{act}", self.change, fresh=True),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        wall, whose = self._wall(), visitor.organisation_id
        with self._store.read() as session:
            users, waiting = accounts.all_of(session, whose), invitations.waiting(session, wall, whose)
        done = request.query_params.get("klaar", "")
        return self._page(
            "users.html", visitor, users=users, waiting=waiting, done=done, acts=self._acts, wall=wall
        )

    def invite(self, request: Request, visitor: Visitor) -> Response:
        """Invite somebody, and show the link."""
        if request.method == "GET":
            return self._page("invite.html", visitor, given={}, wrong={})
        given = posted(request)
        role, organisation = self._for(visitor, given)
        try:
            link = self._people.invite(
                login=given.get("login", ""),
                name=given.get("naam", ""),
                role=role,
                organisation=organisation,
                by=visitor.actor,
                colleague=visitor.role is Role.MEDEWERKER,
            )
        except InviteError as error:
            wrong = {error.code: self._why(error.code)}
            return self._page("invite.html", visitor, WRONG, given=given, wrong=wrong)
        return self._page("link.html", visitor, link=link, who=given.get("naam", "").strip(), reset=False)

    def take_back(self, request: Request, visitor: Visitor) -> Response:
        """Let an invitation open nothing any more."""
        row = self._invitation(request, visitor)
        if request.method == "GET":
            return self._page("confirm.html", visitor, act="intrekken", who=row.name, login=row.login)
        self._people.take_back(row, visitor.actor)
        return RedirectResponse(f"{self._path}?klaar=intrekken", status_code=303)

    def change(self, request: Request, visitor: Visitor) -> Response:
        """Ask whether something is to be done with an account, and do it."""
        user = self._user(request, visitor)
        act = request.path_params["act"]
        if act not in self._acts or user.id == visitor.user_id:
            raise Problem(problems.NOT_FOUND)
        if request.method == "GET":
            return self._page("confirm.html", visitor, act=act, who=user.name, login=user.login)
        try:
            link = self._do(act, user.id, visitor)
        except LastBeheerder:
            raise Problem(problems.CHANGED) from None
        if link:
            return self._page("link.html", visitor, link=link, who=user.name, reset=True)
        return RedirectResponse(f"{self._path}?klaar={act}", status_code=303)

    def _do(self, act: str, user_id: str, visitor: Visitor) -> str:
        """Do it; gives a link where there is one to tell."""
        if act == RESET:
            return self._people.reset(user_id, visitor.actor)
        if act == REMOVE:
            self._people.remove(user_id, visitor.actor)
        else:
            self._people.log_out(user_id, visitor.actor)
        return ""

    def _for(self, visitor: Visitor, given: Mapping[str, str]) -> tuple[str, str | None]:
        """The role and organisation of whoever is invited: a medewerker invites their own colleagues only."""
        if visitor.role is Role.MEDEWERKER:
            return Role.MEDEWERKER, visitor.organisation_id
        organisation = given.get("organisatie", "") or None
        return role_in(organisation), organisation

    def _user(self, request: Request, visitor: Visitor) -> UserRow:
        with self._store.read() as session:
            user = accounts.find(session, request.path_params["id"])
        if user is None or not _may_see(visitor, user.organisation_id):
            raise Problem(problems.NOT_FOUND)
        return user

    def _invitation(self, request: Request, visitor: Visitor) -> InvitationRow:
        with self._store.read() as session:
            row = invitations.by_id(session, request.path_params["id"], self._wall())
        if row is None or not _may_see(visitor, row.organisation_id):
            raise Problem(problems.NOT_FOUND)
        return row

    def _why(self, code: str) -> str:
        say = self._pages.say
        return {
            "login": say("Vul een e-mailadres in, zoals naam@organisatie.nl."),
            "name": say("Vul een naam in, van hooguit 100 tekens."),
            "organisation": say("Kies een organisatie uit de lijst."),
            "exists": say("Voor dit e-mailadres is er al een account of een uitnodiging."),
            "many": say("Er staan al %(most)s uitnodigingen van u open. Trek er eerst een in.", most=MOST),
        }[code]

    def _name(self, organisation: str | None) -> str:
        """What an organisation or practice is called, also where its colleagues can't log in now."""
        if organisation is None:
            return "–"
        practice = self._practices.get(practice_of(organisation) or "")
        return self._organisations.get(organisation) or practice or organisation

    def _page(self, template: str, visitor: Visitor, status: int = 200, **values: Any) -> Response:
        return self._render(
            visitor,
            f"login/{template}",
            status,
            here=self._path,
            organisations=self._organisations,
            named=self._name,
            **values,
        )


def _may_see(visitor: Visitor, organisation: str | None) -> bool:
    return visitor.role is Role.BEHEERDER or organisation == visitor.organisation_id
