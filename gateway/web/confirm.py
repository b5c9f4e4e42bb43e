"""The page on which an organisation reports what happened, behind the link in a mail.

It promises that looking changes nothing (mail scanners follow links), that only what the case allows now can
be chosen, that a report sent twice changes nothing, and that the page shows the kenmerk and nothing else of
the case.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.domain.clock import Kind
from gateway.domain.codes import DayPart, DeclineReason
from gateway.domain.states import TRANSITIONS, Event, State, recorded
from gateway.errors import LostRace, NotAllowed
from gateway.gate.tokens import Link, Tokens
from gateway.steps.settle import ORGANISATION, Report, Settle
from gateway.store import cases, clocks
from gateway.store.engine import Store
from gateway.store.tables import CaseRow
from gateway.web.capability import LinkError, opened, wrong_link
from gateway.web.forms import form
from gateway.web.pages import Pages


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be reported with one button."""

    word: str
    label: str
    event: Event
    reason: DeclineReason | None = None


CHOICES = (
    Choice("gesproken", "Gesproken: de patiënt is in beeld", Event.CONTACTED),
    Choice("patient-belde", "De patiënt belde zelf", Event.SELF_CONTACT),
    Choice("niet-bereikt", "Gebeld, maar niet bereikt", Event.ATTEMPTED),
    Choice("afspraak", "Er is een afspraak gemaakt", Event.INTAKE_PLANNED),
    Choice("niet-gekomen", "De patiënt kwam niet op de afspraak", Event.NO_SHOW),
    Choice("gestart", "De begeleiding is gestart", Event.IN_SUPPORT),
    Choice("gestopt", "De begeleiding is gestopt", Event.STOPPED),
    Choice("vol", "Wij hebben nu geen plek", Event.DECLINED, DeclineReason.CAPACITY),
    Choice("verkeerd-gebied", "De patiënt hoort bij een ander gebied", Event.DECLINED, DeclineReason.AREA),
    Choice("geen-behoefte", "De patiënt wil geen hulp", Event.DECLINED, DeclineReason.PATIENT_DECLINED),
    Choice("gezien", "Wij weten dat de aanmelding is ingetrokken", Event.WITHDRAWAL_CONFIRMED),
    Choice("vergissing", "Onze vorige melding klopte niet", Event.CORRECTED),
)


class Confirm:
    """The page; `organisations` are the ids that exist."""

    def __init__(
        self,
        *,
        store: Store,
        settle: Settle,
        tokens: Tokens,
        organisations: Collection[str],
        pages: Pages,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._settle, self._tokens = store, settle, tokens
        self._organisations, self._pages, self._now = organisations, pages, now

    def routes(self) -> list[Route]:
        """What is served."""
        return [Route("/melden/{link}", self.handle, methods=["GET", "POST"], name="confirm")]

    async def handle(self, request: Request) -> Response:
        """Show the page, or take what was chosen on it."""
        try:
            link = opened(request, self._tokens, "confirm", self._now(), self._pages)
            if request.method != "POST":
                return await run_in_threadpool(self._show, link, "")
            given = await form(request)
            return await run_in_threadpool(self._take, link, given)
        except LinkError as wrong:
            return wrong.answer

    def _show(self, link: Link, said: str, status: int = 200) -> Response:
        with self._store.read() as session:
            case = cases.find(session, link.case)
            if case is None or link.party not in self._organisations:
                raise wrong_link(self._pages)
            due = {row.kind: row for row in clocks.of_case(session, case.id)}
        open_ = due.get(Kind.CONTACT)
        choices = possible(case)
        return self._pages.page(
            "public/confirm.html",
            status,
            kenmerk=case.kenmerk,
            said=said,
            date=self._pages.date(open_.due_at) if open_ is not None and open_.met_at is None else "",
            choices=choices,
            day_parts=list(DayPart) if any(each.event is Event.ATTEMPTED for each in choices) else [],
        )

    def _take(self, link: Link, given: dict[str, str]) -> Response:
        choice = next((each for each in CHOICES if each.word == given.get("melding")), None)
        if choice is None:
            return self._show(link, "Kies eerst wat u wilt melden. Er is niets gemeld.", 422)
        with self._store.read() as session:
            case = cases.find(session, link.case)
        if case is None or link.party not in self._organisations:
            raise wrong_link(self._pages)
        part = given.get("dagdeel", "")
        called = DayPart(part) if part in set(DayPart) and choice.event is Event.ATTEMPTED else None
        report = Report(choice.event, choice.reason, called)
        try:
            moved = self._settle.report(case.id, report, self._now(), f"{ORGANISATION}{link.party}", "link")
        except NotAllowed:
            return self._show(link, "Dat kan nu niet gemeld worden. Er is niets veranderd.", 409)
        except LostRace:
            return self._show(link, "Iemand anders was u net voor. Kijk of het nog nodig is.", 409)
        if moved:
            return self._show(link, f"Dank u wel. Gemeld: {choice.label.lower()}.")
        return self._show(link, "Dit was al gemeld. Er is niets veranderd.")


def possible(case: CaseRow) -> list[Choice]:
    """What can be chosen for a case as it is now."""
    state = State(case.state)
    return [each for each in CHOICES if (state, recorded(state, each.event)[0]) in TRANSITIONS]
