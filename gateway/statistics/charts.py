"""The measures of the charts: what stands where, in the units of a drawing that is as wide as a telephone.

Pure. It promises that every drawing fits its box, that what is hidden is drawn as nothing, and that a figure
stands in words beside what is drawn for it: a chart shows what a table says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
