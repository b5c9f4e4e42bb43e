"""A case, its gateway and its clock, played by a model test: what can happen, and what must hold after it.

What must hold stands in words: somebody is responsible; whoever must act was told in the pathway's term, or
will be; and the last that the referrer heard is true.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from gateway.domain.case import ReportWord
from gateway.domain.codes import DeclineReason, Kind
from gateway.domain.escalation import Situation, Trouble, told_next, trouble
from gateway.domain.messages import Code
from gateway.domain.outgoing import Reply
from gateway.domain.pathway import Pathway
from gateway.domain.states import ENDED, UNREACHED, WITH_ORGANISATION, Event, State, is_echo
from gateway.domain.trail import AuditEvent
from gateway.domain.workdays import Workdays
from gateway.errors import InbeeldError
from gateway.pipeline.batch import Decision, Letter
from gateway.pipeline.correspondence import Asked
from gateway.pipeline.notify import message, policy
from gateway.pipeline.settle import Report
from gateway.pipeline.watch import facts_of
from gateway.reading.letters.record import Consent, Stop
from gateway.reading.record import Reading, Verdict
from gateway.store import audit, cases, clocks, moves, outbox
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, OutboxRow
from tests.unit.pipeline.saying import DATED, URGING, WHO_CALLS
from tests.unit.pipeline.stage import Stage
from tests.unit.pipeline.truths import is_true, responsible

ADDRESS = "m.deboer@huisartsenpraktijk-filmwijk.example"
NUMBERS = ("+31612345678", "+31687654321", "+31611112222")


@dataclass
class Played:
    """One case on a stage. Nothing real leaves: `let_leave` says of everything due that it was sent."""

    stage: Stage
    holds: bool = False
    """Whether handovers can't leave just now."""
    case_id: str = ""
    steps: list[str] = field(default_factory=list)
    """What happened, for who reads why it failed."""

    def begin(self, now: datetime) -> None:
        """A referral comes in."""
        self.stage.now = now
        self.case_id = self.stage.referred()
        case, admit = self.case, self._part("_admit")
        with self.stage.store.write() as session:
            mark = admit.fields(case, admit.known(case))["phone_mac"]
            cases.change(session, cases.by_id(session, case.id), {"phone_mac": mark})
            date = next(row for row in clocks.of_case(session, case.id) if row.kind == "contact").due_at
            party = SimpleNamespace(thread="")
            outbox.put(session, message(case, party, Code.RECEIPT, now, date=date))  # type: ignore[arg-type]
        self.settle_down()

    def forget(self) -> None:
        """No clock of this case goes off any more: the next one is played on the same stage."""
        with self.stage.store.write() as session:
            clocks.meet(
                session, self.case_id, [row.kind for row in clocks.of_case(session, self.case_id)], self.now
            )
            clocks.end(session, self.case_id, self.now)
            outbox.drop_unsent(session, self.case_id)
            cases.change(session, cases.by_id(session, self.case_id), {"phone_mac": None, "fields_key": None})

    # ------------------------------------------------------------------ what is so

    @property
    def now(self) -> datetime:
        """The stage's clock."""
        return self.stage.now

    @property
    def case(self) -> CaseRow:
        """The case as it is."""
        return self.stage.case(self.case_id)

    @property
    def agreed(self) -> Pathway:
        """Its pathway."""
        return policy(self.case)

    @property
    def facts(self) -> Situation:
        """What decides whether something is wrong."""
        with self.stage.store.read() as session:
            return facts_of(session, cases.by_id(session, self.case_id), self.now)[0]

    def rows(self, kind: str) -> list[OutboxRow]:
        """What was put out for it."""
        return self.stage.rows(self.case_id, kind)

    # ------------------------------------------------------------------ what can happen

    def settle_down(self) -> None:
        """Everything that is due happens."""
        for _ in range(6):
            done = self._work("deadlines") + self._work("watch") + self.let_leave()
            if not done:
                return
        raise AssertionError("it never comes to rest")

    def _work(self, name: str) -> int:
        return int(self.stage.step(name)._work(self.now) or 0)  # type: ignore[attr-defined]

    def let_leave(self) -> int:
        """Whatever is due leaves, and is recorded; handovers are held where the world is so."""
        with self.stage.store.write() as session:
            due = [
                row
                for row in outbox.of_case(session, self.case_id)
                if row.status == Status.READY and row.next_at <= self.now
            ]
            for row in due:
                if row.kind == "handover" and self.holds:
                    row.status, row.reason = Status.HELD, "refused"
                    audit.append(
                        session, AuditEvent.DELIVERY_HELD, now=self.now, actor="gateway", case_id=self.case_id
                    )
                    continue
                row.status, row.sent_at = Status.SENT, self.now
                case = cases.by_id(session, self.case_id)
                if row.kind == "handover" and not is_echo(State(case.state), Event.DELIVERED):
                    with suppress(InbeeldError):
                        cases.advance(session, case, Event.DELIVERED, now=self.now, actor="gateway")
                session.add(row)
        return len(due)

    def wait(self, span: timedelta, *, asleep: bool = False) -> None:
        """Time passes; the gateway works at each moment at which something is due, or sleeps through it."""
        end = self.now + span
        while not asleep:
            with self.stage.store.read() as session:
                running = clocks.running(session, [self.case_id])[self.case_id]
                rows = [r.next_at for r in outbox.of_case(session, self.case_id) if r.status == Status.READY]
            due = [row.due_at for row in running if not row.paused_from]
            ahead = [moment for moment in (*due, *rows) if self.now < moment <= end]
            if not ahead:
                break
            self.stage.now = min(ahead)
            self.settle_down()
            self.check()
        self.stage.now = end
        self.settle_down()

    def report(self, event: Event, reason: DeclineReason | None = None) -> None:
        """Who has the case reports something."""
        with suppress(InbeeldError):
            self.stage.report(self.case_id, event, f"organisation:{self.case.organisation_id}", reason=reason)
        self.settle_down()

    def former_reports(self, event: Event) -> None:
        """Who had the case before reports something."""
        had = dict.fromkeys(row.organisation_id for row in self.rows("handover") if row.organisation_id)
        for organisation in [one for one in had if one != self.case.organisation_id][:1]:
            with suppress(InbeeldError):
                self.stage.report(self.case_id, event, f"organisation:{organisation}")
        self.settle_down()

    def wrong_number(self) -> None:
        """The number is somebody else's."""
        actor = f"organisation:{self.case.organisation_id}"
        with suppress(InbeeldError):
            settle = self.stage.gateway.worker.settle
            settle.report(self.case_id, Report.of(ReportWord.WRONG_NUMBER), self.now, actor, "test")
        self.settle_down()

    def answers(self, phone: str) -> None:
        """The referrer gives a number, where they are asked for one."""
        case, admit = self.case, self._part("_admit")
        if case.fields_key is None or case.state not in (State.UNREACHABLE, State.RETURNED):
            return
        known = admit.known(case)
        reading = Reading(Verdict.REFERRAL, known.name, phone, (), known.wijk)
        self._make(admit.complete(self._letter(case, known, reading), case, (), self.now))

    def refers_again(self) -> None:
        """Somebody refers the same patient in another mail, with the same number."""
        case, admit = self.case, self._part("_admit")
        if case.fields_key is None or case.state not in UNREACHED:
            return
        known = admit.known(case)
        again = Reading(Verdict.REFERRAL, known.name, known.phone, (), known.wijk)
        none: Any = SimpleNamespace(trial=False, theme=None)
        letter = self._letter(case, None, again)
        decision = admit.start(letter, none, [case], self.now, released=False)
        assert decision.outcome == "addition"
        self._make(decision)
        assert self.case.state in WITH_ORGANISATION | {State.RECEIVED}

    def _make(self, decision: Decision | None) -> None:
        if decision is not None and decision.move is not None:
            assert moves.commit(self.stage.store, [decision.move]) == []
        self.settle_down()

    def withdraws(self, reason: Stop) -> None:
        """The referrer says that nobody is to be called."""
        part: Any = self._part("_correspondence")
        letter = self._letter(self.case, None, Reading(Verdict.IGNORE))
        with self.stage.store.write() as session:
            case = cases.by_id(session, self.case_id)
            if case.state == State.CLOSED or case.thread_key is None:
                return
            part._stop(session, case, Asked(letter.row, letter, True), reason, self.now)
        self.settle_down()

    def beheerder(self, act: str) -> None:
        """A beheerder does something with it."""
        worker = self.stage.gateway.worker
        with suppress(InbeeldError), self.stage.store.write() as session:
            case = cases.by_id(session, self.case_id)
            match act:
                case "return":
                    worker.reroute.back(session, case, self.now, "beheerder")
                case "retry":
                    for row in outbox.of_case(session, case.id):
                        if row.status == Status.HELD:
                            worker.retry.retry(session, row.id, self.now, "beheerder")
                case _:
                    worker.reroute.by_hand(session, case, act, self.now, "beheerder")
        self.settle_down()

    def _part(self, name: str) -> Any:
        return next(getattr(step, name) for step in self.stage.schedule.steps if hasattr(step, name))

    def _letter(self, case: CaseRow, known: Reading | None, reading: Reading) -> Letter:
        head = SimpleNamespace(
            sender=ADDRESS, message_id=None, bulk=False, subject="x", references=(), thread_index=""
        )
        mail: Any = SimpleNamespace(
            row=self.stage._mail(secrets.token_hex(6)),
            head=head,
            case=case,
            known=known,
            letter=None,
            theme=None,
            key=None,
            answer=True,
            consent=Consent.UNSAID,
        )
        practice = self._part("_admit")._handover._practices["filmwijk"]
        return Letter(mail, practice, reading)

    # ------------------------------------------------------------------ what must hold

    def check(self) -> None:
        """Raises `AssertionError` with what does not hold."""
        story = "\n  ".join(["", *self.steps, f"now {self.now} {self.case.state}"])
        assert self.stage.journal.events("step.failed") == [], f"a step failed {story}"
        self._somebody_is_responsible(story)
        self._somebody_was_told_or_will_be(story)
        self._the_referrer_heard_what_is_true(story)
        self._an_organisation_reads_one_thing(story)
        self._a_broken_promise_keeps_its_date(story)

    def _an_organisation_reads_one_thing(self, story: str) -> None:
        """Nobody is urged in the minute in which they get the referral, or read who calls now."""
        sent: dict[tuple[str | None, datetime], list[str]] = {}
        for row in (*self.rows("notice"), *self.rows("handover")):
            if row.status == Status.SENT and row.sent_at:
                sent.setdefault((row.organisation_id, row.sent_at), []).append(row.code or row.kind)
        got = {key for key, codes in sent.items() if "handover" in codes}
        for (organisation, at), codes in sent.items():
            asked = any(code in URGING for code in codes)
            assert not asked or any(one == organisation and when <= at for one, when in got), (
                f"{organisation} is asked about what never reached it {story}"
            )
        for codes in sent.values():
            urged = [code for code in codes if code in URGING]
            other = [code for code in codes if code in WHO_CALLS or code == "handover"]
            assert len(urged) + bool(urged and other) < 2, f"at once: {codes} {story}"

    def _a_broken_promise_keeps_its_date(self, story: str) -> None:
        with self.stage.store.read() as session:
            contact = {row.kind: row for row in clocks.of_case(session, self.case_id)}[Kind.CONTACT]
        if contact.fired_at is None:
            return
        for row in (*self.rows("notice"), *self.rows("reply")):
            if row.created_at > contact.fired_at and row.code in DATED:
                message: Any = outbox.read(row)
                assert message.particulars.date == contact.due_at, f"{row.code}: another date {story}"

    def _somebody_is_responsible(self, story: str) -> None:
        facts = self.facts
        if facts.state in ENDED - {State.UNREACHABLE} and trouble(facts) is None:
            return
        assert responsible(facts) is not None, f"nobody is responsible {story}"

    def _somebody_was_told_or_will_be(self, story: str) -> None:
        facts, found = self.facts, trouble(self.facts)
        with self.stage.store.read() as session:
            running = {row.kind: row for row in clocks.running(session, [self.case_id])[self.case_id]}
        state = facts.state
        if state is not State.CLOSED:
            assert Kind.RETIRE in running, f"it would never end {story}"
        if found is not None:
            repeat = running.get(Kind.REPEAT)
            assert repeat is not None, f"{found} and nobody will be told again {story}"
            latest = told_next(self.now, self.agreed)
            assert repeat.due_at <= latest, f"{found}: not before {repeat.due_at} {story}"
            assert not repeat.paused_from
        elif state in WITH_ORGANISATION:
            contact = running.get(Kind.CONTACT)
            assert contact is not None, f"no promise runs {story}"
            assert not contact.paused_from, f"the promise stands still {story}"
            assert contact.due_at >= self.now
        elif state is State.UNREACHABLE:
            assert Kind.GIVE_UP in running, f"the question is never given up {story}"
            assert Kind.CONTACT not in running or running[Kind.CONTACT].paused_from, f"it runs on {story}"
        if found is Trouble.OVERDUE or found is Trouble.NOBODY:
            told = [event.at for event in self.stage.events(self.case_id) if event.kind == "alarm"]
            assert told, f"{found} and no alarm {story}"

    def _the_referrer_heard_what_is_true(self, story: str) -> None:
        rows = [row for row in self.rows("reply") if row.status in (Status.SENT, Status.READY)]
        sent = [row for row in rows if row.status == Status.SENT]
        soon = Workdays(self.agreed).next_moment(self.now)
        if any(row.status == Status.READY and row.next_at <= soon for row in rows):
            # The truth is on its way, and arrives when people work.
            return
        last = max(sent, key=lambda row: (row.sent_at or row.created_at, row.created_at, rows.index(row)))
        reply = outbox.read(last)
        assert isinstance(reply, Reply)
        assert self._is_true(reply, last), f"'{reply.code}' is not true {story}"

    def _is_true(self, reply: Reply, row: OutboxRow) -> bool:
        return is_true(reply, row.sent_at or row.created_at, self.case, self.agreed, self.facts, self.now)
