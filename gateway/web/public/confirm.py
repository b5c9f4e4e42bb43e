"""The page on which an organisation reports what happened, behind the link in a mail.

It promises that looking changes nothing (mail scanners follow links), that only what the case allows now can
be chosen, that a report sent twice changes nothing, that the page shows the kenmerk and nothing else of the
case, and that an organisation which had the case before learns nothing of what became of it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.domain.case import ReportWord, agreed_talks
from gateway.domain.codes import DayPart, DeclineReason, Kind, NextStep, StopOutcome
from gateway.domain.pathway import Feedback, Pathway
from gateway.domain.states import CONTACT, TALKS, TRANSITIONS, Event, State, recorded
from gateway.errors import LostRace, NotAllowed
from gateway.gate.tokens import Link, Tokens
from gateway.pipeline.correct import last_said_by
from gateway.pipeline.notify import policy
from gateway.pipeline.settle import ORGANISATION, Report, Settle
from gateway.store import cases, clocks
from gateway.store.tables import CaseRow
from gateway.web.forms import form, version
from gateway.web.pages import Shell, ShellPage
from gateway.web.public.capability import LinkError, opened, wrong_link


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be reported: `label` says it, `then` what it leads to."""

    word: str
    label: str
    then: str
    event: Event
    reason: DeclineReason | None = None
    outcome: StopOutcome | None = None
    next_step: NextStep | None = None
    wrong_number: bool = False
    own: bool = False
    """It is a next step in the words of the place."""

    @property
    def reported(self) -> ReportWord:
        """Its word in the one list."""
        return self.report().word

    def report(self, called: str = "") -> Report:
        """What it reports; `called` is the part of the day that a form says somebody tried to call in."""
        tried = self.event is Event.ATTEMPTED and called in set(DayPart)
        day_part = DayPart(called) if tried else None
        return Report(
            self.event, self.reason, day_part, self.outcome, self.next_step, wrong_number=self.wrong_number
        )


_IN_BEELD = "De termijn stopt. De verwijzer hoort hooguit dát er contact was, nooit wat u besprak."
_NO = "Was er nog geen contact, dan zoeken wij een andere organisatie. U hoeft niets te doen."
_GOES_ON = "Wij leggen vast dat de begeleiding loopt. Meld het ook als die stopt."
_TALK = "Wij leggen vast dat het gesprek er was, niet wat u besprak."
_DONE = "Daarmee is deze aanmelding voor u klaar."

