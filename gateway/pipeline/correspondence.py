"""What a practice writes in the thread of a case that runs or has ended: a correction, a stop, how it stands.

It promises that whatever a practice writes there is acted on, answered, or kept sealed until a beheerder has
dealt with it; that nothing is passed on but closed codes and the fields of a referral; that a stop is
confirmed only when nobody has the referral any more, and else told as passed on; that one referrer can't
withdraw what another one asked for; and that the same letter twice changes nothing.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.domain.codes import KINDS, Kind, StopReason
from gateway.domain.messages import Code
from gateway.domain.pathway import Feedback
from gateway.domain.route import NoRoute
from gateway.domain.states import ENDED, IN_CONTACT, WITH_ORGANISATION, Event, State, allowed
from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed, OpenError
from gateway.log import Log
from gateway.pipeline.admit import Admit
from gateway.pipeline.batch import Letter, Mail
from gateway.pipeline.casefile import FORGET_FIELDS, CaseFile
from gateway.pipeline.handover import Handovers
from gateway.pipeline.notify import (
    Party,
    deadline,
    further,
    open_question,
    parties,
    policy,
    say,
    tell_organisation,
)
from gateway.pipeline.reroute import Reroute
from gateway.pipeline.turns import end
from gateway.pipeline.watch import unconfirmed
from gateway.reading.letters.record import Consent, PracticeKind, PracticeLetter, Stop, Topic
from gateway.reading.record import Reading, Verdict
from gateway.store import audit, cases, clocks, inbox, outbox, setaside, threads
from gateway.store.engine import Store
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, InboxRow

LATE = "correction_late"
"""Why a letter is kept, beside the topics of an unclear one."""

_OWN_PART = frozenset({Stop.WITHDRAWN, Stop.WRONG_PATIENT})
"""The reasons that say nothing of the patient, so that they end the part of one referrer alone."""

_REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Asked:
    """A letter with who wrote it. `answer` says whether it may be answered now."""

    row: InboxRow
    letter: Letter
    answer: bool

    @property
    def practice_id(self) -> str:
        """Whose letter it is."""
        return self.letter.practice.id


class Correspondence:
    """The step."""

    def __init__(
        self,
        *,
        store: Store,
        casefile: CaseFile,
        handover: Handovers,
        reroute: Reroute,
        admit: Admit,
        log: Log,
    ) -> None:
        self._store, self._casefile, self._handover = store, casefile, handover
        self._reroute, self._admit, self._log = reroute, admit, log

    def take(self, mail: Mail, now: datetime) -> str:
        """Do what a letter says, which ends the mail; gives the code of what was done. Raises `LostRace`."""
        if mail.case is None or mail.letter is None or mail.practice is None:
            raise NotAllowed("it is no letter in a thread of a practice")
        asked = Asked(
            mail.row, Letter(mail, mail.practice, mail.letter.reading or Reading(Verdict.IGNORE)), mail.answer
        )
        with self._store.write() as session:
            case = cases.still(session, mail.case.id, mail.case.version)
            if mail.key and cases.known_messages(session, [mail.key]):
                code = _REPEATED
            else:
                code = self._do(session, case, mail, asked, now)
            kept = setaside.letter(session, mail.row.id)
            inbox.finish(session, mail.row, "addition", case.id, keep=kept is not None)
            if mail.key and code != _REPEATED:
                cases.write_messages(session, [(mail.key, case.id)])
            facts = {"case_id": case.id, "inbox_id": mail.row.id, "code": code}
            audit.append(session, AuditEvent.MAIL_ADDITION, now=now, actor=asked.letter.referrer, **facts)
        if kept is not None:
            self._log.alarm("letter", case=case.id, reason=kept.code)
        return code

    def _do(self, session: Session, case: CaseRow, mail: Mail, asked: Asked, now: datetime) -> str:
        letter = mail.letter or PracticeLetter(PracticeKind.UNCLEAR)
        match letter.kind:
            case PracticeKind.STATUS:
                return self._status(session, case, asked, now)
            case PracticeKind.STOP:
                # Who is asked whether the patient agrees and says no ends it: nothing was ever shared.
                answered = Code.NO_CONSENT if letter.consent is Consent.REFUSED else Code.WITHDRAWN
                reason = letter.reason or Stop.WITHDRAWN
                return self._stop(session, case, asked, reason, now, answered)
            case PracticeKind.CORRECTED:
                more = () if letter.topic is None else (Code.REST_READ,)
                code = self._correct(session, case, asked, letter.changed, now, more)
                if letter.topic is not None and setaside.letter(session, asked.row.id) is None:
                    self._keep(session, case, asked, letter.topic, now)
                return code
        return self._unclear(session, case, asked, letter.topic or Topic.OTHER, now)

    def _status(self, session: Session, case: CaseRow, asked: Asked, now: datetime) -> str:
        if case.thread_key is None:
            # Nobody can be answered any more; a person can still call.
            return self._keep(session, case, asked, Topic.QUESTION, now)
        if not asked.answer:
            return "status"
        own = self._party(session, case, asked, now)
        if not policy(case).status or own.feedback is Feedback.GEAGGREGEERD:
            # That nothing is said of this patient is said, or whoever asked waits for an answer.
            code = Code.STATUS_NONE if case.organisation_id else Code.THANKS
            self._say(session, case, asked, code, now, party=own)
        elif State(case.state) in WITH_ORGANISATION:
            self._say(session, case, asked, Code.STATUS, now, party=own, date=deadline(session, case))
        else:
            self._say(session, case, asked, Code.STATUS_DONE, now, party=own)
        return "status"

    # ------------------------------------------------------------------ a stop

    def _stop(
        self,
        session: Session,
        case: CaseRow,
        asked: Asked,
        reason: Stop,
        now: datetime,
        answered: Code = Code.WITHDRAWN,
    ) -> str:
        state, stop = State(case.state), StopReason(reason.value)
        others = [party for party in parties(session, case) if party.practice_id != asked.practice_id]
        running = state not in ENDED - {State.DECLINED, State.UNREACHABLE}
        if state is State.CLOSED:
            # Nobody can be answered any more, and nobody works on it.
            return self._keep(session, case, asked, Topic.STOP, now)
        if state in IN_CONTACT or state is State.STOPPED:
            self._stop_late(session, case, asked, stop, now)
        elif state is State.WITHDRAWN and unconfirmed(session, case):
            self._stop_again(session, case, asked, stop, now)
        elif others and running and reason in _OWN_PART:
            self._step_back(session, case, asked, now)
        elif Event.WITHDRAWN in allowed(state):
            self._end(session, case, asked, stop, others, now, answered)
        else:
            # It was given back or withdrawn before: nobody calls.
            if case.fields_key is not None:
                cases.change(session, case, dict(FORGET_FIELDS))
            self._say(session, case, asked, Code.WITHDRAWN, now)
        return f"stop_{reason}"

    def _stop_late(
        self, session: Session, case: CaseRow, asked: Asked, stop: StopReason, now: datetime
    ) -> None:
        """The organisation is at work: it is told what happened to the patient, and decides itself."""
        if stop is StopReason.WITHDRAWN or not case.organisation_id:
            self._say(session, case, asked, Code.WITHDRAWAL_LATE, now)
            return
        self._pass_on(session, case, asked, stop, now)
        if stop not in (StopReason.ADMITTED, StopReason.DO_NOT_CALL):
            # Nobody is reminded of a talk with somebody who died, moved or wants no help.
            steps = [kind for kind in clocks.kinds_of(session, case.id) if kind not in KINDS]
            clocks.end(session, case.id, now, (*steps, Kind.REPEAT))
            outbox.drop_reminders(session, case.id, (*steps, Kind.REPEAT))
        self._say(session, case, asked, Code.STOP_PASSED, now, stop=stop)

    def _stop_again(
        self, session: Session, case: CaseRow, asked: Asked, stop: StopReason, now: datetime
    ) -> None:
        """Who has it was asked before not to call, and did not confirm that yet."""
        if stop is StopReason.WITHDRAWN:
            self._say(session, case, asked, Code.WITHDRAWAL_ASKED, now)
            return
        self._pass_on(session, case, asked, stop, now)
        self._say(session, case, asked, Code.STOP_PASSED, now, stop=stop)

    @staticmethod
    def _pass_on(session: Session, case: CaseRow, asked: Asked, stop: StopReason, now: datetime) -> None:
        tell_organisation(
            session, case, case.organisation_id or "", Code.ORG_STOP, now, once=asked.row.id, stop=stop
        )
        facts = {"case_id": case.id, "inbox_id": asked.row.id, "code": str(stop)}
        audit.append(session, AuditEvent.STOP_PASSED, now=now, actor=asked.letter.referrer, **facts)

    def _step_back(self, session: Session, case: CaseRow, asked: Asked, now: datetime) -> None:
        """Somebody else referred this patient too: only this referrer's part ends."""
        own = self._party(session, case, asked, now)
        if case.practice_id == asked.practice_id:
            cases.change(session, case, {"left_at": now})
        threads.leave(session, case.id, asked.practice_id, now)
        facts = {"case_id": case.id, "practice": asked.practice_id}
        audit.append(session, AuditEvent.REFERRAL_WITHDRAWN, now=now, actor=asked.letter.referrer, **facts)
        self._say(session, case, asked, Code.WITHDRAWN_SHARED, now, party=own)

    def _end(
        self,
        session: Session,
        case: CaseRow,
        asked: Asked,
        stop: StopReason,
        others: list[Party],
        now: datetime,
        answered: Code,
    ) -> None:
        """Withdraw the case. Whoever has the referral must first know that nobody is to be called; but who
        declined it said that they don't call."""
        knows = case.state != State.DECLINED and _knows(session, case)
        cases.advance(
            session,
            case,
            Event.WITHDRAWN,
            now=now,
            actor=asked.letter.referrer,
            changes=dict(FORGET_FIELDS),
            reason=str(stop),
        )
        outbox.drop_handovers(session, case.id, "withdrawn")
        end(session, case, now)
        own = self._party(session, case, asked, now)
        for party in others:
            say(session, case, party, Code.WITHDRAWN, now)
        if not knows or not case.organisation_id:
            code = Code.WITHDRAWN if case.organisation_id else answered
            self._say(session, case, asked, code, now, party=own)
        elif stop is StopReason.WITHDRAWN:
            tell_organisation(session, case, case.organisation_id, Code.ORG_WITHDRAWN, now)
            self._say(session, case, asked, Code.WITHDRAWAL_ASKED, now, party=own)
        else:
            self._pass_on(session, case, asked, stop, now)
            self._say(session, case, asked, Code.STOP_PASSED, now, party=own, stop=stop)

    # ------------------------------------------------------------------ a correction

    def _correct(
        self,
        session: Session,
        case: CaseRow,
        asked: Asked,
        changed: tuple[str, ...],
        now: datetime,
        more: tuple[Code, ...],
    ) -> str:
        """Before contact the organisation gets the corrected referral; after it nothing can be passed on.
        `more` is said beside that it was."""
        state, reading = State(case.state), asked.letter.reading
        if case.fields_key is None or state in IN_CONTACT or state in ENDED - {State.DECLINED}:
            self._say(session, case, asked, _too_late(session, case), now)
            return self._keep(session, case, asked, LATE, now)
        target = self._target(case, reading, "wijk" in changed)
        if state not in WITH_ORGANISATION or reading.verdict is not Verdict.REFERRAL or target is None:
            return self._unclear(session, case, asked, Topic.NUMBER, now)
        first, knew = case.organisation_id or "", _knows(session, case)
        corrected = {"corrected_at": now} if knew else {}
        cases.change(session, case, self._admit.fields(case, reading) | corrected)
        facts = {"case_id": case.id, "inbox_id": asked.row.id, "code": " ".join(changed)}
        audit.append(session, AuditEvent.REFERRAL_CORRECTED, now=now, actor=asked.letter.referrer, **facts)
        self._reroute.to(session, case, target, now, asked.letter.referrer)
        serial = str(case.version)
        if knew and target == first:
            tell_organisation(session, case, target, Code.ORG_CORRECTED, now, once=serial)
        elif knew:
            tell_organisation(session, case, first, Code.ORG_TAKEN_OVER, now, once=serial, backup=target)
        self._say(session, case, asked, Code.CORRECTION_PASSED, now, more=more)
        return "corrected"

    def _target(self, case: CaseRow, reading: Reading, moved: bool) -> str | None:
        """Who gets the corrected referral: who has it, or who serves the other wijk; None if that is for a
        person to say."""
        if not moved:
            return case.organisation_id
        try:
            route = self._handover.route(reading.wijk or "", theme=case.theme)
        except NoRoute:
            return None
        pathway = self._handover.pathway_of(route.organisation, case.theme)
        if case.consent_at is None and pathway.consent:
            return None
        return route.organisation.id

    # ------------------------------------------------------------------ what a person must read

    def _unclear(self, session: Session, case: CaseRow, asked: Asked, topic: Topic, now: datetime) -> str:
        day, read = now.date().isoformat(), asked.letter.mail.letter
        open_ = open_question(session, case)
        if read is not None and read.unopened is not None:
            shut = Code(f"unopened_{read.unopened}")
            self._say(session, case, asked, shut, now, once=f"{shut}:{day}", problems=(str(shut),))
        elif open_ is None:
            self._say(session, case, asked, Code.NOT_UNDERSTOOD, now, once=day)
        else:
            # What was asked is still open: it is asked again, in place of offering what was not asked.
            problems = open_.particulars.problems
            self._say(session, case, asked, open_.code, now, once=f"again:{day}", problems=problems)
        return self._keep(session, case, asked, topic, now)

    @staticmethod
    def _keep(session: Session, case: CaseRow, asked: Asked, code: str, now: datetime) -> str:
        """Keep the letter sealed until a beheerder has dealt with it, and tell them."""
        setaside.wait(session, asked.row.id, case.id, now, str(code))
        facts = {"case_id": case.id, "inbox_id": asked.row.id, "code": str(code)}
        audit.append(session, AuditEvent.LETTER_KEPT, now=now, actor=asked.letter.referrer, **facts)
        audit.append(
            session,
            AuditEvent.ALARM,
            now=now,
            actor="gateway",
            case_id=case.id,
            code="letter",
            topic=str(code),
        )
        return str(code)

    # ------------------------------------------------------------------ answers

    def _say(
        self,
        session: Session,
        case: CaseRow,
        asked: Asked,
        code: Code,
        now: datetime,
        *,
        once: str | None = None,
        party: Party | None = None,
        **params: Any,
    ) -> None:
        """Answer in the thread of whoever wrote, as far as they may be answered and their thread is kept."""
        if not asked.answer or case.thread_key is None:
            return
        party = party or self._party(session, case, asked, now)
        say(session, case, party, code, now, once=asked.row.id if once is None else once, **params)

    def _party(self, session: Session, case: CaseRow, asked: Asked, now: datetime) -> Party:
        """The thread of whoever wrote. A colleague of the referrer gets one of their own, for this answer."""
        rows = [row for row in threads.of_case(session, case.id) if row.practice_id == asked.practice_id]
        mine = asked.letter.mail.head.sender or ""
        if case.practice_id == asked.practice_id and self._is_at(case, mine):
            return Party(asked.practice_id, policy(case).feedback)
        for row in rows:
            if self._is_at(row, mine):
                return further(row)
        new = self._admit.thread_of_colleague(case, asked.letter, now)
        new.left_at = now
        session.add(new)
        session.flush()
        return further(new)

    def _is_at(self, row: Any, address: str) -> bool:
        try:
            return self._casefile.thread(row).address == address
        except OpenError:
            return False


def _too_late(session: Session, case: CaseRow) -> Code:
    """How it is said that a correction can't be passed on: without contact it is for a new referral."""
    if case.state != State.RETURNED:
        return Code.CORRECTION_LATE
    ends = [row for row in audit.of_case(session, case.id) if row.kind == AuditEvent.CASE_RETURNED]
    unanswered = bool(ends) and json.loads(ends[-1].data).get("code") == "no_answer"
    return Code.GIVEN_UP if unanswered else Code.RETURNED


def _knows(session: Session, case: CaseRow) -> bool:
    """Whether an organisation has the referral, or may have it."""
    handovers = (row for row in outbox.of_case(session, case.id) if row.kind == "handover")
    return any(row.status == Status.SENT or row.sent_at is not None or row.lease for row in handovers)
