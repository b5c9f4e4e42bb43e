"""What reading processes are to know of the place they work for."""

from collections.abc import Iterable, Sequence
from typing import Any

from gateway.reading.patient.wijken import Gazetteer

Knowledge = tuple[Sequence[str], Sequence[str], frozenset[str]]
"""The texts of the gazetteer's files, of wijken and of postcodes, and the words that mean haste."""


def as_told(wijken: Iterable[str], postcodes: Iterable[str], urgent_words: frozenset[str]) -> dict[str, Any]:
    """The same as it is told to them; raises `ValueError` for a gazetteer that is none."""
    told = {"wijken": list(wijken), "postcodes": list(postcodes), "urgent_words": sorted(urgent_words)}
    # A broken gazetteer must fail here, by name, and not as a process that won't start.
    Gazetteer.parse(told["wijken"], told["postcodes"])
    return told
