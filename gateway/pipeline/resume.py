"""Goes on after a restore: what the gateway may have sent after the backup was made is not sent again unseen.

A backup is of a moment. What waited to leave then may have left since, and so may what followed from a mail
that waited or from a clock that was due. It promises that all of this is held, each with its event, before
anything leaves; that what came in after the restore leaves at once; and that the gateway stays paused while
any of the old mails could not be read.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed
from gateway.pipeline.receive import LANES
from gateway.pipeline.retry import RESTORED, tell_held
from gateway.store import audit, clocks, conditions, inbox, keptback, mailbox
from gateway.store.conditions import Condition, ConditionName
from gateway.store.engine import Store
from gateway.store.tables import MailboxRow

STEPS = (*LANES, "orders", "deadlines", "poll")
"""What is done before it is decided what is held: the old mails are read, what beheerders had ordered is
prepared, clocks fire, and receivers that want to be asked say what they may have said before."""

ASIDE = timedelta(minutes=10)
"""How long mails that came after the restore wait at most, if this is broken off."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What waits in a gateway that is paused, so that somebody can decide."""

    since: datetime
    as_of: datetime
    unsent: dict[str, int]
    """What waited to leave at the moment of the backup, by kind."""
    fresh: int
    """What was made since the restore."""
    mails: int
    """Mails that waited to be read at the moment of the backup."""
    new_mails: int
    due: int
    """Clocks that are due now."""
    in_mailboxes: int


def outlook(store: Store, now: datetime) -> Outlook:
    """What waits; raises `NotAllowed` for a gateway that is not paused."""
    with store.read() as session:
        paused = _paused(session)
        rows = keptback.waiting_of(session)
        old = inbox.waiting_since(session, paused.since)
        ready = MailboxRow.status == mailbox.ItemStatus.READY
        return Outlook(
            since=paused.since,
            as_of=paused.as_of,
            unsent=dict(Counter(row.kind for row in rows if row.created_at <= paused.since)),
            fresh=sum(row.created_at > paused.since for row in rows),
            mails=old,
            new_mails=inbox.waiting(session) - old,
            due=clocks.count_due(session, now),
            in_mailboxes=session.exec(select(func.count(col(MailboxRow.id))).where(ready)).one(),
        )


async def hold_unsent(
    store: Store, work: Callable[[Collection[str]], Awaitable[object]], now: datetime, actor: str
) -> int:
    """Go on, and hold whatever may have left already; gives how much that is. `work` runs these steps."""
    with store.write() as session:
        paused = _paused(session)
        fresh = {row.id for row in keptback.waiting_of(session, after=paused.since)}
        inbox.hurry(session)
        inbox.let_wait(session, paused.since, now + ASIDE)
    await work(STEPS)
    with store.write() as session:
        if left := inbox.waiting_since(session, paused.since):
            raise NotAllowed(
                f"{left} mails that waited when the backup was made can't be read yet, so that nobody knows "
                "what follows from them: the gateway stays paused. Is DNS reachable? Then run this again"
            )
        held = keptback.keep_back(session, fresh, RESTORED)
        for row in held:
            tell_held(session, row, RESTORED, now, actor)
        inbox.let_wait(session, paused.since, None)
        _go_on(session, now, actor, held=len(held))
    return len(held)


def send_all(store: Store, now: datetime, actor: str) -> None:
    """Go on as though nothing had left since the backup: so it is if the old gateway was stopped before."""
    with store.write() as session:
        _paused(session)
        _go_on(session, now, actor, held=0)


def _go_on(session: Session, now: datetime, actor: str, held: int) -> None:
    conditions.end(session, ConditionName.PAUSED)
    audit.append(session, AuditEvent.GATEWAY_RESUMED, now=now, actor=actor, held=held)


def _paused(session: Session) -> Condition:
    found = conditions.of(session, ConditionName.PAUSED)
    if found is None:
        raise NotAllowed("The gateway is not paused")
    return found
