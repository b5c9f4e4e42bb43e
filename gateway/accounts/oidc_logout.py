"""Leaving: here and at the OpenID provider, whichever of the two somebody left first.

It promises that whoever leaves here is shown how to leave there too and is sent nowhere by themselves, that
what the provider signed of them lies sealed until then, that a log-out there ends the sessions which came
from there and no other (Back-Channel and Front-Channel Logout 1.0), and that nobody is told whether there
were any.
"""

from base64 import b64decode, b64encode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.accounts import rows as accounts
from gateway.accounts.entrance import HINT, Came, Entrance, goodbye
from gateway.accounts.login import Tries
from gateway.accounts.oidc_discovery import ProviderError
from gateway.accounts.oidc_provider import LoggedOut, OidcPerson, Provider
from gateway.domain.trail import AuditEvent
from gateway.errors import OpenError
from gateway.gate.websecret import WebSecret
from gateway.log import Log
from gateway.store import audit
from gateway.web import problems, sessions
from gateway.web.auth import LOGIN
from gateway.web.forms import form
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem

METHOD = "oidc"
"""How somebody came in from a provider; with a second factor of ours there stands more behind it."""

LEAVE = "/uitloggen"
BACK_CHANNEL = f"{LOGIN}/organisatie/uitloggen"
"""Where the provider tells that somebody logged out there, itself (POST) or by way of the browser (GET)."""

PURPOSE = "id-token"
LONGEST = 8_000
"""A longer token is not kept: it would be too long for an address, and the provider asks by itself."""


def came_from(person: OidcPerson, user_id: str, secret: WebSecret) -> Came:
    """What a session keeps of where somebody came from."""
    kept = person.token if len(person.token) <= LONGEST else ""
    sealed = secret.seal(PURPOSE, user_id, kept.encode()) if kept else b""
    session = sessions.digest(person.session) if person.session else None
    return Came(session, b64encode(sealed).decode())


class Leaving(ShellPage):
    """The ways out; without a provider there is one. `name` is what the provider is called, `base` where our
    pages are found."""

    def __init__(
        self,
        shell: Shell,
        *,
        provider: Provider | None,
        name: str,
        base: str,
        entrance: Entrance,
        tries: Tries,
        secret: WebSecret,
        log: Log,
    ) -> None:
        super().__init__(shell)
        self._provider, self._name, self._base, self._entrance = provider, name, base, entrance
        self._tries, self._secret, self._log = tries, secret, log

    def routes(self) -> list[BaseRoute]:
        return [
            Route(LEAVE, self.leave, methods=["POST"], name="logout"),
            Route(BACK_CHANNEL, self.told, methods=["POST"]),
            Route(BACK_CHANNEL, self.shown, methods=["GET"]),
        ]

    async def leave(self, request: Request) -> Response:
        """End the session, and forget the cookie; whoever came from a provider is shown the way out there."""
        found = await run_in_threadpool(self._entrance.found, request)
        await run_in_threadpool(self._entrance.leave, request)
        if self._provider is None or found is None or found.user is None:
            return goodbye()
        if found.session.method.partition("+")[0] != METHOD:
            return goodbye()
        try:
            token = self._opened(str(sessions.state(found.session).get(HINT, "")), found.user.id)
            url = await self._provider.farewell(token, f"{self._base}{LOGIN}")
        except ProviderError as error:
            self._log.web_refused(error.code)
            url = None
        if url is None:
            return goodbye()
        # A link and no redirect: a form may lead to no other site, and that account may be in use elsewhere.
        return goodbye(self._pages.page("login/left.html", elsewhere=self._name, url=url))

    async def told(self, request: Request) -> Response:
        """The provider tells that somebody logged out there."""
        if self._provider is None:
            raise Problem(problems.NOT_FOUND)
        self._tries.count(request)
        try:
            ended = await self._provider.logged_out((await form(request)).get("logout_token", ""))
        except ProviderError as error:
            self._log.web_refused(error.code)
            # Section 2.8 of that text: 400, and JSON that says why.
            return JSONResponse({"error": "invalid_request"}, 400)
        await run_in_threadpool(self._end, ended)
        return Response(status_code=200)

    async def shown(self, request: Request) -> Response:
        """The same by way of the browser, in a frame of the provider's page (Front-Channel Logout 1.0).

        It ends the named session and no other; our cookie does not come with it, and is not looked at.
        """
        if self._provider is None:
            raise Problem(problems.NOT_FOUND)
        self._tries.count(request)
        given = request.query_params
        try:
            ended = self._provider.left(given.get("iss", ""), given.get("sid", ""))
        except ProviderError as error:
            self._log.web_refused(error.code)
            raise Problem(problems.BAD_QUESTION) from None
        await run_in_threadpool(self._end, ended)
        return Response(headers={"Cache-Control": "no-store"})

    def _end(self, ended: LoggedOut) -> None:
        with self._store.write() as session:
            user = accounts.of_subject(session, ended.subject) if ended.subject else None
            if ended.subject and user is None:
                return
            for row in sessions.end_elsewhere(
                session,
                self._wall(),
                method=METHOD,
                provider_session=sessions.digest(ended.session) if ended.session else None,
                user_id=user.id if user else None,
            ):
                audit.append(session, AuditEvent.LOGIN_ENDED, now=self._now(), actor=f"user:{row.user_id}")

    def _opened(self, hint: str, user_id: str) -> str:
        try:
            return self._secret.open(PURPOSE, user_id, b64decode(hint)).decode() if hint else ""
        except (OpenError, ValueError):
            # The web role's secret is another one now; the provider asks by itself.
            return ""
