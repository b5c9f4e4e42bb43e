"""The words of the API beside our own: every closed code may also be said in Dutch.

It promises that each word means one code, that an unknown one is refused with the list, and that what was
sent is not repeated.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeVar

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from adapters import told
from gateway.domain.case import ReportWord
from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome

C = TypeVar("C", bound=StrEnum)
_OWN_STEP: Final = re.compile(r"^[^\W\d_]+(?: [^\W\d_]+){0,4}$")


def _turned(kind: type[C], listed: Mapping[str, str]) -> Mapping[C, str]:
    """The one list of words, by our codes."""
    return MappingProxyType({kind(code): word for word, code in listed.items()})


STATUSES: Final = _turned(ReportWord, told.STATUSES)
REASONS: Final = _turned(DeclineReason, told.REASONS)
OUTCOMES: Final = _turned(StopOutcome, told.OUTCOMES)
NEXT_STEPS: Final = _turned(NextStep, told.NEXT_STEPS)
DAY_PARTS: Final[Mapping[DayPart, str]] = MappingProxyType(
    {DayPart.OCHTEND: "morning", DayPart.MIDDAG: "afternoon", DayPart.AVOND: "evening"}
)
"""Our own words for these are Dutch already; here the second word is English."""


def words(table: Mapping[C, str]) -> list[str]:
    """Every word that may be said: our own first."""
    return [*map(str, table), *table.values()]


def _reader(table: Mapping[C, str]) -> Callable[[Any], C]:
    known = {str(code): code for code in table} | {word: code for code, word in table.items()}

    def read(value: Any) -> C:
        if isinstance(value, str) and value in known:
            return known[value]
        raise PydanticCustomError("onbekende_code", "is geen bekende code", {"toegestaan": words(table)})

    return read


def _schema(table: Mapping[C, str], says: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": words(table), "description": says})


StatusWord = Annotated[
    ReportWord,
    PlainValidator(_reader(STATUSES)),
    _schema(STATUSES, "Wat er gebeurde, in het Engels of Nederlands."),
]
ReasonWord = Annotated[
    DeclineReason, PlainValidator(_reader(REASONS)), _schema(REASONS, "Waarom de aanmelding geweigerd wordt.")
]
OutcomeWord = Annotated[
    StopOutcome, PlainValidator(_reader(OUTCOMES)), _schema(OUTCOMES, "Hoe de ondersteuning eindigde.")
]


def _step(value: Any) -> NextStep | str:
    """A code, or a word that the place may have: the case's agreement says whether."""
    with suppress(PydanticCustomError):
        return _reader(NEXT_STEPS)(value)
    if isinstance(value, str) and _OWN_STEP.fullmatch(value):
        return value
    raise PydanticCustomError("onbekende_code", "is geen bekende code", {"toegestaan": words(NEXT_STEPS)})


NextStepWord = Annotated[
    NextStep | str,
    PlainValidator(_step),
    WithJsonSchema(
        {
            "anyOf": [{"enum": words(NEXT_STEPS)}, {"type": "string", "pattern": _OWN_STEP.pattern}],
            "description": "Wat er na het contact volgt: een code, of een woord dat uw zorgpad ervoor heeft.",
        }
    ),
]
DayPartWord = Annotated[
    DayPart, PlainValidator(_reader(DAY_PARTS)), _schema(DAY_PARTS, "Het dagdeel van de belpoging.")
]
