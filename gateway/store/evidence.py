"""What passed between whom, for whoever must show it: one line for each mail that came and each delivery.

It promises ids, codes, moments and receipts only: no subject, no address of a person, nothing of a patient.
It goes back as far as the rows do: what was retired is in the audit trail alone.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from gateway.store.tables import CaseRow, InboxRow, OutboxRow

AT_ONCE = 500


class MessagePassage(NamedTuple):
    """One message. `receipt` of what came is how its line was encrypted, where that is known; "" if not."""

    at: datetime
    incoming: bool
    kind: str
    kenmerk: str | None
    practice_id: str | None
    organisation_id: str | None
    media_type: str | None
    peer: str | None
    receipt: str | None
    outcome: str
    reason: str | None


def passages(session: Session, since: datetime, until: datetime) -> Iterator[MessagePassage]:
    """Everything between two moments: first what came, then what left, each oldest first."""
    came = (
        select(
            col(InboxRow.received_at),
            col(CaseRow.kenmerk),
            col(InboxRow.practice_id),
            col(InboxRow.outcome),
            col(InboxRow.line),
        )
        .outerjoin(CaseRow, col(CaseRow.id) == col(InboxRow.case_id))
        .where(col(InboxRow.received_at) >= since, col(InboxRow.received_at) < until)
        .order_by(col(InboxRow.received_at), col(InboxRow.id))
    )
    for row in session.execute(came.execution_options(yield_per=AT_ONCE)):
        known = (row.kenmerk, row.practice_id, None, None, None, row.line)
        yield MessagePassage(row.received_at, True, "mail", *known, row.outcome or "waiting", None)
    left = (
        select(
            col(OutboxRow.created_at),
            col(OutboxRow.sent_at),
            col(OutboxRow.kind),
            col(CaseRow.kenmerk),
            col(CaseRow.practice_id),
            col(OutboxRow.organisation_id),
            col(OutboxRow.media_type),
            col(OutboxRow.receipt_peer),
            col(OutboxRow.receipt_text),
            col(OutboxRow.status),
            col(OutboxRow.reason),
        )
        .outerjoin(CaseRow, col(CaseRow.id) == col(OutboxRow.case_id))
        .where(col(OutboxRow.created_at) >= since, col(OutboxRow.created_at) < until)
        .order_by(col(OutboxRow.created_at), col(OutboxRow.id))
    )
    for row in session.execute(left.execution_options(yield_per=AT_ONCE)):
        to_practice = row.practice_id if row.kind == "reply" else None
        yield MessagePassage(
            row.sent_at or row.created_at,
            False,
            row.kind,
            row.kenmerk,
            to_practice,
            row.organisation_id,
            row.media_type,
            row.receipt_peer,
            row.receipt_text,
            row.status,
            row.reason,
        )
