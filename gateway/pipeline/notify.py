"""Tells the referrers of a case what concerns them, each in their own thread by the profile agreed with them.

It promises that everybody who referred the same patient hears the same facts and nothing of each other, and
that one message is put in one thread once (`once` tells repetitions apart that are meant).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.domain.attribution import Moment
from gateway.domain.clock import contact_due
from gateway.domain.codes import Kind, NextStep, StopOutcome
from gateway.domain.feedback import answer, answers
from gateway.domain.messages import Code
from gateway.domain.outgoing import Notice, Particulars, Reply
from gateway.domain.pathway import Feedback, Pathway, Recipient
from gateway.domain.states import Event, State
from gateway.store import audit, clocks, outbox, threads
from gateway.store.tables import CaseRow, OutboxRow, ThreadRow


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who is told. `thread` is the id of a further thread, "" for the one that began the case."""

    practice_id: str
    feedback: Feedback
    thread: str = ""


def parties(session: Session, case: CaseRow) -> list[Party]:
    """Everybody who referred this patient and did not step back, the first referrer first."""
    return parties_of(case, threads.of_case(session, case.id))


def parties_of(case: CaseRow, rows: Sequence[ThreadRow]) -> list[Party]:
    """The same with the further threads of the case at hand."""
    first = Party(case.practice_id or "", policy(case).feedback)
    if not rows:
        return [first]
    stayed = [row for row in rows if row.left_at is None]
    return [*([] if case.left_at else [first]), *map(further, stayed)]


def hearing(found: Iterable[Party], always: bool = False) -> list[Party]:
    """Those who agreed to hear something per patient; everybody where it is `always` told."""
    return [party for party in found if always or party.feedback is not Feedback.GEAGGREGEERD]


def further(row: ThreadRow) -> Party:
    """Whom a further thread belongs to."""
    return Party(row.practice_id, Feedback(row.feedback), row.id)


_ASKED = frozenset(code for code in Code if code is Code.QUESTION or code.startswith("unopened_"))


def open_question(session: Session, case: CaseRow) -> Reply | None:
    """What a practice was asked last and has not answered; where nothing was, what of theirs we could not
    open."""
    if case.state != State.NEEDS_INFO:
        return None
    rows = [row for row in outbox.of_case(session, case.id) if row.code in _ASKED]
    asked = [one for one in map(outbox.read, rows) if isinstance(one, Reply)]
    questions = [one for one in asked if one.code is Code.QUESTION]
    return next(reversed(questions or asked), None)


_DEFAULT = '{"name": "default", "title": "default"}'


def policy(case: CaseRow) -> Pathway:
    """The agreement that was copied into the case; the defaults before an organisation was chosen."""
    return Pathway.from_json(case.pathway if case.pathway != "{}" else _DEFAULT)


def message(
    case: CaseRow,
    party: Party,
    code: Code,
    now: datetime,
    *,
    once: str = "",
    at: datetime | None = None,
    **params: Any,
) -> OutboxRow:
    """A message in one thread, to leave at `at`; `params` are its particulars.

    It names the organisation that has the case now, whoever has it when it leaves.
    """
    particulars = Particulars(**{"organisation": case.organisation_id} | params)
    reply = Reply(case_id=case.id, code=code, particulars=particulars, thread=party.thread or None, once=once)
    return outbox.row(reply, now, at)


def notice(
    case: CaseRow,
    organisation_id: str,
    code: Code,
    now: datetime,
    *,
    once: str = "",
    at: datetime | None = None,
    to: tuple[Recipient, ...] = (Recipient.TEAM,),
    **params: Any,
) -> OutboxRow:
    """A notice without content for an organisation; `params` are its particulars."""
    particulars = Particulars(**params)
    text = Notice(
        case_id=case.id, organisation_id=organisation_id, code=code, particulars=particulars, to=to, once=once
    )
    return outbox.row(text, now, at)


def say(session: Session, case: CaseRow, party: Party, code: Code, now: datetime, **more: Any) -> None:
    """Put a message in one thread (see `message`)."""
    outbox.put(session, message(case, party, code, now, **more))


