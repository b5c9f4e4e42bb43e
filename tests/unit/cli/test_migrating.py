"""`migrate` alone changes the shape of a database, and nothing but `init` and `migrate --new` makes one."""

import pytest
from sqlalchemy import text

from gateway.store.engine import Store
from gateway.store.migrate import is_current, migrate, needed
from tests.unit.cli.terminal import Terminal

pytestmark = pytest.mark.usefixtures("migrated_anew")
NEEDED = needed()
COMMANDS = (("serve",), ("tick",), ("cases", "list"), ("audit", "verify"))


def older(terminal: Terminal) -> Store:
    """The database as version 0007 left it."""
    data = terminal.directory / "data"
    for path in data.glob("inbeeld.db*"):
        path.unlink()
    store = Store.at(data)
    migrate(store, "0007")
    return store


@pytest.mark.parametrize("words", COMMANDS)
def test_without_its_database_nothing_starts_and_none_is_made(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    path = terminal.directory / "data" / "inbeeld.db"
    path.unlink()
    answer = terminal(*words)
    assert answer.code == 1
    assert f"{path}: database: is not there. Is the disk mounted?" in answer.err
    assert "inbeeld migrate --new" in answer.err
    assert not path.exists()


def test_a_new_one_is_made_when_it_is_asked_for(terminal: Terminal) -> None:
    path = terminal.directory / "data" / "inbeeld.db"
    path.unlink()
    assert terminal("migrate", "--new").code == 0
    assert terminal("audit", "verify").code == 0


def test_an_empty_file_is_not_taken_for_a_gateway(terminal: Terminal) -> None:
    path = terminal.directory / "data" / "inbeeld.db"
    path.unlink()
    path.touch()
    for words in (("tick",), ("migrate",)):
        assert "holds nothing of ours" in terminal(*words).err
    assert terminal("migrate", "--new").code == 0


@pytest.mark.parametrize("words", COMMANDS)
def test_an_older_database_is_left_as_it_is(terminal: Terminal, words: tuple[str, ...]) -> None:
    store = older(terminal)
    answer = terminal(*words)
    assert answer.code == 1
    assert answer.err == (
        f"inbeeld: database: shape: is '0007', and this version needs '{NEEDED}'. "
        "Make a backup (inbeeld backup DIR), then run: inbeeld migrate\n"
    )
    assert not is_current(store)
    store.close()


def test_it_says_what_it_would_do_and_then_does_it(terminal: Terminal) -> None:
    store = older(terminal)
    answer = terminal("migrate", "--dry-run")
    assert answer.code == 1
    assert answer.out.splitlines()[-1].endswith("to do; nothing was changed")
    assert f"{NEEDED} " in answer.out
    assert not is_current(store)
    assert terminal("migrate").out.splitlines()[-1] == "the database is in shape"
    assert is_current(store)
    assert terminal("migrate", "--dry-run").out == "the database is in shape\n"
    store.close()


def test_a_newer_database_is_left_alone_and_the_way_back_is_told(terminal: Terminal) -> None:
    store = Store.at(terminal.directory / "data")
    with store.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    for words in (("tick",), ("migrate",), ("migrate", "--dry-run"), ("backup", "elsewhere")):
        answer = terminal(*words)
        assert answer.code == 1
        assert answer.err == (
            "inbeeld: database: shape: is '9999', which this version does not know. "
            "Install the version of inbeeld that made it, or restore a backup from before\n"
        )


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql+psycopg://a:secret@127.0.0.1:port/b", "write postgresql+psycopg://USER@HOST:PORT/NAME"),
        ("postgresql://a:secret@127.0.0.1/b", "write postgresql+psycopg://USER@HOST:PORT/NAME"),
        ("postgresql+psycopg://a:secret@127.0.0.1:1/b", "DATABASE: the database does not answer"),
    ],
)
def test_an_address_to_move_to_that_is_wrong_is_told(terminal: Terminal, address: str, told: str) -> None:
    answer = terminal("move", address)
    assert answer.code != 0
    assert told in answer.err
    assert "secret" not in answer.err
    assert terminal("cases", "list").code == 0, "the file is in use as before"
