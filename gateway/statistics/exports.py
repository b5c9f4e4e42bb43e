"""The figures to take away: a table that a Dutch spreadsheet opens by itself, and JSON.

They promise what the page promises, small numbers hidden included, and that no cell is taken for a formula.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gateway.domain.attribution import PARTIES
from gateway.statistics.disclosure import Shown
from gateway.statistics.figures import ENDINGS
from gateway.statistics.filters import Filters, Grouping
from gateway.statistics.sheet import SHOWN, Sheet
from gateway.web.cells import MARK, csv_line


def as_csv(
    found: Sheet, asked: Filters, heads: Mapping[str, str], name: Callable[[Grouping | None, str], str]
) -> str:
    """All rows below each other: the total, the groups, and the weeks or months; `heads` name the columns."""
    lines = [MARK, csv_line(heads.values())]
    for kind, by, rows in (
        ("totaal", None, [found.total]),
        (asked.by, asked.by, found.groups),
        (found.step, None, found.points),
    ):
        for row in rows:
            # Two practices may have one name; a practice and an organisation may even have one code.
            cells = [str(kind), name(by, row.name), *_numbers(row), row.name if by else ""]
            lines.append(csv_line(map(_cell, cells)))
    return "".join(lines)


def as_json(found: Sheet, asked: Filters) -> dict[str, Any]:
    """The same for programs, with the ids of organisations and practices; `kind` says whose an id is."""
    return {
        "by": asked.by,
        "from": asked.first,
        "to": asked.last,
        "only": {str(by): value for by, value in asked.only.items()},
        "suppressed_below": found.below or None,
        "total": _object(found.total, "totaal"),
        "rows": [_object(row, asked.by) for row in found.groups],
        "over_time": {"step": found.step, "rows": [_object(row, found.step) for row in found.points]},
    }


COLUMNS = (
    *SHOWN,
    *ENDINGS,
    "share_on_time",
    "p50_hours",
    "p90_hours",
    *(f"hours_{party}" for party in PARTIES),
)


def _numbers(row: Shown) -> Iterable[Any]:
    found = _object(row, "")
    return (found[name] for name in COLUMNS)


def _object(row: Shown, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": row.name or None,
        **{name: _number(cell) for name, cell in row.counts.items()},
        "share_on_time": row.share_on_time,
        "p50_hours": row.p50_hours,
        "p90_hours": row.p90_hours,
        **{f"hours_{party}": hours for party, hours in row.time.items()},
    }


def _number(cell: int | str) -> int | str:
    return int(cell) if isinstance(cell, str) and cell.isdigit() else cell


def _cell(value: Any) -> Any:
    return str(value).replace(".", ",") if isinstance(value, float) else value
