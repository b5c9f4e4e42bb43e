"""What holds for the code as a whole: layers, sizes, docstrings, and that nothing prints."""

import ast
import re
import subprocess
import sys
from collections import Counter, deque
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from gateway.domain.states import TRANSITIONS, Event, State

ROOT = Path(__file__).parents[2]
CODE = sorted(path for folder in ("gateway", "adapters") for path in (ROOT / folder).rglob("*.py"))
WRITTEN = [path for path in CODE if "versions" not in path.parts]
LONGEST = 400
MAY_PRINT = ROOT / "gateway" / "cli"


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def calls_of(path: Path) -> list[str]:
    calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    return [getattr(call.func, "id", "") for call in calls]


def test_every_module_says_what_it_is() -> None:
    trees = {name_of(path): tree_of(path) for path in CODE}
    assert [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_every_public_class_says_what_it_is() -> None:
    classes = [
        (name_of(path), node)
        for path in CODE
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef)
    ]
    public = [(name, node) for name, node in classes if not node.name.startswith("_")]
    assert [f"{name} {node.name}" for name, node in public if not ast.get_docstring(node)] == []


def test_every_public_class_has_a_name_of_its_own() -> None:
    names = Counter(
        node.name
        for path in CODE
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_nothing_refers_to_what_only_its_builders_had() -> None:
    cited = re.compile(r"\bDESIGN\b|\bDEVELOPERS\b")
    assert [name_of(path) for path in CODE if cited.search(path.read_text())] == []


def test_no_file_is_too_long() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in WRITTEN}
    too_long = {name: length for name, length in lengths.items() if length > LONGEST}
    assert too_long == {}, "give its second noun a file of its own"


def test_only_the_command_line_prints() -> None:
    assert [
        name_of(path) for path in CODE if MAY_PRINT not in path.parents and "print" in calls_of(path)
    ] == []


def test_no_error_is_swallowed() -> None:
    swallowed = []
    for path in CODE:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ExceptHandler):
                silent = all(isinstance(one, ast.Pass) for one in node.body)
                if node.type is None or silent:
                    swallowed.append(f"{name_of(path)}:{node.lineno}")
    assert swallowed == []


def test_names_that_mean_nothing_are_not_used() -> None:
    empty = {"utils", "util", "helpers", "helper", "manager", "service", "common", "misc"}
    assert [name_of(path) for path in CODE if path.stem in empty] == []


def test_imports_point_down() -> None:
    command = [sys.executable, "-m", "importlinter.cli", "lint"]
    program = Path(sys.executable).with_name("lint-imports")
    if program.exists():
        command = [str(program), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_state_can_be_reached_and_left() -> None:
    reached, queue = {State.RECEIVED}, deque([State.RECEIVED])
    while queue:
        here = queue.popleft()
        for (state, _), target in TRANSITIONS.items():
            if state is here and target not in reached:
                reached.add(target)
                queue.append(target)
    assert reached == set(State)
    stuck = {state for state in State if not any(start is state for start, _ in TRANSITIONS)}
    assert stuck == {State.CLOSED}


def test_every_event_moves_something() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event) - {Event.RECEIVED}


def committed() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no checkout")
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_the_top_level_holds_texts_alone() -> None:
    """An archive that a trial had left there went into a commit."""
    texts = {".toml", ".md", ".txt", ".yml", ""}
    top = [ROOT / name for name in committed() if "/" not in name]
    assert [path.name for path in top if path.suffix not in texts or b"\0" in path.read_bytes()] == []


def test_scripts_import_what_is_there() -> None:
    """A script that boots a clean Debian went on importing a module that had been folded into another."""
    imported = re.compile(r"^(?:from|import) ((?:gateway|adapters|tests)[a-z_.]*)", re.MULTILINE)
    scripts = [name for name in committed() if name.endswith(".sh")]
    modules = {module for name in scripts for module in imported.findall((ROOT / name).read_text())}
    assert modules, "the script that boots takes a mail with our own functions"
    assert sorted(module for module in modules if find_spec(module) is None) == []


def test_nothing_names_a_place_where_it_was_made() -> None:
    # Put together here, so that this file does not name them itself.
    places = re.compile("|".join((r"/wor" + r"k/", r"/ro" + r"ot/", r"/ho" + r"me/[a-z]")).encode())
    others = [ROOT / name for name in committed() if not name.endswith((".eml", ".bin"))]
    assert [name_of(path) for path in others if places.search(path.read_bytes())] == []


def test_tests_of_pages_wait_for_what_they_expect() -> None:
    """A click is over before the next page is there: `assert` would look too early, `expect` waits."""
    looks = r"\.(count|title|input_value|text_content|is_visible|is_hidden)\(\)|(page|plain|phone)\.url\b"
    early = [
        f"{name_of(path)}:{node.lineno}"
        for path in sorted((ROOT / "tests" / "browser").glob("test_*.py"))
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Assert) and re.search(looks, ast.unparse(node.test))
    ]
    assert early == []
