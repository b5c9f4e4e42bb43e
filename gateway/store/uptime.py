"""How long the work went on: one row an hour, with a bit for each minute in which a worker was there.

It promises that a minute counts once however many workers there are, that one without a heartbeat, or with a
step that didn't come back, does not count, and that nothing is said of the time before the first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from gateway.store.engine import rows_changed
from gateway.store.tables import UptimeRow

KEPT = timedelta(days=400)
"""So long it is kept: a year, and what it takes to look back on one."""

MINUTE = timedelta(minutes=1)

_INSERT: dict[str, Any] = {
    "sqlite": sqlite.insert(UptimeRow).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(UptimeRow).on_conflict_do_nothing(),
}


@dataclass(frozen=True, slots=True)
class Uptime:
    """How many of the minutes since `since` somebody worked in."""

    since: datetime
    minutes: int
    worked: int

    @property
    def percentage(self) -> float:
        """In hundreds; 100 before the first whole minute."""
        return 100.0 * min(self.worked, self.minutes) / self.minutes if self.minutes else 100.0


def working(session: Session, wall: datetime) -> None:
    """Note that the work goes on in this minute."""
    hour, bit = _hour(wall), 1 << wall.minute
    here = update(UptimeRow).where(col(UptimeRow.hour) == hour)
    with_bit = here.values(minutes=col(UptimeRow.minutes).bitwise_or(bit))
    if rows_changed(session, with_bit) == 0:
        session.execute(delete(UptimeRow).where(col(UptimeRow.hour) < hour - KEPT))
        # Another worker may make it at the same moment: then both write their bit.
        session.execute(_INSERT[session.get_bind().dialect.name].values(hour=hour, minutes=0))
        session.execute(with_bit)


def between(session: Session, since: datetime, until: datetime) -> Uptime | None:
    """How it went, from the first minute that is known; None where none is."""
    begin = _hour(since)
    query = select(UptimeRow).where(col(UptimeRow.hour) >= begin, col(UptimeRow.hour) <= until)
    rows = session.exec(query.order_by(col(UptimeRow.hour))).all()
    bits = [(row.hour + at * MINUTE) for row in rows for at in range(60) if row.minutes >> at & 1]
    known = [minute for minute in bits if since <= minute < until]
    if not known:
        return None
    # Whoever was there before this span was there at its beginning, or should have been.
    earlier = session.exec(select(UptimeRow.hour).where(col(UptimeRow.hour) < begin).limit(1)).first()
    first = since if earlier is not None else known[0]
    return Uptime(first, int((until - first) / MINUTE), len(known))


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
