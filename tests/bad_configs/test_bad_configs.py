"""Each folder here is a broken configuration, laid over what `inbeeld init` makes, with the words in which
`inbeeld check --offline` must say what is wrong: on standard error, or as findings of level error.

A file replaces the good one. `NAME.append` is added to it, `NAME.removed` takes it away, `NAME.mode` gives it
other permissions, `NAME.grown` makes it that large, `NAME.copied` puts another file of the directory in its
place, and `NAME.edit` replaces its first line by its second, once. A line of `expected_error` that ends
with … says how a line must begin.
"""

import shutil
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.app import app
from gateway.errors import InbeeldError

HERE = Path(__file__).parent
CASES = sorted(path.name for path in HERE.iterdir() if (path / "expected_error").exists())


def _append(target: Path, given: Path) -> None:
    target.write_bytes(target.read_bytes() + given.read_bytes())


def _removed(target: Path, _: Path) -> None:
    target.unlink()


def _mode(target: Path, given: Path) -> None:
    target.chmod(int(given.read_text(), 8))


def _grown(target: Path, given: Path) -> None:
    target.write_bytes(target.read_bytes().ljust(int(given.read_text()), b"\n"))


def _copied(target: Path, given: Path) -> None:
    (directory,) = [parent for parent in target.parents if (parent / given.read_text().strip()).is_file()]
    target.write_bytes((directory / given.read_text().strip()).read_bytes())


def _edit(target: Path, given: Path) -> None:
    before, after = given.read_text().splitlines()
    text = target.read_text()
    assert before in text
    target.write_text(text.replace(before, after, 1))


VERBS: dict[str, Callable[[Path, Path], None]] = {
    ".append": _append,
    ".removed": _removed,
    ".mode": _mode,
    ".grown": _grown,
    ".copied": _copied,
    ".edit": _edit,
}


def break_it(case: Path, directory: Path) -> None:
    """Lay a broken configuration over a good one."""
    for given in sorted(path for path in case.rglob("*") if path.is_file()):
        if given.name == "expected_error":
            continue
        target = directory / given.relative_to(case)
        if verb := VERBS.get(given.suffix):
            verb(target.with_suffix(""), given)
        else:
            shutil.copyfile(given, target)


def wrong(directory: Path) -> str:
    """What `inbeeld check --offline` says is wrong."""
    found: Result = CliRunner().invoke(app, ["--dir", str(directory), "check", "--offline"])
    assert found.exit_code == 1, found.output
    said = found.stderr
    if isinstance(found.exception, InbeeldError):
        # `run` says these on standard error.
        said += "".join(f"inbeeld: {line}\n" for line in str(found.exception).splitlines())
    said += "".join(line + "\n" for line in found.stdout.splitlines() if line.startswith("error"))
    return said.replace(str(directory), "DIR")


def test_nothing_is_wrong_with_the_good_one(laid_out: Path, tmp_path: Path) -> None:
    shutil.copytree(laid_out, tmp_path / "gateway")
    found = CliRunner().invoke(app, ["--dir", str(tmp_path / "gateway"), "check", "--offline"])
    assert found.exit_code == 0, found.output


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told_with_file_key_and_remedy(name: str, laid_out: Path, tmp_path: Path) -> None:
    directory = tmp_path / "gateway"
    shutil.copytree(laid_out, directory)
    break_it(HERE / name, directory)
    said = wrong(directory).splitlines()
    expected = (HERE / name / "expected_error").read_text().splitlines()
    assert [
        _as_expected(line, wanted) for line, wanted in zip_longest(said, expected, fillvalue="")
    ] == expected


def _as_expected(line: str, wanted: str) -> str:
    return wanted if wanted.endswith("…") and line.startswith(wanted[:-1]) else line
