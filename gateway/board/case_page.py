"""The page of one case: what happened, what runs, what left, and what can be done.

It promises that the look stands in the audit trail before anything is shown, that nothing of the patient is
shown, and that it costs the same however many cases there are.
"""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway.board.case_actions import CaseActions
from gateway.board.case_choices import Act
from gateway.board.case_hands import SAID, CaseHands
from gateway.board.case_story import Stories
from gateway.store import cases
from gateway.web.auth import Auth, Role, Visitor
from gateway.web.reasons import explained
from gateway.web.shell import Shell, ShellPage
from gateway.web.words import taking_reasons


class CasePage(ShellPage):
    """The page."""

    def __init__(self, shell: Shell, *, stories: Stories) -> None:
        super().__init__(shell)
        self._stories = stories

    def handle(self, request: Request, visitor: Visitor) -> Response:
        """Show it."""
        now, done = self._now(), request.query_params.get("gedaan", "")
        with self._store.write() as session:
            case = cases.looked_at(session, request.path_params["kenmerk"], now, visitor.actor, "case")
        with self._store.read() as session:
            story = self._stories.tell(session, cases.by_id(session, case.id), now)
        return self._pages.page(
            "cases/case.html",
            visitor=visitor,
            story=story,
            done=done if done in {*Act, *SAID} else "",
            explain=partial(explained, self._pages),
            taking_reasons=taking_reasons(self._pages),
        )


def case_routes(auth: Auth, page: CasePage, actions: CaseActions, hands: CaseHands) -> list[BaseRoute]:
    """What is served."""
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
