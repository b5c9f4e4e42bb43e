"""Whether everything that `make bench` measures can still be measured, with as little of it as possible."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import pytest

from tests.bench import __main__ as bench
from tests.bench import place, reading, sections
from tests.faults.harness import Launcher


class Forked:
    """What the bench asks of a process, for one that the launcher forked."""

    stdin = None

    def __init__(self, launcher: Launcher, directory: Path, words: Sequence[str], errors: int) -> None:
        self.pid, reading_end = launcher.fork(directory, words, errors)
        self.stdout = os.fdopen(reading_end)
        self.returncode: int | None = None
        self._launcher = launcher

    def send_signal(self, number: int) -> None:
        """As `subprocess.Popen`, and so are the others."""
        os.kill(self.pid, number)

    def wait(self, _: float | None = None) -> int:
        if self.returncode is None:
            self.stdout.read()
            self.stdout.close()
            self.returncode = self._launcher.wait(self.pid)
        return self.returncode

    def poll(self) -> int | None:
        return self.wait()


@pytest.fixture
def forked(launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are forked from a process that has loaded everything, which takes a quarter of the time."""

    def command(directory: Path, words: Sequence[str], _: int, errors: IO[bytes] | None) -> Any:
        return Forked(launcher, directory, words, errors.fileno() if errors else 2)

    monkeypatch.setattr(place, "command", command)


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize("section", sections.SECTIONS, ids=lambda section: section.name)
def test_every_section_runs_and_tells_its_aims(
    section: sections.Section, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if section.name == "torture" and not reading.TORTURE.is_dir():
        pytest.skip("the broken mails may not be copied into this repository")
    failed = bench.main([section.name], "tiny", tmp_path / "bench.json")
    told = capsys.readouterr()
    assert not failed, told.err
    for aim in section.aims if "skipped" not in told.out else ():
        assert aim.words in told.out


def test_a_corpus_that_is_absent_fails_the_run_and_no_other_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading, "TORTURE", tmp_path / "torture")
    assert bench.main(["torture", "clocks:50"], "tiny", tmp_path / "bench.json") == 1
    said = capsys.readouterr().out
    assert "FAILED torture: the corpus torture is not beside this repository" in said
    assert "clocks: 50 open" in said


def test_an_aim_says_whether_it_is_reached() -> None:
    most = sections.Aim("time, ms", 12, lambda found: found.get("ms"))
    least = sections.Aim("rate", 100, lambda found: found.get("rate"), least=True)
    assert most.told({"ms": 12.0}) == "  reached  time, ms: 12 (aim ≤ 12)"
    assert most.told({"ms": 12.5}) == "  missed   time, ms: 12.5 (aim ≤ 12)"
    assert least.told({"rate": 99.0}) == "  missed   rate: 99 (aim ≥ 100)"
    assert most.told({}) == "  not measured  time, ms"
