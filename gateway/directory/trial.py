"""Trying it out: a test referral, the relay, an organisation's channel, the audit trail.

It promises that nothing of it touches a patient: a probe sends nothing, to verify the trail reads alone, and
a test referral is about nobody and says everywhere that it is a test. That goes the way of every other one
(read, routed, sealed, handed over, reported, answered), but nobody is reminded of it, no figure counts it,
and its receipt goes to an address that is alarmed, never to a practice.
"""

import secrets
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.directory import coverage
from gateway.directory.present import Present
from gateway.directory.snapshot import Directory
from gateway.domain.case import new_kenmerk
from gateway.domain.states import State
from gateway.errors import NotAllowed
from gateway.gate.authenticity import Envelope, pack
from gateway.gate.senders import TRIAL
from gateway.pipeline.handover import TRIAL_DIGEST
from gateway.pipeline.probing import CHANNEL, RELAY
from gateway.reading.patient.phones import numbers
from gateway.sealing.box import PublicKey, seal
from gateway.store import audit, cases, probes
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, InboxRow
from gateway.web.auth import Role, Visitor
from gateway.web.forms import posted
from gateway.web.pages import Shell, ShellPage
from gateway.web.reasons import explained
from gateway.web.words import alphabetical

PATH = "/proberen"

NAME = "Proef Proefpersoon"
NOWHERE = "192.0.2.1"
"""The address that stands for a session there was none of: of RFC 5737."""


