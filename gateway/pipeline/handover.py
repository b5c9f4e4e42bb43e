"""Makes the handover of a case: chooses the organisation and seals the referral for it.

It promises to fail closed (P3): whatever keeps the referral from being sealed to exactly one organisation's
valid key gives an outbox row that is *held* with the reason, on the board with its clock running, for a
person to mend and to try again. No row of it holds a byte of the referral in clear.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.domain import outgoing
from gateway.domain.case import Referral
from gateway.domain.clock import PlannedClock, contact_due, plan
from gateway.domain.codes import DayPart, Kind
from gateway.domain.messages import Code
from gateway.domain.pathway import Feedback, Pathway
from gateway.domain.route import NoRoute, Organisation, Route, choose, desk, person_for, theme_of, themes_at
from gateway.domain.states import Event
from gateway.domain.trail import AuditEvent
from gateway.errors import SealError
from gateway.gate.senders import TRIAL, Practice
from gateway.pipeline.notify import Party, message, notice, policy, receipt
from gateway.reading.patient.wijken import Gazetteer
from gateway.sealing.keyfacts import KeyFlaw, Sealer
from gateway.sealing.payload import Aanmelding, as_json, as_mime
from gateway.store import outbox
from gateway.store.moves import Move
from gateway.store.tables import CaseRow


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """A referral sealed for the key with the fingerprint `sealed_for`."""

    media_type: str
    content: bytes
    sealed_for: str

    def columns(self) -> dict[str, Any]:
        """As columns of an outbox row."""
        return {"media_type": self.media_type, "sealed": self.content, "sealed_for": self.sealed_for}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A handover before it is committed. `problem` is the closed code for which it will be held."""

    pathway: Pathway
    due_at: datetime
    clocks: tuple[PlannedClock, ...]
    organisation: Organisation | None = None
    ciphertext: Ciphertext | None = None
    contact_person: str | None = None
    passed_over: Organisation | None = None
    problem: str | None = None

    @property
    def calls_by(self) -> datetime | None:
        """How long the organisation waits for a patient who calls themselves."""
        return next((row.due_at for row in self.clocks if row.kind == Kind.CALLS_FIRST), None)


WALKED_IN = "niemand: zelf gekomen of gebeld"
"""Who referred somebody that a desk entered by hand."""

TRIAL_DIGEST = "trial-"
"""How the digest of a test referral's mail begins: it came from a page, and no figure counts it."""

TRIAL_LASTS = timedelta(days=7)
"""So long a test referral is there."""

PASSING = frozenset({KeyFlaw.CLOCK_BEHIND, KeyFlaw.ENGINE_ERROR})
"""Why sealing failed, where the key is none of the reasons."""


