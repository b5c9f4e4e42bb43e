"""Whether an organisation has room, said by its own colleagues on a page.

It promises that a colleague changes their own organisation's room and nothing else of it, that it counts from
the next referral on, and that who said so is in the audit trail.
"""

from collections.abc import Callable, Mapping
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.directory.book import EntryKind
from gateway.directory.editing import Edit, Editing
from gateway.directory.room import FULL, changes, passed_on, room
from gateway.directory.rows import Overtaken
from gateway.domain.pathway import Pathway
from gateway.settings.sections import OrganisationEntry
from gateway.web import problems
from gateway.web.auth import Role, Visitor
from gateway.web.forms import posted
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem

PATH = "/ruimte"


class RoomPage(ShellPage):
    """The page. `today` is the day it is for people."""

    def __init__(self, shell: Shell, *, editing: Editing, today: Callable[[], date]) -> None:
        super().__init__(shell)
        self._editing, self._today = editing, today

    def routes(self) -> list[BaseRoute]:
        return [
            self._auth.route(PATH, self.show, roles={Role.MEDEWERKER}),
            self._auth.route(PATH, self.take, roles={Role.MEDEWERKER}, methods=("POST",)),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        return self._page(visitor, {}, done="klaar" in request.query_params)

    def take(self, request: Request, visitor: Visitor) -> Response:
        given = posted(request)
        entry, wanted = self._entry(visitor), self._wanted(given)
        if wanted is None:
            return self._page(visitor, given, "wrong", status=422)
        edited = self._editing.edited(EntryKind.ORGANISATION, entry.id)
        try:
            self._editing.change(
                visitor.actor,
                Edit(entry.model_copy(update=wanted), edited.version if edited else 0),
                meant=True,
            )
        except Overtaken:
            return self._page(visitor, given, "overtaken", status=409)
        return RedirectResponse(f"{PATH}?klaar", status_code=303)

    def _wanted(self, given: Mapping[str, str]) -> dict[str, object] | None:
        """What a form says of the room; None where it is not whole."""
        weeks, until = given.get("weken", "").strip(), given.get("tot", "").strip()
        number = int(weeks) if weeks.isascii() and weeks.isdigit() and len(weeks) <= 3 else None
        return changes(given.get("plek", ""), number, until, self._today())

    def _entry(self, visitor: Visitor) -> OrganisationEntry:
        entry = self._editing.book().by_id.get((EntryKind.ORGANISATION, visitor.organisation_id or ""))
        if not isinstance(entry, OrganisationEntry):
            raise Problem(problems.NOT_FOUND)
        return entry

    def _by_hand(self, pathway: str) -> bool:
        found = self._editing.book().by_id.get((EntryKind.PATHWAY, pathway))
        return isinstance(found, Pathway) and found.by_hand

    def _page(
        self,
        visitor: Visitor,
        given: Mapping[str, str],
        wrong: str = "",
        done: bool = False,
        status: int = 200,
    ) -> Response:
        entry = self._entry(visitor)
        now = room(entry, self._today())
        return self._render(
            visitor,
            "directory/room.html",
            status,
            chosen=given.get("plek", now),
            weeks=given.get("weken", str(entry.waiting_weeks or "")),
            until=given.get("tot", entry.full_until.isoformat() if now == FULL and entry.full_until else ""),
            backup=passed_on(entry, self._editing.book()),
            by_hand=bool(entry.team) and any(self._by_hand(name) for name in (entry.pathway, *entry.also)),
            wrong=wrong,
            done=done,
        )