def tell_organisation(
    session: Session, case: CaseRow, organisation_id: str, code: Code, now: datetime, **more: Any
) -> None:
    """Let an organisation be told something (see `notice`)."""
    outbox.put(session, notice(case, organisation_id, code, now, **more))


def say_to_all(
    session: Session,
    case: CaseRow,
    code: Code,
    now: datetime,
    *,
    once: str = "",
    at: datetime | None = None,
    always: bool = False,
    **params: Any,
) -> None:
    """Put a message in every thread; who agreed to hear nothing per patient hears what is `always` told."""
    for party in hearing(parties(session, case), always):
        say(session, case, party, code, now, once=once, at=at, **params)


def say_after(
    session: Session,
    case: CaseRow,
    event: Event,
    now: datetime,
    *,
    outcome: StopOutcome | None = None,
    next_step: NextStep | None = None,
) -> None:
    """Tell everybody what their profile tells after an event, once until a correction or a new number."""
    if not any(answer(event, feedback) for feedback in Feedback):
        return
    once = turn(audit.moments(session, case.id))
    for party in parties(session, case):
        for code in answers(event, party.feedback, outcome=outcome, next_step=next_step):
            say(session, case, party, code, now, once=once, **told_with(code, outcome, next_step))


def told_with(code: Code, outcome: StopOutcome | None, next_step: NextStep | None) -> dict[str, Any]:
    """The closed codes that a message shows."""
    if code is Code.STOPPED_OUTCOME and outcome is not None:
        return {"outcome": outcome}
    if code is Code.NEXT_STEP and next_step is not None:
        return {"next_step": next_step}
    return {}


def receipt(
    case: CaseRow,
    party: Party,
    pathway: Pathway,
    due_at: datetime,
    now: datetime,
    *,
    contact_person: str | None = None,
    calls_by: datetime | None = None,
    weeks: int = 0,
    passed_over: str | None = None,
    once: str = "",
    instead: Code | None = None,
) -> list[OutboxRow]:
    """The answer that it was received: who will call, by when, and the line for the record if agreed.

    It says so where who will call has a waiting list of `weeks`, stands in for one that is full, or waits
    until `calls_by` for a patient who calls themselves. `instead`
    is said where the organisation had it before, with a number at which nobody was reached.
    """
    if not pathway.receipt.send:
        return []
    params: dict[str, Any] = {"date": due_at}
    code = Code.RECEIPT
    if instead:
        code = instead
    elif pathway.feedback is Feedback.GEAGGREGEERD:
        code = Code.RECEIPT_ONLY
    elif pathway.contact_person and contact_person:
        code = Code.RECEIPT_PERSON
        params["contact_person"] = contact_person
    more = []
    if calls_by and calls_by > now:
        more.append(Code.CALLS_FIRST)
        params["until"] = calls_by
    if passed_over:
        more.append(Code.PASSED_OVER)
        params["backup"] = passed_over
    if weeks:
        more.append(Code.WAITING_LIST)
        params["weeks"] = weeks
    if (pathway.copyable_note or pathway.registration_hint) and not instead:
        more.append(Code.NOTE_HINT if pathway.registration_hint else Code.NOTE)
    if more:
        params["more"] = tuple(more)
    return [message(case, party, code, now, once=once, **params)]


def deadline(session: Session, case: CaseRow) -> datetime:
    """By when there must be contact."""
    return clocks.due_of(session, [case.id], Kind.CONTACT).get(case.id) or agreed_due(case)


def agreed_due(case: CaseRow) -> datetime:
    """The same by what was agreed when the case began. No clock counts the term of a test; what is told of it
    is the term all the same."""
    return contact_due(case.received_at, policy(case), urgent=case.urgent)


def turn(moves: list[Moment]) -> str:
    """What tells a message apart from the same one told before: a correction or a new number came between."""
    return str(sum(event in (Event.CORRECTED, Event.INFO_GIVEN) for _, event in moves) or "")
