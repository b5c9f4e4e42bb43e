"""What was answered to a practice that reads on a page: the list, and one answer at an address of its own.

The mail to such a practice says only that there is an answer, and where. It promises that who reads is logged
in with two factors as a colleague of that practice, that nobody else's answer is told to be there, that an
answer has the words that would have stood in the mail (P5), and that each look is an event.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway.board.case_story import Stories
from gateway.domain.pathway import Feedback
from gateway.domain.trail import AuditEvent
from gateway.gate.senders import practice_of
from gateway.pipeline.reply import MESSAGES
from gateway.store import audit, outbox, threads
from gateway.store.outbox import Status
from gateway.store.tables import CaseRow, OutboxRow, ThreadRow
from gateway.web import problems
from gateway.web.auth import Role, Visitor
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem

KEPT = timedelta(days=90)
MOST = 200
"""So far back, and so many, are shown."""


@dataclass(frozen=True, slots=True)
class PracticeAnswer:
    """One answer: when it left, about which case, and its words."""

    id: str
    at: datetime
    kenmerk: str
    subject: str
    text: str


class AnswersPage(ShellPage):
    """The two pages."""

    def __init__(self, shell: Shell, *, stories: Stories) -> None:
        super().__init__(shell)
        self._stories = stories

    def routes(self) -> list[BaseRoute]:
        roles = {Role.VERWIJZER}
        return [
            self._auth.route(MESSAGES, self.show, roles=roles, name="answers"),
            self._auth.route(f"{MESSAGES}/{{id}}", self.one, roles=roles, name="answer"),
        ]

    def show(self, _: Request, visitor: Visitor) -> Response:
        """The list, the newest first."""
        with self._store.read() as session:
            found = list(self._told(session, visitor, col(OutboxRow.sent_at) > self._now() - KEPT))
        return self._render(visitor, "cases/answers.html", answers=found)

    def one(self, request: Request, visitor: Visitor) -> Response:
        id_ = request.path_params["id"]
        with self._store.write() as session:
            found = next(self._told(session, visitor, col(OutboxRow.id) == id_), None)
            if found is None:
                raise Problem(problems.NOT_FOUND)
            case_id = session.exec(select(OutboxRow.case_id).where(OutboxRow.id == id_)).one()
            facts = {"case_id": case_id, "delivery": id_}
            audit.append(session, AuditEvent.ANSWER_SHOWN, now=self._now(), actor=visitor.actor, **facts)
        return self._render(visitor, "cases/answer.html", answer=found)

    def _told(
        self, session: Session, visitor: Visitor, which: ColumnElement[bool]
    ) -> Iterator[PracticeAnswer]:
        """The answers to the visitor's practice, in its own threads alone."""
        practice = practice_of(visitor.organisation_id)
        if practice is None:
            return
        own = select(CaseRow.id).where(CaseRow.practice_id == practice)
        joined = select(ThreadRow.case_id).where(ThreadRow.practice_id == practice)
        query = (
            select(OutboxRow, CaseRow)
            .join(CaseRow, col(CaseRow.id) == col(OutboxRow.case_id))
            .where(OutboxRow.kind == "reply", OutboxRow.status == Status.SENT, which)
            .where(or_(col(CaseRow.id).in_(own), col(CaseRow.id).in_(joined)))
            .order_by(col(OutboxRow.sent_at).desc())
            .limit(MOST)
        )
        rows = session.exec(query).all()
        further = threads.by_ids(session, {id_ for row, _ in rows if (id_ := outbox.thread_of(row))})
        for row, case in rows:
            id_ = outbox.thread_of(row)
            thread = further.get(id_) if id_ is not None else None
            whose = case.practice_id if id_ is None else thread.practice_id if thread else None
            if whose != practice or row.sent_at is None:
                continue
            agreed = Feedback(thread.feedback) if thread else None
            subject, text = self._stories.words(case, row, audit.happened(session, case.id), practice, agreed)
            if text:
                yield PracticeAnswer(row.id, row.sent_at, case.kenmerk, subject, text)
