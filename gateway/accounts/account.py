"""One's own account: how one logs in, where one is logged in, and being asked again before anything changes.

It promises that a change of an account, also of somebody else's, wants a factor that was shown in the last
ten minutes, that nobody takes away their own last way in, and that a session in which a password is guessed
ends: what strangers guess is counted elsewhere, and asks nothing of whoever is in.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.accounts import factors
from gateway.accounts import rows as accounts
from gateway.accounts.entrance import goodbye, target
from gateway.accounts.hashing import Room
from gateway.accounts.login import WRONG, Tries
from gateway.accounts.passkeys import PasskeyError, answer_of, relying_party
from gateway.accounts.proof import LoginProof
from gateway.domain.trail import AuditEvent
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.pagetables import SessionRow, UserRow
from gateway.web import problems, sessions
from gateway.web.auth import EVERYBODY, Auth, Endpoint, Visitor
from gateway.web.forms import form
from gateway.web.pages import Pages
from gateway.web.problems import Problem

PATH = "/account"
AGAIN = "/account/opnieuw"
FRESH = timedelta(minutes=10)
"""So long a factor that was shown is enough for a change."""


GUESSES = 10
"""So often a password may be wrong in one session."""


class Own:
    """The account of whoever looks, as its pages need it."""

    def __init__(self, store: Store, wall: Callable[[], datetime], now: Callable[[], datetime]) -> None:
        self.store, self.wall, self.now = store, wall, now

    def user(self, visitor: Visitor) -> UserRow:
        """The account."""
        with self.store.read() as session:
            user = accounts.find(session, visitor.user_id)
        if user is None:
            raise Problem(problems.NOT_SIGNED_IN)
        return user

    def session(self, visitor: Visitor) -> SessionRow:
        """The session."""
        with self.store.read() as session:
            row = session.get(SessionRow, visitor.session_id)
        if row is None:
            raise Problem(problems.NOT_SIGNED_IN)
        return row

    def is_fresh(self, visitor: Visitor) -> bool:
        """Whether a factor was shown a short while ago."""
        row = self.session(visitor)
        proved = sessions.state(row).get("proved")
        last = datetime.fromisoformat(proved) if proved else row.created_at
        return last + FRESH > self.wall()

    def fresh(self, endpoint: Endpoint) -> Endpoint:
        """A page for whoever showed a factor a short while ago; others are asked, and come back."""

        async def guarded(request: Request, visitor: Visitor) -> Response:
            if await run_in_threadpool(self.is_fresh, visitor):
                return await endpoint(request, visitor)
            if "text/html" not in request.headers.get("accept", ""):
                raise Problem(problems.NOT_SIGNED_IN)
            return RedirectResponse(f"{AGAIN}?naar={quote(request.url.path, safe='')}", status_code=303)

        return guarded

    def keep(self, visitor: Visitor, **state: str | None) -> None:
        """Keep state in the session."""
        with self.store.write() as session:
            sessions.keep(session, visitor.session_id, **state)

    def state(self, visitor: Visitor) -> dict[str, Any]:
        """The state that was kept."""
        return sessions.state(self.session(visitor))


class AccountPages:
    """The overview, the sessions, and proving oneself again. `offered` names the provider of an account."""

    def __init__(
        self,
        *,
        own: Own,
        auth: Auth,
        proof: LoginProof,
        room: Room,
        pages: Pages,
        tries: Tries,
        public_url: str,
        offered: Callable[[UserRow], str],
    ) -> None:
        self._own, self._auth, self._proof, self._room, self._pages = own, auth, proof, room, pages
        self._tries, self._public_url, self._offered = tries, public_url, offered

    def routes(self) -> list[BaseRoute]:
        """What is served, to everybody who is logged in."""
        route = self._auth.route
        return [
            route(PATH, self.show, roles=EVERYBODY, name="account"),
            route("/account/sessies", self.end_others, roles=EVERYBODY, methods=["POST"]),
            route(AGAIN, self.show_again, roles=EVERYBODY),
            route(AGAIN, self.again, roles=EVERYBODY, methods=["POST"]),
            route(f"{AGAIN}/passkey/vraag", self.ask_passkey, roles=EVERYBODY, methods=["POST"]),
            route(f"{AGAIN}/passkey", self.passkey, roles=EVERYBODY, methods=["POST"]),
        ]

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """The overview."""
        values = await run_in_threadpool(self._overview, visitor)
        values["can_make"] = relying_party(self._public_url, request) is not None
        done = request.query_params.get("klaar", "")
        return self._pages.page("login/account.html", visitor=visitor, here=PATH, done=done, **values)

    async def end_others(self, _: Request, visitor: Visitor) -> Response:
        """End every other session of one's own."""
        await run_in_threadpool(self._end_others, visitor)
        return RedirectResponse(f"{PATH}?klaar=sessies", status_code=303)

    async def show_again(self, request: Request, visitor: Visitor) -> Response:
        """Ask for a factor again."""
        return await self._again(request, visitor, request.query_params.get("naar", ""), wrong=False)

    async def again(self, request: Request, visitor: Visitor) -> Response:
        """Take the password again."""
        self._tries.count(request)
        if not await run_in_threadpool(self._may_try, visitor):
            return goodbye()
        given = await form(request)
        wanted = given.get("naar", "")
        right = await self._room.run(self._proof.password_of, visitor.user_id, given.get("wachtwoord", ""))
        if not right:
            return await self._again(request, visitor, wanted, wrong=True)
        await run_in_threadpool(self._proved, visitor)
        return RedirectResponse(back_to(request, wanted, visitor), status_code=303)

    async def ask_passkey(self, request: Request, visitor: Visitor) -> Response:
        """What the browser is to ask for one of one's own passkeys."""
        party = relying_party(self._public_url, request)
        if party is None:
            raise Problem(problems.NOT_FOUND)
        options, challenge = party.asked_to_show(await run_in_threadpool(self._passkeys, visitor))
        wanted = (await form(request)).get("naar", "")
        await run_in_threadpool(self._own.keep, visitor, challenge=challenge, naar=wanted)
        return Response(options, media_type="application/json")

    async def passkey(self, request: Request, visitor: Visitor) -> Response:
        """Take the passkey again."""
        self._tries.count(request)
        party, state = (
            relying_party(self._public_url, request),
            await run_in_threadpool(self._own.state, visitor),
        )
        await run_in_threadpool(self._own.keep, visitor, challenge=None, naar=None)
        try:
            answer = await answer_of(request)
        except PasskeyError:
            raise Problem(problems.NOT_SIGNED_IN) from None
        if party is None or "challenge" not in state:
            raise Problem(problems.NOT_SIGNED_IN)
        shown = await run_in_threadpool(self._proof.passkey, answer, state["challenge"], party)
        if shown != visitor.user_id:
            raise Problem(problems.NOT_SIGNED_IN)
        await run_in_threadpool(self._proved, visitor)
        return JSONResponse({"naar": back_to(request, state.get("naar", ""), visitor)})

    async def _again(self, request: Request, visitor: Visitor, wanted: str, *, wrong: bool) -> Response:
        user = await run_in_threadpool(self._own.user, visitor)
        own = await run_in_threadpool(self._passkeys, visitor)
        return self._pages.page(
            "login/again.html",
            WRONG if wrong else 200,
            visitor=visitor,
            here=PATH,
            wanted=back_to(request, wanted, visitor),
            password=user.password_hash is not None,
            login=user.login,
            passkeys=bool(own) and relying_party(self._public_url, request) is not None,
            elsewhere=self._offered(user) if user.subject else "",
            wrong=wrong,
        )

    def _overview(self, visitor: Visitor) -> dict[str, Any]:
        user, now = self._own.user(visitor), self._own.wall()
        with self._own.store.read() as session:
            return {
                "user": user,
                "passkeys": factors.passkeys(session, user.id),
                "codes": factors.codes_left(session, user.id),
                "sessions": sessions.of_user(session, user.id, now),
                "fresh": self._own.is_fresh(visitor),
                "elsewhere": self._offered(user),
            }

    def _passkeys(self, visitor: Visitor) -> list[Any]:
        with self._own.store.read() as session:
            return list(factors.passkeys(session, visitor.user_id))

    def _proved(self, visitor: Visitor) -> None:
        self._own.keep(visitor, proved=self._own.wall().isoformat(), tried=None)

    def _may_try(self, visitor: Visitor) -> bool:
        """Count a password before it is looked at; False when that ended the session."""
        with self._own.store.write() as session:
            if sessions.tried(session, visitor.session_id) <= GUESSES:
                return True
            if sessions.end(session, visitor.session_id, self._own.wall()):
                audit.append(session, AuditEvent.LOGIN_ENDED, now=self._own.now(), actor=visitor.actor)
            return False

    def _end_others(self, visitor: Visitor) -> None:
        with self._own.store.write() as session:
            ended = sessions.end_all(session, visitor.user_id, self._own.wall(), but=visitor.session_id)
            audit.append(
                session,
                AuditEvent.ACCOUNT_LOGGED_OUT,
                now=self._own.now(),
                actor=visitor.actor,
                user=visitor.user_id,
                sessions=ended,
            )


def back_to(request: Request, wanted: str, visitor: Visitor) -> str:
    """Where a change that was asked for goes on: the page itself; the overview if it is none of theirs."""
    where = target(request, wanted, visitor.role)
    return where if where == wanted and not where.startswith(AGAIN) else PATH
