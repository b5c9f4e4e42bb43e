"""Migrations: they make what the tables say, are safe to repeat, and never touch a newer database."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from gateway.errors import ConfigError, InbeeldError
from gateway.store import pagetables, tables
from gateway.store.engine import Store
from gateway.store.migrate import MIGRATIONS, is_current, migrate, needed, shape_of
from tests.patience import PATIENCE_S
from tests.store.rows import keep, mail_row, make_case

pytestmark = pytest.mark.usefixtures("migrated_anew")


def test_migrations_make_what_the_tables_say(store: Store) -> None:
    assert tables.InboxRow.__tablename__ == "inbox"
    assert pagetables.UserRow.__tablename__ == "users"
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_last_file_is_the_only_end_of_the_chain() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [needed()]


def test_the_partial_indexes_are_used(store: Store) -> None:
    with store.engine.connect() as connection:
        if store.sqlite:
            sql = "SELECT sql FROM sqlite_master WHERE type = 'index'"
        else:
            sql = "SELECT indexdef FROM pg_indexes"
        found = [row[0] or "" for row in connection.execute(text(sql))]
    for name in ("inbox_waiting", "clocks_due"):
        assert any(name in line and "WHERE" in line for line in found), name


def test_an_empty_database_is_not_current_and_then_it_is(empty: Store) -> None:
    assert not is_current(empty)
    migrate(empty)
    assert is_current(empty)


def test_migrating_again_changes_nothing(store: Store) -> None:
    keep(store, "m1")
    migrate(store)
    assert mail_row(store, "m1").id == "m1"


def test_a_database_of_a_newer_version_is_refused_clearly(store: Store) -> None:
    keep(store, "m1")
    with store.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InbeeldError) as caught:
        migrate(store)
    assert str(caught.value) == (
        "database: shape: is '9999', which this version does not know. "
        "Install the version of inbeeld that made it, or restore a backup from before"
    )
    assert not is_current(store)
    assert mail_row(store, "m1").id == "m1"


def test_a_clock_belongs_to_a_case(empty: Store) -> None:
    """And one that never did is no reason to leave a database in its old shape."""
    migrate(empty, "0020")
    lone = (
        "INSERT INTO clocks (case_id, kind, due_at, tell) VALUES ('c9', 'warn', '2026-04-03 09:00:00+00', '')"
    )
    with empty.write() as session:
        session.execute(text(lone))
    make_case(empty)
    with empty.write() as session:
        session.execute(text(lone.replace("c9", "c1")))
    migrate(empty)
    with empty.read() as session:
        assert session.execute(text("SELECT case_id FROM clocks")).scalars().all() == ["c1"]
    with pytest.raises(IntegrityError), empty.write() as session:
        session.execute(text(lone))


def test_two_that_migrate_at_once_both_succeed(empty: Store) -> None:
    code = (
        "import sys; from gateway.store.engine import Store; from gateway.store.migrate import migrate; "
        "sys.stdin.read(); migrate(Store(sys.argv[1]))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, empty.url], stdin=subprocess.PIPE) for _ in range(2)
    ]
    for one in both:
        # The end of the input starts them together, after the slow imports.
        assert one.stdin is not None
        one.stdin.close()
    assert [one.wait(PATIENCE_S) for one in both] == [0, 0]
    assert is_current(empty)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_new_database_in_which_not_every_name_fits_is_refused(empty_url: str, encoding: str) -> None:
    server = create_engine(empty_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(
            text(
                f"CREATE DATABASE narrow ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            )
        )
        narrow = Store(make_url(empty_url).set(database="narrow").render_as_string(hide_password=False))
        try:
            with pytest.raises(ConfigError, match=f"keeps text as {encoding}.*ENCODING 'UTF8'"):
                migrate(narrow)
            assert shape_of(narrow) is None
        finally:
            narrow.close()
            connection.execute(text("DROP DATABASE narrow"))
    server.dispose()
