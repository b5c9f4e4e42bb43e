"""The pages of mails that were set aside: what waits, one mail, and what a beheerder decides.

They promise that nothing of a mail is given but ciphertext for the beheerders' key, after a reason was chosen
and written into the audit trail; that the key, and so the text, never comes here; and that every decision has
a confirming step and is made for the mail as it was seen, or not at all.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from gateway.domain.case import is_kenmerk, kenmerk_of
from gateway.domain.states import State
from gateway.errors import LostRace, NotAllowed, NotFound
from gateway.gate.senders import Practice
from gateway.quarantine import rows as quarantine
from gateway.quarantine.allow import Allow
from gateway.quarantine.decide import Quarantine, Why, never_let_in
from gateway.quarantine.letters import Letters
from gateway.store import cases, setaside
from gateway.store.tables import CaseRow
from gateway.web import problems
from gateway.web.auth import GuardedRoute, Role, Visitor
from gateway.web.forms import FORM, body, posted, version
from gateway.web.pages import TRUSTED, Shell, ShellPage
from gateway.web.problems import Problem

HERE = "/quarantaine"
ACTS = {"doorlaten": "doorgelaten", "toestaan": "toegestaan", "weigeren": "geweigerd"}
"""What can be decided, and the word by which the list tells that it was done."""

DONE = frozenset({*ACTS.values(), "ingetrokken", "afgehandeld"})
MOST_PAGES = 10_000
MOST_LETTERS = 200
"""So many letters stand on the page; the oldest come first."""


class QuarantinePages(ShellPage):
    """The pages. `key_problem` gives why the beheerders' key is of no use, `keep` how long mails wait."""

    def __init__(
        self,
        shell: Shell,
        *,
        quarantine: Quarantine,
        letters: Letters,
        allow: Allow,
        practices: Mapping[str, Practice],
        key_problem: Callable[[datetime], str | None],
        keep: Callable[[], timedelta],
    ) -> None:
        super().__init__(shell)
        self._quarantine, self._letters, self._allow = quarantine, letters, allow
        self._practices, self._key_problem, self._keep = practices, key_problem, keep

    def routes(self) -> list[GuardedRoute]:

        def route(path: str, endpoint: Any, method: str, name: str) -> GuardedRoute:
            return self._auth.route(
                HERE + path, endpoint, roles={Role.BEHEERDER}, methods=[method], name=name
            )

        return [
            route("", self.index, "GET", "quarantine"),
            route("/toegestaan", self.allowed, "GET", "allowed"),
            route("/toegestaan/{id}/intrekken", self.revoke, "POST", "revoke"),
            route("/toegestaan/{id}/intrekken", self.allowed, "GET", "revoke_back"),
            route("/berichten/{id}", self.letter, "GET", "letter"),
            route("/berichten/{id}/openen", self.open_letter, "POST", "letter_open"),
            route("/berichten/{id}/afgehandeld", self.dealt, "POST", "letter_dealt"),
            route("/{kenmerk}", self.mail, "GET", "set_aside"),
            route("/{kenmerk}/openen", self.open, "POST", "set_aside_open"),
            route("/{kenmerk}/{act}", self.act, "POST", "set_aside_act"),
            route("/{kenmerk}/{act}", self.back, "GET", "set_aside_back"),
            route("/berichten/{id}/afgehandeld", self.back, "GET", "letter_back"),
        ]

    def index(self, request: Request, visitor: Visitor) -> Response:
        """What waits for a beheerder, and which questions wait for a referrer."""
        query = request.query_params
        mails, questions = (_page(query.get(name, "")) for name in ("pagina", "vragen"))
        with self._store.read() as session:
            asides, more_mails = quarantine.asides(session, mails)
            asked, more_questions = quarantine.questions(session, questions)
        done, about = query.get("gedaan", ""), query.get("kenmerk", "")
        return self._render(
            visitor,
            "quarantine/list.html",
            asides=asides,
            questions=asked,
            letters=self._letters.waiting()[:MOST_LETTERS],
            practices=self._practices,
            keep=self._keep(),
            now=self._now(),
            key_problem=self._key_problem(self._now()),
            at={"pagina": mails, "vragen": questions},
            more={"pagina": more_mails, "vragen": more_questions},
            done=done if done in DONE else "",
            about=about if is_kenmerk(about) else "",
        )

    def mail(self, request: Request, visitor: Visitor) -> Response:
        """One mail: what is known of it without opening it, and what can be done."""
        return self._mail(_kenmerk(request), visitor)

    def _look(self, kenmerk: str, visitor: Visitor) -> CaseRow:
        """The case, after the look stands in the audit trail."""
        with self._store.write() as session:
            return cases.looked_at(session, kenmerk, self._now(), visitor.actor, "quarantine")

    def _mail(
        self, kenmerk: str, visitor: Visitor, wrong: str = "", status: int = 200, **given: str
    ) -> Response:
        case = self._look(kenmerk, visitor)
        with self._store.read() as session:
            copy = setaside.of_case(session, case.id)
        if case.state != State.QUARANTINED:
            return self._render(visitor, "quarantine/gone.html", 410 if status == 200 else status, case=case)
        sealed = copy is not None and copy.sealed is not None
        return self._render(
            visitor,
            "quarantine/mail.html",
            status,
            headers=TRUSTED,
            case=case,
            path="",
            sealed=sealed,
            problem=copy.problem if copy is not None and not sealed else None,
            destroyed_at=case.received_at + self._keep(),
            practices=sorted(self._practices.values(), key=lambda one: one.name),
            reasons=list(Why),
            never=never_let_in(case),
            wrong=wrong,
            chosen=given.get("practice", ""),
            typed=given.get("sender", ""),
        )

    def open(self, request: Request, visitor: Visitor) -> Response:
        """Give the ciphertext, once it is written down who asked and why."""
        why = _reason(request)
        try:
            sealed = self._quarantine.copy(_kenmerk(request), why, self._now(), visitor.actor)
        except (NotAllowed, NotFound):
            raise Problem(problems.NOT_NOW) from None
        return JSONResponse({"jwe": sealed.decode("ascii")})

    def letter(self, request: Request, visitor: Visitor, sure: bool = False) -> Response:
        """One letter that a person must read; `sure` asks whether it was dealt with."""
        letter = self._letters.one(request.path_params["id"])
        case = self._look(letter.kenmerk, visitor)
        return self._render(
            visitor,
            "quarantine/letter.html",
            headers=TRUSTED,
            case=case,
            letter=letter,
            sealed=letter.sealed,
            problem=letter.problem,
            destroyed_at=letter.received_at + self._keep(),
            practice=self._practices.get(letter.practice_id or ""),
            reasons=list(Why),
            wrong="",
            sure=sure,
        )

    def open_letter(self, request: Request, visitor: Visitor) -> Response:
        """Give the ciphertext of a letter, once it is written down who asked and why."""
        why, letter_id = _reason(request), request.path_params["id"]
        try:
            sealed = self._letters.copy(letter_id, why, self._now(), visitor.actor)
        except NotFound:
            raise Problem(problems.NOT_NOW) from None
        return JSONResponse({"jwe": sealed.decode("ascii")})

    def dealt(self, request: Request, visitor: Visitor) -> Response:
        """Say that a letter was dealt with: first the question, then the deed."""
        if posted(request).get("zeker") != "ja":
            return self.letter(request, visitor, sure=True)
        self._letters.dealt(request.path_params["id"], self._now(), visitor.actor)
        return RedirectResponse(f"{HERE}?gedaan=afgehandeld", status_code=303)

    def back(self, request: Request, visitor: Visitor) -> Response:
        """Where a form was answered, "back" and a reload ask for the page that it stood on."""
        return RedirectResponse(request.url.path.rpartition("/")[0], status_code=303)

    def act(self, request: Request, visitor: Visitor) -> Response:
        """Decide: first the question whether it is meant so, then the deed."""
        kenmerk, act, given = _kenmerk(request), request.path_params["act"], posted(request)
        if act not in ACTS:
            raise Problem(problems.NOT_FOUND)
        practice, sender = given.get("praktijk", ""), given.get("afzender", "").strip()
        seen = version(given)
        with self._store.read() as session:
            case = cases.by_kenmerk(session, kenmerk)
        if case.state != State.QUARANTINED or case.version != seen:
            return self._mail(kenmerk, visitor, "changed", 409)
        if act != "weigeren" and never_let_in(case):
            return self._mail(kenmerk, visitor, "never", 409)
        if act != "weigeren" and practice not in self._practices:
            return self._mail(kenmerk, visitor, "practice", 422, sender=sender)
        if act == "toestaan" and (wrong := self._allow.problem(practice, sender)):
            return self._mail(kenmerk, visitor, wrong, 422, practice=practice, sender=sender)
        if given.get("zeker") != "ja":
            self._look(kenmerk, visitor)
            return self._render(
                visitor,
                "quarantine/confirm.html",
                headers=TRUSTED,
                case=case,
                act=act,
                practice=self._practices.get(practice),
                sender=sender,
            )
        try:
            if act == "weigeren":
                self._quarantine.refuse(kenmerk, self._now(), visitor.actor, version=seen)
            else:
                self._quarantine.release(
                    kenmerk,
                    practice,
                    self._now(),
                    visitor.actor,
                    version=seen,
                    sender=sender if act == "toestaan" else None,
                )
        except (LostRace, NotAllowed, NotFound):
            return self._mail(kenmerk, visitor, "changed", 409)
        return RedirectResponse(f"{HERE}?gedaan={ACTS[act]}&kenmerk={case.kenmerk}", status_code=303)

    def allowed(self, request: Request, visitor: Visitor) -> Response:
        """Who was allowed beside the configuration."""
        return self._allowed(visitor, request.query_params.get("gedaan", ""))

    def _allowed(self, visitor: Visitor, done: str = "", sure: str = "", status: int = 200) -> Response:
        return self._render(
            visitor,
            "quarantine/allowed.html",
            status,
            rows=self._allow.standing(),
            practices=self._practices,
            done=done if done in DONE else "",
            sure=sure,
        )

    def revoke(self, request: Request, visitor: Visitor) -> Response:
        """Allow somebody no longer: first the question, then the deed."""
        id_ = request.path_params["id"]
        if posted(request).get("zeker") != "ja":
            return self._allowed(visitor, sure=id_)
        try:
            self._allow.revoke(id_, self._now(), visitor.actor)
        except LostRace:
            return self._allowed(visitor, status=409)
        return RedirectResponse(f"{HERE}/toegestaan?gedaan=ingetrokken", status_code=303)


def _kenmerk(request: Request) -> str:
    kenmerk = kenmerk_of(str(request.path_params["kenmerk"])[:40])
    if kenmerk is None:
        raise Problem(problems.NOT_FOUND)
    return kenmerk


def _page(text: str) -> int:
    return min(int(text), MOST_PAGES) if text.isdecimal() and 0 < len(text) < 6 and int(text) else 1


def _reason(request: Request) -> Why:
    """The reason for a look, from a small JSON object."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > FORM:
        raise Problem(problems.TOO_LARGE)
    try:
        return Why(json.loads(body(request))["reden"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Problem(problems.INVALID) from None
