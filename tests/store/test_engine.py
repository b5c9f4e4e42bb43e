"""The database itself: durable, private, one consistent view, and taking turns instead of failing."""

import os
import sqlite3
import stat
import threading
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from gateway.errors import CannotKeep
from gateway.store import inbox
from gateway.store.engine import Store
from gateway.store.tables import InboxRow
from tests.patience import PATIENCE_S
from tests.store.rows import NOW, keep, kept


def number_of_mails(session: Session) -> int:
    return len(session.exec(select(InboxRow.id)).all())


def setting(store: Store, name: str) -> object:
    with store.engine.connect() as connection:
        return connection.execute(text(name)).scalar()


def test_sqlite_keeps_what_it_committed(migrated: Path) -> None:
    store = Store.at(migrated.parent)
    assert setting(store, "PRAGMA journal_mode") == "wal"
    assert setting(store, "PRAGMA synchronous") == 2
    assert setting(store, "PRAGMA secure_delete") == 1
    assert setting(store, "PRAGMA busy_timeout") == 10_000
    store.close()


def test_postgresql_keeps_what_it_committed(on_postgresql: Store) -> None:
    assert setting(on_postgresql, "SHOW synchronous_commit") == "on"
    assert setting(on_postgresql, "SHOW timezone") == "UTC"


def test_what_a_thread_still_uses_at_the_close_is_closed_when_it_is_done(store: Store) -> None:
    with store.read() as session:
        line = session.connection().connection.dbapi_connection
        store.close()
        assert session.execute(text("SELECT 1")).scalar() == 1
    assert line is not None
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        line.cursor().execute("SELECT 1")


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = Store.at(tmp_path / "deep" / "data")
        with store.engine.begin() as connection:
            connection.execute(text("CREATE TABLE t (a)"))
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep" / "data").iterdir()
        }
        assert set(modes) == {"inbeeld.db", "inbeeld.db-wal", "inbeeld.db-shm"}
        assert set(modes.values()) == {0o600}
        assert stat.S_IMODE((tmp_path / "deep" / "data").stat().st_mode) == 0o700
        store.close()
    finally:
        os.umask(before)


def test_what_was_opened_before_is_opened_again(tmp_path: Path) -> None:
    first = Store.at(tmp_path)
    with first.engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a)"))
    first.close()
    second = Store.at(tmp_path)
    assert setting(second, "SELECT count(*) FROM t") == 0
    second.close()


def test_a_block_that_raises_is_rolled_back(store: Store) -> None:
    def half() -> None:
        with store.write() as session:
            session.add(InboxRow(id="m1", received_at=NOW, digest="d", size=1))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with store.read() as session:
        assert number_of_mails(session) == 0


def test_a_reader_keeps_its_view_and_waits_for_nobody(migrated: Path, tmp_path: Path) -> None:
    (tmp_path / "inbeeld.db").write_bytes(migrated.read_bytes())
    store = Store.at(tmp_path)
    with store.read() as reader:
        assert number_of_mails(reader) == 0
        keep(store, "m1")
        assert number_of_mails(reader) == 0
    with store.read() as reader:
        assert number_of_mails(reader) == 1
    store.close()


def test_writers_of_two_processes_take_turns(migrated: Path, tmp_path: Path) -> None:
    (tmp_path / "inbeeld.db").write_bytes(migrated.read_bytes())
    # Two stores on one file share no lock in memory, as two processes don't.
    stores = [Store.at(tmp_path) for _ in range(2)]
    failures: list[BaseException] = []

    def work(store: Store, name: str) -> None:
        try:
            for number in range(25):
                inbox.insert(store, [kept(f"{name}{number}")])
        except CannotKeep as error:
            failures.append(error)

    threads = [
        threading.Thread(target=work, args=(store, name)) for store, name in zip(stores, "ab", strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert failures == []
    with stores[0].read() as session:
        assert number_of_mails(session) == 50
    for store in stores:
        store.close()


def test_destroyed_bytes_are_gone_from_every_file(migrated: Path, tmp_path: Path) -> None:
    (tmp_path / "inbeeld.db").write_bytes(migrated.read_bytes())
    store = Store.at(tmp_path)
    canary = b"CANARY-" + b"x" * 5000

    def seen() -> list[str]:
        return [path.name for path in tmp_path.iterdir() if b"CANARY-" in path.read_bytes()]

    inbox.insert(store, [kept("m1", sealed=canary)])
    assert seen() != []
    (row,) = inbox.claim(store, NOW, "w1", 1)
    with store.write() as session:
        inbox.finish(session, row, "ignored", None)
    store.truncate_log()
    assert seen() == []
    store.close()


def test_times_come_back_aware_and_exact(store: Store) -> None:
    moment = NOW.replace(microsecond=123456)
    inbox.insert(store, [kept("m1", received_at=moment)])
    with store.read() as session:
        found = session.exec(select(InboxRow.received_at)).one()
    assert found == moment
    assert found.utcoffset() is not None
