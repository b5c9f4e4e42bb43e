"""The command as a process: exit codes, standard error, closed pipes, and a wheel far from the checkout."""

import errno
import os
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gateway.cli.app import app, refused
from tests.patience import PATIENCE_S
from tests.programs import program
from tests.unit.cli.terminal import Terminal

ROOT = Path(__file__).parents[3]


def test_an_error_is_one_sentence_on_standard_error(nowhere: Terminal) -> None:
    process = nowhere.process("cases", "list", stdout=subprocess.PIPE)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert out == b""
    assert err.startswith(b"inbeeld: config/inbeeld.toml: file: is missing.")
    assert err.count(b"\n") == 1


def test_who_closes_the_pipe_hears_no_complaint(terminal: Terminal) -> None:
    process = terminal.process("practices", "list", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as errors:
        assert errors.read() == b""
    process.wait(PATIENCE_S)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/b/x"), "/b/x: the disk is full"),
        (OSError(errno.EROFS, "Read-only file system", "/b/x"), "/b/x: that disk is mounted read-only"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "/b/x"), "/b/x: not a directory"),
        (PermissionError(errno.EACCES, "Permission denied", "/b/x"), "/b/x: this user may not"),
        (OSError(errno.ENOSPC, "No space left on device"), "another file: the disk is full"),
        (ValueError("a mistake of ours"), None),
    ],
)
def test_what_the_machine_refuses_is_one_line(error: Exception, told: str | None) -> None:
    assert (refused(error) or "").find(told or "") != -1
    assert (refused(error) is None) is (told is None)


def test_what_the_database_refuses_is_one_line(tmp_path: Path) -> None:
    full = sqlite3.connect(tmp_path / "full.db")
    full.executescript("CREATE TABLE t(x); PRAGMA max_page_count = 2;")
    with pytest.raises(sqlite3.OperationalError) as error, full:
        full.execute("INSERT INTO t VALUES (zeroblob(100000))")
    full.close()
    assert "its disk is full" in (refused(error.value) or "")
    assert refused(sqlite3.ProgrammingError("a mistake of ours")) is None


def test_what_it_makes_is_its_owners_alone(terminal: Terminal) -> None:
    process = terminal.process("cases", "list", stdout=subprocess.DEVNULL)
    assert process.communicate(timeout=PATIENCE_S)[1] == b""
    made = list((terminal.directory / "data").iterdir())
    assert made
    for path in made:
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution as it is installed elsewhere."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_what_init_needs_and_no_secret(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
    for path in sorted((ROOT / "config").rglob("*")):
        if path.is_file():
            assert f"gateway/_config/{path.relative_to(ROOT / 'config')}" in names
    assert not [name for name in names if name.endswith((".key", ".secret", ".db")) or "private" in name]
    assert not [name for name in names if name.startswith("tests")]


def test_an_installed_wheel_begins_and_checks_itself(wheel: Path, tmp_path: Path) -> None:
    program("gpg", "gnupg")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as content:
        content.extractall(installed)
    environment = os.environ | {"PYTHONPATH": str(installed)}

    def inbeeld(*words: str) -> str:
        command = [sys.executable, "-m", "gateway", *words]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = [sys.executable, "-c", "import gateway; print(gateway.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.startswith(str(installed))
    assert "made " in inbeeld("init", "here")
    assert "ok       configuration" in inbeeld("--dir", "here", "check", "--offline")


def test_init_leaves_a_folder_with_something_in_it_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    terminal = Terminal(tmp_path)
    answer = terminal("init", str(tmp_path))
    assert answer.code == 1
    assert (
        answer.err
        == f"inbeeld: {tmp_path}: directory: is not empty. Name a new folder, or empty this one yourself\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_init_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.cli.init.write_private", full)
    with pytest.raises(OSError, match="No space"):
        Terminal(tmp_path)("init", str(tmp_path / "new"))
    assert list(tmp_path.iterdir()) == []


def test_the_command_is_named_after_the_package() -> None:
    assert app.info.name == "inbeeld"
