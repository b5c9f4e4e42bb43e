"""What a beheerder does with a case: choose, read what will happen and who will be told, then confirm.

It promises that looking changes nothing, that it asks the domain the same questions which the steps ask when
they do it, that what is confirmed is done for the case as it was shown or not at all, that it stands in the
audit trail under the name of who did it, and that what takes keys is ordered from the worker.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.board.case_choices import (
    DELIVERY,
    Act,
    UnclearError,
    Wish,
    backup,
    case_of,
    delivery_of,
    possible,
    wish,
)
from gateway.board.case_story import Stories
from gateway.domain.codes import REROUTES
from gateway.domain.feedback import answer, answer_to_refusal, answers
from gateway.domain.messages import Code
from gateway.domain.pathway import Feedback
from gateway.domain.states import TRANSITIONS, WITH_ORGANISATION, Event, State, recorded
from gateway.errors import LostRace, NotAllowed, NotFound
from gateway.pipeline.correct import last_of, reports
from gateway.pipeline.notify import Party, parties, policy
from gateway.pipeline.reroute import Reroute
from gateway.pipeline.retry import HANDOVER, Again
from gateway.pipeline.settle import Report, Settle
from gateway.store import audit, cases, orders, outbox
from gateway.store.tables import CaseRow, OutboxRow
from gateway.web import problems
from gateway.web.auth import Visitor
from gateway.web.forms import form, version
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem
from gateway.web.words import alphabetical

CHANNEL = "board"
LOOK_EVERY = 0.1
"""How often it is looked whether the worker has carried out an order, in seconds."""

CORRECTED = Report(Event.CORRECTED)
ORDERED = {
    Act.REROUTE: orders.OrderKind.REROUTE,
    Act.BACKUP: orders.OrderKind.BACKUP,
    Act.RETRY: orders.OrderKind.RETRY,
}


class CaseActions(ShellPage):
    """The pages; `patience` is how many seconds the answer to a press waits for the worker."""

    def __init__(
        self,
        shell: Shell,
        *,
        stories: Stories,
        settle: Settle,
        reroute: Reroute,
        again: Again,
        patience: float,
    ) -> None:
        super().__init__(shell)
        self._stories, self._settle, self._reroute = stories, settle, reroute
        self._again, self._patience = again, patience

    async def handle(self, request: Request, visitor: Visitor) -> Response:
        """Show what can be chosen or confirmed; do what was confirmed."""
        kenmerk, word = request.path_params["kenmerk"], request.path_params["doen"]
        if word not in set(Act):
            raise Problem(problems.NOT_FOUND)
        act = Act(word)
        if request.method != "POST":
            return await run_in_threadpool(self._ask, kenmerk, act, dict(request.query_params), visitor)
        given = await form(request)
        answer, order = await run_in_threadpool(self._take, kenmerk, act, given, visitor)
        if order is not None:
            await self._carried_out(order)
        return answer

    def _ask(self, kenmerk: str, act: Act, given: Mapping[str, str], visitor: Visitor) -> Response:
        case = self._look(kenmerk, visitor)
        try:
            wanted = wish(act, given, case, self._stories.organisations)
        except UnclearError as unclear:
            # Who comes to choose has chosen nothing yet; that is no mistake.
            error = unclear.code if "kies" in given else ""
            return self._choose(case, act, given, visitor, error)
        return self._confirm(case, wanted, visitor)

    def _look(self, kenmerk: str, visitor: Visitor) -> CaseRow:
        """The case, after the look stands in the audit trail."""
        with self._store.write() as session:
            return cases.looked_at(session, kenmerk, self._now(), visitor.actor, "act")

    def _choose(
        self, case: CaseRow, act: Act, given: Mapping[str, str], visitor: Visitor, error: str
    ) -> Response:
        with self._store.read() as session:
            if not self._allowed(session, case, Wish(act)):
                return self._refused(case, act, visitor, "not_allowed")
        return self._render(
            visitor,
            "cases/choose.html",
            422 if error else 200,
            act=act,
            case=case,
            events=case_of(case).reports(),
            steps=policy(case).steps,
            organisations=sorted(
                self._stories.organisations.values(), key=lambda each: alphabetical(each.name)
            ),
            given=given,
            error=error,
        )

    def _confirm(self, case: CaseRow, wanted: Wish, visitor: Visitor) -> Response:
        stories = self._stories
        with self._store.read() as session:
            if not self._allowed(session, case, wanted):
                return self._refused(case, wanted.act, visitor, "not_allowed")
            rows = outbox.of_case(session, case.id)
            other = backup(case, rows, stories.organisations)
            first = case.organisation_id if case.organisation_id in stories.organisations else None
            told = preview(
                case,
                wanted,
                parties(session, case),
                other.id if other else None,
                others=first is not None and wanted.organisation != first,
            )
            made = reports(audit.happened(session, case.id)) if wanted.act is Act.CORRECT else []
            wrong = [stories.line(session, one.row) for one in last_of(made).wrong]
        named = {
            Act.REROUTE: stories.organisation(wanted.organisation),
            Act.BACKUP: other.name if other else "",
        }
        return self._render(
            visitor,
            "cases/confirm.html",
            act=wanted.act,
            wish=wanted,
            case=case,
            organisation=named.get(wanted.act, stories.organisation(case.organisation_id)),
            report=wanted.report.codes() if wanted.report else {},
            told=[
                (each.code, stories.practice(each.practice), stories.organisation(each.organisation))
                for each in told
            ],
            delivery=next((row for row in rows if row.id == wanted.delivery), None),
            wrong=wrong,
        )

    def _take(
        self, kenmerk: str, act: Act, given: Mapping[str, str], visitor: Visitor
    ) -> tuple[Response, str | None]:
        """Do it; gives the answer, and the id of the order if the worker must do it."""
        with self._store.read() as session:
            case = cases.by_kenmerk(session, kenmerk)
        try:
            if version(given) != case.version:
                raise LostRace
            order = self._do(case, wish(act, given, case, self._stories.organisations), visitor)
        except LostRace:
            return self._refused(case, act, visitor, "moved"), None
        except (NotAllowed, NotFound, UnclearError):
            return self._refused(case, act, visitor, "not_allowed"), None
        return RedirectResponse(f"/zaken/{case.kenmerk}?gedaan={act}", status_code=303), order

    def _do(self, case: CaseRow, wanted: Wish, visitor: Visitor) -> str | None:
        """Raises `LostRace`, `NotAllowed` or `NotFound`; gives the id of an order."""
        now, actor = self._now(), visitor.actor
        if wanted.act is Act.REPORT or wanted.act is Act.CORRECT:
            report = wanted.report or CORRECTED
            self._settle.report(case.id, report, now, actor, CHANNEL, version=case.version)
            return None
        with self._store.write() as session:
            case = cases.still(session, case.id, case.version)
            if not self._allowed(session, case, wanted):
                raise NotAllowed
            row = outbox.by_id(session, wanted.delivery) if wanted.act in DELIVERY else None
            if wanted.act is Act.RETURN:
                self._reroute.back(session, case, now, actor)
            elif wanted.act is Act.HOLD:
                self._again.hold(session, wanted.delivery, now, actor)
            elif wanted.act is Act.DISMISS:
                self._again.dismiss(session, wanted.delivery, now, actor)
            elif row is not None and row.kind != HANDOVER:
                self._again.retry(session, row.id, now, actor)
            else:
                kind, target = ORDERED[wanted.act], wanted.organisation or wanted.delivery
                return orders.ordered(session, case, kind, now, actor, target).id
        return None

    def _allowed(self, session: Session, case: CaseRow, wanted: Wish) -> bool:
        rows, asked = outbox.of_case(session, case.id), orders.of_case(session, case.id)
        if wanted.act not in DELIVERY:
            return wanted.act in possible(case, rows, asked, self._stories.organisations)
        row: OutboxRow | None = next((each for each in rows if each.id == wanted.delivery), None)
        if row is None:
            return False
        return delivery_of(row).can(DELIVERY[wanted.act], case_of(case, asked))

    def _refused(self, case: CaseRow, act: Act, visitor: Visitor, why: str) -> Response:
        return self._render(visitor, "cases/refused.html", 409, case=case, act=act, why=why)

    async def _carried_out(self, order: str) -> None:
        """Wait a moment for the worker, so that the page that follows tells what became of it."""
        waited = 0.0
        while waited < self._patience and not await run_in_threadpool(self._has_ended, order):
            await asyncio.sleep(LOOK_EVERY)
            waited += LOOK_EVERY

    def _has_ended(self, order: str) -> bool:
        with self._store.read() as session:
            return orders.has_ended(session, order)


@dataclass(frozen=True, slots=True)
class WillHear:
    """One message that will leave: to a practice, or to an organisation."""

    code: Code
    practice: str | None = None
    organisation: str | None = None


def preview(
    case: CaseRow, wish: Wish, parties: list[Party], backup: str | None, others: bool
) -> list[WillHear]:
    """What is told at once. `others` says whether the case goes to another organisation than it was with."""
    found: list[WillHear] = []
    state = State(case.state)
    with_one = state in WITH_ORGANISATION and case.organisation_id is not None
    match wish.act:
        case Act.REPORT if wish.report is not None:
            for party in parties:
                codes = _after(state, wish.report, party.feedback, has_backup=backup is not None)
                found += [WillHear(code, practice=party.practice_id) for code in codes]
        case Act.RETURN:
            if with_one:
                found.append(WillHear(Code.ORG_WITHDRAWN, organisation=case.organisation_id))
            for party in parties:
                if code := answer(Event.RETURNED, party.feedback):
                    found.append(WillHear(code, practice=party.practice_id))
        case Act.REROUTE | Act.BACKUP if others:
            if with_one:
                found.append(WillHear(Code.ORG_TAKEN_OVER, organisation=case.organisation_id))
            if wish.act is Act.BACKUP:
                found.append(WillHear(Code.ORG_BACKUP, organisation=backup))
            heard = [party for party in parties if party.feedback is not Feedback.GEAGGREGEERD]
            found += [WillHear(Code.DECLINED_REROUTED, practice=party.practice_id) for party in heard]
    return found


def _after(state: State, report: Report, feedback: Feedback, *, has_backup: bool) -> Iterator[Code]:
    """The messages that a report leads to, for a referrer with this profile."""
    if report.wrong_number:
        yield Code.NUMBER_WRONG
        return
    for event in recorded(state, report.event):
        declined = event is Event.DECLINED and TRANSITIONS[state, event] is State.DECLINED
        if declined and report.reason is not None:
            known = has_backup and report.reason in REROUTES
            if code := answer_to_refusal(report.reason, feedback, has_backup=known):
                yield code
            continue
        # Declining after contact is the end of support (see the transition table).
        told = Event.STOPPED if event is Event.DECLINED else event
        yield from answers(told, feedback, outcome=report.outcome, next_step=report.next_step)
