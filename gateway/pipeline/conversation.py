"""What a referrer asks in the thread of a case that needs no answer: to withdraw it, or how it stands.

It promises that a withdrawal is confirmed only when nobody can call the patient any more, that one referrer
can't withdraw what another one asked for, and that a request said twice changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.domain.messages import Code
from gateway.domain.requests import Request, request_in
from gateway.domain.states import ENDED, IN_CONTACT, WITH_ORGANISATION, Event, State, allowed
from gateway.errors import NotAllowed
from gateway.pipeline.casefile import FORGET_FIELDS
from gateway.pipeline.ending import end
from gateway.pipeline.letter import Mail
from gateway.pipeline.notify import Party, deadline, parties, policy, say, tell_organisation
from gateway.store import audit, cases, inbox, outbox, threads
from gateway.store.engine import Store
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, InboxRow


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with the mail it came in. `answer` says whether it may be answered now."""

    row: InboxRow
    practice_id: str
    request: Request
    answer: bool


class Conversation:
    """The step."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    def asks(self, mail: Mail) -> bool:
        """Whether a mail in a thread asks something."""
        return mail.thread is not None and request_in(mail.text) is not None

    def take(self, mail: Mail, now: datetime) -> Request:
        """Do what it asks, which ends the mail."""
        row, practice, case, request = mail.row, mail.practice, mail.case, request_in(mail.text)
        if practice is None or case is None or request is None:
            raise NotAllowed("it asks nothing in a thread of a practice")
        asked = Asked(row, practice.id, request, mail.answer)
        with self._store.write() as session:
            if request is Request.WITHDRAW:
                self._withdraw(session, case, asked, now)
            else:
                self._status(session, case, asked, now)
            inbox.finish(session, row, "addition", case.id)
            audit.append(
                session,
                "mail.addition",
                now=now,
                actor=f"referrer:{practice.id}",
                case_id=case.id,
                inbox_id=row.id,
                code=str(request),
            )
        return request

    def _status(self, session: Session, case: CaseRow, asked: Asked, now: datetime) -> None:
        if not policy(case).status:
            return
        if State(case.state) in WITH_ORGANISATION:
            date = deadline(session, case)
            self._say(session, case, asked, Code.STATUS, now, date=date)
        else:
            self._say(session, case, asked, Code.STATUS_DONE, now)

    def _withdraw(self, session: Session, case: CaseRow, asked: Asked, now: datetime) -> None:
        others = [party for party in parties(session, case) if party.practice_id != asked.practice_id]
        state = State(case.state)
        if state in IN_CONTACT or state is State.STOPPED:
            self._say(session, case, asked, Code.WITHDRAWAL_LATE, now)
        elif others and state not in ENDED - {State.DECLINED, State.UNREACHABLE}:
            self._step_back(session, case, asked, now)
        elif Event.WITHDRAWN in allowed(state):
            self._end(session, case, asked, now)

    def _step_back(self, session: Session, case: CaseRow, asked: Asked, now: datetime) -> None:
        """Somebody else referred this patient too: only this referrer's part ends."""
        if case.practice_id == asked.practice_id:
            cases.change(session, case, {"left_at": now})
        threads.leave(session, case.id, asked.practice_id, now)
        audit.append(
            session,
            "referral.withdrawn",
            now=now,
            actor=f"referrer:{asked.practice_id}",
            case_id=case.id,
            practice=asked.practice_id,
        )
        self._say(session, case, asked, Code.WITHDRAWN_SHARED, now)

    def _end(self, session: Session, case: CaseRow, asked: Asked, now: datetime) -> None:
        """Withdraw the case. Whoever has the referral must first know that nobody is to be called."""
        handovers = [row for row in outbox.of_case(session, case.id) if row.kind == "handover"]
        knows = any(row.status == Status.SENT or row.lease for row in handovers)
        cases.advance(
            session,
            case,
            Event.WITHDRAWN,
            now=now,
            actor=f"referrer:{asked.practice_id}",
            changes=dict(FORGET_FIELDS),
        )
        outbox.drop_handovers(session, case.id, "withdrawn")
        end(session, case, now)
        if knows and case.organisation_id:
            tell_organisation(session, case, case.organisation_id, Code.ORG_WITHDRAWN, now)
        self._say(session, case, asked, Code.WITHDRAWAL_ASKED if knows else Code.WITHDRAWN, now)

    def _say(
        self, session: Session, case: CaseRow, asked: Asked, code: Code, now: datetime, **params: Any
    ) -> None:
        """Answer in the thread of whoever asked."""
        if not asked.answer:
            return
        own = threads.of_practice(session, case.id, asked.practice_id)
        first = case.practice_id == asked.practice_id or own is None
        party = Party(asked.practice_id, policy(case).feedback, "" if first or own is None else own.id)
        say(session, case, party, code, now, once=asked.row.id, at=None, **params)
