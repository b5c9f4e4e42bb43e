"""Admits what a proven practice sent: a referral starts its handover, a doubtful one a question.

It promises to ask and never to guess (P7): a reading with a doubt left goes back to the referrer, who has the
turn while the contact clock stands still. The case, its clocks, its outbox rows, its events and the end of
the mail are one transaction (P9).
"""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from gateway.domain.case import new_kenmerk
from gateway.domain.clock import Kind, contact_due, question_plan
from gateway.domain.states import Event, State
from gateway.domain.subject import reply_subject
from gateway.domain.turns import paused_time
from gateway.gate.marks import Marks
from gateway.gate.senders import Practice
from gateway.log import Log
from gateway.reading.message import Message
from gateway.reading.reader import Reading, Verdict
from gateway.steps.casefile import CaseFile, Thread, referral_of
from gateway.steps.handover import Handover, Prepared
from gateway.store import audit, cases, clocks, inbox, outbox
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, InboxRow

ACTOR = "gateway"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of a proven practice with what was read in it. `sender` is the proven address."""

    row: InboxRow
    head: Message
    sender: str
    practice: Practice
    reading: Reading
    answer: bool
    """Whether it may be answered now (see `gateway.gate.caps`)."""


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
        log: Log,
    ) -> None:
        self._store, self._casefile, self._handover = store, casefile, handover
        self._marks, self._neutral_subject, self._log = marks, neutral_subject, log

    def known(self, case: CaseRow) -> Reading:
        """What was read for a case so far."""
        return self._casefile.reading(case)

    def start(self, letter: Letter, released: CaseRow | None, now: datetime) -> tuple[str, CaseRow]:
        """A first mail: the outcome ("case" or "question") and its case."""
        row, reading = letter.row, letter.reading
        case = released or new_case(row, letter.practice.id, now)
        personal = self._personal(case, letter)
        for column, value in personal.items():
            setattr(case, column, value)
        complete = reading.verdict is Verdict.REFERRAL
        prepared = self._handover.prepare(case, referral_of(reading), now) if complete else None
        outcome = "case" if complete else "question"
        with self._store.write() as session:
            if released is None:
                cases.start(session, case, actor=ACTOR, inbox_id=row.id)
            else:
                cases.change(session, case, personal)
            if prepared:
                self._hand_over(session, case, prepared, letter.answer, now)
            else:
                self._ask(session, case, letter, now)
            inbox.finish(session, row, outcome, case.id)
        self._alarm(case, prepared)
        return outcome, case

    def complete(self, letter: Letter, case: CaseRow, now: datetime) -> None:
        """An answer in the thread of a case that waits for one."""
        prepared, reading = None, letter.reading
        personal = self._personal(case, letter)
        if reading.verdict is Verdict.REFERRAL:
            fresh = replace_columns(case, personal)
            prepared = self._handover.prepare(
                fresh, referral_of(reading), now, paused=self._paused(case, now)
            )
        actor = f"referrer:{letter.practice.id}"
        with self._store.write() as session:
            cases.advance(session, case, Event.INFO_GIVEN, now=now, actor=actor, changes=personal)
            clocks.meet(session, case.id, (Kind.REMIND, Kind.GIVE_UP), now)
            if prepared:
                self._hand_over(session, case, prepared, letter.answer, now)
            else:
                self._ask(session, case, letter, now)
            inbox.finish(session, letter.row, "addition", case.id)
        self._alarm(case, prepared)

    def _hand_over(
        self, session: Session, case: CaseRow, prepared: Prepared, answer: bool, now: datetime
    ) -> None:
        self._handover.commit(session, case, prepared, now, ACTOR)
        if prepared.organisation and prepared.pathway.receipt and answer:
            code = "receipt" if prepared.pathway.feedback != "geaggregeerd" else "receipt_only"
            outbox.put(session, outbox.message(case.id, "reply", code, now, date=prepared.due_at.isoformat()))

    def _ask(self, session: Session, case: CaseRow, letter: Letter, now: datetime) -> None:
        """Give the turn to the referrer: the question, its clocks, and a contact clock that stands still."""
        pathway = self._handover.default_pathway
        problems = list(letter.reading.problems)
        cases.advance(session, case, Event.NEEDS_INFO, now=now, actor=ACTOR, problems=problems)
        deadline = contact_due(case.received_at, pathway, urgent=case.urgent)
        clocks.pause(session, case.id, deadline, now)
        clocks.plan(session, case.id, question_plan(now, pathway))
        if letter.answer:
            row = outbox.message(case.id, "reply", "question", now, once=str(case.version), problems=problems)
            outbox.put(session, row)

    def _personal(self, case: CaseRow, letter: Letter) -> dict[str, object]:
        """The columns of a case row that come from what was read: sealed, or keyed marks, or no secret."""
        head, reading = letter.head, letter.reading
        subject = reply_subject(
            head.subject,
            self._neutral_subject(case.kenmerk),
            name=reading.name,
            others=[value for value in (reading.phone, *reading.other_phones, reading.wijk) if value],
            harmless=[letter.practice.name, *(one.name for one in self._handover.organisations.values())],
        )
        thread = Thread(
            address=letter.sender,
            subject=subject,
            message_id=head.message_id or "",
            references=head.references,
        )
        changes: dict[str, object] = {
            "wijk": reading.wijk,
            "urgent": case.urgent or reading.urgent,
            "phone_mac": self._marks.phone(reading.phone) if reading.phone else None,
        }
        if case.message_mac is None and head.message_id:
            changes["message_mac"] = self._marks.message(head.message_id)
        return (
            changes
            | self._casefile.seal_fields(case.id, reading)
            | self._casefile.seal_thread(case.id, thread)
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
