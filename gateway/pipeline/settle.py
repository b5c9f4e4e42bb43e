"""Settles what an organisation reports, whatever the channel: the one way a case moves after its handover.

It promises that "in beeld" is told only after a contact event and once (P4), that a report said twice or too
late changes nothing, that contact destroys the referral's fields in the same transaction (P6), and that who
was told something wrong is told so when it is taken back, and nobody else.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlmodel import Session

from gateway.domain.attribution import tried_enough
from gateway.domain.case import ReportWord, step_of
from gateway.domain.clock import met_by, since
from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome
from gateway.domain.messages import Code
from gateway.domain.pathway import Feedback, Pathway
from gateway.domain.states import CONTACT, ENDED, REPORTS, Event, State, is_echo, recorded
from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed
from gateway.log import Log
from gateway.pipeline.casefile import FORGET_FIELDS
from gateway.pipeline.correct import BY, HAD, correct, last_said_by, not_ended, reports
from gateway.pipeline.notify import parties, say, say_after, say_to_all, tell_organisation
from gateway.pipeline.reroute import Reroute, ask_for_reroute
from gateway.pipeline.turns import end, give_turn, take_turn_back
from gateway.pipeline.watch import asked_not_to_call, unconfirmed
from gateway.store import audit, cases, clocks, outbox
from gateway.store.engine import Store
from gateway.store.tables import CaseRow

ORGANISATION = "organisation:"
"""How the actor begins who reports for an organisation; its id follows."""

DONE = CONTACT | {Event.STOPPED, Event.WITHDRAWAL_CONFIRMED}
"""After these nobody needs the referral's fields from us any more."""


class UnknownStep(NotAllowed):
    """That next step is no code, and no word of the place."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was reported: an event, with the closed codes that go with it."""

    event: Event
    reason: DeclineReason | None = None
    day_part: DayPart | None = None
    outcome: StopOutcome | None = None
    next_step: NextStep | None = None
    wrong_number: bool = False
    """The number is somebody else's, or does not exist: with `unreachable`, which then needs no attempts."""
    on: date | None = None
    """The local day on which it happened, where that was told; the clock counts when it was reported."""
    step: str = ""
    """A next step as a code or in the words of the place, where the channel can't tell which: it is read by
    the case's own agreement, and kept nowhere."""

    @property
    def word(self) -> ReportWord:
        """What is reported, by the word of the one list."""
        return ReportWord.WRONG_NUMBER if self.wrong_number else ReportWord(str(self.event))

    @classmethod
    def of(
        cls,
        word: ReportWord,
        *,
        reason: DeclineReason | None = None,
        day_part: DayPart | None = None,
        outcome: StopOutcome | None = None,
        next_step: NextStep | None = None,
        on: date | None = None,
        step: str = "",
    ) -> "Report":
        """A report by its word; a code that does not go with the word is left out."""
        return cls(
            word.event,
            reason if word is ReportWord.DECLINED else None,
            day_part if word is ReportWord.ATTEMPTED else None,
            outcome if word is ReportWord.STOPPED else None,
            next_step,
            wrong_number=word is ReportWord.WRONG_NUMBER,
            on=on,
            step=step,
        )

    def codes(self) -> dict[str, str]:
        """The codes that were given, for the audit event."""
        given = {
            "reason": self.reason,
            "day_part": self.day_part,
            "outcome": self.outcome,
            "next_step": self.next_step,
            "on": self.on,
            "code": "wrong_number" if self.wrong_number else None,
        }
        return {name: str(code) for name, code in given.items() if code is not None}


@dataclass(frozen=True, slots=True)
class Said:
    """A report with who said it, when and how."""

    report: Report
    now: datetime
    actor: str
    channel: str
    once: str | None = None
    organisation_id: str | None = None

    def marks(self) -> dict[str, str]:
        """What the audit event says of the channel."""
        return {"channel": self.channel} | ({"once": self.once} if self.once else {})


