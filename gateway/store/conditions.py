"""What the database as a whole is in: paused, as it is after a restore, or moved to another database.

It promises that a condition survives restarts and is seen by every process, and that a database which was
moved away serves nobody any more.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from gateway.errors import NotAllowed
from gateway.store.engine import Store
from gateway.store.tables import ConditionRow


class ConditionName(StrEnum):
    """The conditions there are."""

    PAUSED = "paused"
    """Mail is taken in and kept; nothing is worked on and nothing leaves, until `inbeeld resume`."""
    MOVED = "moved"
    """Everything stands in another database now."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One of them: since when, and the closed facts about it."""

    name: ConditionName
    since: datetime
    data: dict[str, Any]

    @property
    def as_of(self) -> datetime:
        """The moment that it knows of last: that of the backup which was restored, or when it was paused."""
        return datetime.fromisoformat(self.data["as_of"])


def begin(session: Session, name: ConditionName, now: datetime, **data: Any) -> None:
    """Let a condition hold."""
    session.merge(ConditionRow(name=name, since=now, data=json.dumps(data, sort_keys=True)))


def end(session: Session, name: ConditionName) -> None:
    """Let a condition hold no more."""
    row = session.get(ConditionRow, name)
    if row is not None:
        session.delete(row)


def of(session: Session, name: ConditionName) -> Condition | None:
    """The condition, if it holds."""
    row = session.get(ConditionRow, name)
    return Condition(name, row.since, json.loads(row.data)) if row else None


def paused(store: Store) -> Condition | None:
    """Since when nothing is worked on, if that is so."""
    with store.read() as session:
        return of(session, ConditionName.PAUSED)


def assure_in_use(store: Store) -> None:
    """Raise `NotAllowed` if everything was moved to another database."""
    with store.read() as session:
        moved = of(session, ConditionName.MOVED)
    if moved:
        raise NotAllowed(
            f"This database was moved on {moved.since:%Y-%m-%d %H:%M} UTC to {moved.data['to']}: "
            "set gateway.database_url in config/inbeeld.toml to that one"
        )
