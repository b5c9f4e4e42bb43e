"""From SQLite to PostgreSQL: everything, counted and verified, and the file marked as left.

It promises that nothing is written meanwhile, that the file stays as it was but for that mark, and that the
mark is set only when the copy holds as many rows in every table and a whole audit trail with the same head.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url
from sqlmodel import SQLModel

from gateway.domain.trail import AuditEvent
from gateway.errors import ConfigError, NotAllowed
from gateway.store import audit, copying
from gateway.store.audit import Head
from gateway.store.conditions import ConditionName
from gateway.store.copying import Told
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.worker import FileLock

PARTS = ("intake", "worker", "web")
"""What a process of `serve` can be, one of each on one SQLite database."""

_CONDITIONS = "conditions"


@dataclass(frozen=True, slots=True)
class MovedTo:
    """Where everything is now; `to` holds no password."""

    to: str
    head: Head
    counts: dict[str, int]


@contextlib.contextmanager
def serving_alone(data_dir: Path, parts: tuple[str, ...]) -> Iterator[None]:
    """Be the only process that is these parts of the gateway on this SQLite database, where a second one is
    only there by mistake; raises `ConfigError` if there is another."""
    locks = [FileLock(data_dir / f"serve-{part}.lock") for part in parts]
    try:
        for part, lock in zip(parts, locks, strict=True):
            if not lock.acquire():
                remedy = "Stop the gateway first (two that serve at once need PostgreSQL)"
                what = f"another process already runs its {part}"
                raise ConfigError(str(data_dir), "data_dir", what, remedy)
        yield
    finally:
        for lock in locks:
            lock.release()


def move(source: Store, data_dir: Path, database_url: str, now: datetime, actor: str, told: Told) -> MovedTo:
    """Copy everything; raises `InbeeldError`, and then the source is in use as before."""
    shown = make_url(database_url).set(password=None).render_as_string()
    target = Store(database_url)
    try:
        with serving_alone(data_dir, PARTS), source.alone() as connection:
            migrate(target)
            copying.copy(source, target, told)
            counts, head = copying.counts(target), copying.head(target)
            if counts != copying.counts(source) or head != copying.head(source):
                raise NotAllowed(
                    "The copy does not hold what the file holds: empty that database, and try again"
                )
            with target.snapshot() as session:
                found = audit.verify(session)
            if found.faults:
                raise NotAllowed(f"The audit trail of the copy is not whole: {found.faults[0]}")
            moved = SQLModel.metadata.tables[_CONDITIONS]
            connection.execute(
                moved.insert().values(
                    name=str(ConditionName.MOVED), since=now, data=json.dumps({"to": shown})
                )
            )
        with target.write() as session:
            audit.append(session, AuditEvent.DATABASE_MOVED, now=now, actor=actor, head=str(head))
    finally:
        target.close()
    return MovedTo(shown, head, counts)