class Settle:
    """The step. Without `reroute` (a role that holds no keys) the worker finds the next organisation."""

    def __init__(self, *, store: Store, reroute: Reroute | None, log: Log) -> None:
        self._store, self._reroute, self._log = store, reroute, log

    def report(
        self,
        case_id: str,
        report: Report,
        now: datetime,
        actor: str,
        channel: str,
        *,
        once: str | None = None,
        version: int | None = None,
        organisation_id: str | None = None,
    ) -> bool:
        """Record a report; says whether the case moved. Raises `NotAllowed`, `NotFound` or `LostRace`.

        With `once`, a name for this fact of this case, it is recorded the first time only. With `version`,
        that of the case as who reports saw it, only while the case has not moved since. `organisation_id`
        says for whom it is reported where `actor` does not.
        """
        said = Said(report, now, actor, channel, once, organisation_id)
        with self._store.write() as session:
            case = (
                cases.by_id(session, case_id) if version is None else cases.still(session, case_id, version)
            )
            if once is not None and once in audit.said(session, case_id):
                return False
            moved = self.report_in(session, case, said)
        self._log.reported(case_id, str(report.event), channel, moved)
        return moved

    def report_in(self, session: Session, case: CaseRow, said: Said) -> bool:
        """The same in the caller's transaction, on a case that was read in it."""
        report = _in_codes(said.report, case)
        said = replace(said, report=report)
        if report.event not in REPORTS:
            raise NotAllowed(f"'{report.event}' is nothing an organisation reports")
        if report.event is Event.DECLINED and report.reason is None:
            raise NotAllowed(f"'declined' needs a reason: {', '.join(DeclineReason)}")
        if unheard := self._unheard(session, case, said):
            facts = {"report": str(report.event), **said.marks()}
            audit.append(session, unheard, now=said.now, actor=said.actor, case_id=case.id, **facts)
            if case.state == State.WITHDRAWN:
                _say_withdrawn(session, case, said)
        elif report.event is Event.CORRECTED:
            correct(session, case, said.now, said.actor, **said.marks())
        else:
            self._settle(session, case, said)
        return unheard is None

    @staticmethod
    def _unheard(session: Session, case: CaseRow, said: Said) -> AuditEvent | None:
        """The audit event of a report that moves nothing; raises `NotAllowed` where it is another's."""
        event, former, state = said.report.event, _former(case, said), State(case.state)
        if is_echo(state, event) or (state is State.STOPPED and _tells_nothing(session, case, said.report)):
            return AuditEvent.REPORT_REPEATED
        if event is Event.CORRECTED:
            # Everybody takes back what they said themselves.
            by = last_said_by(session, case) or case.organisation_id
            if by != case.organisation_id and not former and _speaks_for(case.organisation_id, said):
                raise NotAllowed("the last report is another organisation's, and only they can take it back")
            return AuditEvent.REPORT_SUPERSEDED if former != by and former else None
        # Who had the case before may still have spoken with the patient, whatever they call it; for the rest
        # it is somebody else's.
        return AuditEvent.REPORT_SUPERSEDED if former and not CONTACT & {*recorded(state, event)} else None

    def _settle(self, session: Session, case: CaseRow, said: Said) -> None:
        event = said.report.event
        events = recorded(State(case.state), event)
        for each in events:
            implied = {"implied": str(event)} if each is not event else {}
            self._record(session, case, each, said, implied)
        pathway = Pathway.from_json(case.pathway)
        if event is Event.ATTEMPTED and tried_enough(_tries(session, case), pathway):
            self._record(session, case, Event.UNREACHABLE, said, {"implied": str(event)})

    def _record(
        self, session: Session, case: CaseRow, event: Event, said: Said, implied: dict[str, str]
    ) -> None:
        pathway, now = Pathway.from_json(case.pathway), said.now
        if event is Event.UNREACHABLE and not said.report.wrong_number:
            tries, rule = _tries(session, case), pathway.unreachable
            if not tried_enough(tries, pathway):
                raise NotAllowed(
                    f"'unreachable' needs {rule.attempts} reported attempts on {rule.days} different days; "
                    f"there are {len(tries)}"
                )
        waited, had = case.state == State.UNREACHABLE, case.organisation_id
        returned = case.state == State.RETURNED
        former = _former(case, said) if event in CONTACT else None
        cases.advance(
            session,
            case,
            event,
            now=now,
            actor=said.actor,
            # Who reached the patient has the case, and reports what follows.
            changes=(dict(FORGET_FIELDS) if event in DONE else {})
            | ({"organisation_id": former} if former else {}),
            **said.marks(),
            **(implied or said.report.codes()),
            **({BY: former, HAD: had} if former and had else {}),
        )
        if waited:
            take_turn_back(session, case, now)
        if returned:
            not_ended(session, case)
        self._clocks(session, case, event, pathway, now)
        if event in CONTACT:
            outbox.drop_handovers(session, case.id, "contact_made")
        if event is Event.DECLINED and case.state == State.DECLINED:
            self._decline(session, case, said)
            return
        if said.report.wrong_number:
            say_to_all(session, case, Code.NUMBER_WRONG, now, once=str(case.version), always=True)
            return
        # Declining after contact is the end of support (see the transition table).
        told = Event.STOPPED if event is Event.DECLINED else event
        report = said.report
        if former and had:
            # Whoever was asked to call must not call as well.
            more = {"backup": former, "once": str(case.version)}
            tell_organisation(session, case, had, Code.ORG_REACHED, now, **more)
        say_after(session, case, told, now, outcome=report.outcome, next_step=report.next_step)
        if (
            told is Event.STOPPED
            and not report.outcome
            and case.organisation_id
            and _hears_outcome(session, case)
        ):
            tell_organisation(
                session, case, case.organisation_id, Code.ORG_OUTCOME, now, once=str(case.version)
            )

    def _decline(self, session: Session, case: CaseRow, said: Said) -> None:
        if self._reroute is not None:
            self._reroute.after_decline(session, case, said.report.reason, said.now)
        else:
            ask_for_reroute(session, case, said.now)

    def _clocks(self, session: Session, case: CaseRow, event: Event, pathway: Pathway, now: datetime) -> None:
        kinds = clocks.kinds_of(session, case.id)
        met = [kind for kind in kinds if event in met_by(kind, pathway)]
        clocks.meet(session, case.id, met, now)
        outbox.drop_reminders(session, case.id, met)
        if event is Event.UNREACHABLE:
            give_turn(session, case, now)
            outbox.drop_reminders(session, case.id, kinds)
        clocks.restart(session, case.id, since(event, now, pathway))
        # Who declines meets no promise, and ends nothing as long as somebody else can call (see `reroute`).
        if State(case.state) in ENDED - {State.UNREACHABLE, State.DECLINED}:
            end(session, case, now)


