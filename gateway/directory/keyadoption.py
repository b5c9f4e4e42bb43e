"""A key that was made in a browser, bound by two people: one reads its digits, the other types them.

It promises that the page never shows the digits, so that nobody types them over: they come by telephone from
the screen of whoever has the private key. Nothing is sealed for a key before they were typed and are its own,
and who made it and who bound it stand in the audit trail. What was held for want of a key leaves then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.directory.book import EntryKind
from gateway.directory.editing import Edit, Editing
from gateway.directory.keyshelf import ENDINGS
from gateway.directory.rows import Overtaken
from gateway.domain.trail import AuditEvent
from gateway.errors import ConfigError, ConfigErrors, KeyUnusable, NotAllowed
from gateway.sealing.jwe import bindable
from gateway.sealing.keyfacts import KeyFlaw, plain
from gateway.sealing.spoken import digits_of, same
from gateway.settings.sections import AWAITED, COLLECTED, OrganisationEntry
from gateway.store import audit, orders, outbox, pairs
from gateway.store.orders import OrderKind
from gateway.store.pagetables import PairRow, UserRow
from gateway.store.tables import CaseRow
from gateway.web import problems
from gateway.web.auth import Role, Visitor
from gateway.web.forms import posted
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem
from gateway.web.words import alphabetical

PATH = "/sleutels"
WHO, PAIR, TYPED, CALLED = "organisatie", "paar", "cijfers", "gebeld"
SHORT = "Typ alle veertig cijfers: acht groepjes van vijf."
NOT_THIS = (
    "Dit zijn niet de cijfers van deze sleutel. Er is niets vastgelegd. Laat ze nog een keer voorlezen. "
    "Blijven ze anders, dan kan er met de sleutel geknoeid zijn: leg hem niet vast."
)
UNCALLED = "Vink aan dat u zelf belde. Cijfers uit een mail of een chat tellen niet."
CHANGED = "Er is intussen iets veranderd. Kijk wat er nu staat, en bel opnieuw als dat nodig is."
UNUSABLE = (
    "Deze sleutel is niet te gebruiken. Vraag de organisatie om een nieuwe te maken, op de pagina Sleutel."
)


@dataclass(frozen=True, slots=True)
class WaitingKey:
    """A key that somebody made and nobody bound."""

    entry: OrganisationEntry
    pair: PairRow
    maker: str
    replaces: bool


class KeyAdoptionPage(ShellPage):
    """The page."""

    def __init__(self, shell: Shell, *, editing: Editing) -> None:
        super().__init__(shell)
        self._editing = editing

    def routes(self) -> list[BaseRoute]:
        roles = {Role.BEHEERDER}
        return [
            self._auth.route(PATH, self.show, roles=roles, fresh=True),
            self._auth.route(PATH, self.take, roles=roles, methods=("POST",), fresh=True),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        return self._page(visitor, request.query_params.get("klaar", "")[:60])

    def take(self, request: Request, visitor: Visitor) -> Response:
        given = posted(request)
        waiting = {each.entry.id: each for each in self._waiting()}
        known = waiting.get(given.get(WHO, ""))
        if known is None:
            raise Problem(problems.CHANGED)
        entry, pair = known.entry, known.pair
        if pair.id != given.get(PAIR):
            return self._page(visitor, given={WHO: entry.id}, wrong={TYPED: CHANGED}, status=409)
        typed, wrong = given.get(TYPED, "")[:200], {}
        if not digits_of(typed):
            wrong[TYPED] = SHORT
        elif not same(typed, entry.id, pair.id):
            wrong[TYPED] = NOT_THIS
        if given.get(CALLED) != "ja":
            wrong[CALLED] = UNCALLED
        if wrong:
            return self._page(visitor, given=given, wrong=wrong, status=422)
        try:
            self._bind(entry, pair, visitor)
        except (KeyUnusable, ConfigError, ConfigErrors):
            return self._page(visitor, given={WHO: entry.id}, wrong={TYPED: UNUSABLE}, status=422)
        except Overtaken:
            return self._page(visitor, given={WHO: entry.id}, wrong={TYPED: CHANGED}, status=409)
        return RedirectResponse(f"{PATH}?klaar={entry.id}", status_code=303)

    def _bind(self, entry: OrganisationEntry, pair: PairRow, visitor: Visitor) -> None:
        content = bindable(pair.public_jwk, pair.id)
        edited = self._editing.edited(EntryKind.ORGANISATION, entry.id)
        key = Path("organisations", entry.id + ENDINGS["jwe"])
        new = entry.model_copy(update={"key": key, "fingerprint": pair.id, "format": "jwe"})
        now = self._now()

        def adopted(session: Session) -> None:
            audit.append(
                session,
                AuditEvent.KEY_ADOPTED,
                now=now,
                actor=visitor.actor,
                owner=entry.id,
                fingerprint=pair.id,
                before=entry.fingerprint,
                made_by=pair.created_by,
            )
            self._release(session, entry.id, now, visitor.actor)

        edit = Edit(new, edited.version if edited else 0, content)
        self._editing.change(visitor.actor, edit, meant=True, also=adopted)

    @staticmethod
    def _release(session: Session, organisation: str, now: datetime, actor: str) -> None:
        """Order what was held because nobody had made a key: only the worker can seal it."""
        for row in outbox.select_rows(session, None, (outbox.Status.HELD,)):
            case = session.get(CaseRow, row.case_id)
            if row.organisation_id != organisation or row.reason != KeyFlaw.AWAITED or case is None:
                continue
            try:
                with session.begin_nested():
                    orders.ordered(session, case, OrderKind.RETRY, now, actor, row.id)
            except NotAllowed:
                # Somebody asked for another thing of this case; the board shows both.
                continue

    def _waiting(self) -> Sequence[WaitingKey]:
        """The newest key of each organisation with a mailbox, where that is not the one in force."""
        found = []
        entries = [each for each in self._editing.book().organisations if each.adapter in COLLECTED]
        with self._store.read() as session:
            for entry in sorted(entries, key=lambda each: alphabetical(each.name)):
                made = pairs.in_use(session, entry.id)
                bound = plain(entry.fingerprint) if entry.format == "jwe" else ""
                if not made or made[-1].id == bound:
                    continue
                maker = session.get(UserRow, made[-1].created_by)
                here = maker is not None and maker.removed_at is None and maker.organisation_id == entry.id
                replaces = entry.fingerprint != AWAITED
                found.append(WaitingKey(entry, made[-1], maker.name if maker and here else "", replaces))
        return found

    def _page(
        self,
        visitor: Visitor,
        done: str = "",
        given: Mapping[str, str] | None = None,
        wrong: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        named = {each.id: each.name for each in self._editing.book().organisations}
        return self._render(
            visitor,
            "directory/keyadoption.html",
            status,
            waiting=self._waiting(),
            done=named.get(done, ""),
            given=given or {},
            wrong=wrong or {},
        )


def sentences() -> tuple[str, ...]:
    """Everything that is said here of what was typed."""
    return (SHORT, NOT_THIS, UNCALLED, CHANGED, UNUSABLE)
