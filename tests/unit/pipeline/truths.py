"""What must hold of a case, in words: who is responsible, and whether what the referrer read is true."""

from collections.abc import Callable
from datetime import datetime

from gateway.domain.attribution import Turn
from gateway.domain.escalation import Situation, Trouble, trouble
from gateway.domain.messages import Code
from gateway.domain.outgoing import Reply
from gateway.domain.pathway import Pathway
from gateway.domain.states import IN_CONTACT, WITH_ORGANISATION, State
from gateway.domain.workdays import Workdays
from gateway.store.tables import CaseRow
from tests.unit.pipeline.saying import BADLY, CHANGED, LATE, OVER, WAITING

RESPONSIBLE = {
    State.RECEIVED: Turn.GATEWAY,
    State.NEEDS_INFO: Turn.REFERRER,
    State.UNREACHABLE: Turn.REFERRER,
    # Who has the referral, or is about to, must call.
    State.ROUTED: Turn.ORGANISATION,
    State.DELIVERED: Turn.ORGANISATION,
    State.COLLECTED: Turn.ORGANISATION,
    State.ATTEMPTED: Turn.ORGANISATION,
}


def is_true(
    reply: Reply, sent: datetime, case: CaseRow, agreed: Pathway, facts: Situation, now: datetime
) -> bool:
    """Whether what the referrer read, which was `sent` then, is so now."""
    given, state = reply.particulars, State(case.state)
    waits, same = state in WITH_ORGANISATION, given.organisation == case.organisation_id
    readable = case.fields_key is not None
    # After the date the referrer hears of it when people work; a date that had passed was not promised.
    promised = given.date is None or sent >= given.date or now <= Workdays(agreed).next_moment(given.date)
    truths: dict[Code, Callable[[], bool]] = {
        Code.IN_BEELD: lambda: state in IN_CONTACT | {State.STOPPED, State.CLOSED},
        Code.DUPLICATE: lambda: waits and same,
        Code.NOBODY_YET: lambda: state is State.DECLINED and readable and same,
        Code.STILL_NOBODY: lambda: state is State.DECLINED and readable,
        Code.RECEIPT_WAITING: lambda: state in (State.RECEIVED, State.ROUTED),
        Code.NOT_CONTINUED: lambda: state in (State.DECLINED, State.CLOSED) and not readable,
        Code.WITHDRAWAL_ASKED: lambda: state is State.WITHDRAWN and facts.unconfirmed,
        Code.STOP_PASSED: lambda: (
            state in IN_CONTACT | {State.STOPPED, State.CLOSED}
            or (state is State.WITHDRAWN and facts.unconfirmed)
        ),
        Code.NO_CONSENT: lambda: state in (State.WITHDRAWN, State.CLOSED),
        Code.WITHDRAWN: lambda: state in (State.WITHDRAWN, State.RETURNED, State.CLOSED) or not readable,
        Code.WITHDRAWAL_UNCONFIRMED: lambda: state is State.CLOSED,
        Code.WITHDRAWAL_LATE: lambda: state in IN_CONTACT | {State.STOPPED, State.CLOSED},
        Code.CONTACT_WITHDRAWN: lambda: state in (State.WITHDRAWN, State.CLOSED),
        Code.CLOSES_SOON: lambda: state not in IN_CONTACT | {State.RETURNED, State.CLOSED},
    }
    if reply.code in WAITING:
        return waits and same and promised
    if reply.code in CHANGED:
        return waits and given.backup == case.organisation_id and promised
    if reply.code in LATE:
        return waits and same
    if reply.code in OVER:
        return state in (State.RETURNED, State.CLOSED)
    if reply.code in BADLY:
        # Who tries on has spoken with nobody either.
        return state is State.UNREACHABLE or (state is State.ATTEMPTED and reply.code is Code.NUMBER_WRONG)
    return truths[reply.code]()


def responsible(facts: Situation) -> Turn | None:
    """Who must act now so that the case goes on; None once it has ended and everybody knows."""
    found = trouble(facts)
    if found in (Trouble.NOBODY, Trouble.HELD, Trouble.QUARANTINE):
        return Turn.ADMINISTRATOR
    if found is Trouble.WITHDRAWAL or facts.state in IN_CONTACT:
        return Turn.ORGANISATION
    return RESPONSIBLE.get(facts.state)
