"""Logging in with an account of elsewhere, at an OpenID provider.

It promises that only those come in for whom the configuration lets this provider vouch, in the role that it
gives them where it is asked for one, that an account is opened only to whom it was bound, that by an address
nothing is bound but a new account (of an invitation, which is used up, of a provisioned one that was awaited,
or one that is made where the configuration wants that), that whoever showed one factor there shows ours too,
and that nobody is told who else has an account.
"""

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.accounts import invitations, strangers
from gateway.accounts import rows as accounts
from gateway.accounts.entrance import Admitted, Entrance, let_in, target, with_cookie
from gateway.accounts.login import Tries
from gateway.accounts.oidc_binding import Binding
from gateway.accounts.oidc_discovery import ProviderError
from gateway.accounts.oidc_logout import METHOD, came_from
from gateway.accounts.oidc_provider import BACK, Begun, OidcPerson, Post, Provider
from gateway.domain.trail import AuditEvent
from gateway.gate.passwords import LONGEST_NAME
from gateway.gate.websecret import WebSecret
from gateway.log import Log
from gateway.store import audit
from gateway.store.pagetables import InvitationRow, UserRow
from gateway.web import problems, sessions
from gateway.web.auth import LOGIN, Role
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem
from gateway.web.sessions import SessionStage

BEGIN = f"{LOGIN}/organisatie"


