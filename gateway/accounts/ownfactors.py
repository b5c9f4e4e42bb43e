"""Changing how one logs in: password, app, recovery codes, passkeys.

It promises that nothing changes without a factor shown a short while ago, that what is new counts only once
it was proved, that recovery codes are shown until somebody says they have them and for ten minutes at most,
and an event for every change.
"""

from datetime import datetime
from typing import Any

from anyio import from_thread
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.accounts import factors
from gateway.accounts.account import PATH, OwnPage
from gateway.accounts.appsetup import AppSetup, Chosen, as_bytes, as_text
from gateway.accounts.login import WRONG, Tries
from gateway.accounts.passkeys import PasskeyError, answer_of, asked_party, relying_party
from gateway.domain.trail import AuditEvent
from gateway.gate.passwords import name_of
from gateway.store import audit
from gateway.store.pagetables import UserRow
from gateway.web import problems, sessions
from gateway.web.auth import EVERYBODY, FRESH, Endpoint, Visitor, home
from gateway.web.forms import form, posted
from gateway.web.pages import Shell
from gateway.web.problems import Problem

CODES = "codes"
APP = "app"
"""For what something is sealed in a session."""

LABEL = 60
"""The longest name of a passkey, in characters."""


class OwnFactors(OwnPage):
    """The pages."""

    def __init__(self, shell: Shell, *, setup: AppSetup, tries: Tries, public_url: str) -> None:
        super().__init__(shell)
        self._setup, self._tries, self._public_url = setup, tries, public_url

    def routes(self) -> list[BaseRoute]:

        def route(path: str, endpoint: Endpoint, *methods: str, fresh: bool = True) -> BaseRoute:
            return self._auth.route(PATH + path, endpoint, roles=EVERYBODY, methods=methods, fresh=fresh)

        return [
            route("/wachtwoord", self.password, "GET", "POST"),
            route("/app", self.app, "GET", "POST"),
            route("/herstelcodes", self.show_codes, "GET"),
            route("/herstelcodes/bewaard", self.have_codes, "POST", fresh=False),
            route("/herstelcodes/nieuw", self.new_codes, "POST"),
            route("/passkey", self.new_passkey, "GET", "POST"),
            route("/passkey/vraag", self.ask_passkey, "POST"),
            route("/passkey/nieuw", self.passkey, "POST"),
            route("/passkey/naam", self.rename, "POST"),
            route("/passkey/verwijderen", self.remove, "POST"),
        ]

    async def password(self, request: Request, visitor: Visitor) -> Response:
        """Change the password; whoever has none chooses one, and an app with it."""
        user = await run_in_threadpool(self._user, visitor)
        wrong = None
        if request.method == "POST":
            given = await form(request)
            password = given.get("wachtwoord", "")
            wrong = self._setup.refused(password, given.get("nogmaals", ""), login=user.login, name=user.name)
            if wrong is None:
                return await self._chosen(visitor, user, password)
        return self._render(visitor, "login/password.html", WRONG if wrong else 200, user=user, wrong=wrong)

    async def app(self, request: Request, visitor: Visitor) -> Response:
        """Set up an app, in the place of the one before, and prove that it works."""
        user = await run_in_threadpool(self._user, visitor)
        pending = await run_in_threadpool(self._opened, visitor, APP)
        if "secret" not in pending:
            if user.password_hash is None:
                return RedirectResponse(f"{PATH}/wachtwoord", status_code=303)
            pending = await self._begin_app(visitor, None)
        chosen = Chosen(pending["secret"], pending["password_hash"])
        wrong = False
        if request.method == "POST":
            self._tries.count(request)
            code = (await form(request)).get("code", "")
            if await run_in_threadpool(self._finish_app, visitor, chosen, code):
                return RedirectResponse(f"{PATH}/herstelcodes", status_code=303)
            wrong = True
        return self._render(
            visitor,
            "login/app.html",
            WRONG if wrong else 200,
            picture=self._setup.picture(chosen.secret, user.login),
            secret=chosen.grouped,
            wrong=wrong,
        )

    def show_codes(self, _: Request, visitor: Visitor) -> Response:
        """Show the new recovery codes, until somebody says they have them."""
        codes = self._codes(visitor)
        if not codes:
            return RedirectResponse(PATH, status_code=303)
        return self._render(visitor, "login/codes.html", codes=codes)

    def have_codes(self, _: Request, visitor: Visitor) -> Response:
        """Show the recovery codes no more."""
        self._keep(visitor, codes=None)
        return RedirectResponse(home(visitor.role), status_code=303)

    def new_codes(self, _: Request, visitor: Visitor) -> Response:
        """Make new recovery codes."""
        with self._store.write() as session:
            user = self._kept(session, visitor)
            if user.totp is None:
                raise Problem(problems.NOT_FOUND)
            sealed = self._seal_codes(visitor, self._setup.new_codes(session, user.id))
            sessions.keep(session, visitor.session_id, codes=sealed)
            self._note(session, visitor, AuditEvent.ACCOUNT_CODES_RENEWED)
        return RedirectResponse(f"{PATH}/herstelcodes", status_code=303)

    def new_passkey(self, request: Request, visitor: Visitor) -> Response:
        """The page on which a passkey is made."""
        asked_party(self._public_url, request)
        return self._render(visitor, "login/passkey.html")

    def ask_passkey(self, request: Request, visitor: Visitor) -> Response:
        """What the browser is asked to make a passkey with."""
        party = asked_party(self._public_url, request)
        user, label = self._user(visitor), name_of(posted(request).get("naam", "")) or ""
        with self._store.read() as session:
            known = factors.passkeys(session, user.id)
        options, challenge = party.asked_to_make(user.id, user.login, user.name, known)
        self._keep(visitor, challenge=challenge, label=label[:LABEL])
        return Response(options, media_type="application/json")

    def passkey(self, request: Request, visitor: Visitor) -> Response:
        """Take the passkey that was made."""
        party, state = relying_party(self._public_url, request), self._state(visitor)
        self._keep(visitor, challenge=None, label=None)
        if party is None or "challenge" not in state:
            raise Problem(problems.NOT_FOUND)
        try:
            id_, public_key, count = party.made(from_thread.run(answer_of, request), state["challenge"])
        except PasskeyError:
            raise Problem(problems.NOT_FOUND) from None
        now = self._wall()
        day = self._pages.moment(now)[:10]
        label = state.get("label", "") or self._pages.say("Passkey van %(dag)s", dag=day)
        with self._store.write() as session:
            if not factors.add_passkey(
                session,
                id_=id_,
                user_id=visitor.user_id,
                public_key=public_key,
                sign_count=count,
                label=label,
                now=now,
            ):
                raise Problem(problems.NOT_FOUND)
            self._note(session, visitor, AuditEvent.ACCOUNT_PASSKEY_ADDED)
        return JSONResponse({"naar": f"{PATH}?klaar=passkey"})

    def rename(self, request: Request, visitor: Visitor) -> Response:
        given = posted(request)
        id_, label = given.get("passkey", ""), name_of(given.get("naam", ""))
        if label is not None:
            with self._store.write() as session:
                if factors.rename_passkey(session, visitor.user_id, id_, label[:LABEL]):
                    self._note(session, visitor, AuditEvent.ACCOUNT_PASSKEY_RENAMED)
        return RedirectResponse(PATH, status_code=303)

    def remove(self, request: Request, visitor: Visitor) -> Response:
        """Forget a passkey, unless it is the last way in; asked before."""
        given = posted(request)
        with self._store.read() as session:
            row = factors.passkey(session, given.get("passkey", ""))
        if row is None or row.user_id != visitor.user_id:
            raise Problem(problems.NOT_FOUND)
        if given.get("zeker") != "ja":
            return self._render(visitor, "login/remove_passkey.html", passkey=row)
        with self._store.write() as session:
            user = self._kept(session, visitor)
            if user.password_hash is None and len(factors.passkeys(session, user.id)) < 2:
                return RedirectResponse(f"{PATH}?klaar=laatste", status_code=303)
            factors.remove_passkey(session, user.id, row.id)
            # Whoever has that device may be in with it.
            sessions.end_all(session, user.id, self._wall(), but=visitor.session_id)
            self._note(session, visitor, AuditEvent.ACCOUNT_PASSKEY_REMOVED)
        return RedirectResponse(f"{PATH}?klaar=verwijderd", status_code=303)

    def _opened(self, visitor: Visitor, purpose: str) -> dict[str, Any]:
        sealed = as_bytes(self._state(visitor).get(purpose))
        return self._setup.opened(purpose, visitor.session_id, sealed)

    def _codes(self, visitor: Visitor) -> list[str]:
        """The recovery codes that are shown still; those of an enrolment are as old as its session."""
        kept = self._opened(visitor, CODES)
        made = kept.get("made")
        at = datetime.fromisoformat(made) if made else self._session(visitor).created_at
        if kept and at + FRESH <= self._wall():
            self._keep(visitor, codes=None)
            return []
        return list(kept.get("codes", ()))

    def _seal_codes(self, visitor: Visitor, codes: list[str]) -> str:
        return self._sealed(visitor, CODES, {"codes": codes, "made": self._wall().isoformat()})

    def _sealed(self, visitor: Visitor, purpose: str, content: dict[str, Any]) -> str:
        return as_text(self._setup.sealed(purpose, visitor.session_id, content))

    async def _begin_app(self, visitor: Visitor, password: str | None) -> dict[str, Any]:
        chosen = await self._setup.choose(password)
        pending = {"secret": chosen.secret, "password_hash": chosen.password_hash}
        await run_in_threadpool(self._keep, visitor, app=self._sealed(visitor, APP, pending))
        return pending

    async def _chosen(self, visitor: Visitor, user: UserRow, password: str) -> Response:
        if user.totp is None:
            await self._begin_app(visitor, password)
            return RedirectResponse(f"{PATH}/app", status_code=303)
        await run_in_threadpool(self._change, visitor, await self._setup.hashed(password))
        return RedirectResponse(f"{PATH}?klaar=wachtwoord", status_code=303)

    def _change(self, visitor: Visitor, hashed: str) -> None:
        with self._store.write() as session:
            kept = self._kept(session, visitor)
            kept.password_hash = hashed
            session.add(kept)
            # Whoever knew the old one is out.
            sessions.end_all(session, kept.id, self._wall(), but=visitor.session_id)
            self._note(session, visitor, AuditEvent.ACCOUNT_PASSWORD_CHANGED)

    def _finish_app(self, visitor: Visitor, chosen: Chosen, code: str) -> bool:
        with self._store.write() as session:
            user = self._kept(session, visitor)
            codes = self._setup.keep(session, user, chosen, code, self._wall())
            if codes is None:
                return False
            sealed = self._seal_codes(visitor, codes)
            sessions.keep(session, visitor.session_id, app=None, codes=sealed)
            sessions.end_all(session, user.id, self._wall(), but=visitor.session_id)
            self._note(session, visitor, AuditEvent.ACCOUNT_APP_CHANGED)
        return True

    def _note(self, session: Session, visitor: Visitor, kind: AuditEvent) -> None:
        audit.append(session, kind, now=self._now(), actor=visitor.actor, user=visitor.user_id)
