"""Whether this process is the only worker on a SQLite database.

Its lock goes with the process, also when that is killed. So whoever gets it knows that every lease in the
database belongs to a worker that is gone, and may take the work over at once instead of waiting for the
leases to end. On PostgreSQL there may be many workers, and leases end by time.
"""

import fcntl
import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col

from gateway.store.engine import Store
from gateway.store.tables import InboxRow, OutboxRow


class WorkerLock:
    """A lock on a file; `path` is None where there may be many workers."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Whether we are the only worker now; asking again is harmless."""
        if self._path is None:
            return False
        if self._descriptor is not None:
            return True
        descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let another worker have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def take_over(store: Store, now: datetime) -> None:
    """End every lease: the workers that held them are gone."""
    with store.write() as session:
        session.execute(
            update(InboxRow).where(col(InboxRow.lease).is_not(None)).values(lease=None, next_at=None)
        )
        session.execute(
            update(OutboxRow).where(col(OutboxRow.lease).is_not(None)).values(lease=None, next_at=now)
        )
