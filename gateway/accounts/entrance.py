"""The entrance: where a login, however it went, becomes a session.

Every way in ends here: with a password and an app, with a passkey, or from elsewhere (whoever comes from an
OpenID provider is let in by `begin_in`, or by `ask_second` when one factor was shown there). It promises a
new cookie at every step, that the one before it ends and begins one other at most, an audit event for
everybody who comes in or goes, and that nobody is sent to another place than a page of ours.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from gateway.accounts import devices
from gateway.accounts import rows as accounts
from gateway.domain.trail import AuditEvent
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.pagetables import SessionRow
from gateway.web import problems, sessions
from gateway.web.auth import COOKIE, LOGIN, Auth, GuardedRoute, Role, home
from gateway.web.problems import Problem
from gateway.web.sessions import FoundSession, SessionStage

SECOND = "/inloggen/code"
"""Where the second factor is asked."""

_PLAIN = re.compile(r"(/[A-Za-z0-9._~-]{1,80}){1,6}")
"""A path that can be no other host, no header and no query."""

DEVICE = "__Host-inbeeld-toestel"
"""The cookie of a browser in which somebody was in before; it opens nothing."""


HINT = "hint"
"""Where a session keeps, sealed, what was signed of somebody at a provider."""


@dataclass(frozen=True, slots=True)
class Came:
    """From which session at a provider somebody came (its digest), with what was signed of them, sealed."""

    session: str | None
    hint: str = ""

    @property
    def kept(self) -> dict[str, str]:
        """What a session keeps of it."""
        return {HINT: self.hint} if self.hint else {}


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who is in: the secrets for their cookies, and what they are."""

    token: str
    role: Role
    device: str


class Entrance:
    """Lets people in and out. `wall` counts sessions, `now` is when events happen."""

    def __init__(
        self, *, store: Store, auth: Auth, wall: Callable[[], datetime], now: Callable[[], datetime]
    ) -> None:
        self._store, self._auth, self._wall, self._now = store, auth, wall, now

    async def admit(self, request: Request, user_id: str, method: str) -> Response:
        """Let somebody in who showed both factors, and send them to the page they came for."""
        wanted = await run_in_threadpool(self.wanted, request)
        admitted = await run_in_threadpool(self.begin, request, user_id, method, half=True)
        return let_in(RedirectResponse(target(request, wanted, admitted.role), status_code=303), admitted)

    async def ask_second(
        self, request: Request, user_id: str, method: str, wanted: str = "", came: Came | None = None
    ) -> Response:
        """Remember that somebody showed one factor, and ask for the other."""
        token = await run_in_threadpool(self.halfway, request, user_id, method, came, naar=wanted)
        return with_cookie(RedirectResponse(SECOND, status_code=303), token)

    def begin(self, request: Request, user_id: str, method: str, *, half: bool = False) -> Admitted:
        """A full session for somebody who showed both factors; the session before it ends.

        With `half` it goes on from a login under way, which must be there still: somebody may have ended it.
        """
        with self._store.write() as session:
            return self.begin_in(session, request, user_id, method, half=half)

    def begin_in(
        self,
        session: Session,
        request: Request,
        user_id: str,
        method: str,
        *,
        half: bool = False,
        came: Came | None = None,
        **state: str,
    ) -> Admitted:
        """The same in a transaction that does more; `state` is what the session begins with."""
        # The account first, then the trail: whoever fails meanwhile takes them in the same order.
        user = accounts.find(session, user_id, locked=True)
        ended = self._end(session, request)
        if user is None or not self._auth.may_be_in(user):
            raise Problem(problems.NOT_SIGNED_IN)
        if half and (ended is None or ended.stage != SessionStage.HALF):
            raise Problem(problems.NOT_SIGNED_IN)
        if half and came is None and ended is not None and ended.user_id == user_id:
            # Whoever showed their first factor at a provider came from there.
            came = Came(ended.provider_session, sessions.state(ended).get(HINT, ""))
        token = sessions.start(
            session,
            self._wall(),
            user_id=user_id,
            stage=SessionStage.FULL,
            method=method,
            data=json.dumps(state | (came.kept if came else {})),
            provider_session=came.session if came else None,
        )
        device = accounts.entered(session, user_id, self._wall(), device_of(request))
        audit.append(
            session, AuditEvent.LOGIN_SUCCEEDED, now=self._now(), actor=f"user:{user_id}", method=method
        )
        return Admitted(token, Role(user.role), device)

    def halfway(
        self, request: Request, user_id: str | None, method: str, came: Came | None = None, **state: str
    ) -> str:
        """A half session; gives the secret for its cookie. The session before it ends."""
        with self._store.write() as session:
            self._end(session, request)
            return sessions.start(
                session,
                self._wall(),
                user_id=user_id,
                stage=SessionStage.HALF,
                method=method,
                data=json.dumps(state | (came.kept if came else {})),
                provider_session=came.session if came else None,
            )

    def found(self, request: Request) -> FoundSession | None:
        """The living session of a request, half or full."""
        token = request.cookies.get(COOKIE, "")
        with self._store.read() as session:
            found = sessions.find(session, token, self._wall())
        return found if found and (found.user is None or self._auth.may_be_in(found.user)) else None

    def half(self, request: Request) -> FoundSession | None:
        found = self.found(request)
        return found if found and found.session.stage == SessionStage.HALF else None

    def wanted(self, request: Request) -> str:
        """The page for which somebody began to log in."""
        half = self.half(request)
        return str(sessions.state(half.session).get("naar", "")) if half else ""

    def leave(self, request: Request) -> bool:
        """End the session of a request, whichever it is; False when there is none, or somebody was first."""
        with self._store.write() as session:
            return self._end(session, request) is not None

    def _end(self, session: Session, request: Request) -> SessionRow | None:
        """End the session of a request; gives it, if it is this that ended it."""
        found = sessions.find(session, request.cookies.get(COOKIE, ""), self._wall())
        if found is None or not sessions.end(session, found.session.id, self._wall()):
            return None
        if found.session.stage == SessionStage.FULL and found.user is not None:
            audit.append(session, AuditEvent.LOGIN_ENDED, now=self._now(), actor=f"user:{found.user.id}")
        return found.session


def target(request: Request, wanted: str, role: Role) -> str:
    """The page somebody asked for, if it is one of ours that they may see; else where they begin."""
    scope = {"type": "http", "method": "GET", "path": wanted, "root_path": "", "headers": []}
    known = _PLAIN.fullmatch(wanted) and any(
        isinstance(route, GuardedRoute) and role in route.roles and route.matches(scope)[0] is Match.FULL
        for route in request.app.routes
    )
    return wanted if known else home(role)


def with_cookie(response: Response, token: str) -> Response:
    """The answer, with the session's cookie."""
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax")
    return response


def let_in(response: Response, admitted: Admitted) -> Response:
    """The answer, with the cookies of somebody who is in."""
    year = int(devices.LASTS.total_seconds())
    response.set_cookie(
        DEVICE, admitted.device, max_age=year, path="/", secure=True, httponly=True, samesite="lax"
    )
    return with_cookie(response, admitted.token)


def device_of(request: Request) -> str:
    """The secret by which a browser is known."""
    return request.cookies.get(DEVICE, "")


def goodbye(response: Response | None = None) -> Response:
    """An answer that takes the cookie away; back to the login unless another is given."""
    response = response or RedirectResponse(LOGIN, status_code=303)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response
