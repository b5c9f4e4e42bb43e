"""The database: SQLite in one file, or PostgreSQL.

It promises that a committed write survives power loss (SQLite WAL with `synchronous=FULL`, PostgreSQL
`synchronous_commit=on`), that writers in one process take turns on SQLite instead of failing, and that
deleted bytes are overwritten in the file (`secure_delete`). The file is readable by its owner alone. An error
which says that the database is away, so that the same work can be done later, is told from a mistake of ours
(a missing column, a broken constraint, a deadlock), which never looks like that.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Engine, Insert, Select, Update, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from gateway.errors import ConfigError
from gateway.files import own_like

DATABASE = "inbeeld.db"
"""The file of SQLite in `data_dir`."""

BUSY_MS = 10_000
"""How long a writer waits for another process on SQLite, in milliseconds."""

CHECKPOINT_MS = 100
"""How long the emptying of the log waits for those who read, in milliseconds."""

KEPT = 20
"""So many connections to SQLite are kept: one that is made anew costs more than what it is made for."""

SHAPE_LOCK = 0x1BEE1E
"""PostgreSQL advisory lock of whoever migrates."""

_TURNS = 0x1BEE20
"""The first number of PostgreSQL's advisory locks of what is done one at a time."""

IMMEDIATE = {"begin": "BEGIN IMMEDIATE"}
_LAST = "inbeeld.last"

_READ_ONLY = "25006"
"""A server that became a standby, or whose disk did, takes no writes."""

_MISTAKES = ("no such", "syntax error", "has no column")
"""In what SQLite says of a statement that is wrong; it knows one class for that and for a full disk."""


class Store:
    """One database, open for reading and writing."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url) if self.sqlite else _postgresql(url)
        self._writing = self.engine.execution_options(**IMMEDIATE) if self.sqlite else self.engine
        self._turn = threading.Lock()
        self._closed = False
        event.listen(self.engine, "checkin", self._given_back)

    @classmethod
    def at(cls, directory: Path) -> "Store":
        """SQLite in `inbeeld.db` of a directory; both are made if they are not there (mode 0700)."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = directory / DATABASE
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        own_like(descriptor, directory)
        os.close(descriptor)
        return cls(f"sqlite:///{path}")

    @classmethod
    def found(cls, directory: Path) -> "Store":
        """The SQLite database that is there; raises `ConfigError` where there is none.

        A disk that was not mounted must not look like a gateway that has never had a mail.
        """
        path = directory / DATABASE
        if not path.is_file():
            remedy = (
                "Is the disk mounted? Restore a backup with 'inbeeld restore', or make an empty one with: "
                "inbeeld migrate --new"
            )
            raise ConfigError(str(path), "database", "is not there", remedy)
        return cls(f"sqlite:///{path}")

    @classmethod
    def looking(cls, path: Path) -> "Store":
        """SQLite in an existing file, to be looked at and never written, not even beside it."""
        # Without a log nobody works on it; a reader would make one otherwise.
        how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
        return cls(f"sqlite:///file:{path}?{how}&uri=true")

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        with (
            self._in_turn() if self.sqlite else nullcontext(),
            Session(self._writing, expire_on_commit=False) as session,
        ):
            session.info[_LAST] = []
            yield session
            session.flush()
            for last in session.info[_LAST]:
                last(session)
            session.commit()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Wait for the other writers of this process, but no longer than for another process: behind many who
        do that, the last would wait for minutes. Raises SQLAlchemy's `TimeoutError`."""
        if not self._turn.acquire(timeout=BUSY_MS / 1000):
            raise TimeoutError("another writer has had the database for too long")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """For reading only; on PostgreSQL each statement sees what is committed when it begins."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """The database as it is at one moment, however long it is looked at; not for writing."""
        options = {} if self.sqlite else {"isolation_level": "REPEATABLE READ"}
        with Session(self.engine.execution_options(**options)) as session:
            yield session

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """One transaction on the bare connection while no other process changes the shape of the database."""
        with self._writing.begin() as connection:
            if not self.sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SHAPE_LOCK})
            yield connection

    def truncate_log(self) -> bool:
        """Move SQLite's write-ahead log into the file and empty it: deleted bytes are then gone from both.

        False if somebody who reads kept it from being emptied: nobody who writes is kept waiting for that.
        """
        if not self.sqlite:
            return True
        with self._turn, self.engine.connect() as connection:
            cursor = connection.connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={CHECKPOINT_MS}")
            try:
                row = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        return row is not None and row[0] == 0 and not self.log_bytes()

    def log_bytes(self) -> int:
        """How large SQLite's write-ahead log is."""
        path = Path(f"{self.engine.url.database}-wal") if self.sqlite else None
        return path.stat().st_size if path and path.exists() else 0

    def close(self) -> None:
        """Give back every connection; one that a thread still uses is closed when that is done with it."""
        self._closed = True
        self.engine.dispose()

    def _given_back(self, _: object, record: ConnectionPoolEntry) -> None:
        if self._closed:
            # Its pool would keep it, and nobody ever asks that pool again.
            record.invalidate()


