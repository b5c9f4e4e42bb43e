"""Links that log a visitor of the demo in. They exist in the demo's own process; `serve` has no such route.

They promise to answer this machine only, and to be unguessable.
"""

import ipaddress
import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.app import Gateway
from gateway.store.pagetables import UserRow
from gateway.web import problems, sessions
from gateway.web.auth import COOKIE, Role, home
from gateway.web.problems import Problem
from gateway.web.sessions import SessionStage


class LoginLinks:
    """A ticket for each user."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._users: dict[str, str] = {}

    def path(self, user_id: str) -> str:
        """The path that logs a user in, until the demo ends."""
        ticket = secrets.token_urlsafe(16)
        self._users[ticket] = user_id
        return f"/demo/{ticket}"

    def routes(self) -> list[BaseRoute]:
        """The route."""
        return [Route("/demo/{ticket}", self._enter)]

    async def _enter(self, request: Request) -> Response:
        user_id = self._users.get(request.path_params["ticket"])
        if user_id is None or request.client is None or not _is_here(request.client.host):
            raise Problem(problems.NOT_FOUND)
        token, role = await run_in_threadpool(self._start, user_id)
        response = RedirectResponse(home(role), status_code=303)
        response.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="lax", path="/")
        return response

    def _start(self, user_id: str) -> tuple[str, Role]:
        with self._gateway.store.write() as session:
            user = session.get_one(UserRow, user_id)
            now = self._gateway.base.wall()
            token = sessions.start(session, now, user_id=user.id, stage=SessionStage.FULL, method="demo")
            return token, Role(user.role)


def _is_here(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback
