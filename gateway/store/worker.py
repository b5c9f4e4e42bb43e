"""Which workers live, so that the work of one that is gone is taken over at once.

It promises that a worker which was killed, or whose machine is gone, holds nobody's mail for longer than the
next look: each worker holds a lock that goes with its process (on a file where SQLite allows one worker, in
its own session on PostgreSQL, where there may be many), and whoever gets the lock of another knows that this
one is gone. Each worker also leaves a heartbeat, by which the other roles tell whether the work goes on.
"""

import contextlib
import fcntl
import os
import time
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Update, delete, text, update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from gateway.errors import ConfigError
from gateway.files import own_like
from gateway.store import uptime
from gateway.store.engine import Store
from gateway.store.tables import InboxRow, OutboxRow, WorkerRow

ANEW = 15.0
"""So many seconds after we lost our own session every worker that lives has its lock again: a server that was
restarted knows none of them at first."""


BEAT_EVERY = timedelta(seconds=5)
LOOK_EVERY = timedelta(seconds=2)
"""How often a worker says that it lives, where it is the only one, and where others may live: they take over
what one that was killed held at the second look."""


class FileLock:
    """A lock on a file that goes with the process, also when that is killed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Whether it is ours now; asking again is harmless."""
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except PermissionError:
            remedy = f"Run: chown --reference={self._path.parent} {self._path}"
            raise ConfigError(str(self._path), "lock", "belongs to somebody else", remedy) from None
        # A command that root gave must not keep the service out.
        own_like(descriptor, self._path.parent)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let another have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class Presence:
    """This worker among the others; `id` is the lease under which it claims. `path` is for SQLite's lock."""

    def __init__(self, store: Store, path: Path) -> None:
        self.id = uuid.uuid4().hex
        self._store, self._file = store, FileLock(path)
        self._session: Connection | None = None
        self._line: DBAPIConnection | None = None
        self._inherited = False
        self._lost_at: float | None = None
        self._counted: datetime | None = None
        self._beaten: dict[str, datetime] = {}
        """When each worker had last said that it lives, as we last looked."""

    @property
    def every(self) -> timedelta:
        """How often to say that we live."""
        return BEAT_EVERY if self._store.sqlite else LOOK_EVERY

    def alone(self) -> bool:
        """Whether this is surely the only worker; on PostgreSQL nobody can tell. Raises `ConfigError` where
        nobody could tell who lives either."""
        if shares_sessions(self._store):
            what = "leads to a pooler that gives each transaction another session"
            remedy = "Name the server itself, or a pooler in session mode"
            raise ConfigError("config/inbeeld.toml", "gateway.database_url", what, remedy)
        return self._store.sqlite and self._file.acquire()

    def beat(
        self,
        now: datetime,
        wall: datetime,
        stalled: Collection[str] = (),
        trouble: Collection[str] = (),
    ) -> int:
        """Say that we live, which of our steps do not, and what ails the house; then take over what the gone
        ones held.

        Gives how many rows came back. `wall` is real time, also where that of cases is another.
        """
        if not self._store.sqlite:
            self._hold_session()
        with self._store.write() as session:
            ails = {"stalled": " ".join(stalled), "trouble": " ".join(trouble)}
            session.merge(WorkerRow(id=self.id, seen_at=wall, **ails))
            if not stalled and (minute := wall.replace(second=0, microsecond=0)) != self._counted:
                uptime.working(session, wall)
                self._counted = minute
            beaten = dict(session.exec(select(WorkerRow.id, WorkerRow.seen_at)).all())
            others = {*beaten} | self._holders(session)
        # Whose session alone broke sends at this moment, and holds its lock again with its next heartbeat.
        lives = {each for each, at in self._beaten.items() if beaten.get(each, at) != at}
        self._beaten = beaten
        return sum(self._take_over(other, now) for other in self._gone(others - lives - {self.id}))

    def leave(self) -> None:
        """We stop: nothing is claimed by us any more."""
        if self._session is not None:
            with contextlib.suppress(DBAPIError):
                if not self._session.invalidated:
                    # The server notices the end of a session only some time after it.
                    self._session.execute(text("SELECT pg_advisory_unlock_all()"))
                self._session.close()
            # SQLAlchemy lets go of a broken connection that is not its pool's without closing it.
            if self._line is not None:
                self._line.close()
            self._session = None
        self._file.release()

    def _holders(self, session: Session) -> set[str]:
        """Those who hold a lease. What a worker claimed in its last moment may be written when others have
        noticed already that it is gone."""
        if self._store.sqlite:
            return set()
        found: set[str] = set()
        for lease, waits in (
            (col(InboxRow.lease), col(InboxRow.outcome).is_(None)),
            (col(OutboxRow.lease), col(OutboxRow.status) == "ready"),
        ):
            holder = func.substr(lease, 1, len(self.id))
            found |= {*session.exec(select(holder).where(waits, lease.is_not(None)).distinct())}
        return {each for each in found if len(each) == len(self.id)}

    def _gone(self, others: Collection[str]) -> list[str | None]:
        """The workers that are no more; None stands for everybody but us."""
        if self._store.sqlite or self._session is None:
            # A 'tick' beside us holds no lock: only what stood there before us is of one that is gone.
            first = not self._inherited and self._file.acquire()
            self._inherited = self._inherited or first
            return [None] if first else []
        if self._lost_at is not None and time.monotonic() - self._lost_at < ANEW:
            return []
        # A lock that we can share is held by nobody; it is given back by the same statement.
        free = text("SELECT pg_try_advisory_lock(:key) AND pg_advisory_unlock(:key)")
        return [other for other in others if self._session.execute(free, {"key": _key(other)}).scalar()]

    def _hold_session(self) -> None:
        """Hold our lock in a session of its own, also after the database was away."""
        if self._session is not None:
            try:
                self._session.execute(text("SELECT 1"))
            except DBAPIError:
                self._lost_at = time.monotonic()
                self.leave()
        if self._session is None:
            session = self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            # Not the pool's any more: the lock must end when we close it.
            session.detach()
            self._line = session.connection.dbapi_connection
            session.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _key(self.id)})
            self._session = session

    def _take_over(self, worker: str | None, now: datetime) -> int:
        """End the leases of a worker that is gone."""

        def whose(statement: Update, lease: object) -> Update:
            column = col(lease)
            return statement.where(column.startswith(worker) if worker else ~column.startswith(self.id))

        with self._store.write() as session:
            mails = whose(update(InboxRow).where(col(InboxRow.outcome).is_(None)), InboxRow.lease)
            parcels = whose(update(OutboxRow).where(col(OutboxRow.status) == "ready"), OutboxRow.lease)
            found = session.connection().execute(mails.values(lease=None, next_at=None)).rowcount
            found += session.connection().execute(parcels.values(lease=None, next_at=now)).rowcount
            gone = delete(WorkerRow).where(col(WorkerRow.id) != self.id)
            session.execute(gone.where(col(WorkerRow.id) == worker) if worker else gone)
        return found


def shares_sessions(store: Store) -> bool:
    """Whether something between us and PostgreSQL gives each transaction another session (a pooler in
    transaction mode): a lock would then not be ours, and those who live would be taken for gone."""
    if store.sqlite:
        return False
    whose = text("SELECT pg_backend_pid()")
    with store.engine.connect() as one, store.engine.connect() as another:
        mine = one.execute(whose).scalar()
        one.commit()
        # It holds a session until its transaction ends, so that ours, if we had none, is another one now.
        if another.execute(whose).scalar() == mine:
            return True
        return bool(one.execute(whose).scalar() != mine)


def newest(store: Store, id: str | None = None) -> WorkerRow | None:
    """The last heartbeat of any worker, or of this one."""
    query = select(WorkerRow) if id is None else select(WorkerRow).where(WorkerRow.id == id)
    with store.read() as session:
        return session.exec(query.order_by(col(WorkerRow.seen_at).desc()).limit(1)).first()


def _key(worker: str) -> int:
    """What stands for a worker among PostgreSQL's advisory locks: 60 bits of its random id."""
    return int(worker[:15], 16)