GROUPS: Mapping[str, tuple[Choice, ...]] = MappingProxyType(
    {
        "Contact met de patiënt": (
            Choice(
                "ontvangen",
                "Wij hebben de aanmelding en gaan bellen",
                "Wij leggen vast dat u de aanmelding hebt. De afgesproken datum blijft staan.",
                Event.COLLECTED,
            ),
            Choice("gesproken", "Gesproken: de patiënt is in beeld", _IN_BEELD, Event.CONTACTED),
            Choice("patient-belde", "De patiënt belde zelf", _IN_BEELD, Event.SELF_CONTACT),
            Choice(
                "niet-bereikt",
                "Gebeld, maar niet bereikt",
                "Probeer het op een ander moment nog eens. De afgesproken datum blijft staan.",
                Event.ATTEMPTED,
            ),
            Choice(
                "verkeerd-nummer",
                "Het telefoonnummer klopt niet",
                "Wij vragen de verwijzer om het goede nummer. De termijn staat zolang stil.",
                Event.UNREACHABLE,
                wrong_number=True,
            ),
        ),
        "Hoe het verder gaat": (
            Choice(
                "afspraak",
                "Er is een afspraak gemaakt",
                "Wij leggen vast dat er een afspraak is, niet wanneer.",
                Event.INTAKE_PLANNED,
            ),
            Choice(
                "niet-gekomen",
                "De patiënt kwam niet op de afspraak",
                "Maakt u een nieuwe afspraak, meld die dan ook.",
                Event.NO_SHOW,
            ),
            Choice("gekomen", "De patiënt kwam op de afspraak", _TALK, Event.APPOINTMENT_HELD),
            Choice("deskundigen", "Het gesprek met de deskundigen is gevoerd", _TALK, Event.EXPERT_TALK),
            Choice("driegesprek", "Het driegesprek is gevoerd", _TALK, Event.THREE_WAY_TALK),
            Choice("gestart", "De begeleiding is gestart", _GOES_ON, Event.IN_SUPPORT),
            *(
                Choice(word, label, _GOES_ON, Event.IN_SUPPORT, next_step=step)
                for word, label, step in (
                    ("kennismaking", "Gestart: een kennismaking", NextStep.INTAKE),
                    ("budgethulp", "Gestart: hulp bij administratie en budget", NextStep.BUDGET_HELP),
                    ("schuldhulp", "Gestart: schuldhulpverlening", NextStep.DEBT_COUNSELLING),
                    ("welzijn", "Gestart: begeleiding door het welzijnswerk", NextStep.WELFARE),
                    ("activiteit", "Gestart: een activiteit in de buurt", NextStep.ACTIVITY),
                    ("belronde", "Gestart: een belronde", NextStep.CALL_ROUND),
                    ("maatje", "Gestart: een maatje", NextStep.BUDDY),
                    ("cursus", "Gestart: een cursus of training", NextStep.COURSE),
                    ("zelfstandig", "Gestart: enkele gesprekken, daarna zelf verder", NextStep.SELF_RELIANT),
                    ("wijkteam", "Gestart: het wijkteam helpt", NextStep.LOCAL_TEAM),
                    ("bewind", "Gestart: bewindvoering", NextStep.PROTECTION),
                )
            ),
        ),
        "De begeleiding is gestopt": (
            *(
                Choice(word, label, _DONE, Event.STOPPED, outcome=outcome)
                for word, label, outcome in (
                    ("afgerond", "De begeleiding is afgerond", StopOutcome.COMPLETED),
                    ("doorverwezen", "Doorverwezen naar andere hulp", StopOutcome.REFERRED_ON),
                    ("patient-stopte", "De patiënt is zelf gestopt", StopOutcome.PATIENT_STOPPED),
                    ("contact-weg", "Het contact is weggevallen", StopOutcome.LOST_CONTACT),
                    ("verhuisd", "De patiënt is verhuisd", StopOutcome.MOVED),
                    ("niet-nodig", "Er was geen begeleiding nodig", StopOutcome.NO_NEED),
                    ("anders-gestopt", "Gestopt om een andere reden", StopOutcome.OTHER),
                )
            ),
            Choice(
                "geen-vervolg",
                "Afgerond, er is geen vervolg nodig",
                _DONE,
                Event.STOPPED,
                outcome=StopOutcome.COMPLETED,
                next_step=NextStep.NO_FOLLOW_UP,
            ),
            Choice(
                "geen-aanbod",
                "Gestopt: er was geen passend aanbod",
                _DONE,
                Event.STOPPED,
                outcome=StopOutcome.OTHER,
                next_step=NextStep.NO_OFFER,
            ),
            Choice("gestopt", "De begeleiding is gestopt", _DONE, Event.STOPPED),
        ),
        "Wij kunnen deze patiënt niet helpen": (
            Choice("vol", "Wij hebben nu geen plek", _NO, Event.DECLINED, DeclineReason.CAPACITY),
            Choice(
                "verkeerd-gebied",
                "De patiënt hoort bij een ander gebied",
                _NO,
                Event.DECLINED,
                DeclineReason.AREA,
            ),
            Choice(
                "past-niet",
                "Wij kunnen bij deze vraag niet helpen",
                _NO,
                Event.DECLINED,
                DeclineReason.NOT_APPROPRIATE,
            ),
            Choice(
                "al-bekend", "De patiënt is al bij ons bekend", _DONE, Event.DECLINED, DeclineReason.DUPLICATE
            ),
            Choice(
                "geen-behoefte",
                "De patiënt wil geen hulp",
                _DONE,
                Event.DECLINED,
                DeclineReason.PATIENT_DECLINED,
            ),
        ),
        "Iets anders": (
            Choice("gezien", "Wij weten dat de aanmelding is ingetrokken", _DONE, Event.WITHDRAWAL_CONFIRMED),
            Choice(
                "vergissing",
                "Onze vorige melding klopte niet",
                "Uw vorige melding telt niet meer. Wie er bericht van kreeg, hoort dat het niet klopte.",
                Event.CORRECTED,
            ),
        ),
    }
)
"""The title of each group, with what can be chosen in it."""

CHOICES = tuple(choice for group in GROUPS.values() for choice in group)
COUNTING = frozenset({Event.ATTEMPTED, Event.CORRECTED})
"""Sent twice, these would count twice: they are taken only for the case as it was shown."""

OWN_IN = "Hoe het verder gaat"
"""The group in which the words of a place stand."""

TALK_EVENTS = frozenset(map(Event, TALKS))
Say = Callable[..., str]

FORMER = tuple(choice for choice in CHOICES if choice.event in CONTACT)
"""What an organisation may still report when another one has the case: that it spoke with the patient."""

MISTAKEN = (*FORMER, *(choice for choice in CHOICES if choice.event is Event.CORRECTED))
"""The same for one that reported it already: it may have been a mistake."""

_BY_WORD = {choice.word: choice for choice in CHOICES}


