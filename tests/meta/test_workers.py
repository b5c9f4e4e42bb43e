"""What tests say in workers is what they say without."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CONFTEST = "from tests.workers import pytest_cmdline_main, pytest_runtestloop\n"
ORDINARY = """
import pytest

def test_passes(tmp_path):
    pass

def test_fails():
    print("what it printed")
    assert 1 == 2

def test_is_skipped():
    pytest.skip("no reason")

@pytest.fixture
def taken_down():
    yield
    raise ValueError("taken down")

def test_fails_afterwards(taken_down):
    pass
"""
DYING = """
import os

def test_before():
    pass

def test_dies():
    os._exit(0 if "GENTLY" in os.environ else 3)

def test_after():
    pass
"""


def run(folder: Path, *words: str, **environment: str) -> tuple[int, str]:
    """What pytest says of the tests of a folder."""
    (folder / "conftest.py").write_text(CONFTEST)
    plugins = ["-p", "no:schemathesis", "-p", "no:asyncio", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", ".", *plugins, *words]
    known = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout


def test_every_outcome_is_told(tmp_path: Path) -> None:
    for name in ("one", "another"):
        (tmp_path / f"test_{name}.py").write_text(ORDINARY)
    code, said = run(tmp_path, "-n", "2")
    assert code == 1
    assert "2 failed, 4 passed, 2 skipped, 2 errors" in said
    for told in ("assert 1 == 2", "what it printed", "taken down"):
        assert said.count(told) >= 2


@pytest.mark.parametrize("gently", [False, True])
def test_a_worker_that_dies_fails_the_test_that_it_ran(tmp_path: Path, gently: bool) -> None:
    (tmp_path / "test_dying.py").write_text(DYING)
    (tmp_path / "test_ordinary.py").write_text("def test_passes():\n    pass\n")
    code, said = run(tmp_path, "-n", "2", **({"GENTLY": "1"} if gently else {}))
    assert code == 1
    assert "1 failed, 2 passed" in said
    assert "FAILED test_dying.py::test_dies" in said


def test_the_first_failure_ends_all(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"test_{number}.py").write_text("def test_fails():\n    assert False\n")
    code, said = run(tmp_path, "-n", "2", "-x")
    assert code == 1
    assert "stopping after" in said
    assert said.count("FAILED") < 9
