"""What waits, in numbers for whoever watches the gateway: about nobody, and asked all at once.

It promises answers that cost what waits and not what ever was: each stands on an index of what is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, SQLModel, col, func, select

from gateway.domain.states import State
from gateway.store import inbox, outbox
from gateway.store.outbox import Status
from gateway.store.tables import AWAITED, CaseRow, InboxRow, OutboxRow

_CLOCKS, _CASES = (SQLModel.metadata.tables[name] for name in ("clocks", "cases"))
_ASKED = [str(State.NEEDS_INFO), str(State.UNREACHABLE)]
"""The states in which the referrer has the turn."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits now. `since` is of the oldest; `held` counts by the code of why."""

    waiting: int
    waiting_since: datetime | None
    unsent: Mapping[str, int]
    unsent_since: datetime | None
    held: Mapping[str, int]
    overdue: int
    quarantined: int


def backlog(session: Session, now: datetime) -> Backlog:
    """Count everything that waits."""
    oldest_mail = select(func.min(InboxRow.received_at)).where(col(InboxRow.outcome).is_(None))
    # What is planned for later (a notice in working hours) is not late.
    oldest_row = select(func.min(OutboxRow.created_at)).where(
        col(OutboxRow.status) == Status.READY, (col(OutboxRow.next_at) <= now) | (col(OutboxRow.attempt) > 0)
    )
    held = (
        select(OutboxRow.reason, func.count())
        .where(col(OutboxRow.status) == Status.HELD)
        .group_by(col(OutboxRow.reason))
    )
    overdue = (
        select(func.count())
        .select_from(_CLOCKS.join(_CASES, _CLOCKS.c.case_id == _CASES.c.id))
        .where(text(AWAITED), _CLOCKS.c.due_at < now, _CLOCKS.c.paused_from.is_(None))
        .where(_CASES.c.state.not_in(_ASKED))
    )
    quarantined = select(func.count()).where(CaseRow.state == State.QUARANTINED)
    return Backlog(
        waiting=inbox.waiting(session),
        waiting_since=session.exec(oldest_mail).one(),
        unsent=outbox.counts(session),
        unsent_since=session.exec(oldest_row).one(),
        held={reason or "other": number for reason, number in session.exec(held).all()},
        overdue=session.exec(overdue).one(),
        quarantined=session.exec(quarantined).one(),
    )
