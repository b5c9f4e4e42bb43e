"""The page of one case: what happened, what runs, what left, and what can be done.

It promises that the look stands in the audit trail before anything is shown, that nothing of the patient is
shown, and that it costs the same however many cases there are.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway.board.case_actions import CaseActions
from gateway.board.case_choices import Act
from gateway.board.case_hands import SAID, CaseHands
from gateway.board.case_story import Stories
from gateway.domain.trail import AuditEvent
from gateway.store import audit, cases
from gateway.store.engine import Store
from gateway.web import problems
from gateway.web.auth import Auth, Role, Visitor
from gateway.web.pages import Pages
from gateway.web.problems import Problem
from gateway.web.reasons import explained
from gateway.web.words import taking_reasons


class CasePage:
    """The page."""

    def __init__(self, *, store: Store, stories: Stories, pages: Pages, now: Callable[[], datetime]) -> None:
        self._store, self._stories, self._pages, self._now = store, stories, pages, now

    async def handle(self, request: Request, visitor: Visitor) -> Response:
        """Show it."""
        done = request.query_params.get("gedaan", "")
        return await run_in_threadpool(
            self._show, request.path_params["kenmerk"], done if done in {*Act, *SAID} else "", visitor
        )

    def _show(self, kenmerk: str, done: str, visitor: Visitor) -> Response:
        now = self._now()
        with self._store.read() as session:
            case = cases.find(session, kenmerk)
        if case is None:
            raise Problem(problems.NOT_FOUND)
        with self._store.write() as session:
            audit.append(
                session,
                AuditEvent.BOARD_CASE_SHOWN,
                now=now,
                actor=visitor.actor,
                case_id=case.id,
                page="case",
            )
        with self._store.read() as session:
            story = self._stories.tell(session, cases.by_id(session, case.id), now)
        return self._pages.page(
            "cases/case.html",
            visitor=visitor,
            story=story,
            done=done,
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
