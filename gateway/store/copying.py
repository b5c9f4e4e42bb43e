"""Copies everything from one database to another, of the same kind or not.

It promises a copy as of one moment, while the other goes on; that nothing is added to a database in which
anything of ours stands; and that who copied can say afterwards, table by table, that both hold as much and
that the audit trail ends in the same head.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Table, func, inspect, select, text
from sqlmodel import SQLModel

from gateway.errors import ConfigError
from gateway.store import audit, pagetables, tables, tallytables
from gateway.store.audit import Head
from gateway.store.engine import Store
from gateway.store.migrate import migrate, shape_of

OURS = (tables, pagetables, tallytables)
"""The modules that hold our tables: they must be known before anything is copied."""

FILLED = ("inbox", "cases", "events", "users")
"""What holds rows in any database that was ever used."""

ROWS = 500
"""So many rows of a table are in memory at a time."""

LARGE = {"inbox": 8}
"""Fewer of a table whose rows may hold a whole mail each."""

STEP = 200_000
"""SQLite tells how far it is after so many of its own instructions."""

Told = Callable[[str, int], None]
"""Is told of a table, and how many of its rows are copied."""


def snapshot(source: Store, path: Path, told: Told) -> None:
    """Write the database as it is at this moment to a new SQLite file."""
    if source.sqlite:
        _vacuum_into(source, path, told)
    else:
        target = Store.at(path.parent)
        try:
            migrate(target, shape_of(source) or "head")
            copy(source, target, told)
            target.truncate_log()
        finally:
            target.close()
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    path.chmod(0o600)


def _vacuum_into(source: Store, path: Path, told: Told) -> None:
    with closing(sqlite3.connect(source.engine.url.database or "", timeout=10)) as connection:
        # One reading transaction: writers go on beside it.
        connection.set_progress_handler(lambda: told("database", _size(path)), STEP)
        connection.execute("VACUUM INTO ?", (str(path),))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def copy(source: Store, target: Store, told: Told) -> None:
    """Copy every row to a database of the same shape that holds none, in one transaction.

    Raises `ConfigError` if the target holds anything.
    """
    with source.snapshot() as session, target.alone() as writing:
        reading = session.connection()
        _refuse_full(writing)
        there, here = _columns(reading), _columns(writing)
        for table in SQLModel.metadata.sorted_tables:
            shared = [column for column in table.c if column.name in there.get(table.name, ())]
            if not shared or table.name not in here:
                continue
            # What the migrations themselves put there is in the copy too.
            writing.execute(table.delete())
            size, done = LARGE.get(table.name, ROWS), 0
            rows = reading.execute(select(*shared).execution_options(yield_per=size))
            for some in rows.mappings().partitions(size):
                writing.execute(table.insert(), [dict(row) for row in some])
                done += len(some)
                told(table.name, done)
            if not target.sqlite:
                _go_on_counting(writing, table)


def counts(store: Store) -> dict[str, int]:
    """How many rows each of our tables holds."""
    with store.snapshot() as session:
        connection = session.connection()
        return dict(_counts(connection))


def head(store: Store) -> Head:
    """The end of the audit trail."""
    with store.snapshot() as session:
        return audit.last(session)


def _counts(connection: Connection) -> Iterator[tuple[str, int]]:
    there = _columns(connection)
    for table in SQLModel.metadata.sorted_tables:
        if table.name in there:
            yield table.name, connection.execute(select(func.count()).select_from(table)).scalar_one()


def _refuse_full(connection: Connection) -> None:
    full = [name for name, number in _counts(connection) if number and name in FILLED]
    if full:
        remedy = "Name an empty database: nothing is ever added to what is there"
        raise ConfigError("database", "target", f"is not empty ({', '.join(full)})", remedy)


def _columns(connection: Connection) -> dict[str, set[str]]:
    """The columns of each table that is there."""
    found = inspect(connection)
    return {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that were copied."""
    counted = table.autoincrement_column
    if counted is not None:
        # The names are ours.
        last = (
            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{counted.name}'), max({counted.name})) "
        )
        connection.execute(text(last + f"FROM {table.name} HAVING max({counted.name}) IS NOT NULL"))
