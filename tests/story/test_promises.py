"""Every promise of the design has tests, and the tests that PROMISES.md names are there."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ROWS = {
    found[1]: re.findall(r"`([^`]+\.py)::(\w+)`", found[2])
    for found in re.finditer(
        r"^\| (P\d+) [^|]*\|([^|]*)\|$", (Path(__file__).parent / "PROMISES.md").read_text(), re.MULTILINE
    )
}


def test_all_of_them_stand_there() -> None:
    assert list(ROWS) == [f"P{number}" for number in range(1, 13)]
    assert all(ROWS.values())


@pytest.mark.parametrize("promise", ROWS)
def test_its_tests_exist(promise: str) -> None:
    for file, name in ROWS[promise]:
        tree = ast.parse((TESTS / file).read_text())
        there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in there, f"{file} has no {name}"
