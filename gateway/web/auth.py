"""Who is looking: the session behind the cookie, and which role a page is for.

It promises that a guarded page is reached only by its role with both factors, that whoever may not see a
page gets the same answer as if it did not exist, that what an organisation's colleague asks for is asked in
the name of that organisation alone, and that nobody of an organisation which is there no more is in.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from inspect import iscoroutinefunction
from typing import cast
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.store import takings
from gateway.store.engine import Store
from gateway.store.pagetables import SessionRow, UserRow
from gateway.web import problems, sessions
from gateway.web.problems import Problem
from gateway.web.sessions import SessionStage

COOKIE = "__Host-inbeeld"
"""The session's cookie: with this prefix a browser takes it only over TLS, for this host and every path."""

LOGIN = "/inloggen"
AGAIN = "/account/opnieuw"
FRESH = timedelta(minutes=10)
"""So long a factor that was shown is enough for a change."""


class Role(StrEnum):
    """What somebody does here."""

    BEHEERDER = "beheerder"
    MEDEWERKER = "medewerker"
    VERWIJZER = "verwijzer"


EVERYBODY = frozenset(Role)
STAFF = frozenset({Role.BEHEERDER, Role.MEDEWERKER})
"""Who deals with referrals; a verwijzer only reads what was answered to their practice."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in; `organisation_id` is a medewerker's, and of a verwijzer the `party_of` their
    practice."""

    user_id: str
    name: str
    role: Role
    organisation_id: str | None
    session_id: str

    @property
    def actor(self) -> str:
        """How the audit trail names them."""
        return f"user:{self.user_id}"

    @property
    def owner(self) -> str:
        """Whose mailbox key they use: their organisation's, or the beheerders' own."""
        return self.organisation_id or BEHEERDERS


BEHEERDERS = takings.BEHEERDERS
"""The owner of the mailbox key with which beheerders read what was set aside; no organisation has this id."""

Endpoint = Callable[[Request, Visitor], Response | Awaitable[Response]]
"""What answers a visitor. One that awaits nothing runs in a thread, and reads what was sent with `forms`."""


class GuardedRoute(Route):
    """A route that only these roles reach; it is made by `Auth.route`."""

    roles: Collection[Role] = ()


class Auth:
    """Finds the visitor, of one of these organisations (or practices that read on a page) unless a beheerder.

    `now` is the clock of the wall: sessions are short in real time.
    """

    def __init__(self, *, store: Store, now: Callable[[], datetime], organisations: Collection[str]) -> None:
        self._store, self._now, self._organisations = store, now, organisations

    def route(
        self,
        path: str,
        endpoint: Endpoint,
        *,
        roles: Collection[Role],
        methods: Collection[str] = ("GET",),
        name: str | None = None,
        fresh: bool = False,
    ) -> GuardedRoute:
        """A route for these roles; `endpoint(request, visitor)` answers. For a `fresh` one whoever showed no
        factor a short while ago is asked for one, and comes back."""

        async def guarded(request: Request) -> Response:
            visitor = await self.visitor(request)
            if visitor is None:
                return _log_in(request)
            # Nothing of ours is called NUL, and PostgreSQL takes it for an error.
            if visitor.role not in roles or "\0" in request.scope["path"]:
                raise Problem(problems.NOT_FOUND)
            if fresh and not await run_in_threadpool(self.is_fresh, visitor):
                return _ask_again(request)
            if iscoroutinefunction(endpoint):
                return cast(Response, await endpoint(request, visitor))
            # Here: whoever sends slowly must not keep a thread.
            await request.body()
            return await run_in_threadpool(cast(Callable[..., Response], endpoint), request, visitor)

        route = GuardedRoute(path, guarded, methods=list(methods), name=name)
        route.roles = frozenset(roles)
        return route

    async def visitor(self, request: Request) -> Visitor | None:
        """Who asks, if they are logged in with both factors."""
        token = request.cookies.get(COOKIE, "")
        return await run_in_threadpool(self._visitor, token) if token else None

    def is_alive(self, visitor: Visitor) -> bool:
        """Whether a visitor's session still lives: asked while a stream is open."""
        now = self._now()
        with self._store.read() as session:
            row = session.get(SessionRow, visitor.session_id)
            return row is not None and row.revoked_at is None and row.expires_at > now

    def is_fresh(self, visitor: Visitor) -> bool:
        """Whether a factor was shown a short while ago."""
        with self._store.read() as session:
            row = session.get(SessionRow, visitor.session_id)
        if row is None:
            raise Problem(problems.NOT_SIGNED_IN)
        proved = sessions.state(row).get("proved")
        last = datetime.fromisoformat(proved) if proved else row.created_at
        return last + FRESH > self._now()

    def may_be_in(self, user: UserRow) -> bool:
        """Whether this is a beheerder, or of an organisation that is there, with an account that is open."""
        if user.disabled_at is not None:
            return False
        return user.organisation_id is None or user.organisation_id in self._organisations

    def _visitor(self, token: str) -> Visitor | None:
        now = self._now()
        with self._store.read() as session:
            found = sessions.find(session, token, now)
        if found is None or found.user is None or found.session.stage != SessionStage.FULL:
            return None
        if not self.may_be_in(found.user):
            return None
        if sessions.is_stale(found.session, now):
            with self._store.write() as session:
                sessions.seen(session, found.session, now)
        user = found.user
        return Visitor(user.id, user.name, Role(user.role), user.organisation_id, found.session.id)


def _log_in(request: Request) -> Response:
    """Where somebody without a session goes: to the login, and back when they looked for a page."""
    wants_page = "text/html" in request.headers.get("accept", "")
    if request.method != "GET" or not wants_page or "hx-request" in request.headers:
        raise Problem(problems.NOT_SIGNED_IN)
    return RedirectResponse(f"{LOGIN}?naar={quote(request.url.path, safe='')}", status_code=303)


def _ask_again(request: Request) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        raise Problem(problems.NOT_SIGNED_IN)
    return RedirectResponse(f"{AGAIN}?naar={quote(request.url.path, safe='')}", status_code=303)


def home(role: Role) -> str:
    """Where somebody begins."""
    return {Role.BEHEERDER: "/bord", Role.MEDEWERKER: "/postvak", Role.VERWIJZER: "/berichten"}[role]