class Confirm(ShellPage):
    """The page; `organisations` are the ids that exist."""

    def __init__(
        self, shell: Shell, *, settle: Settle, tokens: Tokens, organisations: Collection[str]
    ) -> None:
        super().__init__(shell)
        self._settle, self._tokens, self._organisations = settle, tokens, organisations

    def routes(self) -> list[Route]:
        return [Route("/melden/{link}", self.handle, methods=["GET", "POST"], name="confirm")]

    async def handle(self, request: Request) -> Response:
        try:
            link = opened(request, self._tokens, "confirm", self._now(), self._pages)
            if request.method != "POST":
                said = request.query_params.get("gemeld", "")
                return await run_in_threadpool(self._show, link, said=said)
            given = await form(request)
            return await run_in_threadpool(self._take, link, given, request.url.path)
        except LinkError as wrong:
            return wrong.answer

    def _show(self, link: Link, wrong: str = "", status: int = 200, said: str = "") -> Response:
        case = self._case(link)
        former = case.organisation_id != link.party
        with self._store.read() as session:
            due = {row.kind: row for row in clocks.of_case(session, case.id)}
        open_ = due.get(Kind.CONTACT)
        now = self._former(case, link) if former else possible(case, self._pages.say)
        groups = {
            title: found
            for title, group in GROUPS.items()
            if (found := [each for each in now if each in group or (each.own and title == OWN_IN)])
        }
        return self._pages.page(
            "public/confirm.html",
            status,
            kenmerk=case.kenmerk,
            said=chosen(case, said, self._pages.say),
            wrong=wrong,
            former=former,
            version=case.version,
            counting=any(choice.event in COUNTING for choice in now),
            date="" if former or open_ is None or not open_.waits else self._pages.date(open_.due_at),
            groups=groups,
            day_parts=list(DayPart),
        )

    def _take(self, link: Link, given: dict[str, str], path: str) -> Response:
        say = self._pages.say
        choice = chosen(self._case(link), given.get("melding", ""), say)
        if choice is None:
            return self._show(link, say("Kies eerst wat u wilt melden. Er is niets gemeld."), 422)
        report = choice.report(given.get("dagdeel", ""))
        case, actor = self._case(link), f"{ORGANISATION}{link.party}"
        if given.get("zeker") != "ja" and tells_contact(case, choice):
            # Whoever has the link reports with one press; this one tells the referrer "in beeld".
            return self._sure(case, choice)
        former = case.organisation_id != link.party
        seen = version(given) if choice.event in COUNTING else None
        try:
            if former and choice not in self._former(case, link):
                raise NotAllowed
            moved = self._settle.report(case.id, report, self._now(), actor, "link", version=seen)
        except NotAllowed:
            return self._show(link, say("Dat kan nu niet gemeld worden. Er is niets veranderd."), 409)
        except LostRace:
            return self._show(link, say("Er is intussen al iets gemeld. Kijk of dit nog nodig is."), 409)
        if not moved and not former:
            if self._case(link).state == State.WITHDRAWN:
                return self._show(link, say("Deze aanmelding is ingetrokken. U hoeft niets meer te doen."))
            return self._show(link, say("Dit was al gemeld. Er is niets veranderd."))
        # What was reported stands in the address, so that loading the page again reports nothing again.
        return RedirectResponse(f"{path}?gemeld={choice.word}", status_code=303)

    def _sure(self, case: CaseRow, choice: Choice) -> Response:
        """Ask whether they spoke with the patient, before it is told."""
        return self._pages.page("public/sure.html", kenmerk=case.kenmerk, choice=choice, version=case.version)

    def _former(self, case: CaseRow, link: Link) -> tuple[Choice, ...]:
        with self._store.read() as session:
            return MISTAKEN if last_said_by(session, case) == link.party else FORMER

    def _case(self, link: Link) -> CaseRow:
        """The case behind the link, of an organisation that we still know; raises `LinkError`."""
        with self._store.read() as session:
            case = cases.find(session, link.case)
        if case is None or link.party not in self._organisations:
            raise wrong_link(self._pages)
        return case


def tells_contact(case: CaseRow, choice: Choice) -> bool:
    """Whether a report tells the referrer that there was contact, by itself or by what it implies."""
    state = State(case.state)
    made = [event for event in recorded(state, choice.event) if event in CONTACT]
    return any((state, event) in TRANSITIONS for event in made)


def possible(case: CaseRow, say: Say) -> list[Choice]:
    """What can be chosen for a case as it is now: of conversations and next steps those that were agreed."""
    state, agreed = State(case.state), _agreed(case)
    talks = agreed_talks(agreed) if agreed else frozenset()
    steps = {None, *(agreed.steps if agreed else ())}
    tells_outcome = agreed is not None and agreed.feedback is Feedback.UITKOMST
    offered = (each for each in CHOICES if each.next_step in steps)
    return [
        each
        for each in (*offered, *_own(agreed, say))
        if (state, recorded(state, each.event)[0]) in TRANSITIONS
        and (state is not State.STOPPED or each.outcome is None or tells_outcome)
        and (each.event not in TALK_EVENTS or each.event in talks)
    ]


def chosen(case: CaseRow, word: str, say: Say) -> Choice | None:
    """The choice with this word, for this case."""
    own = {choice.word: choice for choice in _own(_agreed(case), say)}
    return _BY_WORD.get(word) or own.get(word)


def _agreed(case: CaseRow) -> Pathway | None:
    return None if case.pathway == "{}" else policy(case)


def _own(pathway: Pathway | None, say: Say) -> list[Choice]:
    """The next steps in the words of the place."""
    return [
        Choice(
            f"vervolg-{word.replace(' ', '-')}",
            say("Gestart: %(step)s", step=word),
            _GOES_ON,
            Event.IN_SUPPORT,
            next_step=step.code,
            own=True,
        )
        for step in (pathway.next_step if pathway else ())
        for word in step.words
    ]