def _say_withdrawn(session: Session, case: CaseRow, said: Said) -> None:
    """Answer a report on a case that was withdrawn, at once: whoever goes on must hear that they need not,
    and the referrer that the patient was spoken with all the same."""
    event, former, day = said.report.event, _former(case, said), said.now.date().isoformat()
    by, told = former or case.organisation_id, str(Code.CONTACT_WITHDRAWN)
    if CONTACT & {*recorded(State.COLLECTED, event)}:
        say_to_all(session, case, Code.CONTACT_WITHDRAWN, said.now, organisation=by)
    for party in parties(session, case) if event is Event.CORRECTED else ():
        if not outbox.take_back(session, case.id, told, party.thread):
            say(session, case, party, Code.CORRECTED_OTHER, said.now, once=told, organisation=by)
    if event is Event.COLLECTED and said.channel != "mail":
        # A mailbox or an interface says so by itself.
        return
    asked = next(iter(asked_not_to_call(session, case)), None)
    if asked and not former and unconfirmed(session, case):
        more: dict[str, Any] = {"again": True, "stop": asked.particulars.stop}
        tell_organisation(
            session, case, asked.organisation_id, asked.code, said.now, once=f"said:{day}", **more
        )
    elif organisation := former or case.organisation_id:
        tell_organisation(session, case, organisation, Code.ORG_CLOSED, said.now, once=day)


def _tells_nothing(session: Session, case: CaseRow, report: Report) -> bool:
    """Whether a report that support ended, where it has, says no more than that, or than was told."""
    if report.event is not Event.STOPPED:
        return False
    last = reports(audit.of_case(session, case.id))[-1]
    return report.outcome is None or "outcome" in json.loads(last.row.data)


def _hears_outcome(session: Session, case: CaseRow) -> bool:
    """Whether somebody agreed to hear how support ended."""
    return any(party.feedback is Feedback.UITKOMST for party in parties(session, case))


def _former(case: CaseRow, said: Said) -> str | None:
    """The organisation that reports, where somebody else has the case."""
    organisation = said.organisation_id or said.actor.removeprefix(ORGANISATION)
    return None if organisation in (said.actor, case.organisation_id) else organisation


def _speaks_for(organisation: str | None, said: Said) -> bool:
    """Whether it is reported by this organisation itself, and not by a beheerder."""
    return organisation in (said.organisation_id, said.actor.removeprefix(ORGANISATION))


def _in_codes(report: Report, case: CaseRow) -> Report:
    """The report with its next step as a code; raises `UnknownStep`."""
    if not report.step:
        return report
    code = step_of(report.step, Pathway.from_json(case.pathway))
    if code is None:
        raise UnknownStep
    return replace(report, next_step=code, step="")


def _tries(session: Session, case: CaseRow) -> list[datetime]:
    """When it was tried to reach the patient, since the case was last handed over; no try taken back."""
    events = audit.of_case(session, case.id)
    handed = (AuditEvent.CASE_ROUTED, AuditEvent.CASE_REROUTED)
    since = max((row.seq for row in events if row.kind in handed), default=0)
    tries: list[datetime] = []
    for one in reports(events):
        if one.event is Event.ATTEMPTED and one.row.seq > since:
            day = json.loads(one.row.data).get("on")
            # Noon is on the same day in all of Europe.
            tries.append(datetime.combine(date.fromisoformat(day), time(12), UTC) if day else one.row.at)
    return tries
