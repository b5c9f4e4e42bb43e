"""Small numbers, hidden: so that nobody is recognised in a figure.

Pure. It promises that a number under the agreed limit is told as "<5" or not at all, that no hidden number
stands alone in its row, and that none follows from its column, where rows add up to a total: who subtracts
all that is shown is left with more than one possibility, and never with a group that is small.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Counts = Mapping[str, int]

HIDDEN = "-"
"""Stands for a number that is hidden for the sake of another."""

_MANY = 10**12


def suppressed_tables(
    total: Counts, tables: Sequence[Sequence[Counts]], below: int, own: Sequence[Sequence[int]] | None = None
) -> tuple[dict[str, str], list[list[dict[str, str]]]]:
    """The counts as people may see them, of a total and of tables whose rows each add up to it: small ones as
    "<5", and others hidden from which those could be worked out.

    `own` has the limit of each row of each table, where those have one of their own (0: none).
    """
    limits = [below, *(limit for table in own for limit in table)] if own is not None else None
    sheet = _Sheet(below, total, tables, limits)
    sheet.hide()
    shown = [{name: sheet.text(at, name) for name in total} for at in range(len(sheet.rows))]
    return shown[0], [[shown[at] for at in table] for table in sheet.tables]


@dataclass
class _Sheet:
    """Every row there is: the total is row 0, and `tables` are the numbers of the rows of each table."""

    below: int
    total: Counts
    given: Sequence[Sequence[Counts]]
    limits: Sequence[int] | None = None
    rows: list[Counts] = field(init=False)
    tables: list[range] = field(init=False)
    hidden: set[tuple[int, str]] = field(init=False)
    dropped: set[tuple[int, str]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.rows, self.tables = [self.total], []
        for table in self.given:
            self.tables.append(range(len(self.rows), len(self.rows) + len(table)))
            self.rows.extend(table)
        self.limits = self.limits or [self.below] * len(self.rows)
        self.hidden = {
            (at, name) for at, row in enumerate(self.rows) for name in row if 0 < row[name] < self.limit(at)
        }

    def limit(self, at: int) -> int:
        return self.limits[at] if self.limits else self.below

    def text(self, at: int, name: str) -> str:
        if (at, name) in self.dropped:
            return HIDDEN
        if (at, name) not in self.hidden:
            return str(self.rows[at][name])
        return f"<{self.limit(at)}" if self.rows[at][name] < self.limit(at) else HIDDEN

    def hide(self) -> None:
        """Hide more until nothing follows from what is shown. It ends: what is hidden stays hidden."""
        small = {name for name, number in self.total.items() if 0 < number < self.below}
        for name in small:
            # Of a small total no part may be told: even who has none of it says who has it all.
            self._drop(name, range(len(self.rows)))
        more = True
        while more:
            rows = [self._row(at) for at in range(len(self.rows))]
            columns = [self._column(name) for name in self.total if name not in small]
            more = any(rows) or any(columns)

    def _row(self, at: int) -> bool:
        row = self.rows[at]
        if sum((at, name) in self.hidden for name in row) != 1:
            return False
        rest = sorted((row[name], name) for name in row if (at, name) not in self.hidden)
        large = [name for number, name in rest if number >= max(1, self.limit(at))]
        self.hidden.update((at, name) for name in large[:1])
        return bool(large)

    def _column(self, name: str) -> bool:
        changed = False
        while (table := self._told(name)) is not None:
            changed = True
            open_ = [at for at in table if (at, name) not in self.hidden and self.rows[at][name]]
            if open_:
                self.hidden.add((min(open_, key=lambda at: self.rows[at][name]), name))
            elif not all((at, name) in self.dropped for at in table):
                self._drop(name, table)
            else:
                self.hidden.add((0, name))
        return changed

    def _drop(self, name: str, rows: Sequence[int]) -> None:
        """Show nothing of a column in these rows, not even who has none."""
        found = {(at, name) for at in rows if at}
        self.hidden |= found
        self.dropped |= found

    def _told(self, name: str) -> range | None:
        """A table whose column tells what is hidden, to somebody who subtracts."""
        bounds = self._bounds(name)
        for table in self.tables:
            hidden = [at for at in (0, *table) if (at, name) in self.hidden]
            if any(bounds[at][0] == bounds[at][1] != self._plain(at, name) for at in hidden):
                return table
            # What is left over when the total is known is a group as well.
            left = sum(self.rows[at][name] for at in hidden)
            most = max((self.limit(at) for at in hidden), default=0)
            if (0, name) not in self.hidden and 0 < left < most:
                return table
        return None

    def _plain(self, at: int, name: str) -> int | None:
        """What a label says by itself: with a limit of two, "<2" is one."""
        low, high = self._label(at, name)
        return low if low == high else None

    def _bounds(self, name: str) -> dict[int, tuple[int, int]]:
        """Between which numbers each cell of a column must lie, by everything that is shown of it."""
        bounds = {at: self._label(at, name) for at in range(len(self.rows))}
        before = None
        while before != bounds:
            before = dict(bounds)
            for table in self.tables:
                for at, low, high in _tightened(bounds, table):
                    bounds[at] = (max(bounds[at][0], low), min(bounds[at][1], high))
        return bounds

    def _label(self, at: int, name: str) -> tuple[int, int]:
        number = self.rows[at][name]
        if (at, name) in self.dropped:
            return 0, _MANY
        if (at, name) not in self.hidden:
            return number, number
        below = self.limit(at)
        # What is hidden for the sake of another is never nothing.
        return (1, below - 1) if number < below else (max(1, below), _MANY)


def _tightened(bounds: Mapping[int, tuple[int, int]], table: range) -> Iterator[tuple[int, int, int]]:
    """What "the rows of the table add up to the total" says about the bounds of each of them."""
    low, high = (sum(bounds[at][side] for at in table) for side in (0, 1))
    yield 0, low, high
    first, last = max(bounds[0][0], low), min(bounds[0][1], high)
    for at in table:
        yield at, first - (high - bounds[at][1]), last - (low - bounds[at][0])
