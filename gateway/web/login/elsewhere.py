"""Logging in with an account of elsewhere, at an OpenID provider.

It promises that only somebody who was invited comes in, that an account belongs to one person at the provider
from their first login on, that whoever showed one factor there shows ours too, and that nobody is told more
than that it did not work.
"""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.log import Log
from gateway.store import accounts, audit, invitations, sessions
from gateway.store.engine import Store
from gateway.store.pagetables import UserRow
from gateway.store.sessions import Stage
from gateway.web import problems
from gateway.web.auth import LOGIN, Role
from gateway.web.login.entrance import STRANGER, Entrance, target, with_cookie
from gateway.web.login.login import Tries
from gateway.web.login.provider import BACK, Begun, Person, Provider, ProviderError
from gateway.web.pages import Pages
from gateway.web.problems import Problem

BEGIN = f"{LOGIN}/organisatie"
METHOD = "oidc"


class Elsewhere:
    """The way there and back; without a provider there is none. `wall` is the clock of sessions."""

    def __init__(
        self,
        *,
        provider: Provider | None,
        store: Store,
        entrance: Entrance,
        pages: Pages,
        tries: Tries,
        wall: Callable[[], datetime],
        now: Callable[[], datetime],
        log: Log,
    ) -> None:
        self._provider, self._store, self._entrance, self._pages = provider, store, entrance, pages
        self._tries, self._wall, self._now, self._log = tries, wall, now, log

    def routes(self) -> list[BaseRoute]:
        """What is served, to everybody."""
        return [Route(BEGIN, self.begin, methods=["GET"]), Route(BACK, self.back, methods=["GET"])]

    async def begin(self, request: Request) -> Response:
        """Send the browser to the provider."""
        provider = self._known(request)
        wanted = request.query_params.get("naar", "")[:200]
        found = await run_in_threadpool(self._entrance.found, request)
        if found is not None and found.session.stage == Stage.FULL and found.user is not None:
            # A link of another site leads here too, and must end nobody's session.
            return RedirectResponse(target(request, wanted, Role(found.user.role)), status_code=303)
        try:
            begun = await provider.begin()
        except ProviderError as error:
            return await self._refused(request, error)
        token = await run_in_threadpool(
            self._entrance.halfway,
            request,
            None,
            METHOD,
            naar=wanted,
            state=begun.state,
            nonce=begun.nonce,
            verifier=begun.verifier,
        )
        return with_cookie(RedirectResponse(begun.url, status_code=303), token)

    async def back(self, request: Request) -> Response:
        """Take who comes back from there."""
        provider = self._known(request)
        half = await run_in_threadpool(self._entrance.half, request)
        state = sessions.state(half.session) if half and half.session.method == METHOD else {}
        try:
            if "state" not in state:
                raise ProviderError("other_browser")
            begun = Begun("", state["state"], state["nonce"], state["verifier"])
            person = await provider.finish(request.url.query, begun)
            user = await run_in_threadpool(self._account, person)
            if person.two_factors:
                return await self._entrance.admit(request, user.id, METHOD)
            if user.totp is None:
                raise ProviderError("one_factor")
        except ProviderError as error:
            return await self._refused(request, error)
        return await self._entrance.ask_second(request, user.id, METHOD, str(state.get("naar", "")))

    def _known(self, request: Request) -> Provider:
        if self._provider is None:
            raise Problem(problems.NOT_FOUND)
        self._tries.count(request)
        return self._provider

    async def _refused(self, request: Request, error: ProviderError) -> Response:
        # What was begun is not tried a second time.
        if await run_in_threadpool(self._entrance.half, request) is not None:
            await run_in_threadpool(self._entrance.leave, request)
        await run_in_threadpool(self._fail, error.code)
        return self._pages.page("login/elsewhere.html", 503 if error.code == "away" else 403, code=error.code)

    def _fail(self, code: str) -> None:
        self._log.web_refused(code)
        with self._store.write() as session:
            audit.append(session, "login.failed", now=self._now(), actor=STRANGER, method=METHOD, code=code)

    def _account(self, person: Person) -> UserRow:
        """The account of who came; raises `ProviderError` when there is none for them."""
        with self._store.write() as session:
            user = accounts.of_subject(session, person.subject)
            if user is None and person.login is not None:
                user = accounts.by_login(session, person.login) or self._invited(session, person.login)
                if user is not None and not accounts.bind(session, user, person.subject):
                    user = None
                elif user is not None:
                    audit.append(session, "account.bound", now=self._now(), actor=f"user:{user.id}")
            if user is None:
                raise ProviderError("not_invited")
            return user

    def _invited(self, session: Session, login: str) -> UserRow | None:
        row = invitations.open_for(session, login, self._wall())
        if row is None:
            return None
        id_ = accounts.new_id()
        if not invitations.use(session, row, id_, self._wall()):
            return None
        user = accounts.make(
            session,
            id_=id_,
            login=row.login,
            name=row.name,
            role=row.role,
            organisation_id=row.organisation_id,
            now=self._wall(),
        )
        audit.append(
            session,
            "account.enrolled",
            now=self._now(),
            actor=f"user:{id_}",
            invitation=row.id,
            method=METHOD,
            role=row.role,
        )
        return user