class Handovers:
    """Knows the organisations, what they serve, what was agreed with them, and their keys."""

    def __init__(
        self,
        organisations: Mapping[str, Organisation],
        sealers: Mapping[str, Sealer],
        pathways: Mapping[str, Pathway],
        gazetteer: Gazetteer,
        practices: Mapping[str, Practice],
        timezone: ZoneInfo,
        default_pathway: Pathway,
        report_link: Callable[[CaseRow, str, datetime], str] = lambda *_: "",
        corrected_marker: str = "",
    ) -> None:
        self.organisations = organisations
        self._sealers, self._pathways, self._gazetteer = sealers, pathways, gazetteer
        self._practices, self._timezone = practices, timezone
        self.default_pathway, self._report_link = default_pathway, report_link
        self._corrected_marker = corrected_marker

    def route(self, wijk: str, now: datetime | None = None, theme: str | None = None) -> Route:
        """Who takes a theme from a place of the gazetteer, with room at that moment; raises `NoRoute`."""
        ancestry = self._ancestry(wijk)
        return choose(ancestry, self.organisations.values(), self._day(now) if now else None, theme)

    def theme(self, wijk: str | None, named: str | None) -> str | None:
        """The theme of a referral; raises `NoRoute` where it must be asked. Without a wijk, as far as it can
        be told of any."""
        takers = self.organisations.values()
        if wijk is not None:
            return theme_of(self._ancestry(wijk), takers, named)
        everywhere = tuple({place for each in takers for place in each.serves})
        return theme_of(everywhere, takers, named)

    def themes(self, wijk: str | None) -> frozenset[str]:
        """The themes among which a referrer chooses."""
        takers = self.organisations.values()
        if wijk is not None and (ancestry := self._ancestry(wijk)):
            return themes_at(ancestry, takers)
        return frozenset().union(*(each.takes for each in takers))

    def whole(self, theme: str | None) -> str | None:
        """The gemeente that need not be named for a theme: the one of which one desk takes it, where the
        pathway says that this is enough."""
        if theme is None:
            return None
        takers = tuple(self.organisations.values())
        # A desk for everything elsewhere is nobody's place, where somebody takes this very theme.
        takers = tuple(each for each in takers if theme in each.takes) or takers
        found: dict[str, set[str | None]] = {}
        for name in self._gazetteer.places:
            ancestry = self._gazetteer.ancestry(name)
            enough = desk(ancestry, takers, self._pathways, theme)
            found.setdefault(ancestry[-1], set()).add(enough)
        desks = [gemeente for gemeente, ids in found.items() if len(ids) == 1 and None not in ids]
        return desks[0] if len(desks) == 1 else None

    def _day(self, now: datetime) -> date:
        return now.astimezone(self._timezone).date()

    def pathway_of(self, organisation: Organisation, theme: str | None = None) -> Pathway:
        """What was agreed with an organisation about a theme; its own closed days are part of it."""
        pathway = self._pathways[organisation.agreed(theme)]
        if not organisation.closed_days:
            return pathway
        days = tuple(sorted({*pathway.closed.days, *organisation.closed_days}))
        return pathway.model_copy(update={"closed": pathway.closed.model_copy(update={"days": days})})

    def asks_consent(self, wijk: str | None, theme: str | None = None) -> bool:
        """Whether consent must be stated before a referral from this place; for None, whether it might."""
        if wijk is None:
            used = {name for each in self.organisations.values() for name in each.pathways}
            return any(self._pathways[name].consent for name in used)
        try:
            theme = self.theme(wijk, theme)
            return self.pathway_of(self.route(wijk, theme=theme).organisation, theme).consent
        except NoRoute:
            return False

    def feedback_of(self, practice_id: str, pathway: Pathway) -> Feedback:
        """What a practice hears under an agreement."""
        known = self._practices.get(practice_id)
        own = known.feedback if known else None
        return Feedback(own) if own else pathway.feedback

    def _agreement(self, case: CaseRow, organisation: Organisation | None, theme: str | None) -> Pathway:
        """What is agreed now about a case that an organisation gets, or nobody yet."""
        pathway = self.pathway_of(organisation, theme) if organisation else self.default_pathway
        feedback = self.feedback_of(case.practice_id or "", pathway)
        return pathway.model_copy(update={"feedback": feedback})

    def _agreed(self, case: CaseRow, organisation: Organisation | None, theme: str | None) -> Pathway:
        if organisation is not None and organisation.id == case.organisation_id and case.pathway != "{}":
            # It has the case already: what was agreed when it began goes on, whatever is agreed by now.
            return policy(case)
        return self._agreement(case, organisation, theme)

    def prepare(
        self,
        case: CaseRow,
        referral: Referral,
        now: datetime,
        *,
        paused: timedelta = timedelta(0),
        broken: datetime | None = None,
        organisation: Organisation | None = None,
    ) -> Prepared:
        """Choose the organisation (unless one is given), count the deadlines and seal. Nothing is written.

        A promise that was `broken` keeps its date: no pause after it makes it a later one.
        """
        problem = passed_over = None
        theme = case.theme
        if organisation is None:
            try:
                theme = self.theme(referral.wijk, theme)
                route = self.route(referral.wijk, now, theme)
                organisation, passed_over = route.organisation, route.passed_over
            except NoRoute as error:
                problem = error.code
        pathway = self._agreed(case, organisation, theme)
        due_at = broken or contact_due(case.received_at, pathway, paused=paused, urgent=case.urgent)
        calls = referral.calls_first
        rows = plan(case.received_at, pathway, paused=paused, urgent=case.urgent, calls_first=calls)
        made = Prepared(pathway, due_at, rows, organisation, problem=problem)
        if organisation is None:
            return made
        try:
            ciphertext = self.seal(case, referral, organisation, due_at, now, pathway, made.calls_by)
        except SealError as error:
            return replace(made, problem=error.code)
        person = self._person(organisation, case, referral, now)
        return replace(made, ciphertext=ciphertext, contact_person=person, passed_over=passed_over)

    def _person(
        self, organisation: Organisation, case: CaseRow, referral: Referral, now: datetime
    ) -> str | None:
        local = now.astimezone(self._timezone)
        return person_for(organisation, self._ancestry(referral.wijk), case.practice_id or "", local)

    def _ancestry(self, wijk: str) -> tuple[str, ...]:
        try:
            return self._gazetteer.ancestry(wijk)
        except KeyError:
            return ()

    def key_of(self, organisation_id: str, now: datetime) -> str:
        """The fingerprint of an organisation's key as it is now; raises `SealError` if it can't be used."""
        return self._sealers[organisation_id].check(now).fingerprint

    def seal(
        self,
        case: CaseRow,
        referral: Referral,
        organisation: Organisation,
        due_at: datetime,
        now: datetime,
        agreed: Pathway | None = None,
        calls_by: datetime | None = None,
    ) -> Ciphertext:
        """The referral, sealed for the organisation's key as it is now, with the words for what was `agreed`;
        raises `SealError`.

        `calls_by` is how long the organisation waits for a patient who calls themselves.
        """
        # Whoever gets it for the first time has no earlier one to put away.
        corrected = case.corrected_at is not None and organisation.id == case.organisation_id
        content = Aanmelding(
            kenmerk=case.kenmerk,
            naam=referral.name,
            telefoon=referral.phone,
            telefoon_van="ouder" if referral.by_parent else None,
            vindplaats=referral.place,
            overige_telefoons=referral.other_phones,
            wijk=referral.wijk,
            praktijk=self._name_of(case.practice_id or ""),
            contactpersoon=self._person(organisation, case, referral, now),
            ontvangen=case.received_at,
            uiterlijk=due_at,
            spoed=case.urgent,
            gecorrigeerd=True if corrected else None,
            inschatting=referral.assessment if self.pathway_of(organisation, case.theme).assessment else None,
            belt_zelf_voor=calls_by,
            bellen=DayPart(case.call_when) if case.call_when else None,
            proef=True if case.trial else None,
        )
        link = self._report_link(case, organisation.id, now)
        marker = self._corrected_marker if corrected else ""
        compose = as_json if organisation.format == "jwe" else as_mime
        agreed = agreed or self._agreed(case, organisation, case.theme)
        entity = compose(content, self._timezone, link, marker, now, agreed)
        sealed = self._sealers[organisation.id].seal(entity, now)
        return Ciphertext(sealed.media_type, sealed.ciphertext, sealed.fingerprint)

    def _name_of(self, practice_id: str) -> str:
        if not practice_id:
            return WALKED_IN
        # One that refers no longer may have referrals under way.
        known = TRIAL if practice_id == TRIAL.id else self._practices.get(practice_id)
        return known.name if known else practice_id

    def hand_over(
        self,
        move: Move,
        case: CaseRow,
        prepared: Prepared,
        now: datetime,
        actor: str,
        event: Event = Event.ROUTED,
    ) -> None:
        """Let a move hand the case over: its state, its clocks and its outbox row."""
        organisation = prepared.organisation
        # Nobody is reminded of a test, and it goes by itself.
        trial = (PlannedClock(Kind.RETIRE, now + TRIAL_LASTS),)
        move.plan(case.id, trial if case.trial else prepared.clocks)
        if organisation is not None:
            agreed = {
                "pathway": prepared.pathway.to_json(),
                "theme": case.theme or prepared.pathway.theme.name,
            }
            changes: dict[str, object] = {"organisation_id": organisation.id, **agreed}
            if case.corrected_at and organisation.id != case.organisation_id:
                changes["corrected_at"] = None
            facts = {"organisation": organisation.id, "due": prepared.due_at.isoformat()}
            move.advance(case, event, now=now, actor=actor, changes=changes, **facts)
        ciphertext = prepared.ciphertext.columns() if prepared.ciphertext else {}
        # What may be over at the next try is sealed when it is sent, which tries again.
        problem = prepared.problem if prepared.problem not in PASSING else None
        # Every turn of a case is a purpose of its own: version tells them apart.
        handover = outgoing.Handover(
            case_id=case.id,
            turn=case.version,
            organisation_id=organisation.id if organisation else None,
            problem=problem,
            **ciphertext,
        )
        row = outbox.row(handover, now)
        move.put(row)
        if problem:
            facts = {"delivery": row.id, "reason": problem}
            move.event(AuditEvent.DELIVERY_HELD, now=now, actor=actor, case_id=case.id, **facts)


