"""A real PostgreSQL for tests: one server per worker, a new database per test.

It listens on a Unix socket in its own folder only, which nobody else may enter. It forgets nothing but power
loss (`fsync=off`), which no test can make.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from gateway.store.engine import Store
from gateway.store.migrate import migrate
from tests.programs import missing, program

ON_BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
"""On a test: what it says depends on the database, so that it runs on SQLite and on PostgreSQL."""
OWNERS = ("postgres", "nobody")
"""Who the server runs as when the tests run as root, which PostgreSQL refuses to be."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server; its `folder` holds the socket and `data`."""

    folder: Path
    numbers: Iterator[int]
    _control: Callable[..., None]
    _started_with: tuple[str, ...]
    _copying: str = ""

    @property
    def data(self) -> Path:
        """Where every byte it writes stands."""
        return self.folder / "data"

    @contextmanager
    def database(self, like: str = "") -> Iterator[str]:
        """The SQLAlchemy URL of a new database, empty or a copy of another one (by its URL).

        It is dropped at the end, whoever is still connected.
        """
        name = f"test_{next(self.numbers)}"
        # A linguistic collation, as a database for Dutch has: signs and capitals sort otherwise than bytes.
        new = "template0 LOCALE_PROVIDER icu ICU_LOCALE 'nl'"
        copy = f"{_name_in(like)} {self._copying}" if like else new
        self._command(f"CREATE DATABASE {name} TEMPLATE {copy}")
        try:
            yield f"postgresql+psycopg://postgres@/{name}?host={self.folder}"
        finally:
            self._command(f"DROP DATABASE {name} WITH (FORCE)")

    def checkpoint(self) -> None:
        """Write everything that is only in memory into `data`."""
        self._command("CHECKPOINT")

    def stop(self, mode: str) -> None:
        """Stop it, "fast" (every session is told) or "immediate" (as at a crash)."""
        self._control("stop", "-w", "-m", mode, "-D", str(self.data))

    def start(self) -> None:
        """Start it again."""
        self._control("start", "-w", "-D", str(self.data), *self._started_with)

    def files_of(self, url: str) -> list[Path]:
        """The folders with the tables of the database of this URL."""
        name = _name_in(url)
        with psycopg.connect(host=str(self.folder), user="postgres", dbname=name) as connection:
            row = connection.execute("SELECT oid FROM pg_database WHERE datname = %s", [name]).fetchone()
        return [self.data / "base" / str(row[0])] if row else []

    def _command(self, sql: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(sql.encode())


@contextmanager
def running(*, durable: bool = False, below: Path = Path("/tmp")) -> Iterator[Postgres]:
    """A new server in a folder below another, stopped and removed at the end; a `durable` one forgets nothing
    at power loss either."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    initdb = program("initdb", "postgresql", newest_first)
    control = program("pg_ctl", "postgresql", newest_first)
    # The path of a Unix socket must be short, and pytest's own folders are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=below))
    owner = _owner()
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(*command: str) -> None:
        subprocess.run(
            command,
            check=True,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
        )

    sync = "on" if durable else "off"
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync={sync} -c jit=off"
    postgres = Postgres(
        folder,
        count(1),
        lambda *words: run(control, *words),
        ("-l", str(folder / "log"), "-o", options),
        # Since version 15 a copy goes through the log unless it is asked not to.
        "STRATEGY FILE_COPY" if _version(Path(initdb).resolve().parent) >= 15 else "",
    )
    try:
        run(initdb, "-D", str(postgres.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop("immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this session; where the files of tests stand in memory, its own do too."""
    room = os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")
    # A socket's path must be short.
    with running(below=Path(room if len(room) < 40 else "/tmp")) as server:
        yield server


@pytest.fixture(scope="session")
def shape(postgres: Postgres) -> Iterator[str]:
    """A database in the shape of this version, to be copied: that is faster than to migrate anew."""
    with postgres.database() as url:
        store = Store(url)
        migrate(store)
        store.close()
        yield url


@pytest.fixture
def database_url(postgres: Postgres, shape: str) -> Iterator[str]:
    """A new database in the shape of this version for this test, as `gateway.database_url` names it."""
    with postgres.database(like=shape) as url:
        yield url


@pytest.fixture
def empty_url(postgres: Postgres) -> Iterator[str]:
    """A new database without a single table."""
    with postgres.database() as url:
        yield url


def _name_in(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def _version(folder: Path) -> int:
    number = folder.parent.name
    return int(number) if number.isdecimal() else 0


def _owner() -> pwd.struct_passwd | None:
    """Who must run the server; None where that is whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    users = {entry.pw_name: entry for entry in pwd.getpwall()}
    known = [users[name] for name in OWNERS if name in users]
    if not known:
        missing("PostgreSQL can't run as root, and no user postgres is here: install Debian's postgresql")
    return known[0]
