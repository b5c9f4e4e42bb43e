"""The secure mailbox in the browser: an organisation's cases, the ciphertext of one, and what is reported.

It promises that a colleague sees their own organisation's cases only, that looking and opening are audit
events, that only what the case allows now can be reported, with a second question where it can't be undone,
and that no text of a referral is in what it answers: only ciphertext, for the browser that has the key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.domain.codes import REROUTES, DayPart
from gateway.domain.states import ENDED, IN_CONTACT, TRANSITIONS, Event, State, recorded
from gateway.errors import LostRace, NotAllowed, NotFound
from gateway.mailbox import shapes
from gateway.mailbox.collecting import Collector, HandedOver
from gateway.mailbox.desk import Desk, InHand, Seen, TextGone
from gateway.mailbox.rows import InboxLine
from gateway.store.mailbox import ItemStatus
from gateway.store.takings import Hands, TakingReason
from gateway.web import problems
from gateway.web.auth import Role, Visitor
from gateway.web.forms import posted, version
from gateway.web.pages import TRUSTED, Shell, ShellPage
from gateway.web.problems import Problem
from gateway.web.public.confirm import COUNTING, FORMER, MISTAKEN, Choice, chosen, possible
from gateway.web.words import STATES, taking_reasons, time_words

PATH = "/postvak"
ROLES = (Role.MEDEWERKER,)
MINE, NOBODYS = "mij", "niemand"
"""Whose referrals the list shows, as it stands in the address; otherwise all."""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A case in the list. `text` says where its text is: new, opened, program, in_hand or none; `sealed_for`
    which key opens it."""

    kenmerk: str
    wijk: str
    urgent: bool
    state: str
    due_at: datetime | None
    left: str
    late: bool
    text: str
    opened_by: str
    opened_at: datetime | None
    sealed_for: str
    version: int
    label: str
    taken_by: str
    taken_name: str
    taken_at: datetime | None
    taken_why: str

    @property
    def readable(self) -> bool:
        """Whether there is something to open."""
        return self.text in ("new", "opened", "program")


