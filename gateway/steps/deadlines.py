"""Fires the clocks that are due: records a broken promise at once, and tells people when they work.

It promises that each clock fires once, in the order in which they became due, also after downtime (P10); that
the notices, the event and the clock are one transaction; and that overdue work stays workable.
"""

import json
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from gateway.domain.clock import Kind
from gateway.domain.pathway import Feedback, Pathway, Recipient
from gateway.domain.states import ENDED, Event, State, allowed
from gateway.errors import LostRace
from gateway.log import Log
from gateway.steps.casefile import FORGET_FIELDS, FORGET_THREAD
from gateway.steps.reroute import Reroute
from gateway.store import audit, cases, clocks, outbox
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, ClockRow

BATCH = 200
ACTOR = "gateway"

TEAM_NOTICE: dict[str, str] = {
    Kind.COLLECT: "org_not_collected",
    Kind.WARN: "org_warn",
    Kind.URGE: "org_urge",
    Kind.CONTACT: "org_overdue",
}
"""What an organisation is told; a clock that a pathway adds is told with `org_clock`."""


class Deadlines:
    """The step."""

    def __init__(self, *, store: Store, reroute: Reroute, log: Log) -> None:
        self._store, self._reroute, self._log = store, reroute, log

    def run(self, now: datetime) -> int:
        """Fire what is due; gives how many clocks fired."""
        fired = 0
        while True:
            with self._store.read() as session:
                due = clocks.due(session, now, BATCH)
            for clock in due:
                fired += self._fire(clock, now)
            if len(due) < BATCH:
                return fired

    def next_due(self) -> datetime | None:
        """When the next clock is due."""
        with self._store.read() as session:
            return clocks.next_due(session)

    def _fire(self, clock: ClockRow, now: datetime) -> bool:
        try:
            with self._store.write() as session:
                clocks.fire(session, clock, now)
                case = cases.by_id(session, clock.case_id)
                audit.append(
                    session,
                    "clock.fired",
                    now=now,
                    actor=ACTOR,
                    case_id=case.id,
                    clock=clock.kind,
                    due=clock.due_at.isoformat(),
                )
                self._act(session, case, clock, now)
        except LostRace:
            return False
        self._log.fired(clock.case_id, clock.kind)
        return True

    def _act(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        if State(case.state) in ENDED and clock.kind != Kind.RETIRE:
            return
        acts: dict[str, Callable[[Session, CaseRow, ClockRow, datetime], None]] = {
            Kind.REMIND: self._remind,
            Kind.GIVE_UP: self._give_up,
            Kind.BACKUP: self._backup,
            Kind.RETIRE: self._retire,
        }
        acts.get(clock.kind, self._notify)(session, case, clock, now)

    def _notify(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """Tell those whom the pathway names, in their working hours, without content."""
        at = max(clock.notify_at or now, now)
        deadline = next(row.due_at for row in clocks.of_case(session, case.id) if row.kind == Kind.CONTACT)
        date = (deadline if clock.kind in TEAM_NOTICE else clock.due_at).isoformat()
        told = set(clock.tell.split())
        if told & {Recipient.TEAM, Recipient.LEAD} and case.organisation_id:
            code = TEAM_NOTICE.get(clock.kind, "org_clock")
            notice = outbox.notice(case.id, code, now, case.organisation_id, date=date)
            notice.once += f":{clock.kind}"
            notice.next_at = at
            outbox.put(session, notice)
        silent = Pathway.from_json(case.pathway).feedback is Feedback.GEAGGREGEERD
        if Recipient.REFERRER in told and clock.kind == Kind.CONTACT and not silent:
            answer = outbox.message(case.id, "reply", "overdue_referrer", now, date=date)
            answer.next_at = at
            outbox.put(session, answer)
        if Recipient.ADMINISTRATOR in told:
            self._alarm(session, case, clock, now)

    def _remind(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """Ask the referrer once more."""
        if case.state != State.NEEDS_INFO:
            return
        asked = [row for row in outbox.of_case(session, case.id) if row.code == "question"]
        last = next(row.due_at for row in clocks.of_case(session, case.id) if row.kind == Kind.GIVE_UP)
        params = json.loads(asked[-1].params) | {"date": last.isoformat()}
        row = outbox.message(case.id, "reply", "reminder_question", now, once=str(case.version), **params)
        row.next_at = max(clock.notify_at or now, now)
        outbox.put(session, row)

    def _give_up(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """Nobody answered: the case goes back to the administrator, and the referrer hears it."""
        if case.state != State.NEEDS_INFO:
            return
        cases.advance(
            session, case, Event.RETURNED, now=now, actor=ACTOR, changes=dict(FORGET_FIELDS), code="no_answer"
        )
        clocks.meet(session, case.id, (Kind.CONTACT,), now)
        outbox.put(session, outbox.message(case.id, "reply", "given_up", now))
        self._alarm(session, case, clock, now)

    def _backup(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """The promise was broken: the backup organisation takes over, the first one is told."""
        if not self._reroute.to_backup(session, case, now):
            audit.append(session, "backup.none", now=now, actor=ACTOR, case_id=case.id)
        self._alarm(session, case, clock, now)

    def _retire(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """Retention has elapsed: the keys are destroyed, the figures stay."""
        forget = dict(FORGET_FIELDS) | dict(FORGET_THREAD)
        if State(case.state) is State.CLOSED:
            return
        if Event.CLOSED not in allowed(State(case.state)):
            cases.advance(session, case, Event.RETURNED, now=now, actor=ACTOR, code="retention")
        cases.advance(session, case, Event.CLOSED, now=now, actor=ACTOR, changes=forget)
        clocks.meet(session, case.id, [row.kind for row in clocks.of_case(session, case.id)], now)
        outbox.drop_handovers(session, case.id, "retention")

    def _alarm(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        audit.append(
            session,
            "alarm",
            now=now,
            actor=ACTOR,
            case_id=case.id,
            code=clock.kind,
            due=clock.due_at.isoformat(),
        )
        self._log.alarm("clock", case=case.id, clock=clock.kind)