class Elsewhere(ShellPage):
    """The way there and back; without a provider there is none. `wall` is the clock of sessions."""

    def __init__(
        self,
        shell: Shell,
        *,
        provider: Provider | None,
        binding: Binding,
        entrance: Entrance,
        tries: Tries,
        log: Log,
        secret: WebSecret,
    ) -> None:
        super().__init__(shell)
        self._provider, self._binding, self._entrance = provider, binding, entrance
        self._tries, self._log, self._secret = tries, log, secret

    def routes(self) -> list[BaseRoute]:
        return [Route(BEGIN, self.begin, methods=["GET"]), Route(BACK, self.back, methods=["GET"])]

    async def begin(self, request: Request) -> Response:
        provider = self._known(request)
        wanted = request.query_params.get("naar", "")[:200]
        found = await run_in_threadpool(self._entrance.found, request)
        if found is not None and found.session.stage == SessionStage.FULL and found.user is not None:
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
        visitor = await self._auth.visitor(request)
        if visitor is not None:
            return await self._binding.back(request, visitor)
        half = await run_in_threadpool(self._entrance.half, request)
        state = sessions.state(half.session) if half and half.session.method == METHOD else {}
        try:
            if "state" not in state:
                raise ProviderError("other_browser")
            begun = Begun("", state["state"], state["nonce"], state["verifier"])
            person = await provider.finish(request.url.query, begun)
            wanted = str(state.get("naar", ""))
            if not person.two_factors:
                user_id = await run_in_threadpool(self._halfway, provider, person)
                return await self._entrance.ask_second(
                    request, user_id, METHOD, wanted, came_from(person, user_id, self._secret)
                )
            admitted = await run_in_threadpool(self._begin, request, provider, person)
        except ProviderError as error:
            return await self._refused(request, error)
        there = RedirectResponse(target(request, wanted, admitted.role), status_code=303)
        return let_in(there, admitted)

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
            strangers.failed(session, wall=self._wall(), now=self._now(), method=METHOD, code=code)

    def _begin(self, request: Request, provider: Provider, person: OidcPerson) -> Admitted:
        """Let in who showed two factors there; raises `ProviderError`."""
        with self._store.write() as session:
            user = accounts.of_subject(session, person.subject) or self._new(session, provider, person)
            provider.check(person, user.role, user.organisation_id)
            if user.disabled_at is not None:
                raise ProviderError("shut")
            # Their factors were shown there, perhaps a while before they came here.
            proved = person.at.isoformat()
            came = came_from(person, user.id, self._secret)
            return self._entrance.begin_in(
                session, request, user.id, METHOD, half=True, came=came, proved=proved
            )

    def _halfway(self, provider: Provider, person: OidcPerson) -> str:
        """The account of who showed one factor there, and has another one here; raises `ProviderError`."""
        with self._store.read() as session:
            user = accounts.of_subject(session, person.subject)
            if user is None:
                if self._awaited(session, provider, person) or self._made(provider, person):
                    # Without a factor of ours there is nothing to ask beside theirs.
                    raise ProviderError("one_factor")
                self._invitation(session, provider, person)
                # Nothing is bound by one factor, and the link would be gone without a way in.
                raise ProviderError("use_link")
        provider.check(person, user.role, user.organisation_id)
        if user.totp is None:
            raise ProviderError("one_factor")
        return user.id

    def _new(self, session: Session, provider: Provider, person: OidcPerson) -> UserRow:
        """The account of somebody who was not here before, bound to them; raises `ProviderError`."""
        user = self._awaited(session, provider, person)
        if user is None and person.login and not self._waits(session, person.login):
            post = self._made(provider, person)
            user = self._make(session, person, person.login, post) if post else None
        if user is None:
            return self._enrolled(session, provider, person)
        provider.check(person, user.role, user.organisation_id)
        if not accounts.bind(session, user, person.subject):
            raise ProviderError("not_invited")
        audit.append(session, AuditEvent.ACCOUNT_BOUND, now=self._now(), actor=f"user:{user.id}")
        return user

    def _awaited(self, session: Session, provider: Provider, person: OidcPerson) -> UserRow | None:
        """The account that was provisioned for somebody, and that nobody came for yet."""
        user = accounts.by_login(session, person.login) if person.login else None
        vouched = user and provider.vouches_for(user.role, user.organisation_id)
        return user if user and vouched and user.awaited and user.disabled_at is None else None

    def _made(self, provider: Provider, person: OidcPerson) -> Post | None:
        """The post for which somebody gets an account without an invitation; raises `ProviderError`."""
        return provider.post_of(person) if provider.creates and person.login else None

    def _waits(self, session: Session, login: str) -> bool:
        """Whether somebody has an account already, or was invited: no other one is made for them."""
        return bool(accounts.by_login(session, login) or invitations.all_for(session, login, self._wall()))

    def _make(self, session: Session, person: OidcPerson, login: str, post: Post) -> UserRow:
        user = accounts.make(
            session,
            id_=accounts.new_id(),
            login=login,
            name=person.name or login[:LONGEST_NAME],
            role=post.role,
            organisation_id=post.organisation_id,
            now=self._wall(),
        )
        audit.append(
            session,
            AuditEvent.ACCOUNT_CREATED,
            now=self._now(),
            actor=f"user:{user.id}",
            method=METHOD,
            role=post.role,
            organisation=post.organisation_id or "",
        )
        return user

    def _invitation(self, session: Session, provider: Provider, person: OidcPerson) -> InvitationRow:
        """The invitation of somebody who was not here before; raises `ProviderError`."""
        found = invitations.all_for(session, person.login, self._wall()) if person.login else []
        rows = [row for row in found if provider.vouches_for(row.role, row.organisation_id)]
        # Several organisations may invite one address: which of them it is, a link tells.
        if len(rows) != 1:
            raise ProviderError("use_link" if rows else "not_invited")
        provider.check(person, rows[0].role, rows[0].organisation_id)
        return rows[0]

    def _enrolled(self, session: Session, provider: Provider, person: OidcPerson) -> UserRow:
        """A new account, for an invitation that is used up by it; raises `ProviderError`."""
        row = self._invitation(session, provider, person)
        if accounts.by_login(session, row.login) is not None:
            # After a reset whoever holds the link sets up the account, and nobody else.
            raise ProviderError("use_link")
        id_ = accounts.new_id()
        if not invitations.use(session, row, id_, self._wall()):
            raise ProviderError("not_invited")
        user = accounts.make(
            session,
            id_=id_,
            login=row.login,
            name=row.name,
            role=row.role,
            organisation_id=row.organisation_id,
            now=self._wall(),
        )
        accounts.bind(session, user, person.subject)
        audit.append(
            session,
            AuditEvent.ACCOUNT_ENROLLED,
            now=self._now(),
            actor=f"user:{id_}",
            invitation=row.id,
            method=METHOD,
            role=row.role,
        )
        audit.append(session, AuditEvent.ACCOUNT_BOUND, now=self._now(), actor=f"user:{id_}")
        return user
