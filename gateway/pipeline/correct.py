"""Takes back a report that was wrong, with everything that followed from it.

It promises that the case is where it was before, that its promises run again with the deadlines they had,
and that only those are told who were told something wrong.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.domain.clock import PlannedClock, closing, met_by
from gateway.domain.codes import DeclineReason, Kind, NextStep, StopOutcome
from gateway.domain.escalation import Trouble
from gateway.domain.feedback import answer_to_correction, answer_to_refusal, answers
from gateway.domain.messages import Code
from gateway.domain.standing import Reported, in_contact, standing, take_back
from gateway.domain.states import ENDED, Event, State
from gateway.domain.trail import AuditEvent
from gateway.domain.workdays import Workdays, later
from gateway.errors import NotAllowed
from gateway.pipeline.notify import Party, deadline, parties, policy, say, tell_organisation
from gateway.pipeline.turns import take_turn_back
from gateway.store import audit, cases, clocks, mailbox, outbox
from gateway.store.tables import CaseRow, EventRow

BY, HAD = "by", "had"
"""The facts of a contact that somebody made while another had the case: who made it, and who had it."""

_SAID = ("reason", "day_part", "outcome", "next_step", "on", "implied", BY, HAD)
"""What belongs to a report itself, whoever recorded it and when."""

_QUESTIONS = frozenset({Kind.REMIND, Kind.GIVE_UP, Kind.REROUTE, Kind.REPEAT, Kind.RETIRE})


def correct(session: Session, case: CaseRow, now: datetime, actor: str, channel: str, **marks: Any) -> None:
    """Take back the last report, with what it brought along; raises `NotAllowed`.

    `marks` stand with the correction: by `once` it is known when it is told again.
    """
    last = last_of(reports(audit.of_case(session, case.id)))
    if not last.moves:
        raise NotAllowed("nothing was reported on it that could be taken back")
    for _ in last.moves:
        cases.advance(session, case, Event.CORRECTED, now=now, actor=actor, channel=channel, **marks)
    for one in last.anew:
        # What stood below it was true: the case comes back to it, and nobody hears it twice.
        said = {name: fact for name, fact in _data(one.row).items() if name in _SAID}
        facts: dict[str, Any] = {**said, "channel": channel, "stands": True}
        cases.advance(session, case, one.event, now=now, actor=actor, **facts)
    if State(case.state) not in ENDED:
        # A correction leads back to a stage in which the organisation has the referral.
        _run_again(session, case, {Event.COLLECTED, *(one.event for one in (*last.left, *last.anew))})
    serial = str(case.version)
    facts = next((found for one in last.wrong if BY in (found := _data(one.row))), {})
    by = facts.get(BY)
    if by and not last.left_contact:
        # Who was to call before has the case again.
        cases.change(session, case, {"organisation_id": facts.get(HAD, case.organisation_id)})
        _call_after_all(session, case, by, now, serial)
    named = {"organisation": by} if by else {}
    for party in parties(session, case):
        codes = [code for one in last.wrong for code in _told(one, party)]
        told = [code for code in codes if _left(session, case, code, party)]
        first = Code.IN_BEELD if Code.IN_BEELD in told else next(iter(told), None)
        if code := answer_to_correction(first):
            say(session, case, party, code, now, once=serial, **named)


def reports(events: list[EventRow]) -> list[Reported[EventRow]]:
    """The reports of a case that were not taken back, oldest first."""
    moves = (row for row in events if row.kind.startswith("case."))
    return standing(
        Reported(Event(row.kind.removeprefix("case.")), _data(row).get("implied"), row) for row in moves
    )


def last_said_by(session: Session, case: CaseRow) -> str | None:
    """Who made the last report of a case, where that was not who has the case."""
    wrong = last_of(reports(audit.of_case(session, case.id))).wrong
    return _data(wrong[0].row).get(BY) if wrong else None


def _call_after_all(session: Session, case: CaseRow, by: str, now: datetime, serial: str) -> None:
    """Who has the case was told that it need not call: it must, or a person must find out who can."""
    to = case.organisation_id or ""
    if not mailbox.took(session, case.id, to):
        # The contact destroyed the referral before it reached them.
        audit.append(
            session, AuditEvent.ALARM, now=now, actor="gateway", case_id=case.id, code=Trouble.NOBODY
        )
        return
    date = deadline(session, case)
    tell_organisation(session, case, to, Code.ORG_UNREACHED, now, once=serial, backup=by, date=date)


@dataclass(frozen=True, slots=True)
class Last:
    """The last report of a case: the moves that take it back, what to record anew, and what is left."""

    moves: list[list[Reported[EventRow]]]
    anew: list[Reported[EventRow]]
    left: list[Reported[EventRow]]

    @property
    def left_contact(self) -> bool:
        """Whether contact stands without it."""
        return in_contact([*self.left, *self.anew])

    @property
    def wrong(self) -> list[Reported[EventRow]]:
        """Everything that was wrong, the last one first."""
        return [one for move in self.moves for one in move]


def last_of(made: list[Reported[EventRow]]) -> Last:
    """The last report among these: it takes two moves back where it made contact too."""
    left = list(made)
    wrong, anew = take_back(left)
    moves = [wrong] if wrong else []
    if wrong and left and not anew and left[-1].implied == wrong[0].event:
        moves.append(take_back(left)[0])
    return Last(moves, anew, left)


def _run_again(session: Session, case: CaseRow, made: set[Event]) -> None:
    """Let every clock run that nothing which still stands has met; a test has none, and goes by itself."""
    if case.trial:
        return
    pathway = policy(case)
    kinds = [row.kind for row in clocks.of_case(session, case.id) if row.kind not in _QUESTIONS]
    clocks.reopen(session, case.id, [kind for kind in kinds if not made & met_by(kind, pathway)])
    take_turn_back(session, case, case.updated_at)
    not_ended(session, case)


def not_ended(session: Session, case: CaseRow) -> None:
    """Retention counts from the end of a case, and this one has not ended after all."""
    pathway = policy(case)
    retire = later(case.received_at, pathway.retention.ceiling_days, Workdays(pathway))
    clocks.restart(session, case.id, [closing(retire, pathway), PlannedClock(Kind.RETIRE, retire)])


def _told(one: Reported[EventRow], party: Party) -> tuple[Code, ...]:
    """What a party was told after an event."""
    event, data = one.event, _data(one.row)
    if data.get("code") == "wrong_number":
        return (Code.NUMBER_WRONG,)
    if event is Event.DECLINED:
        if data.get("state") != State.DECLINED:
            event = Event.STOPPED
        else:
            reason = DeclineReason(data["reason"])
            code = answer_to_refusal(reason, party.feedback, has_backup=False)
            return (code,) if code else ()
    return answers(
        event,
        party.feedback,
        outcome=StopOutcome(data["outcome"]) if "outcome" in data else None,
        next_step=NextStep(data["next_step"]) if "next_step" in data else None,
    )


def _left(session: Session, case: CaseRow, code: Code, party: Party) -> bool:
    """Whether a message has left, or may have; one that has not is taken back unsaid."""
    return not outbox.take_back(session, case.id, str(code), party.thread)


def _data(row: EventRow) -> dict[str, str]:
    found: dict[str, str] = json.loads(row.data)
    return found
