"""The list of running cases for a spreadsheet: what the board shows, whole, a row at a time.

It promises that nothing of a patient is in it, that no cell is taken for a formula, and that whoever takes it
away stands in the audit trail with how many rows it had.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from gateway.board.rows import BoardLine
from gateway.domain.states import State
from gateway.web.cells import harmless

MARK = "\ufeff"
"""By this a spreadsheet knows UTF-8; with semicolons Excel in Dutch opens it as it is."""


def as_csv(
    lines: Iterable[BoardLine],
    heads: Iterable[str],
    *,
    state: Callable[[State], str],
    turn: Callable[[BoardLine], str],
    moment: Callable[[datetime | None], str],
    organisations: Mapping[str, str],
    practices: Mapping[str, str],
    yes: str,
) -> Iterator[str]:
    """One row a case; `heads` name the columns."""
    yield MARK + _row(heads)
    for line in lines:
        cells = (
            line.kenmerk,
            moment(line.received_at),
            moment(line.due_at),
            state(line.state),
            turn(line),
            organisations.get(line.organisation_id or "", line.organisation_id or ""),
            practices.get(line.practice_id or "", line.practice_id or ""),
            line.wijk or "",
            yes if line.urgent else "",
            yes if line.held else "",
            line.taken_by,
        )
        yield _row(map(harmless, cells))


def _row(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerow(cells)
    return text.getvalue()
