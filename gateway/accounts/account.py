"""One's own account: how one logs in, where one is logged in, and being asked again before anything changes.

It promises that a change of an account, also of somebody else's, wants a factor that was shown in the last
ten minutes, that nobody takes away their own last way in, and that a session in which a password is guessed
ends: what strangers guess is counted elsewhere, and asks nothing of whoever is in.
"""

from collections.abc import Callable
from typing import Any

from anyio import from_thread
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.accounts import factors
from gateway.accounts import rows as accounts
from gateway.accounts.entrance import goodbye, target
from gateway.accounts.hashing import Room
from gateway.accounts.login import WRONG, Tries
from gateway.accounts.passkeys import PasskeyError, answer_of, asked_party, relying_party
from gateway.accounts.proof import LoginProof
from gateway.domain.trail import AuditEvent
from gateway.store import audit
from gateway.store.pagetables import SessionRow, UserRow
from gateway.web import problems, sessions
from gateway.web.auth import AGAIN, EVERYBODY, Visitor
from gateway.web.forms import form, posted
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem

PATH = "/account"
GUESSES = 10
"""So often a password may be wrong in one session."""


class OwnPage(ShellPage):
    """A page about the account of whoever looks."""

    def _user(self, visitor: Visitor) -> UserRow:
        with self._store.read() as session:
            user = accounts.find(session, visitor.user_id)
        if user is None:
            raise Problem(problems.NOT_SIGNED_IN)
        return user

    def _session(self, visitor: Visitor) -> SessionRow:
        with self._store.read() as session:
            row = session.get(SessionRow, visitor.session_id)
        if row is None:
            raise Problem(problems.NOT_SIGNED_IN)
        return row

    def _keep(self, visitor: Visitor, **state: str | None) -> None:
        """Keep state in the session."""
        with self._store.write() as session:
            sessions.keep(session, visitor.session_id, **state)

    def _state(self, visitor: Visitor) -> dict[str, Any]:
        """The state that was kept."""
        return sessions.state(self._session(visitor))

    def _kept(self, session: Session, visitor: Visitor) -> UserRow:
        """The account, locked until the transaction ends."""
        user = accounts.find(session, visitor.user_id, locked=True)
        if user is None:
            raise Problem(problems.NOT_SIGNED_IN)
        return user


