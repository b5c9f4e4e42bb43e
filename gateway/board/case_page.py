"""The page of one case: what happened, what runs, what left, what can be done, and who has it in hand.

It promises that the look stands in the audit trail before anything is shown, that nothing of the patient is
shown, that it costs the same however many cases there are, and that nothing of the case changes by who has it
in hand, of which nobody but the beheerders hears.
"""

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.board.case_actions import CaseActions
from gateway.board.case_choices import Act
from gateway.board.case_story import Stories
from gateway.errors import LostRace, NotFound
from gateway.store import cases, takings
from gateway.store.takings import BEHEERDERS, TakingReason
from gateway.web.auth import Auth, Role, Visitor
from gateway.web.forms import posted
from gateway.web.pages import Shell, ShellPage
from gateway.web.reasons import explained
from gateway.web.words import taking_reasons

SAID: Final = ("oppakken", "doorgeven", "terugleggen", "al-opgepakt", "kies-collega")
"""What the page that follows may have to say of it."""


class CaseHands(ShellPage):
    """Takes what is pressed."""

    def handle(self, request: Request, visitor: Visitor) -> Response:
        given = posted(request)
        act, why = given.get("doen", ""), given.get("reden", "")
        to = {"oppakken": visitor.user_id, "doorgeven": given.get("naar", ""), "terugleggen": None}
        with self._store.read() as session:
            case = cases.by_kenmerk(session, request.path_params["kenmerk"])
        said = "kies-collega"
        if act in to:
            reason = TakingReason(why) if act == "doorgeven" and why in set(TakingReason) else None
            try:
                with self._store.write() as session:
                    takings.change(
                        session,
                        case.id,
                        BEHEERDERS,
                        by=visitor.user_id,
                        to=to[act],
                        seen=given.get("bij", ""),
                        reason=reason,
                        now=self._now(),
                    )
                said = act
            except NotFound:
                said = "kies-collega"
            except LostRace:
                said = "al-opgepakt"
        if said == "oppakken" and (whose := given.get("bord", "")):
            # Pressed on the board: whoever takes several goes on there.
            query = f"?bij={whose}" if whose in ("mij", "niemand") else ""
            return RedirectResponse(f"/bord{query}#nu", status_code=303)
        return RedirectResponse(f"/zaken/{case.kenmerk}?gedaan={said}", status_code=303)


class CasePage(ShellPage):
    """The page."""

    def __init__(self, shell: Shell, *, stories: Stories) -> None:
        super().__init__(shell)
        self._stories = stories

    def handle(self, request: Request, visitor: Visitor) -> Response:
        now, done = self._now(), request.query_params.get("gedaan", "")
        with self._store.write() as session:
            case = cases.looked_at(session, request.path_params["kenmerk"], now, visitor.actor, "case")
        with self._store.read() as session:
            story = self._stories.tell(session, cases.by_id(session, case.id), now)
        return self._render(
            visitor,
            "cases/case.html",
            story=story,
            done=done if done in {*Act, *SAID} else "",
            explain=partial(explained, self._pages),
            taking_reasons=taking_reasons(self._pages),
        )


def case_routes(auth: Auth, page: CasePage, actions: CaseActions, hands: CaseHands) -> list[BaseRoute]:
    roles = [Role.BEHEERDER]
    return [
        auth.route("/zaken/{kenmerk}", page.handle, roles=roles, name="case"),
        auth.route(
            "/zaken/{kenmerk}/oppakken", hands.handle, roles=roles, methods=("POST",), name="case-hands"
        ),
        auth.route(
            "/zaken/{kenmerk}/{doen}", actions.handle, roles=roles, methods=("GET", "POST"), name="case-act"
        ),
    ]
