"""Who will hear what when something is done with a case, to be read before it is confirmed.

It promises to ask the domain the same questions that the steps ask when they do it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.board.case_choices import Act, Wish
from gateway.domain.codes import REROUTES
from gateway.domain.feedback import answer, answer_to_refusal, answers
from gateway.domain.messages import Code
from gateway.domain.pathway import Feedback
from gateway.domain.states import TRANSITIONS, WITH_ORGANISATION, Event, State, recorded
from gateway.pipeline.notify import Party
from gateway.pipeline.settle import Report
from gateway.store.tables import CaseRow


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
