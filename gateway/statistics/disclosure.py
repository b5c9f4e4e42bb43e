"""What of the figures may be shown to whom: which limit holds, and the rows with small numbers hidden.

Pure. It promises that a share, a percentile or a mean is hidden wherever one of the numbers behind it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.domain.pathway import Feedback, Pathway
from gateway.statistics.figures import ENDINGS, FigureRow
from gateway.statistics.suppression import HIDDEN, suppressed_tables

Cell = int | str
"""A number, or what stands for one that is hidden or not known."""

UNKNOWN = "onbekend"


def without_collecting(shown: "Shown") -> "Shown":
    """The figures of whoever gets referrals by mail: when they are collected nobody can see."""
    counts = {name: UNKNOWN if name == "collected" else cell for name, cell in shown.counts.items()}
    hours = {party: None if party == "not_collected" else value for party, value in shown.time.items()}
    return replace(shown, counts=counts, time=hours)


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as people may see it; None is what is not there, or not for them."""

    name: str
    counts: Mapping[str, Cell]
    share_on_time: float | None
    p50_hours: float | None
    p90_hours: float | None
    time: Mapping[str, float | None]


def show(
    total: FigureRow,
    tables: Sequence[Sequence[FigureRow]],
    columns: Collection[str],
    below: int,
    own: Mapping[str, int] | None = None,
) -> tuple[Shown, list[list[Shown]]]:
    """The total, and the tables whose rows add up to it; numbers smaller than `below` hidden, none for 0.

    `own` has the limits of the rows of the first table by their names, where each has its own.
    """
    rows = [total, *(row for table in tables for row in table)]
    counts: list[dict[str, int]] = [{name: row.counts[name] for name in columns} for row in rows]
    seen: Sequence[Mapping[str, Cell]] = counts
    limits = [
        [own.get(row.name, below) if own is not None and not place else below for row in table]
        for place, table in enumerate(tables)
    ]
    flat = [below, *(limit for table in limits for limit in table)]
    if below:
        numbers = iter(counts[1:])
        parts = [[next(numbers) for _ in table] for table in tables]
        first, rest = suppressed_tables(counts[0], parts, below, limits)
        seen = [first, *(row for table in rest for row in table)]
    ended = _endings(rows, seen, flat, len(tables[0]) if tables else 0)
    shown = iter(
        [
            _shown(row, {**each, **ends}, limit)
            for row, each, ends, limit in zip(rows, seen, ended, flat, strict=True)
        ]
    )
    return next(shown), [[next(shown) for _ in table] for table in tables]


def _endings(
    rows: Sequence[FigureRow], seen: Sequence[Mapping[str, Cell]], limits: Sequence[int], groups: int
) -> list[dict[str, Cell]]:
    """How support ended, row by row; the first row is the total, and so many groups come after it.

    The outcomes of a row add up to those who stopped, and the groups to the total: who knows both margins of
    a table works out much. So the groups are shown only where no number in them is small, and points in time
    not at all; of the total, an outcome is hidden with as many others as it takes.
    """
    plain: list[dict[str, Cell]] = [{name: row.counts[name] for name in ENDINGS} for row in rows]
    if not any(limits):
        return plain
    nothing: dict[str, Cell] = dict.fromkeys(ENDINGS, HIDDEN)
    found = [_apart(rows[0], seen[0], limits[0]), *[nothing] * (len(rows) - 1)]
    parts = range(1, groups + 1)
    if groups == 1:
        found[1] = found[0]
    elif not any(_is_small(rows[at], seen[at], max(limits[at], limits[0])) for at in parts):
        for at in parts:
            found[at] = plain[at]
    return found


def _apart(row: FigureRow, seen: Mapping[str, Cell], below: int) -> dict[str, Cell]:
    """The outcomes of one row, of which it is known how many they are together."""
    if _is_hidden(seen["stopped"]):
        return dict.fromkeys(ENDINGS, HIDDEN)
    whole, (parts,) = suppressed_tables(
        {"stopped": row.counts["stopped"]}, [[{"stopped": row.counts[name]} for name in ENDINGS]], below
    )
    if not whole["stopped"].isdigit():
        return dict.fromkeys(ENDINGS, HIDDEN)
    return {name: part["stopped"] for name, part in zip(ENDINGS, parts, strict=True)}


def _is_small(row: FigureRow, seen: Mapping[str, Cell], below: int) -> bool:
    return _is_hidden(seen["stopped"]) or any(0 < row.counts[name] < below for name in ENDINGS)


def _shown(row: FigureRow, counts: Mapping[str, Cell], below: int) -> Shown:
    judged = row.counts["on_time"] + row.counts["late"]
    # A share of few, or one that gives a hidden number away, is hidden as well.
    secret = judged < below or _is_hidden(counts["on_time"]) or _is_hidden(counts["late"])
    few = row.counts["received"] < below or _is_hidden(counts["received"])
    # Of few who were reached, a percentile is how long one of them waited.
    reached = row.counts["contacted"]
    alone = secret or reached < below or _is_hidden(counts.get("contacted", reached))
    p50, p90 = row.hours or (None, None)
    return Shown(
        row.name,
        counts,
        None if secret or row.share_on_time is None else round(row.share_on_time, 3),
        None if alone else p50,
        None if alone else p90,
        {party: None if few else round(hours, 1) for party, hours in row.time.items()},
    )


def _is_hidden(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.isdigit()


@dataclass(frozen=True, slots=True)
class SmallNumbers:
    """Below which numbers are hidden: in the total, and in each group by its own agreements (0: nowhere).
    `overall` says that it is because a practice agreed to overall figures only."""

    total: int
    groups: Mapping[str, int]
    overall: bool = False

    @property
    def several(self) -> tuple[int, ...]:
        """The limits that hold somewhere, the smallest first."""
        return tuple(sorted({self.total, *self.groups.values()} - {0}))


def limit(names: Collection[str], pathways: Mapping[str, Pathway], default: Pathway) -> int:
    """The strictest limit of the pathways with these names; of the default one when none is known."""
    limits = [pathways[name].suppress_below for name in names if name in pathways]
    return max(limits, default=default.suppress_below)


def overall_only(
    agreements: Collection[tuple[str, str]], feedback: Mapping[str, str], pathways: Mapping[str, Pathway]
) -> bool:
    """Whether a practice agreed to overall figures, of these practices each with a pathway of its cases: by
    its own `feedback` if it has one, or by the pathway. Then nothing small may be told practice by practice.
    """
    for practice, name in agreements:
        agreed = feedback.get(practice) or (pathways[name].feedback if name in pathways else None)
        if agreed == Feedback.GEAGGREGEERD:
            return True
    return False