class AccountPages(OwnPage):
    """The overview, the sessions, and proving oneself again. `offered` names the provider of an account."""

    def __init__(
        self,
        shell: Shell,
        *,
        proof: LoginProof,
        room: Room,
        tries: Tries,
        public_url: str,
        offered: Callable[[UserRow], str],
    ) -> None:
        super().__init__(shell)
        self._proof, self._room = proof, room
        self._tries, self._public_url, self._offered = tries, public_url, offered

    def routes(self) -> list[BaseRoute]:
        route = self._auth.route
        return [
            route(PATH, self.show, roles=EVERYBODY, name="account"),
            route("/account/sessies", self.end_others, roles=EVERYBODY, methods=["POST"]),
            route(AGAIN, self.show_again, roles=EVERYBODY),
            route(AGAIN, self.again, roles=EVERYBODY, methods=["POST"]),
            route(f"{AGAIN}/passkey/vraag", self.ask_passkey, roles=EVERYBODY, methods=["POST"]),
            route(f"{AGAIN}/passkey", self.passkey, roles=EVERYBODY, methods=["POST"]),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        user = self._user(visitor)
        with self._store.read() as session:
            found: dict[str, Any] = {
                "passkeys": factors.passkeys(session, user.id),
                "codes": factors.codes_left(session, user.id),
                "sessions": sessions.of_user(session, user.id, self._wall()),
            }
        return self._render(
            visitor,
            "login/account.html",
            done=request.query_params.get("klaar", ""),
            user=user,
            fresh=self._auth.is_fresh(visitor),
            elsewhere=self._offered(user),
            can_make=relying_party(self._public_url, request) is not None,
            **found,
        )

    def end_others(self, _: Request, visitor: Visitor) -> Response:
        """End every other session of one's own."""
        with self._store.write() as session:
            ended = sessions.end_all(session, visitor.user_id, self._wall(), but=visitor.session_id)
            who = {"actor": visitor.actor, "user": visitor.user_id}
            audit.append(session, AuditEvent.ACCOUNT_LOGGED_OUT, now=self._now(), sessions=ended, **who)
        return RedirectResponse(f"{PATH}?klaar=sessies", status_code=303)

    def show_again(self, request: Request, visitor: Visitor) -> Response:
        """Ask for a factor again."""
        return self._again(request, visitor, request.query_params.get("naar", ""), wrong=False)

    async def again(self, request: Request, visitor: Visitor) -> Response:
        """Take the password again."""
        self._tries.count(request)
        if not await run_in_threadpool(self._may_try, visitor):
            return goodbye()
        given = await form(request)
        wanted = given.get("naar", "")
        right = await self._room.run(self._proof.password_of, visitor.user_id, given.get("wachtwoord", ""))
        if not right:
            return await run_in_threadpool(self._again, request, visitor, wanted, wrong=True)
        await run_in_threadpool(self._proved, visitor)
        return RedirectResponse(back_to(request, wanted, visitor), status_code=303)

    def ask_passkey(self, request: Request, visitor: Visitor) -> Response:
        """What the browser is to ask for one of one's own passkeys."""
        party = asked_party(self._public_url, request)
        options, challenge = party.asked_to_show(self._passkeys(visitor))
        self._keep(visitor, challenge=challenge, naar=posted(request).get("naar", ""))
        return Response(options, media_type="application/json")

    def passkey(self, request: Request, visitor: Visitor) -> Response:
        """Take the passkey again."""
        self._tries.count(request)
        party, state = relying_party(self._public_url, request), self._state(visitor)
        self._keep(visitor, challenge=None, naar=None)
        try:
            answer = from_thread.run(answer_of, request)
        except PasskeyError:
            raise Problem(problems.NOT_SIGNED_IN) from None
        if party is None or "challenge" not in state:
            raise Problem(problems.NOT_SIGNED_IN)
        if self._proof.passkey(answer, state["challenge"], party) != visitor.user_id:
            raise Problem(problems.NOT_SIGNED_IN)
        self._proved(visitor)
        return JSONResponse({"naar": back_to(request, state.get("naar", ""), visitor)})

    def _again(self, request: Request, visitor: Visitor, wanted: str, *, wrong: bool) -> Response:
        user, own = self._user(visitor), self._passkeys(visitor)
        return self._render(
            visitor,
            "login/again.html",
            WRONG if wrong else 200,
            wanted=back_to(request, wanted, visitor),
            password=user.password_hash is not None,
            login=user.login,
            passkeys=bool(own) and relying_party(self._public_url, request) is not None,
            elsewhere=self._offered(user) if user.subject else "",
            wrong=wrong,
        )

    def _passkeys(self, visitor: Visitor) -> list[Any]:
        with self._store.read() as session:
            return list(factors.passkeys(session, visitor.user_id))

    def _proved(self, visitor: Visitor) -> None:
        self._keep(visitor, proved=self._wall().isoformat(), tried=None)

    def _may_try(self, visitor: Visitor) -> bool:
        """Count a password before it is looked at; False when that ended the session."""
        with self._store.write() as session:
            if sessions.tried(session, visitor.session_id) <= GUESSES:
                return True
            if sessions.end(session, visitor.session_id, self._wall()):
                audit.append(session, AuditEvent.LOGIN_ENDED, now=self._now(), actor=visitor.actor)
            return False


def back_to(request: Request, wanted: str, visitor: Visitor) -> str:
    """Where a change that was asked for goes on: the page itself; the overview if it is none of theirs."""
    where = target(request, wanted, visitor.role)
    return where if where == wanted and not where.startswith(AGAIN) else PATH
