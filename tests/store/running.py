"""Factories of cases as the board sees them: a row, its clock, and perhaps a delivery."""

from datetime import datetime
from typing import Any

from gateway.domain.codes import Kind
from gateway.domain.states import State
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, ClockRow, OutboxRow
from tests.store.rows import DAY, HOUR, NOW

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def kenmerk(number: int) -> str:
    """The kenmerk of the case with this number."""
    return f"IB-{LETTERS[number // 32]}{LETTERS[number % 32]}00-0000"


def add(
    store: Store,
    number: int = 1,
    state: State = State.DELIVERED,
    due: datetime | None = NOW + DAY,
    *,
    paused: bool = False,
    met: datetime | None = None,
    kind: str = Kind.CONTACT,
    **overrides: Any,
) -> str:
    """A case with one clock; gives its kenmerk."""
    name = f"c{number}"
    case = CaseRow(
        **dict[str, Any](
            {
                "id": name,
                "kenmerk": kenmerk(number),
                "state": state,
                "practice_id": "filmwijk",
                "organisation_id": "de-schoor",
                "wijk": "Filmwijk",
                "received_at": NOW - DAY,
                "updated_at": NOW - DAY,
            }
            | overrides
        )
    )
    with store.write() as session:
        session.add(case)
        if due is not None:
            paused_from = NOW - HOUR if paused else None
            session.add(ClockRow(case_id=name, kind=kind, due_at=due, met_at=met, paused_from=paused_from))
    return kenmerk(number)


def deliver(store: Store, name: str, number: int | None = 1, **overrides: Any) -> None:
    """A row of the outbox, held unless it is told otherwise."""
    row = OutboxRow(
        **dict[str, Any](
            {
                "id": name,
                "once": name,
                "case_id": "" if number is None else f"c{number}",
                "kind": "handover",
                "code": "handover",
                "organisation_id": "de-schoor",
                "status": "held",
                "reason": "expired",
                "created_at": NOW,
                "next_at": NOW,
            }
            | overrides
        )
    )
    with store.write() as session:
        session.add(row)
