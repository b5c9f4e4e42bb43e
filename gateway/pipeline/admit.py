"""Admits what a proven practice sent: a referral starts its handover, a doubtful one a question.

It promises to ask and never to guess (P7): a reading with a doubt left goes back to the referrer, who has the
turn while the contact clock stands still. The case, its clocks, its outbox rows, its events and the end of
the mail are one transaction (P9).
"""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from gateway.domain.attribution import paused_time
from gateway.domain.case import new_kenmerk
from gateway.domain.clock import Kind, contact_due, question_plan
from gateway.domain.messages import Code
from gateway.domain.outgoing import Particulars, Reply
from gateway.domain.states import Event, State
from gateway.domain.subject import reply_subject
from gateway.gate.marks import Marks
from gateway.log import Log
from gateway.pipeline.casefile import CaseFile, referral_of
from gateway.pipeline.duplicates import Twins
from gateway.pipeline.handover import Handover, Prepared, announce
from gateway.pipeline.letter import Letter, thread_of
from gateway.reading.letters.consent import answers_yes, states_consent
from gateway.reading.reader import Reading, Verdict
from gateway.store import audit, cases, clocks, inbox, outbox
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, InboxRow

ACTOR = "gateway"
ASK = "missing_consent"
CONSENT = "consent.stated"
REMARKS = frozenset({"bsn_present"})
"""Problems of a reading that ask nothing."""


