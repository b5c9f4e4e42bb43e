"""Fires the clocks that are due: records a broken promise at once, and tells people when they work.

It promises that each clock fires once, in the order in which they became due, also after downtime (P10), of
which people hear what is true now: the most serious step, not each that was missed; that the notices, the
event and the clock are one transaction; that overdue work stays workable; and that a clock which can't be
fired keeps no other from firing.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session

from gateway.domain.clock import PlannedClock, forget_due, next_working_moment, rank, retire_due
from gateway.domain.codes import DeclineReason, Kind
from gateway.domain.escalation import Trouble
from gateway.domain.feedback import answer
from gateway.domain.messages import Code
from gateway.domain.pathway import Recipient
from gateway.domain.states import ENDED, IN_CONTACT, WITH_ORGANISATION, Event, State, allowed
from gateway.domain.trail import AuditEvent
from gateway.errors import LostRace
from gateway.log import Log
from gateway.pipeline.about import About
from gateway.pipeline.casefile import FORGET_FIELDS, FORGET_THREAD
from gateway.pipeline.notify import (
    hearing,
    message,
    notice,
    open_question,
    parties,
    parties_of,
    policy,
    say,
    say_to_all,
    tell_organisation,
)
from gateway.pipeline.reroute import Reroute
from gateway.pipeline.turns import LINGERS, end
from gateway.pipeline.watch import Escalate, clocks_of_promise, unconfirmed
from gateway.store import audit, cases, clocks, labels, moves, outbox, threads
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.tables import CaseRow, ClockRow

BATCH = 200
ACTOR = "gateway"

TEAM_NOTICE: dict[str, Code] = {
    Kind.COLLECT: Code.ORG_NOT_COLLECTED,
    Kind.CALLS_FIRST: Code.ORG_CALLS_FIRST,
    Kind.WARN: Code.ORG_WARN,
    Kind.URGE: Code.ORG_URGE,
    Kind.CONTACT: Code.ORG_OVERDUE,
}
"""What an organisation is told; a clock that a pathway adds is told with `org_clock`."""

LATE = timedelta(minutes=15)
"""A clock that fires so much later than people were to be told waits for working hours again."""


_OF_TESTS = (Kind.GIVE_UP, Kind.FORGET, Kind.REROUTE, Kind.RETIRE)
"""The clocks by which a test goes on, and goes. Nobody is reminded of one."""

_TEAM = frozenset({Recipient.TEAM, Recipient.LEAD})


class Deadlines:
    """The step."""

    def __init__(
        self,
        *,
        store: Store,
        reroute: Reroute,
        watch: Escalate,
        log: Log,
        reachable: Callable[[str], bool] = lambda organisation: True,
    ) -> None:
        self._store, self._reroute, self._watch, self._log = store, reroute, watch, log
        self._reachable = reachable
        self._acts: dict[str, Callable[[Session, CaseRow, ClockRow, datetime], None]] = {
            Kind.REMIND: self._remind,
            Kind.GIVE_UP: self._give_up,
            Kind.BACKUP: self._backup,
            Kind.RETIRE: self._retire,
            Kind.REROUTE: self._reroute_declined,
            Kind.REPEAT: self._watch.tell,
            Kind.FORGET: self._forget,
        }

    def run(self, now: datetime) -> int:
        """Fire what is due; gives how many clocks fired."""
        fired, last = 0, None
        while True:
            with self._store.read() as session:
                due = clocks.due(session, now, BATCH, last)
                about = About.read(session, {clock.case_id for clock in due}, self._reroute, now)
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
        if case.trial and clock.kind not in _OF_TESTS:
            return
        state = State(case.state)
        waits = state is State.UNREACHABLE and clock.kind in (Kind.REMIND, Kind.GIVE_UP)
        always = (Kind.RETIRE, Kind.REROUTE, Kind.REPEAT, Kind.FORGET)
        if state not in ENDED or clock.kind in always or waits:
            self._acts[clock.kind](session, case, clock, now)

    def _told(self, clock: ClockRow, about: About, now: datetime) -> Move:
        """Tell those whom the pathway names, in their working hours, without content."""
        case, move = about.cases[clock.case_id], Move()
        move.rely_on(case)
        move.fire(clock, now)
        ids: dict[str, Any] = {"now": now, "actor": ACTOR, "case_id": case.id}
        due = clock.due_at.isoformat()
        move.event(AuditEvent.CLOCK_FIRED, **ids, clock=clock.kind, due=due)
        state, tell = State(case.state), {Recipient(who) for who in clock.tell.split()}
        if case.trial or state in ENDED - {State.DECLINED} or about.outranked(clock, now):
            return move
        if clock.kind == Kind.CLOSING:
            return self._closing(move, clock, about, now)
        if rank(clock.kind) < 0 and state not in IN_CONTACT:
            # Before there was contact the promise of contact is what people hear of.
            return move
        if state is State.DECLINED:
            # Nobody has it: that somebody must be found is what the administrator is told.
            tell &= {Recipient.ADMINISTRATOR}
        elif state is State.ROUTED and tell & _TEAM:
            # It has not reached them, so that they can't be asked about it: a person must see to that.
            tell = (tell - _TEAM) | {Recipient.ADMINISTRATOR}
        at, date = _at(clock, case, now), about.deadlines[case.id] if rank(clock.kind) >= 0 else clock.due_at
        why: dict[str, Any] = {"at": at, "date": date, "clock": clock.kind}
        step: dict[str, Any] = {} if rank(clock.kind) >= 0 else {"step": clock.kind}
        organisation = case.organisation_id
        told = tuple(who for who in Recipient if who in tell & _TEAM)
        if told and (not organisation or not self._reachable(organisation)):
            tell.add(Recipient.ADMINISTRATOR)
        elif told and organisation:
            code = TEAM_NOTICE.get(clock.kind, Code.ORG_CLOCK)
            if code is Code.ORG_NOT_COLLECTED and not self._reroute.sees_collecting(organisation):
                code = Code.ORG_UNANSWERED
            # Another organisation that has the case later is told of its own clock, and so is another term.
            once = f"{clock.kind}:{due}"
            move.put(notice(case, organisation, code, now, to=told, once=once, **why, **step))
        if Recipient.REFERRER in tell and clock.kind == Kind.CONTACT:
            for party in hearing(parties_of(case, about.further.get(case.id, ()))):
                move.put(message(case, party, Code.OVERDUE_REFERRER, now, once=due, **why))
        if Recipient.ADMINISTRATOR in tell:
            code_ = str(Trouble.NOBODY) if state is State.DECLINED else clock.kind
            move.event(AuditEvent.ALARM, **ids, code=code_, due=due)
        # What is still to be read of a lesser step is replaced by this one.
        move.outdate(case.id, [kind for kind in clocks_of_promise() if rank(kind) < rank(clock.kind)])
        return move

    @staticmethod
    def _closing(move: Move, clock: ClockRow, about: About, now: datetime) -> Move:
        """Tell that the case will be closed by time, while somebody can still act."""
        case, at = about.cases[clock.case_id], _at(clock, about.cases[clock.case_id], now)
        state, ends = State(case.state), _retires(about.running[case.id])
        why: dict[str, Any] = {"at": at, "date": ends or clock.due_at, "clock": clock.kind}
        if case.organisation_id and state in WITH_ORGANISATION | IN_CONTACT:
            move.put(notice(case, case.organisation_id, Code.ORG_CLOSES_SOON, now, **why))
        if state not in IN_CONTACT:
            for party in hearing(parties_of(case, about.further.get(case.id, ())), always=True):
                move.put(message(case, party, Code.CLOSES_SOON, now, **why))
        due = clock.due_at.isoformat()
        move.event(AuditEvent.ALARM, now=now, actor=ACTOR, case_id=case.id, code=str(Kind.CLOSING), due=due)
        return move

    def _remind(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """Ask the referrer once more."""
        last = next(row.due_at for row in clocks.of_case(session, case.id) if row.kind == Kind.GIVE_UP)
        once, at = str(case.version), _at(clock, case, now)
        if case.state == State.UNREACHABLE:
            say_to_all(
                session,
                case,
                Code.REMINDER_NUMBER,
                now,
                once=once,
                at=at,
                always=True,
                date=last,
                clock=clock.kind,
            )
        if (asked := open_question(session, case)) is None:
            return
        # What could not be opened is no question that one reminds of: it is said again.
        say(
            session,
            case,
            parties(session, case)[0],
            Code.REMINDER_QUESTION if asked.code is Code.QUESTION else asked.code,
            now,
            once=once,
            at=at,
            date=last,
            problems=asked.particulars.problems,
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
        if state is State.UNREACHABLE and case.organisation_id:
            more = {"once": str(case.version), "at": _at(clock, case, now)}
            tell_organisation(session, case, case.organisation_id, Code.ORG_CLOSED, now, **more)
        # The turn may come to them again, and be given up again.
        once = str(case.version)
        say_to_all(session, case, code, now, once=once, at=_at(clock, case, now), always=True)
        self._alarm(session, case, clock, now)

    @staticmethod
    def _forget(session: Session, case: CaseRow, _: ClockRow, __: datetime) -> None:
        """No answer came in time: what was kept for it is destroyed."""
        if case.state == State.RETURNED and case.fields_key is not None:
            cases.change(session, case, dict(FORGET_FIELDS))

    def _backup(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """The promise was broken: the backup organisation takes over, the first one is told."""
        told, at = tuple(Recipient(who) for who in clock.tell.split()), _at(clock, case, now)
        if not self._reroute.to_backup(session, case, now, tell=told, at=at, code=Code.TAKEN_OVER):
            # Who has it goes on having it; that it is late is told again (see `watch`).
            audit.append(session, AuditEvent.BACKUP_NONE, now=now, actor=ACTOR, case_id=case.id)
            return
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
        """Retention has elapsed: the keys are destroyed, the figures stay. Who was promised something hears
        that time ended it."""
        state = State(case.state)
        if state is State.CLOSED:
            self._forget_thread(session, case)
        elif (
            Event.CLOSED not in allowed(state)
            or (state is State.DECLINED and case.fields_key)
            or (state is State.UNREACHABLE)
        ):
            self._give_back(session, case, clock, now)
        else:
            self._close(session, case, state, now)

    def _give_back(self, session: Session, case: CaseRow, clock: ClockRow, now: datetime) -> None:
        """Nobody ended it in all that time: the referrers and the organisation hear that it ends now."""
        knows = State(case.state) in WITH_ORGANISATION
        changes = dict(FORGET_FIELDS)
        cases.advance(session, case, Event.RETURNED, now=now, actor=ACTOR, changes=changes, code="retention")
        outbox.drop_handovers(session, case.id, "retention")
        end(session, case, now)
        clocks.restart(session, case.id, [PlannedClock(Kind.RETIRE, retire_due(now, policy(case)))])
        if knows and case.organisation_id:
            tell_organisation(session, case, case.organisation_id, Code.ORG_CLOSED, now)
        say_to_all(session, case, Code.CLOSED_BY_TIME, now, once=str(case.version), always=True)

    def _close(self, session: Session, case: CaseRow, state: State, now: datetime) -> None:
        forget = dict(FORGET_FIELDS) | {"phone_mac": None}
        unheard = unconfirmed(session, case)
        code = Code.WITHDRAWAL_UNCONFIRMED if unheard else Code.CLOSED_BY_TIME
        told = [
            party
            for party in parties(session, case)
            if unheard or (state in IN_CONTACT and answer(Event.STOPPED, party.feedback))
        ]
        cases.advance(session, case, Event.CLOSED, now=now, actor=ACTOR, changes=forget)
        labels.forget(session, case.id)
        clocks.meet(session, case.id, [row.kind for row in clocks.of_case(session, case.id)], now)
        cases.forget_messages(session, case.id)
        outbox.drop_unsent(session, case.id)
        for party in told if case.thread_key else ():
            say(session, case, party, code, now)
        if told:
            # The thread goes when that was said.
            clocks.restart(session, case.id, [PlannedClock(Kind.RETIRE, now + LINGERS)])
        else:
            self._forget_thread(session, case)
        if state in IN_CONTACT and case.organisation_id:
            tell_organisation(session, case, case.organisation_id, Code.ORG_CLOSED, now)

    @staticmethod
    def _forget_thread(session: Session, case: CaseRow) -> None:
        cases.change(session, case, dict(FORGET_THREAD))
        threads.forget(session, case.id, dict(FORGET_THREAD))
        outbox.drop_unsent(session, case.id)

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


def _at(clock: ClockRow, case: CaseRow, now: datetime) -> datetime:
    """When people are told: when it was planned, or in their hours where that has passed for a while."""
    planned = clock.notify_at or clock.due_at
    return max(planned, now) if now < planned + LATE else next_working_moment(now, policy(case))


def _retires(rows: Sequence[ClockRow]) -> datetime | None:
    return next((row.due_at for row in rows if row.kind == Kind.RETIRE), None)
