"""The charts of the figures: which number becomes which bar.

Pure. It promises that what is hidden in the tables is hidden here, and that the pattern of a bar, never its
colour, says what it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.domain.attribution import PARTIES
from gateway.statistics.charts import MOST, Bars, Columns, bars, columns
from gateway.statistics.disclosure import Cell, Shown
from gateway.statistics.figures import FUNNEL
from gateway.statistics.sheet import Sheet

LEGEND = 48
"""Room for the names of patterns above bars that have several."""


@dataclass(frozen=True, slots=True)
class Charts:
    """Every drawing on the page; None where there is nothing to draw."""

    funnel: Bars
    on_time: Bars | None
    contact: Bars | None
    turns: Bars | None
    over_time: Columns | None


def charts(
    found: Sheet, heads: Mapping[str, str], name: Callable[[str], str], label: Callable[[str], str]
) -> Charts:
    """The drawings; `heads` names what is counted, `name` a group, `label` a point in time."""
    stages = [(stage, found.total.counts[stage]) for stage in FUNNEL]
    received = _number(found.total.counts["received"]) or 0
    groups = list(found.groups)[:MOST]
    shares = [row for row in groups if row.share_on_time is not None]
    waits = [row for row in groups if row.p50_hours is not None]
    spent = [row for row in groups if None not in row.time.values()]
    longest = max((row.p90_hours or 0 for row in waits), default=0)
    longest = max(longest, found.norm_hours or 0)
    most = max((_whole(row) for row in spent), default=0)
    points = [
        (label(row.name), _number(row.counts["received"]), _number(row.counts["contacted"]))
        for row in found.points
    ]
    return Charts(
        bars([(heads[stage], [("solid", _number(cell))], str(cell)) for stage, cell in stages], received),
        bars(
            [
                (name(row.name), [("solid", row.share_on_time)], f"{row.share_on_time or 0:.0%}")
                for row in shares
            ],
            1,
        )
        if shares
        else None,
        bars([_wait(name(row.name), row) for row in waits], longest, LEGEND, found.norm_hours)
        if waits
        else None,
        bars([_turn(name(row.name), row) for row in spent], most, LEGEND) if spent and most else None,
        columns(points) if any(whole for _, whole, _ in points) else None,
    )


def _wait(name: str, row: Shown) -> tuple[str, list[tuple[str, float | None]], str]:
    p50, p90 = row.p50_hours or 0, row.p90_hours or 0
    return name, [("solid", p50), ("stripes", p90 - p50)], f"{_comma(p50)} / {_comma(p90)}"


def _turn(name: str, row: Shown) -> tuple[str, list[tuple[str, float | None]], str]:
    patterns = ("empty", "dots", "solid", "stripes")
    parts = [(pattern, row.time[party]) for pattern, party in zip(patterns, PARTIES, strict=True)]
    return name, parts, _comma(_whole(row))


def _whole(row: Shown) -> float:
    return sum(hours or 0 for hours in row.time.values())


def _number(cell: Cell) -> int | None:
    return int(cell) if isinstance(cell, int) or cell.isdigit() else None


def _comma(hours: float) -> str:
    return f"{hours:.1f}".replace(".", ",")
