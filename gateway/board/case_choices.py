"""What a beheerder may do with a case now, and what exactly was asked for.

It promises that only what the transition table allows is offered, and that a wish is made of closed codes,
ids of the configuration and ids of deliveries, whatever was posted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from gateway.domain.actions import HANDOVER, Action, Case, Delivery, DeliveryAction
from gateway.domain.case import ReportWord
from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome
from gateway.domain.route import Organisation, backup_of
from gateway.domain.states import CONTACT, Event, State
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


DELIVERY = {
    Act.RETRY: DeliveryAction.RETRY,
    Act.HOLD: DeliveryAction.HOLD,
    Act.DISMISS: DeliveryAction.DISMISS,
}
"""These are about one delivery."""

_ACTIONS = {
    Act.REPORT: Action.REPORT,
    Act.REROUTE: Action.REROUTE,
    Act.RETURN: Action.RETURN,
    Act.CORRECT: Action.CORRECT,
}

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


def case_of(case: CaseRow, orders: Iterable[OrderRow] = ()) -> Case:
    """The case as the rules see it."""
    waits = any(order.done_at is None for order in orders)
    return Case(State(case.state), case.fields_key is not None, waits)


def delivery_of(row: OutboxRow) -> Delivery:
    """The delivery as the rules see it."""
    return Delivery(row.kind, row.status == Status.HELD, row.status == Status.READY, row.lease is not None)


def possible(
    case: CaseRow,
    rows: Sequence[OutboxRow],
    orders: Iterable[OrderRow],
    organisations: Mapping[str, Organisation],
) -> frozenset[Act]:
    """What the case allows now; what is about a delivery, the delivery says itself."""
    known = case_of(case, orders)
    found = {act for act, action in _ACTIONS.items() if known.can(action)}
    if Act.REROUTE in found and backup(case, rows, organisations) is not None:
        found.add(Act.BACKUP)
    return frozenset(found)


def backup(
    case: CaseRow, rows: Iterable[OutboxRow], organisations: Mapping[str, Organisation]
) -> Organisation | None:
    """The organisation that could take over, if it did not have the case before."""
    first = organisations.get(case.organisation_id or "")
    found = backup_of(first, organisations.values(), case.theme) if first else None
    had = {row.organisation_id for row in rows if row.kind == HANDOVER}
    return found if found is not None and found.id not in had else None


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
    if word not in case_of(case).reports():
        raise UnclearError("melding")
    said = ReportWord(word)
    reason = _code(DeclineReason, given.get("reden", ""))
    if said is ReportWord.DECLINED and reason is None:
        raise UnclearError("reden")
    return Report.of(
        said,
        reason=reason,
        day_part=_code(DayPart, given.get("dagdeel", "")),
        outcome=_code(StopOutcome, given.get("uitkomst", "")),
        next_step=_code(NextStep, given.get("vervolg", "")) if said.event in TELLABLE else None,
    )


C = TypeVar("C", bound=StrEnum)


def _code(kind: type[C], text: str) -> C | None:
    return kind(text) if text in set(kind) else None
