"""What a beheerder may do with a case now, and what exactly was asked for.

It promises that only what the transition table allows is offered, and that a wish is made of closed codes,
ids of the configuration and ids of deliveries, whatever was posted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome
from gateway.domain.route import Organisation, backup_of
from gateway.domain.states import CONTACT, REPORTS, TRANSITIONS, Event, State, recorded
from gateway.pipeline.retry import HANDOVER
from gateway.pipeline.settle import Report
from gateway.store.outbox import Status
from gateway.store.pagetables import OrderRow
from gateway.store.tables import CaseRow, OutboxRow


class Act(StrEnum):
    """What can be done, as its page is called."""

    REPORT = "melden"
    REROUTE = "overdragen"
    BACKUP = "achtervang"
    RETURN = "teruggeven"
    CORRECT = "rechtzetten"
    RETRY = "opnieuw"
    HOLD = "tegenhouden"
    DISMISS = "vervallen"


DELIVERY = frozenset({Act.RETRY, Act.HOLD, Act.DISMISS})
"""These are about one delivery."""

TELLABLE = CONTACT | {Event.INTAKE_PLANNED, Event.IN_SUPPORT, Event.STOPPED}
"""The reports with which a next step can be told."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to be done."""

    act: Act
    report: Report | None = None
    organisation: str = ""
    delivery: str = ""


class UnclearError(Exception):
    """What was chosen is no choice; the code says what is missing."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def possible(
    case: CaseRow,
    rows: Sequence[OutboxRow],
    orders: Iterable[OrderRow],
    organisations: Mapping[str, Organisation],
) -> frozenset[Act]:
    """What the case allows now; what is about a delivery, the delivery says itself."""
    state, found = State(case.state), set()
    if reportable(case):
        found.add(Act.REPORT)
    for act, event in ((Act.RETURN, Event.RETURNED), (Act.CORRECT, Event.CORRECTED)):
        if (state, event) in TRANSITIONS:
            found.add(act)
    # Without the referral's fields there is nothing to hand over.
    movable = state is State.RECEIVED or (state, Event.REROUTED) in TRANSITIONS
    if movable and case.fields_key is not None and not _waits(orders):
        found.add(Act.REROUTE)
        if backup(case, rows, organisations) is not None:
            found.add(Act.BACKUP)
    return frozenset(found)


def backup(
    case: CaseRow, rows: Iterable[OutboxRow], organisations: Mapping[str, Organisation]
) -> Organisation | None:
    """The organisation that could take over, if it did not have the case before."""
    first = organisations.get(case.organisation_id or "")
    found = backup_of(first, organisations.values()) if first else None
    had = {row.organisation_id for row in rows if row.kind == HANDOVER}
    return found if found is not None and found.id not in had else None


def can_retry(case: CaseRow, row: OutboxRow, orders: Iterable[OrderRow]) -> bool:
    """Whether a delivery can be tried again now."""
    sealable = row.kind != HANDOVER or (case.fields_key is not None and not _waits(orders))
    return row.status == Status.HELD and sealable


def can_hold(row: OutboxRow) -> bool:
    """Whether a delivery can be kept from leaving: nobody is sending it."""
    return row.status == Status.READY and row.lease is None


def can_dismiss(row: OutboxRow) -> bool:
    """Whether a delivery may go unsent: a held message, never a referral."""
    return row.status == Status.HELD and row.kind != HANDOVER


def reportable(case: CaseRow) -> tuple[Event, ...]:
    """The reports that move the case now.

    That somebody is unreachable follows from the attempts by itself, and a correction is an act of its own.
    """
    state, offered = State(case.state), REPORTS - {Event.UNREACHABLE, Event.CORRECTED}
    return tuple(
        event for event in Event if event in offered and (state, recorded(state, event)[0]) in TRANSITIONS
    )


def wish(
    act: Act, given: Mapping[str, str], case: CaseRow, organisations: Mapping[str, Organisation]
) -> Wish:
    """What was asked for; raises `UnclearError`."""
    match act:
        case Act.REPORT:
            return Wish(act, report=_report(given, case))
        case Act.REROUTE:
            chosen = given.get("organisatie", "")
            if chosen not in organisations:
                raise UnclearError("organisatie")
            return Wish(act, organisation=chosen)
        case Act.RETRY | Act.HOLD | Act.DISMISS:
            return Wish(act, delivery=given.get("levering", ""))
    return Wish(act)


def _report(given: Mapping[str, str], case: CaseRow) -> Report:
    word = given.get("melding", "")
    if word not in set(reportable(case)):
        raise UnclearError("melding")
    event = Event(word)
    reason = _code(DeclineReason, given.get("reden", "")) if event is Event.DECLINED else None
    if event is Event.DECLINED and reason is None:
        raise UnclearError("reden")
    return Report(
        event,
        reason,
        _code(DayPart, given.get("dagdeel", "")) if event is Event.ATTEMPTED else None,
        _code(StopOutcome, given.get("uitkomst", "")) if event is Event.STOPPED else None,
        _code(NextStep, given.get("vervolg", "")) if event in TELLABLE else None,
    )


C = TypeVar("C", bound=StrEnum)


def _code(kind: type[C], text: str) -> C | None:
    return kind(text) if text in set(kind) else None


def _waits(orders: Iterable[OrderRow]) -> bool:
    return any(order.done_at is None for order in orders)
