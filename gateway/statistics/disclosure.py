"""What of the figures may be shown to whom: which limit holds, and the rows with small numbers hidden.

Pure. It promises that a share, a percentile or a mean is hidden wherever one of the numbers behind it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.domain.pathway import Feedback, Pathway
from gateway.statistics.figures import FigureRow
from gateway.statistics.suppression import suppressed_tables

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
    total: FigureRow, tables: Sequence[Sequence[FigureRow]], columns: Collection[str], below: int
) -> tuple[Shown, list[list[Shown]]]:
    """The total, and the tables whose rows add up to it; numbers smaller than `below` hidden, none for 0."""
    rows = [total, *(row for table in tables for row in table)]
    counts: list[dict[str, int]] = [{name: row.counts[name] for name in columns} for row in rows]
    seen: Sequence[Mapping[str, Cell]] = counts
    if below:
        numbers = iter(counts[1:])
        parts = [[next(numbers) for _ in table] for table in tables]
        first, rest = suppressed_tables(counts[0], parts, below)
        seen = [first, *(row for table in rest for row in table)]
    shown = iter([_shown(row, each, below) for row, each in zip(rows, seen, strict=True)])
    return next(shown), [[next(shown) for _ in table] for table in tables]


def _shown(row: FigureRow, counts: Mapping[str, Cell], below: int) -> Shown:
    judged = row.counts["on_time"] + row.counts["late"]
    # A share of few, or one that gives a hidden number away, is hidden as well.
    secret = bool(below) and (judged < below or _is_hidden(counts["on_time"]) or _is_hidden(counts["late"]))
    few = bool(below) and (row.counts["received"] < below or _is_hidden(counts["received"]))
    # Of few who were reached, a percentile is how long one of them waited.
    reached = row.counts["contacted"]
    alone = secret or (bool(below) and (reached < below or _is_hidden(counts.get("contacted", reached))))
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
