"""Admits what a proven practice sent: a referral starts its handover, a doubtful one a question.

It promises to ask and never to guess (P7): a reading with a doubt left goes back to the referrer, who has the
turn while the contact clock stands still. The case, its clocks, its outbox rows, its events and the end of
the mail are one move (P9).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.domain.attribution import Moment, paused_time
from gateway.domain.clock import ahead, contact_due, question_plan
from gateway.domain.messages import Code
from gateway.domain.outgoing import Particulars, Reply
from gateway.domain.route import MISSING_THEME
from gateway.domain.states import Event, State
from gateway.domain.trail import AuditEvent
from gateway.errors import OpenError
from gateway.gate.authenticity import Examined
from gateway.gate.tokens import Marks
from gateway.log import Log
from gateway.pipeline.batch import ACTOR, Decision, Letter, thread_of
from gateway.pipeline.casefile import FORGET_FIELDS, CaseFile, Thread, referral_of
from gateway.pipeline.duplicates import Duplicates
from gateway.pipeline.handover import PASSING, Handovers, Prepared, announce, announce_confirmed
from gateway.pipeline.headers import reply_subject
from gateway.pipeline.notify import Party, further, parties_of, policy, turn
from gateway.pipeline.themes import REMARKS, Themes
from gateway.pipeline.turns import answered, joined
from gateway.reading.letters.record import Consent, PracticeKind
from gateway.reading.record import Reading, Verdict
from gateway.store import outbox
from gateway.store.moves import Move
from gateway.store.tables import CaseRow, ThreadRow

History = Callable[[CaseRow], tuple[Sequence[ThreadRow], list[Moment], datetime | None]]
"""The further threads of a case, and its moves."""

ASK = "missing_consent"


class Admit:
    """Decides; `neutral_subject(kenmerk)` is what stands for a subject that may hold patient data."""

    def __init__(
        self,
        *,
        casefile: CaseFile,
        handover: Handovers,
        marks: Marks,
        neutral_subject: Callable[[str], str],
        duplicates: Duplicates,
        themes: Themes,
        history: History,
        log: Log,
    ) -> None:
        self._casefile, self._handover = casefile, handover
        self._marks, self._neutral_subject, self._log = marks, neutral_subject, log
        self._duplicates, self._themes, self._history = duplicates, themes, history

    def known(self, case: CaseRow) -> Reading:
        """What was read for a case so far."""
        return self._casefile.reading(case)

    def asks_consent(self) -> bool:
        """Whether some agreement here asks for consent, so that a mail's own text must be looked at."""
        return self._handover.asks_consent(None)

    def start(
        self,
        letter: Letter,
        case: CaseRow,
        found: Sequence[CaseRow],
        now: datetime,
        *,
        released: bool,
        beside: Move | None = None,
    ) -> Decision:
        """A first mail, with the case that it starts (or that it was `released` into), and the cases which an
        organisation has about the same number. `beside` is the move for another patient in the same mail."""
        row, move = letter.row, beside or Move()
        theme = letter.mail.theme or case.theme
        letter = replace(letter, reading=self._themes.asked(letter.reading, theme))
        same = None if case.trial else self._duplicates.find(letter.reading, found, theme)
        if letter.mail.key and not released:
            move.messages.setdefault(letter.mail.key, (same or case).id)
        if same is not None and released:
            return self._join_running(letter, case, (), same, now, "case", beside)
        self._answerable(move, letter, same or case)
        if same is not None:
            # The case that is not started has a name of its own, whoever else stands in the mail.
            part = "" if beside is None else f" {case.id}"
            decision = Decision(row, "addition", move, same.id)
            self._join(decision, letter, same, now, part)
            if beside is None:
                move.finish(row, "addition", same.id)
            return decision
        if not case.trial:
            self._duplicates.only(move, letter.reading, found)
        if not released:
            move.start(case, actor=ACTOR, inbox_id=row.id)
        move.change(case, {"theme": theme})
        letter, consent = self._with_consent(letter, case, known=None)
        thread = thread_of(letter, self._subject(case, letter))
        move.change(case, self.fields(case, letter.reading) | self._casefile.seal_thread(case.id, thread))
        self._record(move, case, letter, consent, "mail", now)
        complete = letter.reading.verdict is Verdict.REFERRAL
        decision = Decision(row, "case" if complete else "question", move, case.id)
        if complete:
            self._hand_over(decision, case, letter, self._prepare(case, letter, now), now)
        else:
            self._ask(move, case, letter, now)
        if beside is None:
            move.finish(row, decision.outcome, case.id)
        return decision

    def _join_running(
        self,
        letter: Letter,
        case: CaseRow,
        rows: Sequence[ThreadRow],
        same: CaseRow,
        now: datetime,
        outcome: str,
        beside: Move | None = None,
    ) -> Decision:
        """The patient of a case on which nobody works was referred by another mail meanwhile: that one is
        joined by all who wrote here. `outcome` is the mail's."""
        move = beside or Move()
        decision = Decision(letter.row, outcome, move, same.id, "joined")
        self._answerable(move, letter, same)
        self._join(decision, letter, same, now, "" if beside is None else f" {case.id}")
        self._duplicates.bring(move, letter, case, rows, same, now)
        gone = {**FORGET_FIELDS, "phone_mac": None}
        where = {"into": same.id, "kenmerk": same.kenmerk}
        move.advance(case, Event.JOINED, now=now, actor=ACTOR, changes=gone, **where)
        move.also(lambda session: joined(session, case.id, same.id, now))
        if beside is None:
            move.finish(letter.row, outcome, case.id if outcome == "case" else same.id)
        return decision

    def _join(self, decision: Decision, letter: Letter, case: CaseRow, now: datetime, part: str = "") -> None:
        """Let a letter join a case. Where the patient was not reached, that their number is right is what was
        asked: the organisation gets the referral again, with every number that is known by now."""
        move = decision.move or Move()
        self._duplicates.join(move, letter, case, self._subject(case, letter), now, part)
        if case.state != State.UNREACHABLE:
            return
        rows, moments, broken = self._history(case)
        known, again = self._casefile.reading(case), case.organisation_id
        others = dict.fromkeys((*known.other_phones, *letter.reading.other_phones))
        reading = replace(known, other_phones=tuple(others), urgent=known.urgent or letter.reading.urgent)
        letter, parties = replace(letter, reading=reading), parties_of(case, rows)
        answered(move, case, self.fields(case, reading), now, letter.referrer)
        paused = paused_time(case.received_at, moments, now)
        prepared = self._prepare(case, letter, now, paused, again, broken)
        once = turn([*moments, Moment(now, Event.INFO_GIVEN)])
        self._hand_over(decision, case, letter, prepared, now, parties, once, Code.NUMBER_CONFIRMED)
        announce_confirmed(move, case, prepared, now, once)

    def complete(
        self,
        letter: Letter,
        case: CaseRow,
        found: Sequence[CaseRow],
        now: datetime,
    ) -> Decision | None:
        """An answer in the thread of a case that waits for one, or waited too long; None if it told nothing
        new. `found` are the cases which an organisation has about the same number. A colleague who answers
        gets a thread beside the first sender's."""
        rows, moments, broken = self._history(case)
        known, state = letter.mail.known, State(case.state)
        if case.theme is None and known is not None and MISSING_THEME in known.problems:
            case.theme = letter.mail.theme
        placed = self._themes.placed(letter.reading, case.theme)
        letter = replace(letter, reading=self._themes.asked(placed, case.theme))
        letter, consent = self._with_consent(letter, case, known)
        said = letter.mail.letter
        confirmed = said is not None and said.kind is PracticeKind.CONFIRMED and state is not State.NEEDS_INFO
        if letter.reading == known and not confirmed:
            return None
        others = () if case.trial else [one for one in found if one.id != case.id]
        if (same := self._duplicates.find(letter.reading, others, case.theme)) is not None:
            decision = self._join_running(letter, case, rows, same, now, "addition")
            if letter.mail.key and decision.move is not None:
                decision.move.once(letter.mail.key, same.id)
            return decision
        # A better number goes to whoever could not reach the patient.
        again = case.organisation_id if state is not State.NEEDS_INFO else None
        paused = paused_time(case.received_at, moments, now)
        move = Move()
        if not case.trial:
            self._duplicates.only(move, letter.reading, (*found, case))
        first = parties_of(case, rows)[0]
        mine = self._answering(move, case, letter, rows, now)
        changes = self.fields(case, letter.reading) | {"theme": case.theme}
        if not mine.thread:
            thread = thread_of(letter, self._subject(case, letter))
            changes |= self._casefile.seal_thread(case.id, thread)
        if said is not None and confirmed:
            changes |= {"call_when": said.day_part}
        if again and not confirmed:
            # What the organisation has is no longer right.
            changes |= {"corrected_at": now}
        answered(move, case, changes, now, letter.referrer)
        self._answerable(move, letter, case)
        if letter.mail.key:
            move.once(letter.mail.key, case.id)
        self._record(move, case, letter, consent, "answer", now)
        decision = Decision(letter.row, "addition", move, case.id, "info_given")
        if letter.reading.verdict is Verdict.REFERRAL:
            # After the end of a case its promise begins anew.
            broken = broken if state is not State.RETURNED else None
            prepared = self._prepare(case, letter, now, paused, again, broken)
            once = turn([*moments, Moment(now, Event.INFO_GIVEN)])
            if state is State.RETURNED:
                # The end met every clock.
                move.restart(case.id, ahead(prepared.clocks, now))
            told = (first, mine) if mine.thread else (first,)
            better = again and (known is None or letter.reading.phone != known.phone)
            instead = Code.NUMBER_CONFIRMED if confirmed else Code.NUMBER_PASSED if better else None
            self._hand_over(decision, case, letter, prepared, now, told, once, instead)
            if confirmed and again:
                announce_confirmed(move, case, prepared, now, once)
        else:
            self._ask(move, case, letter, now, mine.thread)
        move.finish(letter.row, "addition", case.id)
        return decision

    def _answering(
        self, move: Move, case: CaseRow, letter: Letter, rows: Sequence[ThreadRow], now: datetime
    ) -> Party:
        """The thread of whoever answers; the first sender keeps theirs."""
        address = letter.mail.head.sender or ""
        if self._is_at(case, address):
            return Party(letter.practice.id, policy(case).feedback)
        for row in rows:
            if row.practice_id == letter.practice.id and row.left_at is None and self._is_at(row, address):
                return further(row)
        new = self.thread_of_colleague(case, letter, now)
        move.join(new)
        return further(new)

    def _is_at(self, row: CaseRow | ThreadRow, address: str) -> bool:
        """Whether a thread is that of an address; one that was destroyed is anybody's."""
        try:
            return self._casefile.thread(row).address == address
        except OpenError:
            return isinstance(row, CaseRow)

    def thread_of_colleague(self, case: CaseRow, letter: Letter, now: datetime) -> ThreadRow:
        """A thread for somebody of the practice who is not the first sender."""
        subject = self._neutral_subject(case.kenmerk)
        if case.fields_key is not None:
            subject = self._subject(case, replace(letter, reading=self._casefile.reading(case)))
        row = ThreadRow(
            id=self._marks.derived("thread", letter.row.id, 16).hex(),
            case_id=case.id,
            practice_id=letter.practice.id,
            feedback=policy(case).feedback,
            added_at=now,
        )
        for column, value in self._casefile.seal_thread(row.id, thread_of(letter, subject)).items():
            setattr(row, column, value)
        return row

    def thread_of_stranger(self, case: CaseRow, head: Examined) -> dict[str, bytes]:
        """Where somebody is answered who is of no practice here; of their subject nothing is said back."""
        thread = Thread(
            address=head.sender or "",
            subject=self._neutral_subject(case.kenmerk),
            message_id=head.message_id or "",
            references=head.references,
            thread_index=head.thread_index or "",
        )
        return self._casefile.seal_thread(case.id, thread)

    def _answerable(self, move: Move, letter: Letter, case: CaseRow) -> None:
        """Let answers to this mail be known, and tell a person where we may not answer it ourselves."""
        head = letter.mail.head
        if head.message_id:
            move.answers_to(self._marks.original(letter.practice.id, head.message_id), case.id)
        if head.bulk:
            move.event(AuditEvent.ALARM, now=case.updated_at, actor=ACTOR, case_id=case.id, code="unanswered")

    def _prepare(
        self,
        case: CaseRow,
        letter: Letter,
        now: datetime,
        paused: timedelta = timedelta(0),
        again: str | None = None,
        broken: datetime | None = None,
    ) -> Prepared:
        organisation = self._handover.organisations.get(again or "")
        referral = referral_of(letter.reading)
        return self._handover.prepare(
            case, referral, now, paused=paused, broken=broken, organisation=organisation
        )

    def _with_consent(self, letter: Letter, case: CaseRow, known: Reading | None) -> tuple[Letter, bool]:
        """The letter, its reading with the question for consent where that must still be asked; and whether
        this mail states consent."""
        reading = letter.reading
        if reading.verdict is Verdict.IGNORE:
            return letter, False
        others = tuple(problem for problem in reading.problems if problem != ASK)
        wanted = stated = False
        if self._handover.asks_consent(reading.wijk, case.theme) and case.consent_at is None:
            stated = letter.mail.consent is Consent.GIVEN
            wanted = reading.wijk is not None and not stated
        open_ = wanted or any(problem not in REMARKS for problem in others)
        verdict = Verdict.INCOMPLETE if open_ else Verdict.REFERRAL
        problems = (*others, ASK) if wanted else others
        return replace(letter, reading=replace(reading, verdict=verdict, problems=problems)), stated

    @staticmethod
    def _record(move: Move, case: CaseRow, letter: Letter, consent: bool, how: str, now: datetime) -> None:
        """Keep who stated the patient's consent, when and how."""
        if not consent:
            return
        move.change(case, {"consent_at": now})
        received = letter.row.received_at.isoformat()
        facts = {"practice": letter.practice.id, "how": how, "received": received}
        ids = {"case_id": case.id, "inbox_id": letter.row.id}
        move.event(AuditEvent.CONSENT_STATED, now=now, actor=letter.referrer, **ids, **facts)

    def _hand_over(
        self,
        decision: Decision,
        case: CaseRow,
        letter: Letter,
        prepared: Prepared,
        now: datetime,
        parties: Sequence[Party] = (),
        once: str = "",
        instead: Code | None = None,
    ) -> None:
        """`instead` is said in place of a receipt: the organisation had it before."""
        move = decision.move or Move()
        self._handover.hand_over(move, case, prepared, now, ACTOR)
        if letter.mail.answer:
            for party in parties or (Party(letter.practice.id, prepared.pathway.feedback),):
                announce(move, case, party, prepared, now, once, instead=instead)
        if prepared.problem:
            held = {"case": case.id, "reason": prepared.problem}
            # Behind its time, the clock is what must be looked at.
            code = prepared.problem if prepared.problem in PASSING else "held"
            decision.then.append(lambda: self._log.alarm(code, **held))

    def _ask(self, move: Move, case: CaseRow, letter: Letter, now: datetime, thread: str = "") -> None:
        """Give the turn to the referrer: the question, its clocks, and a contact clock that stands still."""
        pathway, unopened = self._handover.default_pathway, letter.reading.unopened
        # Who sent what can't be opened is told that, and not asked for what stands in it.
        problems = (f"unopened_{unopened}",) if unopened else letter.reading.problems
        code = Code(problems[0]) if unopened else Code.QUESTION
        move.advance(case, Event.NEEDS_INFO, now=now, actor=ACTOR, problems=list(problems))
        move.pause(case.id, contact_due(case.received_at, pathway, urgent=case.urgent), now)
        move.restart(case.id, question_plan(now, pathway))
        if letter.mail.answer:
            what = Particulars(problems=problems)
            question = Reply(
                case_id=case.id, code=code, particulars=what, thread=thread or None, once=str(case.version)
            )
            move.put(outbox.row(question, now))

    def fields(self, case: CaseRow, reading: Reading) -> dict[str, object]:
        """The columns of a case row that come from what was read: sealed, or keyed marks, or no secret."""
        changes: dict[str, object] = {
            "wijk": reading.wijk,
            "urgent": case.urgent or reading.urgent,
            "phone_mac": self._marks.phone(reading.phone) if reading.phone else None,
        }
        return changes | self._casefile.seal_fields(case.id, reading)

    def _subject(self, case: CaseRow, letter: Letter) -> str:
        """The subject of what is answered to a letter."""
        reading = letter.reading
        return reply_subject(
            letter.mail.head.subject,
            self._neutral_subject(case.kenmerk),
            name=reading.name,
            others=[value for value in (reading.phone, *reading.other_phones, reading.wijk) if value],
            harmless=[letter.practice.name, *(one.name for one in self._handover.organisations.values())],
        )
