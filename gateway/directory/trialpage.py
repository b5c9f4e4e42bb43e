"""Trying it out: a test referral, the relay, an organisation's channel, the audit trail.

It promises that nothing of it touches a patient: a test referral says so everywhere, a probe sends nothing,
and to verify the trail reads alone.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.directory import coverage
from gateway.directory.present import Present
from gateway.directory.trial import TrialReferrals
from gateway.errors import NotAllowed
from gateway.pipeline.probing import CHANNEL, RELAY
from gateway.reading.patient.phones import numbers
from gateway.store import audit, probes
from gateway.web.auth import Role, Visitor
from gateway.web.forms import posted
from gateway.web.reasons import explained
from gateway.web.shell import Shell, ShellPage
from gateway.web.words import alphabetical

PATH = "/proberen"


class TrialPage(ShellPage):
    """The page."""

    def __init__(self, shell: Shell, *, present: Present, trials: TrialReferrals) -> None:
        super().__init__(shell)
        self._present, self._trials = present, trials

    def routes(self) -> list[BaseRoute]:
        """What is served, to beheerders."""
        roles = {Role.BEHEERDER}
        return [
            self._auth.route(PATH, self.show, roles=roles),
            self._auth.route(PATH, self.take, roles=roles, methods=("POST",), fresh=True),
        ]

    def show(self, _: Request, visitor: Visitor) -> Response:
        """What can be tried, and what came of it."""
        return self._page(visitor)

    def take(self, request: Request, visitor: Visitor) -> Response:
        """Try something."""
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
        return self._pages.page(
            "directory/trial.html",
            status,
            visitor=visitor,
            here="/gids",
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
