"""The page on which a referrer sees how it stands, behind the link in their answer.

It promises the kenmerk, steps and dates, and no more than the feedback that was agreed: steps after contact
only where the referrer is told them by mail as well. While the referrer has the turn, it repeats what they
were asked, and until when it can be answered.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.domain.attribution import Moment
from gateway.domain.codes import Kind
from gateway.domain.feedback import answer
from gateway.domain.pathway import Feedback
from gateway.domain.states import IN_CONTACT, TRANSITIONS, WITH_ORGANISATION, State
from gateway.domain.trail import AuditEvent
from gateway.gate.tokens import Link, Tokens
from gateway.pipeline.notify import parties, policy
from gateway.store import audit, cases, clocks
from gateway.store.tables import EventRow
from gateway.web.pages import Shell, ShellPage
from gateway.web.public.capability import LinkError, opened, wrong_link


class StatusPage(ShellPage):
    """The page; `questions` are the sentences in which problems are asked about."""

    def __init__(
        self, shell: Shell, *, tokens: Tokens, questions: Callable[[Sequence[str]], Sequence[str]]
    ) -> None:
        super().__init__(shell)
        self._tokens, self._questions = tokens, questions

    def routes(self) -> list[Route]:
        return [Route("/status/{link}", self.handle, methods=["GET"], name="status")]

    async def handle(self, request: Request) -> Response:
        try:
            link = opened(request, self._tokens, "status", self._now(), self._pages)
            return await run_in_threadpool(self._show, link)
        except LinkError as wrong:
            return wrong.answer

    def _show(self, link: Link) -> Response:
        with self._store.read() as session:
            case = cases.find(session, link.case)
            if case is None:
                raise wrong_link(self._pages)
            own = next((each for each in parties(session, case) if each.practice_id == link.party), None)
            if own is None or not policy(case).status or own.feedback is Feedback.GEAGGREGEERD:
                raise wrong_link(self._pages)
            events = audit.happened(session, case.id)
            moves = audit.moves(events)
            rows = clocks.of_case(session, case.id)
            due = {row.kind: row.due_at for row in rows if row.kind != Kind.GIVE_UP or row.waits}
        steps = [(case.received_at, State.RECEIVED), *_steps(moves, own.feedback)]
        state = steps[-1][1]
        lines: list[tuple[datetime, str]] = []
        for at, each in steps:
            word = self._pages.word(each)
            # Different states may be one to a referrer; the first of them tells since when it is so.
            if not lines or lines[-1][1] != word:
                lines.append((at, word))
        waits = state in WITH_ORGANISATION and Kind.CONTACT in due
        return self._pages.page(
            "public/status.html",
            kenmerk=case.kenmerk,
            lines=lines,
            due=self._pages.date(due[Kind.CONTACT]) if waits else "",
            asked=self._asked(state, events),
            until=self._pages.date(due[Kind.GIVE_UP]) if Kind.GIVE_UP in due else "",
        )

    def _asked(self, state: State, events: list[EventRow]) -> Sequence[str]:
        """What the referrer was asked and has not answered."""
        if state is State.UNREACHABLE:
            return [self._pages.say("Klopt het telefoonnummer van de patiënt, of weet u een ander nummer?")]
        asked = [row for row in events if row.kind == AuditEvent.CASE_NEEDS_INFO]
        if state is not State.NEEDS_INFO or not asked:
            return []
        return self._questions(json.loads(asked[-1].data).get("problems", []))


def _steps(moves: list[Moment], feedback: Feedback) -> Iterator[tuple[datetime, State]]:
    """The states a referrer may see, each with when it began."""
    state = State.RECEIVED
    for at, event in moves:
        target = TRANSITIONS.get((state, event))
        if target is None:
            continue
        after_contact = state in IN_CONTACT or state is State.STOPPED
        state = target
        # After contact a referrer sees what their profile tells, and a correction, which takes it back.
        later = after_contact and target in IN_CONTACT | {State.STOPPED, State.CLOSED}
        if not later or answer(event, feedback) is not None:
            yield at, target
