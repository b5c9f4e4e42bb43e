"""Settles what an organisation reports, whatever the channel: the one way a case moves after its handover.

It promises that "in beeld" is told only after a contact event and once (P4), that a report said twice or too
late changes nothing, and that contact destroys the referral's fields in the same transaction (P6).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from gateway.domain.clock import ClockRow as Planned
from gateway.domain.clock import Kind, met_by, retire_due
from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome
from gateway.domain.pathway import Feedback, Pathway
from gateway.domain.states import CONTACT, ENDED, REPORTS, Event, State, is_echo, recorded
from gateway.domain.turns import tried_enough
from gateway.errors import NotAllowed
from gateway.log import Log
from gateway.steps.casefile import FORGET_FIELDS
from gateway.steps.reroute import Reroute
from gateway.store import audit, cases, clocks, outbox
from gateway.store.engine import Store
from gateway.store.tables import CaseRow


@dataclass(frozen=True, slots=True)
class Report:
    """What was reported: an event, with the closed codes that go with it."""

    event: Event
    reason: DeclineReason | None = None
    day_part: DayPart | None = None
    outcome: StopOutcome | None = None
    next_step: NextStep | None = None

    def codes(self) -> dict[str, str]:
        """The codes that were given, for the audit event."""
        given = {
            "reason": self.reason,
            "day_part": self.day_part,
            "outcome": self.outcome,
            "next_step": self.next_step,
        }
        return {name: str(code) for name, code in given.items() if code is not None}


class Settle:
    """The step."""

    def __init__(self, *, store: Store, reroute: Reroute, log: Log) -> None:
        self._store, self._reroute, self._log = store, reroute, log

    def report(self, case_id: str, report: Report, now: datetime, actor: str, channel: str) -> bool:
        """Record a report; says whether the case moved. Raises `NotAllowed`, `NotFound` or `LostRace`."""
        if report.event not in REPORTS:
            raise NotAllowed(f"'{report.event}' is nothing an organisation reports")
        if report.event is Event.DECLINED and report.reason is None:
            raise NotAllowed(f"'declined' needs a reason: {', '.join(DeclineReason)}")
        with self._store.write() as session:
            case = cases.by_id(session, case_id)
            moved = not is_echo(State(case.state), report.event)
            if moved:
                for event in recorded(State(case.state), report.event):
                    self._record(session, case, event, report, now, actor, channel)
            elif report.event in REPORTS:
                audit.append(
                    session,
                    "report.repeated",
                    now=now,
                    actor=actor,
                    case_id=case.id,
                    report=str(report.event),
                    channel=channel,
                )
        self._log.reported(case_id, str(report.event), channel, moved)
        return moved

    def _record(
        self,
        session: Session,
        case: CaseRow,
        event: Event,
        report: Report,
        now: datetime,
        actor: str,
        channel: str,
    ) -> None:
        pathway = Pathway.from_json(case.pathway)
        if event is Event.UNREACHABLE:
            tries = [at for at, kind in audit.moments(session, case.id) if kind is Event.ATTEMPTED]
            if not tried_enough(tries, pathway):
                rule = pathway.unreachable
                raise NotAllowed(
                    f"'unreachable' needs {rule.attempts} reported attempts on {rule.days} different days; "
                    f"there are {len(tries)}"
                )
        forget = (
            FORGET_FIELDS if event in CONTACT or event in (Event.STOPPED, Event.WITHDRAWAL_CONFIRMED) else {}
        )
        before = State(case.state)
        cases.advance(
            session,
            case,
            event,
            now=now,
            actor=actor,
            changes=dict(forget),
            channel=channel,
            **report.codes(),
        )
        self._clocks(session, case, event, pathway, now)
        if event in CONTACT:
            outbox.drop_handovers(session, case.id, "contact_made")
        if event is Event.DECLINED and case.state == State.DECLINED:
            self._reroute.after_decline(session, case, report.reason, now)
        else:
            self._tell(session, case, event, report, pathway.feedback, before, now)

    def _clocks(self, session: Session, case: CaseRow, event: Event, pathway: Pathway, now: datetime) -> None:
        kinds = [clock.kind for clock in clocks.of_case(session, case.id)]
        clocks.meet(session, case.id, [kind for kind in kinds if event in met_by(kind, pathway)], now)
        if event is Event.CORRECTED and case.state == State.COLLECTED:
            # Contact was taken back: the promise is open again, with the deadline it had.
            clocks.reopen(session, case.id, [kind for kind in kinds if CONTACT & met_by(kind, pathway)])
        elif State(case.state) in ENDED and case.state != State.UNREACHABLE:
            ended = [kind for kind in kinds if kind != Kind.RETIRE]
            clocks.meet(session, case.id, ended, now)
            clocks.plan(session, case.id, [Planned(Kind.RETIRE, retire_due(now, pathway))])

    def _tell(
        self,
        session: Session,
        case: CaseRow,
        event: Event,
        report: Report,
        feedback: Feedback,
        before: State,
        now: datetime,
    ) -> None:
        """Queue what the referrer hears of a move, by the feedback profile that was agreed."""
        code, params = _answer(event, report, feedback, before)
        if code is None:
            return
        # A correction makes a new truth that may be told again; without one, nothing is told twice.
        corrections = [kind for _, kind in audit.moments(session, case.id) if kind is Event.CORRECTED]
        once = str(len(corrections) or "")
        outbox.put(session, outbox.message(case.id, "reply", code, now, once=once, **params))


def _answer(
    event: Event, report: Report, feedback: Feedback, before: State
) -> tuple[str | None, dict[str, str]]:
    """The code of the answer to the referrer, with its closed codes; None when nothing is told."""
    if event is Event.UNREACHABLE:
        # A question to the referrer, not feedback: nobody else can tell whether the number is right.
        return "unreachable", {}
    if feedback is Feedback.GEAGGREGEERD:
        return None, {}
    if event in CONTACT:
        return "in_beeld", {}
    if event is Event.CORRECTED:
        return ("corrected", {}) if before is State.CONTACTED else (None, {})
    if feedback is Feedback.IN_BEELD:
        return None, {}
    if event is Event.STOPPED and feedback is Feedback.UITKOMST and report.outcome:
        return "stopped_outcome", {"outcome": str(report.outcome)}
    if event is Event.STOPPED:
        return "stopped", {}
    if feedback is Feedback.VERVOLGSTAP and report.next_step:
        return "next_step", {"next_step": str(report.next_step)}
    if feedback in (Feedback.VERVOLGSTAP, Feedback.UITKOMST):
        told = {Event.INTAKE_PLANNED, Event.NO_SHOW, Event.IN_SUPPORT}
        return (str(event), {}) if event in told else (None, {})
    return None, {}
