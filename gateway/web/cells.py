"""A value as a cell of a spreadsheet."""

from typing import Any


def harmless(value: Any) -> Any:
    """The value, made text where a spreadsheet would take it for a formula."""
    starts = ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if isinstance(value, str) and value.startswith(starts) and value != "-" else value
