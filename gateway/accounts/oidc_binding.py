"""One's own account and the one at the provider: binding the one to the other, and being asked again there.

It promises that an account is bound only from its own full session, by whoever showed a factor a short while
ago, that nobody at the provider has two accounts here, and that being asked again counts only for whom the
account is bound to, from the moment they logged in there.
"""

import json
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.accounts import rows as accounts
from gateway.accounts.account import PATH, OwnPage, back_to
from gateway.accounts.oidc_discovery import ProviderError
from gateway.accounts.oidc_provider import Begun, OidcPerson, Provider
from gateway.domain.trail import AuditEvent
from gateway.log import Log
from gateway.store import audit
from gateway.store.pagetables import SessionRow, UserRow
from gateway.web import problems
from gateway.web.auth import AGAIN, EVERYBODY, Visitor
from gateway.web.pages import Shell
from gateway.web.problems import Problem

BIND = f"{PATH}/organisatie"
AGAIN_THERE = f"{AGAIN}/organisatie"


class Binding(OwnPage):
    """The ways there for who is logged in, and the way back; without a provider there is none. `name` is what
    the provider is called."""

    def __init__(self, shell: Shell, *, provider: Provider | None, name: str, log: Log) -> None:
        super().__init__(shell)
        self._provider, self._name, self._log = provider, name, log

    def routes(self) -> list[BaseRoute]:
        route = self._auth.route
        return [
            route(BIND, self.bind, roles=EVERYBODY, fresh=True),
            route(AGAIN_THERE, self.again, roles=EVERYBODY),
        ]

    def offered(self, user: UserRow) -> str:
        """What the provider is called, where it vouches for such an account; else nothing."""
        vouches = self._provider and self._provider.vouches_for(user.role, user.organisation_id)
        return self._name if vouches else ""

    async def bind(self, _: Request, visitor: Visitor) -> Response:
        """The page from which somebody goes there, to have their account bound."""
        provider, user = await self._reach(visitor)
        if user.subject is not None:
            return RedirectResponse(PATH, status_code=303)
        try:
            url = await self._begin(provider, visitor)
        except ProviderError as error:
            return self._refused(visitor, error)
        # A link and no form: a form may lead to no other site.
        return self._render(visitor, "login/bind.html", elsewhere=self._name, url=url)

    async def again(self, request: Request, visitor: Visitor) -> Response:
        """Send somebody there to be asked again, before they change something."""
        provider, user = await self._reach(visitor)
        if user.subject is None:
            raise Problem(problems.NOT_FOUND)
        wanted = back_to(request, request.query_params.get("naar", ""), visitor)
        try:
            return RedirectResponse(await self._begin(provider, visitor, naar=wanted), status_code=303)
        except ProviderError as error:
            return self._refused(visitor, error)

    async def back(self, request: Request, visitor: Visitor) -> Response:
        """Take somebody who comes back from there, and is logged in here."""
        provider, user = await self._reach(visitor)
        kept = (await run_in_threadpool(self._state, visitor)).get("there")
        # Whatever comes of it: it is answered once.
        await run_in_threadpool(self._keep, visitor, there=None)
        try:
            if kept is None:
                raise ProviderError("other_browser")
            state: dict[str, Any] = json.loads(kept)
            wanted = state.pop("naar")
            person = await provider.finish(request.url.query, Begun(**state))
            if wanted is None:
                await run_in_threadpool(self._bind, provider, visitor, person)
                return RedirectResponse(f"{PATH}?klaar=gekoppeld", status_code=303)
            if user.subject != person.subject:
                raise ProviderError("another_person")
        except ProviderError as error:
            return self._refused(visitor, error)
        await run_in_threadpool(self._keep, visitor, proved=person.at.isoformat())
        return RedirectResponse(back_to(request, wanted, visitor), status_code=303)

    async def _reach(self, visitor: Visitor) -> tuple[Provider, UserRow]:
        """The provider, and the account for which it vouches."""
        user = await run_in_threadpool(self._user, visitor)
        if self._provider is None or not self.offered(user):
            raise Problem(problems.NOT_FOUND)
        return self._provider, user

    async def _begin(self, provider: Provider, visitor: Visitor, naar: str | None = None) -> str:
        begun = await provider.begin(anew=True)
        there = json.dumps({**asdict(begun), "naar": naar})
        await run_in_threadpool(self._keep, visitor, there=there)
        return begun.url

    def _bind(self, provider: Provider, visitor: Visitor, person: OidcPerson) -> None:
        if not self._auth.is_fresh(visitor):
            # An address of the provider that lay about in the browser binds nobody.
            raise ProviderError("not_lately")
        with self._store.write() as session:
            user, row = self._kept(session, visitor), session.get(SessionRow, visitor.session_id)
            # Somebody may have reset the account meanwhile: the provider took its time.
            if row is None or row.revoked_at is not None:
                raise Problem(problems.NOT_SIGNED_IN)
            provider.check(person, user.role, user.organisation_id)
            if not accounts.bind(session, user, person.subject):
                raise ProviderError("bound_already")
            audit.append(session, AuditEvent.ACCOUNT_BOUND, now=self._now(), actor=visitor.actor)

    def _refused(self, visitor: Visitor, error: ProviderError) -> Response:
        self._log.web_refused(error.code)
        status = 503 if error.code == "away" else 403
        return self._render(visitor, "login/elsewhere.html", status, code=error.code)
