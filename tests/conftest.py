"""What every test may ask for."""

import fcntl
import gc
import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from gateway.cli.init import lay_out
from gateway.directory.snapshot import of_files
from gateway.gate.passwords import Passwords
from gateway.sandbox.pool import Readers
from gateway.settings import load
from gateway.store import engine as databases
from tests.faults.harness import Launcher
from tests.patience import PATIENCE_S
from tests.peers.mail import MailPeer
from tests.postgres import database_url, empty_url, postgres, shape
from tests.programs import program
from tests.shaped import migrated_anew, shaped_once
from tests.story.place import Place, Town, make_place

__all__ = [
    "database_url",
    "empty_url",
    "migrated_anew",
    "postgres",
    "shape",
    "shaped_once",
]

Opens = Callable[[bytes], bytes]
MadeOnce = Callable[[str, Callable[[Path], None]], Path]


# Tests check some hundred passwords, which cost nothing in this process. What they cost elsewhere has a test.
PASSWORD_COSTS = dict(Passwords.__init__.__kwdefaults__ or {})
Passwords.__init__.__kwdefaults__ = {"memory_kib": 8, "passes": 1}

COMPILED: dict[str, LRUCache[Any, Any]] = {}
"""What was compiled of statements, by the name of the dialect: for all gateways of this process."""


class Templates(BytecodeCache):
    """What was compiled of templates, for all gateways of this process; a changed text is another one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, bool], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """See `BytecodeCache`."""
        bucket.code = self._known.get(self._name(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See `BytecodeCache`."""
        self._known[self._name(bucket)] = bucket.code

    @staticmethod
    def _name(bucket: Bucket) -> tuple[str, str, bool]:
        return bucket.key, bucket.checksum, bool(bucket.environment.autoescape)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Every gateway compiles its statements and templates anew, a sixth of all tests: here they share them.

    Two dialects of one name are the same one to the cache: they speak with the same server. And OpenSSL reads
    150 authorities of the system for every context (20 ms), of which no test meets one.
    """
    templates = Templates()
    begin = Environment.__init__

    def made_environment(self: Environment, *arguments: Any, **options: Any) -> None:
        begin(self, *arguments, **{"bytecode_cache": templates, **options})

    create = databases.create_engine  # type: ignore[attr-defined]

    def create_engine(*arguments: Any, **options: Any) -> Engine:
        made = create(*arguments, **options)
        made._compiled_cache = COMPILED.setdefault(made.dialect.name, LRUCache(10_000))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(databases, "create_engine", create_engine)
        patch.setattr(Environment, "__init__", made_environment)
        patch.setattr(ssl.SSLContext, "load_default_certs", lambda *_: None)
        patch.setattr(DefaultDialect, "__eq__", lambda self, other: type(self) is type(other))
        patch.setattr(DefaultDialect, "__hash__", lambda self: hash(type(self)))
        yield


MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Free bytes in memory below which they stand on the disk, as elsewhere."""


def pytest_configure() -> None:
    """A machine that has more to do fails no test; and files of tests stand in memory where there is room.

    A database asks the disk at every commit whether it has it: some ten milliseconds each time, in thousands
    of tests of which none can make a power cut.
    """
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("patient")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a third of the tests' time is waiting for a child or a socket."""
    return min(len(os.sched_getaffinity(0)) + 1, 9)


FIRST = ("packages", "faults", "browser", "story", "wire", "contract", "unit/cli", "unit/pipeline", "store")
"""The folders whose files take longest. The rest comes last, so that no worker is alone with a long one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first. And `make fuzz`: every property is tried so many times as often (FUZZ) as in an
    ordinary run."""

    def turn(item: pytest.Item) -> int:
        _, _, path = item.nodeid.partition("tests/")
        return next((at for at, folder in enumerate(FIRST) if path.startswith(f"{folder}/")), len(FIRST))

    items.sort(key=turn)
    factor = int(os.environ.get("FUZZ", "1"))
    for item in items if factor > 1 else ():
        function = getattr(item, "obj", None)
        plain = getattr(function, "__func__", function)
        known = getattr(plain, "_hypothesis_internal_use_settings", None)
        if known is not None:
            more = settings(known, max_examples=known.max_examples * factor)
            plain._hypothesis_internal_use_settings = more  # type: ignore[union-attr]


def pytest_collection_finish() -> None:
    """Nine thousand tests and all that they import are here to stay: no collection looks at them again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture
def password_costs() -> dict[str, int]:
    """What a password costs whoever checks it, outside of tests."""
    return PASSWORD_COSTS


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> MadeOnce:
    """Gives a folder that is made once for all workers: the first one makes it, the others wait for it."""
    mine = tmp_path_factory.getbasetemp()
    everybodys = mine if worker_id == "master" else mine.parent

    def folder(name: str, make: Callable[[Path], None]) -> Path:
        made, draft = everybodys / name, everybodys / f"{name}.draft"
        with (everybodys / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                make(draft)
                draft.rename(made)
        return made

    return folder


@pytest.fixture(scope="session")
def laid_out(made_once: MadeOnce) -> Path:
    """What `inbeeld init` makes, to be copied: making keys takes longer than most stories."""
    program("gpg", "gnupg")
    return made_once("laid-out", lay_out)


@pytest.fixture(scope="session")
def template(made_once: MadeOnce, laid_out: Path) -> Place:
    """A working directory to be copied, with all that stories need."""
    return Place(made_once("template", lambda directory: make_place(directory, laid_out)))


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    """A working directory of this test alone."""
    return template.copy(tmp_path / "gateway")


@pytest.fixture
async def peer(place: Place) -> AsyncIterator[MailPeer]:
    """The mail server of the practice and of the organisation; `place` sends through it."""
    async with place.peer() as server:
        place.relay(server)
        yield server


@pytest.fixture(scope="session")
def readers(template: Place) -> Iterator[Readers]:
    """Processes that read mails, for all gateways of this session."""
    known = of_files(load(template.directory))
    pool = Readers(known.wijken, known.postcodes, workers=1, wall_seconds=PATIENCE_S)
    yield pool
    pool.close()


@pytest.fixture
def engine(request: pytest.FixtureRequest, place: Place) -> str:
    """Where `place` keeps everything: in SQLite, and with `ON_BOTH` in PostgreSQL as well."""
    name: str = getattr(request, "param", "sqlite")
    if name == "postgresql":
        place.database(request.getfixturevalue("database_url"))
    return name


@pytest.fixture
async def town(engine: str, place: Place, peer: MailPeer, readers: Readers) -> AsyncIterator[Town]:
    """A gateway in this process whose clock the test sets."""
    made = Town(place, peer, readers)
    await made.open()
    yield made
    await made.close()


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Forks processes of the gateway that start fast and die where we want."""
    with Launcher() as made:
        yield made


@pytest.fixture(scope="session")
def opens(template: Place) -> Iterator[Opens]:
    """Plain gpg with the private keys of the organisations: what it opens, an organisation can read."""
    gpg = program("gpg", "gnupg")
    with tempfile.TemporaryDirectory(prefix="org-", dir="/tmp", ignore_cleanup_errors=True) as home:

        def run(*words: str, content: bytes = b"") -> bytes:
            command = [gpg, "--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", *words]
            return subprocess.run(command, input=content, capture_output=True, check=True).stdout

        for key in sorted((template.directory / "keys" / "trial").glob("*.private.asc")):
            run("--import", str(key))
        # They verify our signature: without our key gpg ends with an error.
        run("--import", str(template.directory / "keys" / "gateway" / "openpgp.asc"))
        yield lambda armour: run("--decrypt", content=armour)
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)
