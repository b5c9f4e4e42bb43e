"""Watches the machine's clock: a step of it, and whether what can't be undone must wait because of one.

It promises that a step is told once; that after a leap forward, in a running process or since the last
heartbeat of any worker, nothing irrevocable is done for a while (a machine that booted with a wrong clock is
put right in that time, and then at once nothing waits any more); and that it never waits for longer.

After a step back nothing waits for longer than it would by itself: what was to be tried again "in a minute"
was written down as a moment, which after a step of an hour is an hour away. Such a wait begins anew, counted
from now; what was planned for a moment of the calendar keeps it, and so does what somebody works on; and
doing this twice, or by several workers at once, changes nothing.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select

from gateway.pipeline import batch, receipts
from gateway.store.engine import Store
from gateway.store.outbox import Status
from gateway.store.tables import InboxRow, OutboxRow

JUMP = 1.0
"""A difference between the machine's clock and the monotonic one that is no slewing any more, in seconds."""

LEAP = 3600.0
"""A step forward that is no correction any more, in seconds."""

AWAY = timedelta(hours=6)
"""So long without any worker, as the clock has it, may be a wrong clock as well."""

REST = 600.0
"""How long the irrevocable waits after a leap, in seconds of monotonic time."""


class ClockWatch:
    """One process's look at its clock, beside one that only runs on."""

    def __init__(self) -> None:
        self._leapt = self._behind = 0.0
        self._rests_until: float | None = None
        self.goes_by(time.monotonic)

    def goes_by(self, steady: Callable[[], float]) -> None:
        """Compare with this clock from now on."""
        self._steady = steady
        self._offset = time.time() - steady()

    def began(self, last_seen: datetime | None, now: datetime) -> bool:
        """The process begins, and some worker lived last at a moment; says whether the clock is back before
        that."""
        if last_seen is None:
            return False
        if now - last_seen > AWAY:
            self._rest((now - last_seen).total_seconds())
        return last_seen - now > timedelta(seconds=JUMP)

    def look(self) -> float:
        """By how many seconds the clock stepped since the last look; 0 if it did not."""
        offset = time.time() - self._steady()
        step = offset - self._offset
        self._offset = offset
        if abs(step) <= JUMP:
            return 0.0
        if step - self._behind >= LEAP:
            self._rest(step)
        elif self._rests_until is not None and step <= -self._leapt / 2:
            # It was put right: what it said meanwhile was wrong.
            self._rests_until = None
        else:
            # What was set back may be put right later, and is no leap then.
            self._behind = max(0.0, self._behind - step)
        return step

    @property
    def in_doubt(self) -> bool:
        """Whether the clock leapt forward so lately that it may still be put right."""
        if time.time() - self._steady() - self._offset - self._behind >= LEAP:
            # It leapt since the last look.
            return True
        return self._rests_until is not None and self._steady() < self._rests_until

    def _rest(self, leapt: float) -> None:
        self._leapt, self._rests_until = leapt, self._steady() + REST


def shorten_waits(store: Store, now: datetime) -> int:
    """Let every wait be no longer than its own; gives how many were."""
    with store.write() as session:
        changed = 0
        mails = select(InboxRow.id, InboxRow.next_at, InboxRow.attempt, InboxRow.postponed).where(
            col(InboxRow.outcome).is_(None), col(InboxRow.lease).is_(None), col(InboxRow.next_at) > now
        )
        for id_, next_at, attempt, postponed in session.exec(mails).all():
            wait = _nth(batch.WAITS, max(attempt, postponed))
            if next_at is not None and next_at > now + wait:
                row = update(InboxRow).where(col(InboxRow.id) == id_, col(InboxRow.lease).is_(None))
                session.execute(row.values(next_at=now + wait))
                changed += 1
        rows = (
            select(OutboxRow.id, OutboxRow.next_at, OutboxRow.created_at, OutboxRow.attempt)
            .where(OutboxRow.status == Status.READY, col(OutboxRow.lease).is_(None))
            .where(col(OutboxRow.next_at) > now)
        )
        for id_, next_at, created_at, attempt in session.exec(rows).all():
            if attempt == 0 and next_at > created_at:
                # It was planned for that moment.
                continue
            wait = _nth((*receipts.WAITS, receipts.THEN), attempt)
            if next_at > now + wait * (1 + receipts.JITTER):
                mine = update(OutboxRow).where(col(OutboxRow.id) == id_, col(OutboxRow.lease).is_(None))
                session.execute(mine.values(next_at=now + wait))
                changed += 1
    return changed


def _nth(waits: tuple[timedelta, ...], number: int) -> timedelta:
    """How long is waited after that try; nothing before the first."""
    return waits[min(number, len(waits)) - 1] if number else timedelta(0)