class Admit:
    """The step; `neutral_subject(kenmerk)` is what stands for a subject that may hold patient data."""

    def __init__(
        self,
        *,
        store: Store,
        casefile: CaseFile,
        handover: Handover,
        marks: Marks,
        neutral_subject: Callable[[str], str],
        twins: Twins,
        log: Log,
    ) -> None:
        self._store, self._casefile, self._handover = store, casefile, handover
        self._marks, self._neutral_subject, self._log = marks, neutral_subject, log
        self._twins = twins

    def known(self, case: CaseRow) -> Reading:
        """What was read for a case so far."""
        return self._casefile.reading(case)

    def start(self, letter: Letter, released: CaseRow | None, now: datetime) -> tuple[str, CaseRow]:
        """A first mail: the outcome ("case" or "question") and its case."""
        row = letter.row
        case = released or new_case(row, letter.practice.id, now)
        twin = self._twins.find(letter) if released is None else None
        if twin is not None:
            self._twins.join(letter, twin, self._subject(twin, letter), now)
            return "addition", twin
        letter, consent = self._with_consent(letter, case)
        reading = letter.reading
        personal = self._personal(case, letter)
        for column, value in personal.items():
            setattr(case, column, value)
        complete = reading.verdict is Verdict.REFERRAL
        prepared = self._handover.prepare(case, referral_of(reading), now) if complete else None
        outcome = "case" if complete else "question"
        with self._store.write() as session:
            if released is None:
                cases.start(session, case, actor=ACTOR, inbox_id=row.id)
                if letter.key:
                    cases.write_messages(session, [(letter.key, case.id)])
            else:
                cases.change(session, case, personal)
            self._record(session, case, letter, consent, now)
            if prepared:
                self._hand_over(session, case, prepared, letter.answer, now)
            else:
                self._ask(session, case, letter, now)
            inbox.finish(session, row, outcome, case.id)
        self._alarm(case, prepared)
        return outcome, case

    def complete(self, letter: Letter, case: CaseRow, now: datetime) -> bool:
        """An answer in the thread of a case that waits for one; says whether it told anything new."""
        letter, consent = self._with_consent(letter, case)
        prepared, reading = None, letter.reading
        if reading == letter.known:
            return False
        personal = self._personal(case, letter)
        if reading.verdict is Verdict.REFERRAL:
            fresh = replace_columns(case, personal)
            # A better number goes to whoever could not reach the patient.
            again = case.organisation_id if case.state == State.UNREACHABLE else None
            prepared = self._handover.prepare(
                fresh,
                referral_of(reading),
                now,
                paused=self._paused(case, now),
                organisation=self._handover.organisations.get(again or ""),
            )
        actor = f"referrer:{letter.practice.id}"
        with self._store.write() as session:
            cases.advance(session, case, Event.INFO_GIVEN, now=now, actor=actor, changes=personal)
            clocks.meet(session, case.id, (Kind.REMIND, Kind.GIVE_UP), now)
            outbox.drop_reminders(session, case.id, (Kind.REMIND,))
            self._record(session, case, letter, consent, now)
            if prepared:
                self._hand_over(session, case, prepared, letter.answer, now)
            else:
                self._ask(session, case, letter, now)
            inbox.finish(session, letter.row, "addition", case.id)
        self._alarm(case, prepared)
        return True

    def _with_consent(self, letter: Letter, case: CaseRow) -> tuple[Letter, bool]:
        """The letter, its reading with the question for consent where that must still be asked; and whether
        this mail states consent."""
        reading = letter.reading
        asked = letter.known is not None and ASK in letter.known.problems
        others = tuple(problem for problem in reading.problems if problem != ASK)
        open_ = any(problem not in REMARKS for problem in others)
        if reading.verdict is Verdict.IGNORE or not self._handover.asks_consent(reading.wijk):
            wanted, stated = False, False
        else:
            with self._store.read() as session:
                before = any(row.kind == CONSENT for row in audit.of_case(session, case.id))
            stated = not before and (answers_yes if asked else states_consent)(letter.said())
            wanted = reading.wijk is not None and not before and not stated
        problems = (*others, ASK) if wanted else others
        if reading.verdict is not Verdict.IGNORE:
            verdict = Verdict.INCOMPLETE if wanted or open_ else Verdict.REFERRAL
            reading = replace(reading, verdict=verdict, problems=problems)
        return replace(letter, reading=reading), stated

    @staticmethod
    def _record(session: Session, case: CaseRow, letter: Letter, consent: bool, now: datetime) -> None:
        """Keep who stated the patient's consent, when and how."""
        if consent:
            audit.append(
                session,
                CONSENT,
                now=now,
                actor=f"referrer:{letter.practice.id}",
                case_id=case.id,
                inbox_id=letter.row.id,
                practice=letter.practice.id,
                how="answer" if letter.known else "mail",
                received=letter.row.received_at.isoformat(),
            )

    def _hand_over(
        self, session: Session, case: CaseRow, prepared: Prepared, answer: bool, now: datetime
    ) -> None:
        self._handover.commit(session, case, prepared, now, ACTOR)
        if prepared.organisation and answer:
            announce(session, case, prepared, now)

    def _ask(self, session: Session, case: CaseRow, letter: Letter, now: datetime) -> None:
        """Give the turn to the referrer: the question, its clocks, and a contact clock that stands still."""
        pathway = self._handover.default_pathway
        problems = letter.reading.problems
        cases.advance(session, case, Event.NEEDS_INFO, now=now, actor=ACTOR, problems=list(problems))
        deadline = contact_due(case.received_at, pathway, urgent=case.urgent)
        clocks.pause(session, case.id, deadline, now)
        clocks.restart(session, case.id, question_plan(now, pathway))
        if letter.answer:
            what = Particulars(problems=problems)
            question = Reply(case_id=case.id, code=Code.QUESTION, particulars=what, once=str(case.version))
            outbox.put(session, outbox.row(question, now))

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
        head, reading = letter.head, letter.reading
        return reply_subject(
            head.subject,
            self._neutral_subject(case.kenmerk),
            name=reading.name,
            others=[value for value in (reading.phone, *reading.other_phones, reading.wijk) if value],
            harmless=[letter.practice.name, *(one.name for one in self._handover.organisations.values())],
        )

    def _paused(self, case: CaseRow, now: datetime) -> timedelta:
        with self._store.read() as session:
            return paused_time(case.received_at, audit.moments(session, case.id), now)

    def _alarm(self, case: CaseRow, prepared: Prepared | None) -> None:
        if prepared and prepared.problem:
            self._log.alarm("held", case=case.id, reason=prepared.problem)


def new_case(row: InboxRow, practice_id: str | None, now: datetime) -> CaseRow:
    """A case in its first state for a mail; its deadline counts from when the mail was kept."""
    return CaseRow(
        id=uuid.uuid4().hex,
        kenmerk=new_kenmerk(secrets.token_bytes),
        state=State.RECEIVED,
        practice_id=practice_id,
        received_at=row.received_at,
        updated_at=now,
    )


def replace_columns(case: CaseRow, changes: dict[str, object]) -> CaseRow:
    """A copy of the row, not in any session, with other values."""
    return CaseRow(**case.model_dump() | changes)
