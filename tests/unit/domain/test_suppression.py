"""Small numbers hidden: by themselves, in their row, and in a column that adds up."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.statistics.figures import COUNTS
from gateway.statistics.suppression import suppressed_tables


@given(st.lists(st.integers(0, 40), min_size=len(COUNTS), max_size=len(COUNTS)), st.integers(2, 10))
def test_no_small_number_is_shown_or_can_be_worked_out(numbers: list[int], below: int) -> None:
    counts = dict(zip(COUNTS, numbers, strict=True))
    shown, _ = suppressed_tables(counts, [], below)
    for name, number in counts.items():
        if 0 < number < below:
            assert shown[name] == f"<{below}"
    hidden = [name for name, text in shown.items() if not text.isdigit()]
    large = [name for name, number in counts.items() if number >= below]
    assert len(hidden) != 1 or not large, "one hidden number alone follows from the others"


def column(numbers: Sequence[int], below: int = 5) -> tuple[str, list[str]]:
    """One table of one column, as it is shown."""
    total, (rows,) = suppressed_tables({"n": sum(numbers)}, [[{"n": number} for number in numbers]], below)
    return total["n"], [row["n"] for row in rows]


@pytest.mark.parametrize(
    ("numbers", "total", "rows"),
    [
        ([10, 20], "30", ["10", "20"]),
        ([3, 20, 40], "63", ["<5", "-", "40"]),
        ([2, 1, 40], "43", ["<5", "<5", "-"]),
        ([3, 4, 40], "47", ["<5", "<5", "40"]),
        ([4, 4, 40], "48", ["<5", "<5", "-"]),
        ([1, 1, 1, 1], "<5", ["-", "-", "-", "-"]),
        ([3, 0], "<5", ["-", "-"]),
        ([1, 5], "6", ["-", "-"]),
        ([0, 0], "0", ["0", "0"]),
    ],
    ids=str,
)
def test_what_is_hidden_in_a_column(numbers: list[int], total: str, rows: list[str]) -> None:
    assert column(numbers) == (total, rows)


def meanings(text: str, below: int, most: int) -> range:
    """Which numbers a cell may stand for, to whoever reads the page."""
    if text.isdigit():
        return range(int(text), int(text) + 1)
    return range(1, below) if text.startswith("<") else range(most + 1)


def possible(
    total: str, tables: Sequence[Sequence[str]], below: int, limits: Sequence[Sequence[int]], most: int
) -> list[list[set[int]]]:
    """For each table, what each of its cells can be, found by trying everything that adds up."""
    sums = set(meanings(total, below, most))
    read = [
        [meanings(text, own, most) for text, own in zip(table, several, strict=True)]
        for table, several in zip(tables, limits, strict=True)
    ]
    for table in read:
        sums &= {sum(each) for each in itertools.product(*table)}
    found = []
    for table in read:
        fits = [each for each in itertools.product(*table) if sum(each) in sums]
        found.append([{each[at] for each in fits} for at in range(len(table))])
    return found


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from([3, 3, 4, 0])), min_size=1, max_size=3), st.data()
)
def test_whoever_tries_everything_that_adds_up_finds_no_small_number(
    rows: list[tuple[int, int]], data: st.DataObject
) -> None:
    numbers, own = [number for number, _ in rows], [limit for _, limit in rows]
    # What adds up over rows follows the strictest of them.
    below, total = max(3, *own), sum(numbers)
    cut = data.draw(st.integers(0, total))
    tables, limits = [numbers, [cut, total - cut]], [own, [below, below]]
    top, shown_rows = suppressed_tables(
        {"n": total}, [[{"n": n} for n in table] for table in tables], below, limits
    )
    texts = [[row["n"] for row in table] for table in shown_rows]
    found = possible(top["n"], texts, below, limits, max(total, 1) + 3)
    for table, shown, options, several in zip(tables, texts, found, limits, strict=True):
        for number, text, could_be, limit in zip(table, shown, options, several, strict=True):
            assert number in could_be
            if 0 < number < limit:
                assert not text.isdigit()
                assert len(could_be) > 1, (top["n"], texts)
        # What is hidden together is no small group either, for who knows the total.
        hidden = [at for at, text in enumerate(shown) if not text.isdigit()]
        left, most = sum(table[at] for at in hidden), max((several[at] for at in hidden), default=0)
        assert not top["n"].isdigit() or left == 0 or left >= most


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=1, max_size=6),
    st.integers(2, 10),
)
def test_no_row_and_no_column_has_a_single_hidden_number(rows: list[list[int]], below: int) -> None:
    names = ("a", "b", "c")
    table = [dict(zip(names, row, strict=True)) for row in rows]
    total = {name: sum(row[name] for row in table) for name in names}
    top, (shown,) = suppressed_tables(total, [table], below)
    for counts, texts in zip([total, *table], [top, *shown], strict=True):
        hidden = [name for name in names if not texts[name].isdigit()]
        large = [name for name in names if counts[name] >= below and name not in hidden]
        assert len(hidden) != 1 or not large, "another could have been hidden with it"
    for name in names:
        cells = [top[name], *(row[name] for row in shown)]
        assert sum(not cell.isdigit() for cell in cells) != 1
