"""Logging in: password and then a code, or a passkey.

It promises the same answer to an unknown login, a wrong factor and a locked account, a bounded number of
tries from one address, and that what somebody typed is shown to nobody, but their login to themselves.
"""

import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.accounts.entrance import SECOND, Entrance, device_of, let_in, target, with_cookie
from gateway.accounts.hashing import Room
from gateway.accounts.passkeys import PasskeyError, answer_of, asked_party, relying_party
from gateway.accounts.proof import LoginProof
from gateway.log import Log
from gateway.web import problems, sessions
from gateway.web.auth import LOGIN, Role
from gateway.web.forms import form
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem
from gateway.web.rate import Rate, neighbourhood
from gateway.web.sessions import SessionStage

TRIES_PER_MINUTE = 60
"""How often somebody at one address may try, whatever they try."""

WRONG = 422
"""What a form is answered with that shows its mistake."""


NETWORK = 4
"""So much more often somebody may try from a whole network of IPv6."""


class Tries:
    """Counts tries by address; of IPv6 by its first half, which one customer has whole, and by network."""

    def __init__(
        self, log: Log, per_minute: int = TRIES_PER_MINUTE, tick: Callable[[], float] = time.monotonic
    ):
        self._log, self._tick = log, tick
        self._near, self._wide = Rate(per_minute), Rate(per_minute * NETWORK)

    def count(self, request: Request) -> None:
        """Count one; raises `Problem` when there were too many."""
        host = request.client.host if request.client else ""
        now = self._tick()
        if wait := self._near.wait(neighbourhood(host), now) or self._wide.wait(neighbourhood(host, 48), now):
            self._log.web_refused("login_rate")
            raise Problem(problems.TOO_OFTEN, headers={"Retry-After": str(wait)})


class LoginPages(ShellPage):
    """The pages; `elsewhere` is what the login of others is called, where there is one."""

    def __init__(
        self,
        shell: Shell,
        *,
        entrance: Entrance,
        proof: LoginProof,
        room: Room,
        tries: Tries,
        public_url: str,
        elsewhere: str,
    ) -> None:
        super().__init__(shell)
        self._entrance, self._proof, self._room = entrance, proof, room
        self._tries, self._public_url, self._elsewhere = tries, public_url, elsewhere

    def routes(self) -> list[BaseRoute]:
        return [
            Route(LOGIN, self.show, methods=["GET"], name="login"),
            Route(LOGIN, self.password, methods=["POST"]),
            Route(SECOND, self.show_second, methods=["GET"]),
            Route(SECOND, self.second, methods=["POST"]),
            Route(f"{LOGIN}/passkey/vraag", self.ask_passkey, methods=["POST"]),
            Route(f"{LOGIN}/passkey", self.passkey, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form for login and password, with the button for a passkey."""
        wanted = request.query_params.get("naar", "")
        found = await run_in_threadpool(self._entrance.found, request)
        if found is not None and found.session.stage == SessionStage.FULL and found.user is not None:
            return RedirectResponse(target(request, wanted, Role(found.user.role)), status_code=303)
        return self._form(request, wanted=wanted)

    async def password(self, request: Request) -> Response:
        self._tries.count(request)
        given = await form(request)
        login, wanted = given.get("login", "").strip().lower(), given.get("naar", "")
        user_id = await self._room.run(
            self._proof.password, login, given.get("wachtwoord", ""), device_of(request)
        )
        if user_id is None:
            return self._form(request, wanted=wanted, login=login[:254], wrong=True)
        return await self._entrance.ask_second(request, user_id, "password", wanted)

    async def show_second(self, request: Request) -> Response:
        """The form for the code."""
        half = await run_in_threadpool(self._entrance.half, request)
        if half is None or half.user is None:
            return RedirectResponse(LOGIN, status_code=303)
        return self._pages.page("login/code.html", wrong=False)

    async def second(self, request: Request) -> Response:
        """Take the code of the app, or a recovery code."""
        self._tries.count(request)
        half = await run_in_threadpool(self._entrance.half, request)
        if half is None or half.user is None:
            return RedirectResponse(LOGIN, status_code=303)
        code = (await form(request)).get("code", "")
        proved = await run_in_threadpool(self._proof.code, half.user.id, code, device_of(request))
        if proved is None:
            return self._pages.page("login/code.html", WRONG, wrong=True)
        return await self._entrance.admit(request, half.user.id, f"{half.session.method}+{proved}")

    async def ask_passkey(self, request: Request) -> Response:
        """What the browser is to ask for a passkey; it answers this question only."""
        self._tries.count(request)
        party = asked_party(self._public_url, request)
        wanted = (await form(request)).get("naar", "")
        options, challenge = party.asked_to_show([])
        token = await run_in_threadpool(
            self._entrance.halfway, request, None, "passkey", naar=wanted, challenge=challenge
        )
        return with_cookie(Response(options, media_type="application/json"), token)

    async def passkey(self, request: Request) -> Response:
        """Take the passkey that the browser shows; tells a script where to go."""
        self._tries.count(request)
        party = relying_party(self._public_url, request)
        half = await run_in_threadpool(self._entrance.half, request)
        state = sessions.state(half.session) if half else {}
        if party is None or "challenge" not in state:
            raise Problem(problems.NOT_SIGNED_IN)
        # Whatever comes of it: this question is answered once.
        if not await run_in_threadpool(self._entrance.leave, request):
            raise Problem(problems.NOT_SIGNED_IN)
        try:
            answer = await answer_of(request)
        except PasskeyError:
            raise Problem(problems.NOT_SIGNED_IN) from None
        user_id = await run_in_threadpool(self._proof.passkey, answer, state["challenge"], party)
        if user_id is None:
            raise Problem(problems.NOT_SIGNED_IN)
        admitted = await run_in_threadpool(self._entrance.begin, request, user_id, "passkey")
        where = target(request, state.get("naar", ""), admitted.role)
        return let_in(JSONResponse({"naar": where}), admitted)

    def _form(self, request: Request, *, wanted: str, login: str = "", wrong: bool = False) -> Response:
        return self._pages.page(
            "login/login.html",
            WRONG if wrong else 200,
            wanted=wanted[:200],
            login=login,
            wrong=wrong,
            passkeys=relying_party(self._public_url, request) is not None,
            elsewhere=self._elsewhere,
        )
