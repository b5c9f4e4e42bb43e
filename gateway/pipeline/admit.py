"""Admits what a proven practice sent: a referral starts its handover, a doubtful one a question.

It promises to ask and never to guess (P7): a reading with a doubt left goes back to the referrer, who has the
turn while the contact clock stands still. The case, its clocks, its outbox rows, its events and the end of
the mail are one move (P9).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.domain.attribution import Moment, paused_time
from gateway.domain.clock import Kind, contact_due, question_plan
from gateway.domain.messages import Code
from gateway.domain.outgoing import Particulars, Reply
from gateway.domain.states import Event, State
from gateway.domain.subject import reply_subject
from gateway.gate.marks import Marks
from gateway.log import Log
from gateway.pipeline.casefile import CaseFile, referral_of
from gateway.pipeline.duplicates import Duplicates
from gateway.pipeline.handover import Handovers, Prepared, announce
from gateway.pipeline.letter import Decision, Letter, thread_of
from gateway.pipeline.notify import Party, turn
from gateway.reading.letters.consent import answers_yes, states_consent
from gateway.reading.reader import Reading, Verdict
from gateway.store import outbox
from gateway.store.moves import Move
from gateway.store.tables import CaseRow

ACTOR = "gateway"
ASK = "missing_consent"
REMARKS = frozenset({"bsn_present"})
"""Problems of a reading that ask nothing."""


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
        log: Log,
    ) -> None:
        self._casefile, self._handover = casefile, handover
        self._marks, self._neutral_subject, self._log = marks, neutral_subject, log
        self._duplicates = duplicates

    def known(self, case: CaseRow) -> Reading:
        """What was read for a case so far."""
        return self._casefile.reading(case)

    def asks_consent(self) -> bool:
        """Whether some agreement here asks for consent, so that a mail's own text must be looked at."""
        return self._handover.asks_consent(None)

    def start(
        self, letter: Letter, case: CaseRow, found: Sequence[CaseRow], now: datetime, *, released: bool
    ) -> Decision:
        """A first mail, with the case that it starts (or that it was `released` into), and the cases which an
        organisation has about the same number."""
        row, move = letter.row, Move()
        same = None if released else self._duplicates.find(letter.reading, found)
        if letter.mail.key and not released:
            move.once(letter.mail.key, (same or case).id)
        if same is not None:
            self._duplicates.join(move, letter, same, self._subject(same, letter), now)
            return Decision(row, "addition", move, same.id)
        if not released:
            self._duplicates.only(move, letter.reading, found)
            move.start(case, actor=ACTOR, inbox_id=row.id)
        letter, consent = self._with_consent(letter, case, known=None)
        move.change(case, self._personal(case, letter))
        self._record(move, case, letter, consent, "mail", now)
        complete = letter.reading.verdict is Verdict.REFERRAL
        decision = Decision(row, "case" if complete else "question", move, case.id)
        if complete:
            self._hand_over(decision, case, letter, self._prepare(case, letter, now), now)
        else:
            self._ask(move, case, letter, now)
        move.finish(row, decision.outcome, case.id)
        return decision

    def complete(
        self, letter: Letter, case: CaseRow, parties: Sequence[Party], moments: list[Moment], now: datetime
    ) -> Decision | None:
        """An answer in the thread of a case that waits for one; None if it told nothing new."""
        known = letter.mail.known
        letter, consent = self._with_consent(letter, case, known)
        if letter.reading == known:
            return None
        # A better number goes to whoever could not reach the patient.
        again = case.organisation_id if case.state == State.UNREACHABLE else None
        paused = paused_time(case.received_at, moments, now)
        move = Move()
        personal = self._personal(case, letter)
        move.advance(case, Event.INFO_GIVEN, now=now, actor=letter.referrer, changes=personal)
        move.meet(case.id, (Kind.REMIND, Kind.GIVE_UP), now)
        move.also(lambda session: outbox.drop_reminders(session, case.id, (Kind.REMIND,)))
        self._record(move, case, letter, consent, "answer", now)
        decision = Decision(letter.row, "addition", move, case.id, "info_given")
        if letter.reading.verdict is Verdict.REFERRAL:
            prepared = self._prepare(case, letter, now, paused, again)
            once = turn([*moments, Moment(now, Event.INFO_GIVEN)])
            self._hand_over(decision, case, letter, prepared, now, parties[0], once)
        else:
            self._ask(move, case, letter, now)
        move.finish(letter.row, "addition", case.id)
        return decision

    def _prepare(
        self,
        case: CaseRow,
        letter: Letter,
        now: datetime,
        paused: timedelta = timedelta(0),
        again: str | None = None,
    ) -> Prepared:
        organisation = self._handover.organisations.get(again or "")
        referral = referral_of(letter.reading)
        return self._handover.prepare(case, referral, now, paused=paused, organisation=organisation)

    def _with_consent(self, letter: Letter, case: CaseRow, known: Reading | None) -> tuple[Letter, bool]:
        """The letter, its reading with the question for consent where that must still be asked; and whether
        this mail states consent."""
        reading = letter.reading
        if reading.verdict is Verdict.IGNORE:
            return letter, False
        asked = known is not None and ASK in known.problems
        others = tuple(problem for problem in reading.problems if problem != ASK)
        wanted = stated = False
        if self._handover.asks_consent(reading.wijk) and case.consent_at is None:
            stated = (answers_yes if asked else states_consent)(letter.mail.text)
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
        move.event("consent.stated", now=now, actor=letter.referrer, **ids, **facts)

    def _hand_over(
        self,
        decision: Decision,
        case: CaseRow,
        letter: Letter,
        prepared: Prepared,
        now: datetime,
        party: Party | None = None,
        once: str = "",
    ) -> None:
        move = decision.move or Move()
        self._handover.hand_over(move, case, prepared, now, ACTOR)
        if prepared.organisation and letter.mail.answer:
            first = party or Party(letter.practice.id, prepared.pathway.feedback)
            announce(move, case, first, prepared, now, once)
        if prepared.problem:
            held = {"case": case.id, "reason": prepared.problem}
            decision.then.append(lambda: self._log.alarm("held", **held))

    def _ask(self, move: Move, case: CaseRow, letter: Letter, now: datetime) -> None:
        """Give the turn to the referrer: the question, its clocks, and a contact clock that stands still."""
        pathway = self._handover.default_pathway
        problems = letter.reading.problems
        move.advance(case, Event.NEEDS_INFO, now=now, actor=ACTOR, problems=list(problems))
        move.pause(case.id, contact_due(case.received_at, pathway, urgent=case.urgent), now)
        move.restart(case.id, question_plan(now, pathway))
        if letter.mail.answer:
            what = Particulars(problems=problems)
            question = Reply(case_id=case.id, code=Code.QUESTION, particulars=what, once=str(case.version))
            move.put(outbox.row(question, now))

    def _personal(self, case: CaseRow, letter: Letter) -> dict[str, object]:
        """The columns of a case row that come from what was read: sealed, or keyed marks, or no secret."""
        reading = letter.reading
        changes: dict[str, object] = {
            "wijk": reading.wijk,
            "urgent": case.urgent or reading.urgent,
            "phone_mac": self._marks.phone(reading.phone) if reading.phone else None,
        }
        thread = thread_of(letter, self._subject(case, letter))
        return (
            changes
            | self._casefile.seal_fields(case.id, reading)
            | self._casefile.seal_thread(case.id, thread)
        )

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