def at_the_end(session: Session, last: Callable[[Session], None]) -> None:
    """Let this be done in a `Store.write` when everything else is written, just before the commit."""
    session.info[_LAST].append(last)


def one_at_a_time(session: Session, name: str) -> None:
    """Wait until no other transaction of this name is under way: what is looked at from here on still holds
    at the commit. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        # Keys of two numbers are others than those of one.
        lock = text("SELECT pg_advisory_xact_lock(:ours, hashtext(:name))")
        session.execute(lock, {"ours": _TURNS, "name": name})


def writes(session: Session) -> bool:
    """Whether this is a `Store.write`."""
    return _LAST in session.info


def prepared(
    session: Session, statement: Insert | Update, values: dict[str, Any] | list[dict[str, Any]]
) -> int:
    """Carry out a statement that was built once, with these values or for each of them; says how many rows it
    changed.

    What every mail passes through is built once, on tables and not on mapped classes: that costs a tenth of
    building it each time. Objects of the session are written first, and are not told of the change.
    """
    session.flush()
    return session.connection().execute(statement, values).rowcount if values else 0


def locked(session: Session, statement: Select[Any], ids: Collection[str]) -> dict[str, Any]:
    """Lock the rows with these ids; gives of each the second column that the statement selects."""
    if not ids:
        return {}
    found = session.connection().execute(statement, {"ids": sorted(ids)})
    return {row.id: row[1] for row in found}


def rows_changed(session: Session, statement: Update) -> int:
    """Carry out an update and say how many rows it changed: the answer of a compare-and-set."""
    return cast(CursorResult[Any], session.execute(statement)).rowcount


def _sqlite(url: str) -> Engine:
    # Each connection has a cache of its own, so the one that was used last knows the most.
    engine = create_engine(url, connect_args={"check_same_thread": False}, **_pooled(url))

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own implicit BEGIN comes too late for a transaction that reads before it writes.
        connection.isolation_level = None
        for pragma in (
            # First: what follows may have to wait for somebody who brings the database in shape.
            f"busy_timeout={BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def _pooled(url: str) -> dict[str, Any]:
    """How connections to a file are kept; one in memory has a pool of its own kind."""
    return {} if url == "sqlite://" else {"pool_size": KEPT, "pool_use_lifo": True}


def _postgresql(url: str) -> Engine:
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=10,
        # A database without an encoding (SQL_ASCII) would answer in bytes.
        connect_args={
            "options": "-c synchronous_commit=on -c timezone=UTC",
            "application_name": "inbeeld",
            "client_encoding": "utf8",
        },
    )


def no_database(error: Exception) -> bool:
    """Whether an error says that SQLite's file is damaged, is no database at all, or another program's."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorcode == sqlite3.SQLITE_ERROR:
        # It has tables of ours without the columns that they have.
        return True
    # One that can't be opened now, or not by us, is another kind.
    return isinstance(cause, sqlite3.DatabaseError) and not isinstance(cause, sqlite3.OperationalError)


def why_unusable(error: Exception) -> str:
    """In words of our own: those of the database may repeat the password that stands in its address."""
    if no_database(error):
        return "is damaged, or is no database of ours"
    if isinstance(error, OSError):
        return f"can't be used ({(error.strerror or 'input or output failed').lower()})"
    return refusal(error) or "can't be used"


def refusal(error: Exception) -> str | None:
    """What a database or the disk under it refused; None for what is no refusal but a mistake."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    # An extended result code has the plain one in its lowest byte.
    for code in (getattr(cause, "sqlite_errorcode", 0) & 0xFF, getattr(cause, "sqlstate", None)):
        if code in _REFUSALS:
            return _REFUSALS[code]
    if isinstance(error, OperationalError):
        return "does not answer, or does not let us in"
    return None


_REFUSALS: dict[int | str | None, str] = {
    sqlite3.SQLITE_FULL: "can't be written: its disk is full",
    sqlite3.SQLITE_READONLY: "can't be written: its disk is mounted read-only, or it is another user's",
    sqlite3.SQLITE_CANTOPEN: "can't be opened: its disk is mounted read-only, or it is another user's",
    sqlite3.SQLITE_IOERR: "can't be used: its disk fails",
    "53100": "can't be written: its disk is full",
    "42501": "lets us in, and not at its tables: let the user in the address own it",
    "3D000": "does not exist on that server",
    "28P01": "refuses the user or the password in the address",
}
"""What SQLite's result codes and PostgreSQL's SQLSTATEs say."""


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached, answered that it stops, or takes nothing."""
    if isinstance(error, TimeoutError | InterfaceError):
        return True
    state = str(getattr(error.orig, "sqlstate", None) or "") if isinstance(error, DBAPIError) else ""
    if state == _READ_ONLY:
        return True
    if not isinstance(error, OperationalError):
        return False
    # Class 40 is a deadlock or a lost serialization: the database is there, and asks to try again.
    return not state.startswith("40") and not any(word in str(error.orig) for word in _MISTAKES)