def announce(
    move: Move,
    case: CaseRow,
    party: Party,
    prepared: Prepared,
    now: datetime,
    once: str = "",
    *,
    instead: Code | None = None,
) -> None:
    """Tell a referrer that it was received: who will call, and by when; or, of a handover that is held, that
    nobody was found yet who will. `instead` is said in place of a receipt."""
    if prepared.problem:
        if prepared.pathway.receipt.send:
            move.put(message(case, party, Code.RECEIPT_WAITING, now, once=once))
        return
    weeks = prepared.organisation.capacity.weeks if prepared.organisation else 0
    for row in receipt(
        case,
        party,
        prepared.pathway,
        prepared.due_at,
        now,
        contact_person=prepared.contact_person,
        calls_by=prepared.calls_by,
        weeks=weeks,
        passed_over=prepared.passed_over.id if prepared.passed_over else None,
        once=once,
        instead=instead,
    ):
        move.put(row)


def announce_confirmed(move: Move, case: CaseRow, prepared: Prepared, now: datetime, once: str) -> None:
    """Tell an organisation which gets a case again that the number is right."""
    if case.organisation_id and not prepared.problem:
        code = Code.ORG_NUMBER_CONFIRMED
        move.put(notice(case, case.organisation_id, code, now, once=once, date=prepared.due_at))
