"""Finds the running case of a patient who is referred a second time, and lets the second referrer join it.

It promises that two patients are never taken for one: the number, the name and the organisation must agree,
and where the name can't be compared any more (after contact) there is a new case, which the organisation can
call a duplicate. Each referrer hears what concerns them in their own thread, and nothing of the other.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session

from gateway.domain.messages import Code
from gateway.domain.route import NoRoute
from gateway.domain.states import WITH_ORGANISATION, Event, State
from gateway.domain.trail import AuditEvent
from gateway.gate.tokens import Marks
from gateway.pipeline.batch import ACTOR, Letter, thread_of
from gateway.pipeline.casefile import FORGET_FIELDS, CaseFile, Thread
from gateway.pipeline.handover import Handovers
from gateway.pipeline.notify import agreed_due, further, message, notice, policy
from gateway.pipeline.turns import joined
from gateway.reading.patient.alike import same_person
from gateway.reading.record import Reading, Verdict
from gateway.store import cases
from gateway.store.moves import Move, carry_out
from gateway.store.tables import CaseRow, ThreadRow


class Duplicates:
    """Compares and joins."""

    def __init__(self, *, casefile: CaseFile, handover: Handovers, marks: Marks) -> None:
        self._casefile, self._handover, self._marks = casefile, handover, marks

    def mark(self, reading: Reading | None) -> str | None:
        """The mark of the number by which a running case of this patient would be found."""
        return None if reading is None or reading.phone is None else self._marks.phone(reading.phone)

    def find(self, reading: Reading, found: Sequence[CaseRow], theme: str | None = None) -> CaseRow | None:
        """The case among those about this number in which an organisation has this patient, who was not yet
        reached (or could not be, or for whom another organisation is looked for), about the same theme."""
        mark, name, wijk = self.mark(reading), reading.name, reading.wijk
        if reading.verdict is not Verdict.REFERRAL or mark is None or not name or not wijk:
            return None
        mine = (case for case in found if case.phone_mac == mark)
        return next((case for case in mine if self._same(case, name, wijk, theme)), None)

    def join(
        self, move: Move, letter: Letter, case: CaseRow, subject: str, now: datetime, part: str = ""
    ) -> None:
        """Let a move add a letter to a case; `part` tells apart the patients of one mail."""
        practice, row = letter.practice, letter.row
        move.rely_on(case)
        self._add(move, case, practice.id, row.id + part, thread_of(letter, subject), now, letter.mail.answer)
        facts = {"case_id": case.id, "inbox_id": row.id, "practice": practice.id}
        move.event(AuditEvent.REFERRAL_ADDED, now=now, actor=letter.referrer, **facts)
        if case.organisation_id and case.state not in (State.UNREACHABLE, State.DECLINED):
            move.put(notice(case, case.organisation_id, Code.ORG_DUPLICATE, now))

    def bring(
        self,
        move: Move,
        letter: Letter,
        from_: CaseRow,
        rows: Sequence[ThreadRow],
        case: CaseRow,
        now: datetime,
    ) -> None:
        """Let everybody who hears of a case, and did not send this letter, hear of the one that it joins."""
        wrote: list[CaseRow | ThreadRow] = [from_, *rows]
        for row in wrote:
            if row.left_at is not None or row.thread_key is None or not row.practice_id:
                continue
            thread = self._casefile.thread(row)
            if thread.address != letter.mail.head.sender:
                self._add(move, case, row.practice_id, row.id + case.id, thread, now, letter.mail.answer)

    def entered(self, session: Session, case: CaseRow, desk: str, now: datetime) -> CaseRow | None:
        """Take in a case that a desk entered by hand: gives the running case of that desk which it joined, or
        marks it, so that whoever is referred after it by mail is found.

        Only the worker can: the page has neither the key of the fields nor that of the marks. Of what another
        organisation has the desk learns nothing; it gets a case of its own, as it asked.
        """
        if case.practice_id is not None or case.phone_mac is not None or case.fields_key is None:
            return None
        mark = self.mark(reading := self._casefile.reading(case))
        if mark is None or reading.name is None:
            return None
        for same in cases.by_phones(session, [mark]):
            # One who could not be reached, or was refused, and comes by now, waits for nobody.
            runs = same.organisation_id == desk and same.state in WITH_ORGANISATION
            if runs and self._named(same, reading.name, case.theme) is not None:
                self._into(session, case, same, now)
                return same
        case.phone_mac = mark
        session.add(case)
        return None

    @staticmethod
    def _into(session: Session, case: CaseRow, same: CaseRow, now: datetime) -> None:
        move = Move()
        move.rely_on(same)
        gone = {**FORGET_FIELDS, "phone_mac": None}
        where = {"into": same.id, "kenmerk": same.kenmerk}
        move.advance(case, Event.JOINED, now=now, actor=ACTOR, changes=gone, **where)
        move.also(lambda within: joined(within, case.id, same.id, now))
        move.put(notice(same, same.organisation_id or "", Code.ORG_DUPLICATE, now, once=case.id))
        carry_out(session, move)

    def _add(
        self,
        move: Move,
        case: CaseRow,
        practice_id: str,
        name: str,
        thread: Thread,
        now: datetime,
        answer: bool,
    ) -> None:
        """Let a thread hear of a case; `name` is always the same for the same thread."""
        row = ThreadRow(
            id=self._marks.derived("thread", name, 16).hex(),
            case_id=case.id,
            practice_id=practice_id,
            feedback=self._handover.feedback_of(practice_id, policy(case)),
            added_at=now,
        )
        for column, value in self._casefile.seal_thread(row.id, thread).items():
            setattr(row, column, value)
        move.join(row)
        if answer and case.state == State.DECLINED:
            move.put(message(case, further(row), Code.NOBODY_YET, now, date=agreed_due(case)))
        elif answer:
            move.put(message(case, further(row), Code.DUPLICATE, now))

    def only(self, move: Move, reading: Reading, found: Collection[CaseRow]) -> None:
        """Let a move be made only while there is no case about this number that was not compared."""
        if reading.verdict is Verdict.REFERRAL and (mark := self.mark(reading)):
            move.alone(mark, (case.id for case in found if case.phone_mac == mark))

    def _same(self, case: CaseRow, name: str, wijk: str, theme: str | None) -> bool:
        try:
            theme = self._handover.theme(wijk, theme)
            taker = self._handover.route(wijk, theme=theme).organisation.id
        except NoRoute:
            return False
        known = self._named(case, name, theme)
        return known is not None and taker in self._takers(case, known.wijk or "")

    def _named(self, case: CaseRow, name: str, theme: str | None) -> Reading | None:
        """What is known of a case, if it is about somebody of this name and about this theme."""
        if case.fields_key is None or case.theme not in (None, theme):
            return None
        known = self._casefile.reading(case)
        return known if known.name is not None and same_person(known.name, name) else None

    def _takers(self, case: CaseRow, wijk: str) -> set[str]:
        """Who has the case, and who had it first."""
        try:
            first = self._handover.route(wijk, theme=case.theme).organisation.id
            return {case.organisation_id or "", first}
        except NoRoute:
            return {case.organisation_id or ""}
