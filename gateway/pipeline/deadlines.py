"""Fires the clocks that are due: records a broken promise at once, and tells people when they work.

It promises that each clock fires once, in the order in which they became due, also after downtime (P10); that
the notices, the event and the clock are one transaction; that overdue work stays workable; and that a clock
which can't be fired keeps no other from firing.
"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlmodel import Session

from gateway.domain.clock import Kind, PlannedClock, forget_due
from gateway.domain.codes import DeclineReason
from gateway.domain.messages import Code
from gateway.domain.outgoing import Reply
from gateway.domain.pathway import Recipient
from gateway.domain.states import ENDED, Event, State, allowed
from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace
from gateway.log import Log
from gateway.pipeline.casefile import FORGET_FIELDS, FORGET_THREAD
from gateway.pipeline.ending import end
from gateway.pipeline.notify import hearing, message, notice, parties, parties_of, policy, say, say_to_all
from gateway.pipeline.reroute import Reroute
from gateway.store import audit, cases, clocks, moves, outbox, threads
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.tables import CaseRow, ClockRow, ThreadRow

BATCH = 200
ACTOR = "gateway"

TEAM_NOTICE: dict[str, Code] = {
    Kind.COLLECT: Code.ORG_NOT_COLLECTED,
    Kind.WARN: Code.ORG_WARN,
    Kind.URGE: Code.ORG_URGE,
    Kind.CONTACT: Code.ORG_OVERDUE,
}
"""What an organisation is told; a clock that a pathway adds is told with `org_clock`."""


_ASKED = frozenset({Code.QUESTION, *(code for code in Code if code.startswith("unopened_"))})


@dataclass(frozen=True, slots=True)
class About:
    """What is known of the cases whose clocks are due; read together."""

    cases: dict[str, CaseRow]
    deadlines: dict[str, datetime]
    further: dict[str, list[ThreadRow]]

    @classmethod
    def read(cls, session: Session, ids: Collection[str]) -> "About":
        """The cases of these ids."""
        deadlines = clocks.due_of(session, ids, Kind.CONTACT)
        return cls(cases.by_ids(session, ids), deadlines, threads.of_cases(session, ids))


class Deadlines:
    """The step."""

    def __init__(self, *, store: Store, reroute: Reroute, log: Log) -> None:
        self._store, self._reroute, self._log = store, reroute, log
        self._acts: dict[str, Callable[[Session, CaseRow, ClockRow, datetime], None]] = {
            Kind.REMIND: self._remind,
            Kind.GIVE_UP: self._give_up,
            Kind.BACKUP: self._backup,
            Kind.RETIRE: self._retire,
            Kind.REROUTE: self._reroute_declined,
            Kind.FORGET: self._forget,
        }

    def run(self, now: datetime) -> int:
        """Fire what is due; gives how many clocks fired."""
        fired, last = 0, None
        while True:
            with self._store.read() as session:
                due = clocks.due(session, now, BATCH, last)
                about = About.read(session, {clock.case_id for clock in due})
            # A clock that moves its case fires by itself, between those that became due before and after it.
            for alone, group in groupby(due, key=lambda clock: clock.kind in self._acts):
                if alone:
                    fired += sum(self._fire(clock, now) for clock in group)
                else:
                    fired += self._fire_together(list(group), about, now)
            if len(due) < BATCH:
                return fired
            last = (due[-1].due_at, due[-1].id or 0)

    def next_due(self) -> datetime | None:
        """When the next clock is due."""
        with self._store.read() as session:
            return clocks.next_due(session)

    def _fire_together(self, due: Sequence[ClockRow], about: About, now: datetime) -> int:
        """Fire clocks that only tell something; what a case does at this moment waits for the next sweep."""
        try:
            made = [(clock, self._told(clock, about, now)) for clock in due]
            lost = {id(move) for move in moves.commit(self._store, [move for _, move in made])}
        except Exception as error:  # noqa: BLE001 - one case must not keep the others' clocks from firing
            if len(due) > 1:
                return sum(self._fire_together([clock], about, now) for clock in due)
            self._log.failed("deadlines", error, case=due[0].case_id)
            return 0
        for clock, move in made:
            if id(move) not in lost:
                self._log.fired(clock.case_id, clock.kind)
                if any(event.kind == AuditEvent.ALARM for event in move.events):
                    self._log.alarm("clock", case=clock.case_id, clock=clock.kind)
        return len(made) - len(lost)

    def _fire(self, clock: ClockRow, now: datetime) -> bool:
        try:
            with self._store.write() as session:
                clocks.fire(session, clock, now)
                case = cases.by_id(session, clock.case_id)
                audit.append(
                    session,
                    AuditEvent.CLOCK_FIRED,
                    now=now,
                    actor=ACTOR,
                    case_id=case.id,
                    clock=clock.kind,
                    due=clock.due_at.isoformat(),
                )
                self._act(session, case, clock, now)
        except LostRace:
            return False
        except Exception as error:  # noqa: BLE001 - one case must not keep the others' clocks from firing
            self._log.failed("deadlines", error, case=clock.case_id)
            return False
        self._log.fired(clock.case_id, clock.kind)
        return True

    def _act(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        state = State(case.state)
        waits = state is State.UNREACHABLE and clock.kind in (Kind.REMIND, Kind.GIVE_UP)
        if state not in ENDED or clock.kind in (Kind.RETIRE, Kind.REROUTE, Kind.FORGET) or waits:
            self._acts[clock.kind](session, case, clock, now)

    @staticmethod
    def _told(clock: ClockRow, about: About, now: datetime) -> Move:
        """Tell those whom the pathway names, in their working hours, without content."""
        case, move, at = about.cases[clock.case_id], Move(), max(clock.notify_at or now, now)
        move.rely_on(case)
        move.fire(clock, now)
        ids: dict[str, Any] = {"now": now, "actor": ACTOR, "case_id": case.id}
        due = clock.due_at.isoformat()
        move.event(AuditEvent.CLOCK_FIRED, **ids, clock=clock.kind, due=due)
        if State(case.state) in ENDED:
            return move
        date = about.deadlines[case.id] if clock.kind in TEAM_NOTICE else clock.due_at
        why: dict[str, Any] = {"at": at, "date": date, "clock": clock.kind}
        tell = tuple(Recipient(who) for who in clock.tell.split())
        told = tuple(who for who in tell if who in (Recipient.TEAM, Recipient.LEAD))
        if told and case.organisation_id:
            code = TEAM_NOTICE.get(clock.kind, Code.ORG_CLOCK)
            # Another organisation that has the case later is told of its own clock.
            move.put(notice(case, case.organisation_id, code, now, to=told, once=clock.kind, **why))
        if Recipient.REFERRER in tell and clock.kind == Kind.CONTACT:
            for party in hearing(parties_of(case, about.further.get(case.id, ()))):
                move.put(message(case, party, Code.OVERDUE_REFERRER, now, **why))
        if Recipient.ADMINISTRATOR in tell:
            move.event(AuditEvent.ALARM, **ids, code=clock.kind, due=due)
        return move

    def _remind(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """Ask the referrer once more."""
        if case.state != State.NEEDS_INFO:
            return
        rows = [row for row in outbox.of_case(session, case.id) if row.code in _ASKED]
        asked = [one for one in map(outbox.read, rows) if isinstance(one, Reply)]
        last = next(row.due_at for row in clocks.of_case(session, case.id) if row.kind == Kind.GIVE_UP)
        if not asked:
            return
        # What could not be opened is no question that one reminds of: it is said again.
        question = asked[-1].code is Code.QUESTION
        say(
            session,
            case,
            parties(session, case)[0],
            Code.REMINDER_QUESTION if question else asked[-1].code,
            now,
            once=str(case.version),
            at=max(clock.notify_at or now, now),
            date=last,
            problems=asked[-1].particulars.problems,
            clock=clock.kind,
        )

    def _give_up(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """Nobody answered: the case goes back to the administrator, and the referrers hear it."""
        state = State(case.state)
        if state not in (State.NEEDS_INFO, State.UNREACHABLE):
            return
        # An answer that comes late must still be understood, so that what is known is kept for a term.
        agreed = policy(case)
        forget = {} if agreed.question.late else dict(FORGET_FIELDS)
        cases.advance(session, case, Event.RETURNED, now=now, actor=ACTOR, changes=forget, code="no_answer")
        outbox.drop_handovers(session, case.id, "returned")
        end(session, case, now)
        if not forget:
            clocks.restart(session, case.id, [PlannedClock(Kind.FORGET, forget_due(now, agreed))])
        code = Code.GIVEN_UP if state is State.NEEDS_INFO else Code.UNREACHABLE_ENDED
        at = max(clock.notify_at or now, now)
        say_to_all(session, case, code, now, at=at, always=True)
        self._alarm(session, case, clock, now)

    @staticmethod
    def _forget(session: Session, case: CaseRow, _: ClockRow, __: datetime) -> None:
        """No answer came in time: what was kept for it is destroyed."""
        if case.state == State.RETURNED and case.fields_key is not None:
            cases.change(session, case, dict(FORGET_FIELDS))

    def _backup(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """The promise was broken: the backup organisation takes over, the first one is told."""
        told = tuple(Recipient(who) for who in clock.tell.split())
        if not self._reroute.to_backup(session, case, now, tell=told, at=clock.notify_at):
            audit.append(session, AuditEvent.BACKUP_NONE, now=now, actor=ACTOR, case_id=case.id)
        if Recipient.ADMINISTRATOR in told:
            self._alarm(session, case, clock, now)

    def _reroute_declined(self, session: Session, case: CaseRow, _: ClockRow, now: datetime) -> None:
        """What follows from a refusal that was recorded where there are no keys."""
        if case.state != State.DECLINED:
            return
        refusals = [row for row in audit.of_case(session, case.id) if row.kind == AuditEvent.CASE_DECLINED]
        reason = json.loads(refusals[-1].data).get("reason")
        self._reroute.after_decline(session, case, DeclineReason(reason) if reason else None, now)

    def _retire(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """Retention has elapsed: the keys are destroyed, the figures stay."""
        forget = dict(FORGET_FIELDS) | dict(FORGET_THREAD) | {"phone_mac": None}
        if State(case.state) is State.CLOSED:
            return
        if Event.CLOSED not in allowed(State(case.state)):
            cases.advance(session, case, Event.RETURNED, now=now, actor=ACTOR, code="retention")
        cases.advance(session, case, Event.CLOSED, now=now, actor=ACTOR, changes=forget)
        clocks.meet(session, case.id, [row.kind for row in clocks.of_case(session, case.id)], now)
        threads.forget(session, case.id, dict(FORGET_THREAD))
        cases.forget_messages(session, case.id)
        outbox.drop_unsent(session, case.id, "retention")

    def _alarm(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        audit.append(
            session,
            AuditEvent.ALARM,
            now=now,
            actor=ACTOR,
            case_id=case.id,
            code=clock.kind,
            due=clock.due_at.isoformat(),
        )
        self._log.alarm("clock", case=case.id, clock=clock.kind)
