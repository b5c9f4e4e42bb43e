"""A fresh database per test: on SQLite, and the same test once more on a real PostgreSQL server."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.engine import Store
from gateway.store.migrate import migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without a single table."""
    if request.param == "sqlite":
        store = Store.at(tmp_path / "data")
    else:
        store = Store(request.getfixturevalue("empty_url"))
    yield store
    store.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in the shape of this version: copying it is faster than migrating anew."""
    folder = tmp_path_factory.mktemp("migrated")
    store = Store.at(folder)
    migrate(store)
    store.truncate_log()
    store.close()
    return folder / "inbeeld.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[Store]:
    """A database in the shape of this version."""
    if request.param == "sqlite":
        store = Store.at(tmp_path / "data")
        shutil.copy(migrated, store.url.removeprefix("sqlite:///"))
    else:
        store = Store(request.getfixturevalue("database_url"))
    yield store
    store.close()


@pytest.fixture
def on_postgresql(database_url: str) -> Iterator[Store]:
    """PostgreSQL alone, for what SQLite's single writer can't show."""
    store = Store(database_url)
    migrate(store)
    yield store
    store.close()
