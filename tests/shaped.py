"""New SQLite databases of one process: the first gets its tables by the migrations, others as it has them.

Twenty migrations take a hundred milliseconds, what they made five, and a thousand tests begin with a new
database. Whoever tests the migrations themselves asks for `migrated_anew`.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect

UPGRADE = command.upgrade


class Shapes:
    """Takes the place of alembic's `upgrade`."""

    def __init__(self) -> None:
        self._statements: list[str] = []

    def upgrade(self, config: Any, revision: str, *arguments: Any, **options: Any) -> None:
        """Bring a database to this revision."""
        connection: Connection = config.attributes["connection"]
        if revision != "head" or connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
            UPGRADE(config, revision, *arguments, **options)
        elif self._statements:
            for statement in self._statements:
                connection.exec_driver_sql(statement)
        else:
            UPGRADE(config, revision, *arguments, **options)
            self._statements = _what_made(connection)


def _what_made(connection: Connection) -> list[str]:
    """The statements that make what a database holds."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    _begin, *statements, _commit = driver.iterdump()
    return statements


@pytest.fixture(scope="session", autouse=True)
def shaped_once() -> Iterator[None]:
    """Every gateway of this process gets the tables that the first one got."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", Shapes().upgrade)
        yield


@pytest.fixture
def migrated_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every database of this test gets its tables by the migrations."""
    monkeypatch.setattr(command, "upgrade", UPGRADE)