class TrialReferrals:
    """Starts them. `seal_to` gives the public intake key; `address` is the one to which practices send."""

    def __init__(
        self,
        *,
        store: Store,
        directory: Callable[[], Directory],
        seal_to: Callable[[], PublicKey],
        address: str,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._directory, self._seal_to = store, directory, seal_to
        self._address, self._now = address, now

    def start(self, place: str, theme: str | None, number: str, receipt: str, actor: str) -> str:
        """Start one from a place of the gazetteer, and give its kenmerk; raises `NotAllowed` for a receipt to
        an address that is not alarmed."""
        known, now = self._directory(), self._now()
        if receipt not in known.alarms:
            raise NotAllowed("A receipt of a test goes to an alarm address")
        local, _, domain = self._address.rpartition("@")
        own = known.themes[theme].addresses if theme in known.themes else ()
        to = f"{own[0] if own else local}@{domain}"
        reach = known.theme_reach.get(theme or "", "phone")
        raw = _mail(receipt, to, place, number, reach, now)
        id_, case_id = uuid.uuid4().hex, uuid.uuid4().hex
        envelope = Envelope(mail_from=receipt, rcpt_tos=(to,), peer_ip=NOWHERE, helo="trial.invalid")
        case = CaseRow(
            id=case_id,
            kenmerk=new_kenmerk(secrets.token_bytes),
            state=State.RECEIVED,
            practice_id=TRIAL.id,
            theme=theme,
            trial=True,
            received_at=now,
            updated_at=now,
        )
        sealed = seal(pack(envelope, raw), self._seal_to(), f"inbox:{id_}")
        with self._store.write() as session:
            cases.start(session, case, actor=actor, inbox_id=id_, trial=True)
            # As a mail that a beheerder let in: it needs no proof of who sent it.
            session.add(
                InboxRow(
                    id=id_,
                    received_at=now,
                    digest=f"{TRIAL_DIGEST}{id_}",
                    size=len(raw),
                    sealed=sealed,
                    case_id=case_id,
                )
            )
        return case.kenmerk


def _mail(sender: str, to: str, place: str, number: str, reach: str, now: datetime) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = "PROEF aanmelding"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{uuid.uuid4().hex}@trial.invalid>"
    whose, who = ("Telefoon moeder", "Ouders geven") if reach == "parent" else ("Telefoon", "Patiënt geeft")
    lines = [f"Naam: {NAME}", f"{whose}: {number}", f"Wijk: {place}", "", f"{who} toestemming."]
    mail.set_content("\n".join(lines) + "\n")
    return mail.as_bytes()


class TrialPage(ShellPage):
    """The page."""

    def __init__(self, shell: Shell, *, present: Present, trials: TrialReferrals) -> None:
        super().__init__(shell)
        self._present, self._trials = present, trials

    def routes(self) -> list[BaseRoute]:
        roles = {Role.BEHEERDER}
        return [
            self._auth.route(PATH, self.show, roles=roles),
            self._auth.route(PATH, self.take, roles=roles, methods=("POST",), fresh=True),
        ]

    def show(self, _: Request, visitor: Visitor) -> Response:
        """What can be tried, and what came of it."""
        return self._page(visitor)

    def take(self, request: Request, visitor: Visitor) -> Response:
        given = posted(request)
        what = given.get("wat", "")
        if what == "aanmelding":
            return self._refer(given, visitor)
        if what == "logboek":
            with self._store.snapshot() as session:
                found = audit.verify(session)
            return self._page(visitor, verified=found)
        target = RELAY if what == RELAY else f"{CHANNEL}{given.get('organisatie', '')}"
        if target == RELAY or target.removeprefix(CHANNEL) in self._present().organisations:
            with self._store.write() as session:
                probes.ask(session, target, self._now(), visitor.actor)
            return RedirectResponse(f"{PATH}#uitkomsten", status_code=303)
        return self._page(visitor, given, {"organisatie": "Kies een organisatie."}, 422)

    def _refer(self, given: Mapping[str, str], visitor: Visitor) -> Response:
        known, wrong = self._present(), {}
        place = coverage.found(known, given.get("plaats", "")[:80])
        called = [e164 for e164, _, _ in numbers(given.get("nummer", "")[:40])]
        if place is None:
            wrong["plaats"] = "Dit is niet één plaats die wij kennen."
        if len(called) != 1 or called[0] is None:
            wrong["nummer"] = "Dit is geen telefoonnummer, zoals 036-5300000."
        theme = given.get("onderwerp") or None
        if theme is not None and theme not in known.themes:
            wrong["onderwerp"] = "Kies een onderwerp uit de lijst."
        if given.get("ontvangst", "") not in known.alarms:
            wrong["ontvangst"] = "Kies een adres uit de lijst. Alarmadressen staan in de gids."
        if wrong or place is None:
            return self._page(visitor, given, wrong, 422)
        try:
            kenmerk = self._trials.start(
                place, theme, given["nummer"].strip(), given["ontvangst"], visitor.actor
            )
        except NotAllowed:
            return self._page(visitor, given, {"ontvangst": "Kies een adres uit de lijst."}, 422)
        return RedirectResponse(f"/zaken/{kenmerk}", status_code=303)

    def _page(
        self,
        visitor: Visitor,
        given: Mapping[str, str] | None = None,
        wrong: Mapping[str, str] | None = None,
        status: int = 200,
        *,
        verified: audit.Verification | None = None,
    ) -> Response:
        known = self._present()
        with self._store.read() as session:
            tried = list(probes.latest(session))
        about = coverage.themes(known)
        return self._render(
            visitor,
            "directory/trial.html",
            status,
            given=given or {},
            wrong=wrong or {},
            alarms=known.alarms,
            themes=[known.themes[each] for each in about] if len(about) > 1 else [],
            organisations=sorted(known.organisation_names.items(), key=lambda each: alphabetical(each[1])),
            names=known.organisation_names,
            tried=tried,
            verified=verified,
            explain=lambda code: explained(self._pages, code),
        )


def sentences() -> tuple[str, ...]:
    """Everything that is said here of a wrong field."""
    return (
        "Kies een organisatie.",
        "Dit is niet één plaats die wij kennen.",
        "Dit is geen telefoonnummer, zoals 036-5300000.",
        "Kies een onderwerp uit de lijst.",
        "Kies een adres uit de lijst. Alarmadressen staan in de gids.",
        "Kies een adres uit de lijst.",
    )
