"""The charts of the figures: which number becomes which bar, in a drawing as wide as a telephone.

Pure. It promises that what is hidden in the tables is hidden here, that the pattern of a bar, never its
colour, says what it is, that every drawing fits its box, and that a figure stands in words beside what is
drawn for it: a chart shows what a table says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.attribution import PARTIES
from gateway.statistics.disclosure import Cell, Shown
from gateway.statistics.figures import FUNNEL
from gateway.statistics.sheet import Sheet

WIDTH = 340
"""Of every drawing: on a telephone a unit is a pixel, so that text is read as it is written."""

FULL = 250
"""The length of a whole bar; its figure stands after it."""

LINE = 42
MOST = 12
"""So many groups are drawn, the largest; the table has them all."""

POINTS = 60
"""So many weeks or months are drawn, the last ones."""

TALL = 150
_LABEL = 40


@dataclass(frozen=True, slots=True)
class BarPart:
    """A piece of a bar: which pattern it has, where it begins and how long it is."""

    pattern: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One line: its label, `y` of the label, its parts, and the figure after them at `x`."""

    label: str
    y: int
    parts: tuple[BarPart, ...]
    text: str
    x: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars below each other; `norm` is where the line of what was agreed stands, from `top` on."""

    bars: tuple[Bar, ...]
    height: int
    norm: float | None = None
    top: int = 0


Line = tuple[str, Sequence[tuple[str, float | None]], str]
"""What a bar is made of: a label, its parts (a pattern and a length), and the figure in words."""


def bars(lines: Sequence[Line], most: float, top: int = 0, norm: float | None = None) -> Bars:
    """Bars of which a whole one is `most` long; `top` leaves room for what explains the patterns.

    `norm` is what was agreed, in the same unit as `most`.
    """
    made = []
    for number, (label, parts, text) in enumerate(lines):
        at, drawn = 0.0, []
        for pattern, length in parts:
            width = FULL * min(max(length or 0, 0) / most, 1) if most > 0 else 0.0
            width = min(width, FULL - at)
            if width > 0:
                drawn.append(BarPart(pattern, round(at, 1), round(width, 1)))
            at += width
        y = top + number * LINE + 14
        made.append(Bar(_short(label), y, tuple(drawn), text, round(at + 6, 1)))
    line = round(FULL * norm / most, 1) if norm is not None and 0 < norm <= most else None
    return Bars(tuple(made), top + len(lines) * LINE + 4, line, top)


@dataclass(frozen=True, slots=True)
class Column:
    """One week or month: from where, how wide, how high all of it and the part that was reached are."""

    x: float
    width: float
    whole: float
    part: float
    label: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns beside each other; `most` is what the highest line stands for."""

    columns: tuple[Column, ...]
    most: int
    height: int = TALL


def columns(points: Sequence[tuple[str, int | None, int | None]]) -> Columns:
    """Columns for (label, all, part); None is hidden. At most five labels are written."""
    drawn = points[-POINTS:]
    most = max((whole or 0 for _, whole, _ in drawn), default=0)
    room = (WIDTH - _LABEL) / max(1, len(drawn))
    every = -(-len(drawn) // 5)
    made = [
        Column(
            x=round(_LABEL + number * room + room * 0.1, 1),
            width=round(room * 0.8, 1),
            whole=round(TALL * (whole or 0) / most, 1) if most else 0.0,
            part=round(TALL * (part or 0) / most, 1) if most else 0.0,
            label=label if number % every == 0 else "",
        )
        for number, (label, whole, part) in enumerate(drawn)
    ]
    return Columns(tuple(made), most)


def _short(label: str) -> str:
    return label if len(label) <= LINE else f"{label[: LINE - 1]}…"


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