class InboxPage(ShellPage):
    """The pages. `now` is the gateway's clock."""

    def __init__(self, shell: Shell, *, desk: Desk) -> None:
        super().__init__(shell)
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        route, one, post = self._auth.route, PATH + "/{kenmerk}", ("POST",)
        return [
            route(PATH, self._list, roles=ROLES),
            route(one, self._one, roles=ROLES),
            route(f"{one}/openen", self._open, roles=ROLES, methods=post),
            route(f"{one}/label", self._label, roles=ROLES, methods=post),
            route(f"{one}/melden", self._take, roles=ROLES, methods=post),
            route(f"{one}/oppakken", self._pass_on, roles=ROLES, methods=post),
        ]

    def _list(self, request: Request, visitor: Visitor) -> Response:
        if wanted := request.query_params.get("kenmerk", "").strip():
            return self._find(wanted[:40], visitor)
        said = "onbekend" if "onbekend" in request.query_params else ""
        return self._show(visitor, None, said, whose=_whose(request.query_params))

    def _one(self, request: Request, visitor: Visitor) -> Response:
        query = request.query_params
        said = query.get("fout", "") or query.get("gedaan", "")
        said = said or ("al" if "al" in query else "gemeld" if "gemeld" in query else "")
        told = query.get("gemeld", "") or query.get("al", "")
        seen = self._desk.look(_by(visitor), request.path_params["kenmerk"], self._now())
        choice = chosen(seen.line.case, told, self._pages.say)
        return self._show(visitor, seen, said, choice, whose=_whose(query))

    def _open(self, request: Request, visitor: Visitor) -> Response:
        try:
            sealed = self._desk.open(_by(visitor), request.path_params["kenmerk"], self._now())
        except TextGone:
            raise Problem(problems.TEXT_GONE) from None
        except (InHand, LostRace):
            raise Problem(problems.IN_HAND) from None
        return JSONResponse({"jwe": sealed})

    def _label(self, request: Request, visitor: Visitor) -> Response:
        now = self._now()
        # First whose it is: to anybody else it is not there, whatever they send.
        kenmerk = self._desk.kenmerk(_by(visitor), request.path_params["kenmerk"])
        label = shapes.read(request, shapes.Label)
        self._desk.label(_by(visitor), kenmerk, label.sealed, now)
        return JSONResponse({"bewaard": bool(label.sealed)})

    def _pass_on(self, request: Request, visitor: Visitor) -> Response:
        """Take a referral on, hand it to a colleague, or lay it back."""
        kenmerk, given = request.path_params["kenmerk"], posted(request)
        act, why = given.get("doen", ""), given.get("reden", "")
        to = {"oppakken": visitor.user_id, "doorgeven": given.get("naar", ""), "terugleggen": None}
        if act not in to or (act == "doorgeven" and not to[act]):
            self._desk.find(_by(visitor), kenmerk)
            return self._back(kenmerk, given, fout="kies-collega")
        reason = TakingReason(why) if act == "doorgeven" and why in set(TakingReason) else None
        try:
            self._desk.pass_on(
                _by(visitor), kenmerk, to[act], self._now(), seen=given.get("bij", ""), reason=reason
            )
        except NotFound:
            # A case that is not theirs answers as one that does not exist; a colleague who went is said.
            self._desk.find(_by(visitor), kenmerk)
            return self._back(kenmerk, given, fout="kies-collega")
        except LostRace:
            return self._back(kenmerk, given, fout="al-opgepakt")
        return self._back(kenmerk, given, gedaan=act)

    def _find(self, wanted: str, visitor: Visitor) -> Response:
        """The case that somebody typed the kenmerk of."""
        try:
            kenmerk = self._desk.kenmerk(_by(visitor), wanted)
        except NotFound:
            return _see(f"{PATH}?onbekend")
        return _see(f"{PATH}/{kenmerk}")

    def _take(self, request: Request, visitor: Visitor) -> Response:
        kenmerk, given = request.path_params["kenmerk"], posted(request)
        # Not yet the look: that is the page which comes of it.
        seen = self._desk.find(_by(visitor), kenmerk)
        choice = chosen(seen.line.case, given.get("melding", ""), self._pages.say)
        if choice is None:
            return self._back(kenmerk, given, fout="kies")
        if given.get("zeker") != "ja":
            # Who had it before is asked, and answered, the same whatever became of it.
            state = State.ROUTED if seen.former else State(seen.line.case.state)
            if choice in self._choices(seen) and (asked := consequence(state, choice)):
                shown = self._desk.look(_by(visitor), kenmerk, self._now())
                return self._show(visitor, shown, asking=choice, asked=asked, whose=_whose(given))
        report = choice.report(given.get("dagdeel", ""))
        try:
            seen_at = version(given) if choice.event in COUNTING else None
            told = self._desk.report(_by(visitor), kenmerk, report, self._now(), seen_at)
        except HandedOver:
            return self._back(kenmerk, given, fout="overgedragen")
        except NotAllowed:
            return self._back(kenmerk, given, fout="niet-nu")
        except LostRace:
            return self._back(kenmerk, given, fout="bezet")
        if told.state == State.WITHDRAWN and not told.moved:
            return self._back(told.kenmerk, given, fout="ingetrokken")
        return self._back(
            told.kenmerk, given, **{"gemeld" if told.moved or told.former else "al": choice.word}
        )

    def _back(self, kenmerk: str, given: Mapping[str, str], **said: str) -> Response:
        whose = _whose(given)
        return _see(f"{PATH}/{kenmerk}?{urlencode(said | ({'wie': whose} if whose else {}))}")

    def _show(
        self,
        visitor: Visitor,
        seen: Seen | None,
        said: str = "",
        told: Choice | None = None,
        *,
        asking: Choice | None = None,
        asked: str = "",
        whose: str = "",
    ) -> Response:
        hands = Hands(visitor.owner, visitor.user_id if whose == MINE else None) if whose else None
        to_do, going_on = self._desk.lists(visitor.owner, hands)
        return self._render(
            visitor,
            "inbox/postvak.html",
            headers=TRUSTED,
            to_do=[self._line(line) for line in to_do],
            going_on=[self._line(line) for line in going_on],
            line=self._line(seen.line) if seen else None,
            former=bool(seen and seen.former),
            choices=self._choices(seen) if seen else [],
            day_parts=list(DayPart),
            said=said,
            told=self._pages.say(told.label) if told else "",
            asking=asking,
            asked=asked,
            timezone=self._pages.timezone.key,
            whose=whose,
            query=f"?wie={whose}" if whose else "",
            colleagues=self._desk.colleagues(visitor.owner) if seen else {},
            reasons=taking_reasons(self._pages),
        )

    def _choices(self, seen: Seen) -> list[Choice]:
        if seen.former:
            return list(MISTAKEN if seen.mistakable else FORMER)
        return possible(seen.line.case, self._pages.say)

    def _line(self, line: InboxLine) -> ShownLine:
        case, now = line.case, self._now()
        awaited = line.due_at is not None and line.met_at is None
        return ShownLine(
            case.kenmerk,
            case.wijk or "",
            case.urgent,
            self._pages.say(STATES[State(case.state)]),
            line.due_at,
            time_words(self._pages, line.due_at, now) if line.due_at and awaited else "",
            bool(line.due_at and awaited and line.due_at < now),
            _text(line, now),
            line.opening.name if line.opening else "",
            line.opening.at if line.opening else (line.item.settled_at if line.item else None),
            (line.item.sealed_for or "") if line.item else "",
            case.version,
            line.label,
            line.taking.user_id if line.taking else "",
            line.taking.name if line.taking else "",
            line.taking.since if line.taking else None,
            taking_reasons(self._pages)[line.taking.reason] if line.taking and line.taking.reason else "",
        )


def consequence(state: State, choice: Choice) -> str:
    """What is asked twice because it can't be undone, or hands the case over: a code, or nothing."""
    event = choice.event
    target = TRANSITIONS.get((state, recorded(state, event)[0]))
    if event is Event.CORRECTED:
        return "corrects"
    if target in IN_CONTACT and state not in IN_CONTACT:
        return "contact"
    if event is Event.DECLINED and state not in IN_CONTACT:
        return "moves" if choice.reason in REROUTES else "ends"
    return "ends" if target in ENDED and event is not Event.WITHDRAWAL_CONFIRMED else ""


def _text(line: InboxLine, now: datetime) -> str:
    item = line.item
    if item is None or not item.readable:
        return "none"
    if item.status == ItemStatus.READY:
        return "in_hand" if item.leased_until and item.leased_until > now else "new"
    return "opened" if line.opening else "program"


def _whose(given: Mapping[str, str]) -> str:
    whose = given.get("wie", "")
    return whose if whose in (MINE, NOBODYS) else ""


def _by(visitor: Visitor) -> Collector:
    return Collector.person(visitor.owner, visitor.actor)


def _see(address: str) -> Response:
    return RedirectResponse(address, status_code=303)
