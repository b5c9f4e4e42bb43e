"""A case entered by hand at a desk, for somebody who walked in or called, where the pathway agreed to that.

It promises that it is a case like every other one, sealed before its first write and handed to the desk by
the worker, or joins the one that the desk has of the same person; that nobody is entered who did not agree;
and that what a practice would hear goes to the team.
"""

import json
import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.directory import coverage
from gateway.directory.present import Present
from gateway.directory.snapshot import Directory
from gateway.domain.case import new_kenmerk
from gateway.domain.states import State
from gateway.domain.trail import AuditEvent
from gateway.pipeline.casefile import CaseFile, Thread
from gateway.reading.patient.phones import numbers
from gateway.reading.record import Reading, Verdict
from gateway.settings.sections import OrganisationEntry
from gateway.store import audit, cases, orders
from gateway.store.orders import OrderKind
from gateway.store.tables import CaseRow
from gateway.web import problems
from gateway.web.auth import Role, Visitor
from gateway.web.forms import posted
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem

PATH = "/balie"
NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\d<>@]{2,100}")


class DeskPage(ShellPage):
    """The page. `casefile` seals, and opens nothing here; `subject(kenmerk)` is that of what is told."""

    def __init__(
        self, shell: Shell, *, present: Present, casefile: CaseFile, subject: Callable[[str], str]
    ) -> None:
        super().__init__(shell)
        self._present, self._casefile, self._subject = present, casefile, subject

    def routes(self) -> list[BaseRoute]:
        roles = {Role.MEDEWERKER}
        return [
            self._auth.route(PATH, self.show, roles=roles),
            self._auth.route(PATH, self.take, roles=roles, methods=("POST",)),
        ]

    def show(self, request: Request, visitor: Visitor) -> Response:
        done = request.query_params.get("klaar", "")[:12]
        with self._store.read() as session:
            found = cases.find(session, done)
            entered = _Entered.of(session, found, visitor.actor) if found is not None else None
        return self._page(visitor, {}, {}, entered)

    def take(self, request: Request, visitor: Visitor) -> Response:
        given, known = posted(request), self._present()
        entry, theme = desk_of(known, visitor.organisation_id or "")
        name = " ".join(given.get("naam", "").split())
        called = [e164 for e164, _, _ in numbers(given.get("nummer", "")[:40])]
        typed = given.get("plaats", "")[:80]
        place = coverage.found(known, typed) if typed.strip() else entry.serves[0]
        wrong = {}
        if NAME.fullmatch(name) is None:
            wrong["naam"] = "Vul de naam in, zonder cijfers."
        if len(called) != 1 or called[0] is None:
            wrong["nummer"] = "Dit is geen telefoonnummer, zoals 036-5300000."
        if place is None:
            wrong["plaats"] = "Dit is niet één plaats die wij kennen."
        if given.get("akkoord") != "ja":
            wrong["akkoord"] = "Alleen wie het goed vindt, wordt aangemeld."
        if wrong or place is None:
            return self._page(visitor, given, wrong, status=422)
        reading = Reading(Verdict.REFERRAL, name, called[0], (), place, urgent=given.get("spoed") == "ja")
        kenmerk = self._enter(entry, theme, reading, visitor.actor)
        return RedirectResponse(f"{PATH}?klaar={kenmerk}", status_code=303)

    def _enter(self, entry: OrganisationEntry, theme: str, reading: Reading, actor: str) -> str:
        now, kenmerk, id_ = self._now(), new_kenmerk(secrets.token_bytes), uuid.uuid4().hex
        thread = Thread(entry.team or "", self._subject(kenmerk), "", ())
        case = CaseRow(
            id=id_,
            kenmerk=kenmerk,
            state=State.RECEIVED,
            wijk=reading.wijk,
            theme=theme,
            urgent=reading.urgent,
            received_at=now,
            updated_at=now,
            consent_at=now,
        )
        sealed = self._casefile.seal_fields(id_, reading) | self._casefile.seal_thread(id_, thread)
        for column, value in sealed.items():
            setattr(case, column, value)
        with self._store.write() as session:
            cases.start(session, case, actor=actor, inbox_id="")
            audit.append(session, AuditEvent.CONSENT_STATED, now=now, actor=actor, case_id=id_, how="desk")
            orders.place(session, case, OrderKind.REROUTE, now, actor, target=entry.id)
        return kenmerk

    def _page(
        self,
        visitor: Visitor,
        given: Mapping[str, str],
        wrong: Mapping[str, str],
        entered: "_Entered | None" = None,
        status: int = 200,
    ) -> Response:
        entry, _ = desk_of(self._present(), visitor.organisation_id or "")
        return self._render(
            visitor,
            "directory/desk.html",
            status,
            given=given,
            wrong=wrong,
            entered=entered,
            place=entry.serves[0],
        )


@dataclass(frozen=True, slots=True)
class _Entered:
    """What became of somebody who was entered: `into` is the kenmerk of the running case that it joined."""

    kenmerk: str
    waits: bool
    into: str

    @classmethod
    def of(cls, session: Session, case: CaseRow, actor: str) -> "_Entered | None":
        """Of the case, if this person entered it; nobody else learns of it here."""
        events = audit.of_case(session, case.id)
        if not any(one.kind == AuditEvent.CASE_RECEIVED and one.actor == actor for one in events):
            return None
        joined = (json.loads(one.data)["kenmerk"] for one in events if one.kind == AuditEvent.CASE_JOINED)
        return cls(case.kenmerk, case.state == State.RECEIVED, next(joined, ""))


def desk_of(known: Directory, organisation: str) -> tuple[OrganisationEntry, str]:
    """The organisation whose colleagues may enter cases, and their theme; raises `Problem` for any other."""
    entry = known.entries.get(organisation)
    for name in (entry.pathway, *entry.also) if entry is not None and entry.team else ():
        if entry is not None and known.pathways[name].by_hand:
            return entry, known.pathways[name].theme.name
    raise Problem(problems.NOT_FOUND)


def sentences() -> tuple[str, ...]:
    """Everything that is said here of a wrong field."""
    return (
        "Vul de naam in, zonder cijfers.",
        "Dit is geen telefoonnummer, zoals 036-5300000.",
        "Dit is niet één plaats die wij kennen.",
        "Alleen wie het goed vindt, wordt aangemeld.",
    )
