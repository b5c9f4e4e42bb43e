"""Values as the cells of a spreadsheet, and rows of them as lines of CSV."""

import csv
import io
from collections.abc import Iterable
from typing import Any

MARK = "\ufeff"
"""By this a spreadsheet knows UTF-8; with semicolons Excel in Dutch opens a list as it is."""


def harmless(value: Any) -> Any:
    """The value, made text where a spreadsheet would take it for a formula."""
    starts = ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if isinstance(value, str) and value.startswith(starts) and value != "-" else value


def csv_line(cells: Iterable[Any], end: str = "\r\n") -> str:
    """One row, harmless."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator=end).writerow(map(harmless, cells))
    return text.getvalue()
