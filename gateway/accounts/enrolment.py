"""Behind the link of an invitation: somebody sets up how they log in, and is in.

It promises no cookie before that, one account for one link, and the same answer to a link that is unknown,
used, taken back or too old. Looking at the link changes nothing, so that a mail scanner can't use it up.
"""

from collections.abc import Callable

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.accounts import factors, invitations
from gateway.accounts import rows as accounts
from gateway.accounts.appsetup import AppSetup, Chosen, as_text
from gateway.accounts.entrance import Admitted, Entrance, let_in
from gateway.accounts.login import WRONG, Tries
from gateway.accounts.ownfactors import CODES
from gateway.accounts.passkeys import PasskeyError, answer_of, asked_party, relying_party
from gateway.domain.trail import AuditEvent
from gateway.store import audit
from gateway.store.pagetables import InvitationRow, UserRow
from gateway.web import problems, sessions
from gateway.web.auth import home
from gateway.web.forms import form
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem

PATH = "/uitnodiging/{code}"
PURPOSE = "enrolment"


class LinkGone(Exception):
    """The link opens nothing."""


class Enrolment(ShellPage):
    """The pages behind the link. `wall` is the clock of invitations and codes, `now` that of events."""

    def __init__(
        self, shell: Shell, *, setup: AppSetup, entrance: Entrance, tries: Tries, public_url: str
    ) -> None:
        super().__init__(shell)
        self._setup, self._entrance, self._tries, self._public_url = setup, entrance, tries, public_url

    def routes(self) -> list[BaseRoute]:
        return [
            Route(PATH, self._behind(self.show), methods=["GET"], name="invitation"),
            Route(f"{PATH}/wachtwoord", self._behind(self.password), methods=["GET", "POST"]),
            Route(f"{PATH}/app", self._behind(self.app), methods=["GET", "POST"]),
            Route(f"{PATH}/passkey/vraag", self._behind(self.ask_passkey), methods=["POST"]),
            Route(f"{PATH}/passkey", self._behind(self.passkey), methods=["POST"]),
        ]

    async def show(self, request: Request, row: InvitationRow) -> Response:
        """Who is invited, and what they can choose."""
        passkeys = relying_party(self._public_url, request) is not None
        return self._pages.page("login/invitation.html", row=row, link=_link(request), passkeys=passkeys)

    async def password(self, request: Request, row: InvitationRow) -> Response:
        if request.method == "GET":
            return self._choose(request, row, None)
        given = await form(request)
        password = given.get("wachtwoord", "")
        wrong = self._setup.refused(password, given.get("nogmaals", ""), login=row.login, name=row.name)
        if wrong:
            return self._choose(request, row, wrong)
        chosen = await self._setup.choose(password)
        await run_in_threadpool(
            self._remember, row, {"secret": chosen.secret, "password_hash": chosen.password_hash}
        )
        return RedirectResponse(f"{_link(request)}/app", status_code=303)

    async def app(self, request: Request, row: InvitationRow) -> Response:
        """Set up the app, and prove that it works."""
        pending = self._setup.opened(PURPOSE, row.id, row.pending)
        if "secret" not in pending:
            return RedirectResponse(f"{_link(request)}/wachtwoord", status_code=303)
        chosen = Chosen(pending["secret"], pending["password_hash"])
        if request.method == "GET":
            return self._app(request, row, chosen, wrong=False)
        self._tries.count(request)
        code = (await form(request)).get("code", "")
        admitted = await run_in_threadpool(self._finish_app, request, row, chosen, code)
        if admitted is None:
            return self._app(request, row, chosen, wrong=True)
        return let_in(RedirectResponse("/account/herstelcodes", status_code=303), admitted)

    async def ask_passkey(self, request: Request, row: InvitationRow) -> Response:
        """What the browser is asked to make a passkey with."""
        party = asked_party(self._public_url, request)
        user_id = await run_in_threadpool(self._account_id, row)
        options, challenge = party.asked_to_make(user_id, row.login, row.name, [])
        await run_in_threadpool(self._remember, row, {"challenge": challenge, "user": user_id})
        return Response(options, media_type="application/json")

    async def passkey(self, request: Request, row: InvitationRow) -> Response:
        """Take the passkey that was made."""
        party, pending = (
            asked_party(self._public_url, request),
            self._setup.opened(PURPOSE, row.id, row.pending),
        )
        if "challenge" not in pending:
            # An answer to a question that nobody asked; the empty one is answered easily.
            raise Problem(problems.NOT_SIGNED_IN)
        try:
            made = party.made(await answer_of(request), pending["challenge"])
        except PasskeyError:
            raise Problem(problems.NOT_SIGNED_IN) from None
        admitted = await run_in_threadpool(self._finish_passkey, request, row, pending["user"], made)
        return let_in(JSONResponse({"naar": home(admitted.role)}), admitted)

    def _behind(self, show: Callable[..., object]) -> Callable[..., object]:
        """A page that is there while its link opens something."""

        async def answer(request: Request) -> Response:
            try:
                row = await run_in_threadpool(self._invitation, request)
                return await show(request, row)  # type: ignore[misc, no-any-return]
            except LinkGone:
                self._tries.count(request)
                return self._pages.page("login/gone.html", 404)

        return answer

    def _invitation(self, request: Request) -> InvitationRow:
        with self._store.read() as session:
            row = invitations.find(session, request.path_params["code"], self._wall())
        if row is None:
            raise LinkGone
        return row

    def _remember(self, row: InvitationRow, content: dict[str, str | None]) -> None:
        sealed = self._setup.sealed(PURPOSE, row.id, content)
        with self._store.write() as session:
            invitations.remember(session, row, sealed, self._wall())

    def _account_id(self, row: InvitationRow) -> str:
        """The id of the account that waits for new factors, or one for a new account."""
        with self._store.read() as session:
            user = accounts.by_login(session, row.login)
        return user.id if user and _is_for(row, user) else accounts.new_id()

    def _finish_app(self, request: Request, row: InvitationRow, chosen: Chosen, code: str) -> Admitted | None:
        with self._store.write() as session:
            user = self._account(session, row, None)
            codes = self._setup.keep(session, user, chosen, code, self._wall())
            if codes is None:
                session.rollback()
                return None
            self._note(session, row, user, "password+totp")
        admitted = self._entrance.begin(request, user.id, "password+totp")
        id_ = sessions.digest(admitted.token)
        sealed = self._setup.sealed(CODES, id_, {"codes": codes})
        with self._store.write() as session:
            sessions.keep(session, id_, codes=as_text(sealed))
        return admitted

    def _finish_passkey(
        self, request: Request, row: InvitationRow, user_id: str, made: tuple[str, bytes, int]
    ) -> Admitted:
        id_, public_key, count = made
        now = self._wall()
        with self._store.write() as session:
            user = self._account(session, row, user_id)
            label = self._pages.say("Passkey van %(dag)s", dag=self._pages.moment(now)[:10])
            if not factors.add_passkey(
                session,
                id_=id_,
                user_id=user.id,
                public_key=public_key,
                sign_count=count,
                label=label,
                now=now,
            ):
                raise Problem(problems.NOT_SIGNED_IN)
            self._note(session, row, user, "passkey")
        return self._entrance.begin(request, user.id, "passkey")

    def _account(self, session: Session, row: InvitationRow, user_id: str | None) -> UserRow:
        """The account of an invitation, which is used up: a new one, or one whose factors were taken away."""
        user = accounts.by_login(session, row.login)
        id_ = user.id if user else user_id or accounts.new_id()
        # Two who finish at once must not both make the account.
        if not invitations.use(session, row, id_, self._wall()):
            raise LinkGone
        if user is None:
            return accounts.make(
                session,
                id_=id_,
                login=row.login,
                name=row.name,
                role=row.role,
                organisation_id=row.organisation_id,
                now=self._wall(),
            )
        if not _is_for(row, user):
            raise LinkGone
        if accounts.has_factor(session, user) or user_id not in (None, user.id):
            raise LinkGone
        return user

    def _note(self, session: Session, row: InvitationRow, user: UserRow, method: str) -> None:
        audit.append(
            session,
            AuditEvent.ACCOUNT_ENROLLED,
            now=self._now(),
            actor=f"user:{user.id}",
            invitation=row.id,
            method=method,
            role=user.role,
        )

    def _choose(self, request: Request, row: InvitationRow, wrong: str | None) -> Response:
        return self._pages.page(
            "login/choose_password.html", WRONG if wrong else 200, row=row, link=_link(request), wrong=wrong
        )

    def _app(self, request: Request, row: InvitationRow, chosen: Chosen, *, wrong: bool) -> Response:
        return self._pages.page(
            "login/choose_app.html",
            WRONG if wrong else 200,
            link=_link(request),
            picture=self._setup.picture(chosen.secret, row.login),
            secret=chosen.grouped,
            wrong=wrong,
        )


def _is_for(row: InvitationRow, user: UserRow) -> bool:
    """Whether an account is that of the invitation: another organisation may invite the same address."""
    return (row.role, row.organisation_id) == (user.role, user.organisation_id)


def _link(request: Request) -> str:
    return f"/uitnodiging/{request.path_params['code']}"
