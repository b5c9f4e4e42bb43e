"""Finds the running case of a patient who is referred a second time, and lets the second referrer join it.

It promises that two patients are never taken for one: the number, the name and the organisation must agree,
and where the name can't be compared any more (after contact) there is a new case, which the organisation can
call a duplicate. Each referrer hears what concerns them in their own thread, and nothing of the other.
"""

import uuid
from datetime import datetime

from gateway.domain.messages import Code
from gateway.domain.route import NoRoute
from gateway.domain.states import WITH_ORGANISATION
from gateway.gate.marks import Marks
from gateway.pipeline.casefile import CaseFile
from gateway.pipeline.handover import Handover
from gateway.pipeline.letter import Letter, thread_of
from gateway.pipeline.notify import further, policy, say
from gateway.reading.patient.alike import same_person
from gateway.reading.reader import Verdict
from gateway.store import audit, cases, inbox, outbox, threads
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, ThreadRow


class Twins:
    """The step."""

    def __init__(self, *, store: Store, casefile: CaseFile, handover: Handover, marks: Marks) -> None:
        self._store, self._casefile, self._handover, self._marks = store, casefile, handover, marks

    def find(self, letter: Letter) -> CaseRow | None:
        """The case in which an organisation already has this patient and was not yet heard of contact."""
        reading = letter.reading
        if reading.verdict is not Verdict.REFERRAL or not (reading.phone and reading.name and reading.wijk):
            return None
        with self._store.read() as session:
            found = cases.by_phone(session, self._marks.phones(reading.phone), WITH_ORGANISATION)
        return next((case for case in found if self._same(case, reading.name, reading.wijk)), None)

    def join(self, letter: Letter, case: CaseRow, subject: str, now: datetime) -> None:
        """Add a letter to a running case, which ends its mail."""
        head, practice = letter.head, letter.practice
        row = ThreadRow(
            id=uuid.uuid4().hex,
            case_id=case.id,
            practice_id=practice.id,
            feedback=self._handover.feedback_of(practice.id, policy(case)),
            message_mac=self._marks.message(head.message_id) if head.message_id else None,
            added_at=now,
        )
        for column, value in self._casefile.seal_thread(row.id, thread_of(letter, subject)).items():
            setattr(row, column, value)
        with self._store.write() as session:
            threads.add(session, row)
            inbox.finish(session, letter.row, "addition", case.id)
            audit.append(
                session,
                "referral.added",
                now=now,
                actor=f"referrer:{practice.id}",
                case_id=case.id,
                inbox_id=letter.row.id,
                practice=practice.id,
            )
            if letter.answer:
                say(session, case, further(row), Code.DUPLICATE, now)
            if case.organisation_id:
                outbox.put(session, outbox.notice(case.id, Code.ORG_DUPLICATE, now, case.organisation_id))

    def _same(self, case: CaseRow, name: str, wijk: str) -> bool:
        if case.fields_key is None:
            return False
        known = self._casefile.reading(case)
        if known.name is None or not same_person(known.name, name):
            return False
        try:
            return self._handover.route(wijk).organisation.id in self._takers(case, known.wijk or "")
        except NoRoute:
            return False

    def _takers(self, case: CaseRow, wijk: str) -> set[str]:
        """Who has the case, and who had it first."""
        try:
            return {case.organisation_id or "", self._handover.route(wijk).organisation.id}
        except NoRoute:
            return {case.organisation_id or ""}
