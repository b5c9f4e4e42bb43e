"""The words of the API beside our own: every closed code may also be said in Dutch.

It promises that each word means one code, that an unknown one is refused with the list, and that what was
sent is not repeated.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeVar

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome
from gateway.domain.states import Event

C = TypeVar("C", bound=StrEnum)

STATUSES: Final[Mapping[Event, str]] = MappingProxyType(
    {
        Event.COLLECTED: "opgehaald",
        Event.ATTEMPTED: "niet_bereikt",
        Event.CONTACTED: "in_beeld",
        Event.SELF_CONTACT: "patient_belde",
        Event.INTAKE_PLANNED: "afspraak",
        Event.NO_SHOW: "niet_verschenen",
        Event.APPOINTMENT_HELD: "verschenen",
        Event.EXPERT_TALK: "deskundigengesprek",
        Event.THREE_WAY_TALK: "driegesprek",
        Event.IN_SUPPORT: "gestart",
        Event.STOPPED: "gestopt",
        Event.DECLINED: "geweigerd",
        Event.UNREACHABLE: "onbereikbaar",
        Event.WITHDRAWAL_CONFIRMED: "intrekking_gezien",
        Event.CORRECTED: "rechtgezet",
    }
)
REASONS: Final[Mapping[DeclineReason, str]] = MappingProxyType(
    {
        DeclineReason.CAPACITY: "vol",
        DeclineReason.AREA: "verkeerd_gebied",
        DeclineReason.NOT_APPROPRIATE: "niet_passend",
        DeclineReason.DUPLICATE: "dubbel",
        DeclineReason.PATIENT_DECLINED: "geen_behoefte",
    }
)
OUTCOMES: Final[Mapping[StopOutcome, str]] = MappingProxyType(
    {
        StopOutcome.COMPLETED: "afgerond",
        StopOutcome.REFERRED_ON: "doorverwezen",
        StopOutcome.PATIENT_STOPPED: "patient_stopte",
        StopOutcome.LOST_CONTACT: "contact_verloren",
        StopOutcome.MOVED: "verhuisd",
        StopOutcome.NO_NEED: "geen_behoefte",
        StopOutcome.OTHER: "anders",
    }
)
NEXT_STEPS: Final[Mapping[NextStep, str]] = MappingProxyType(
    {
        NextStep.INTAKE: "kennismaking",
        NextStep.BUDGET_HELP: "budgethulp",
        NextStep.DEBT_COUNSELLING: "schuldhulpverlening",
        NextStep.WELFARE: "welzijn",
        NextStep.ACTIVITY: "activiteit",
        NextStep.CALL_ROUND: "belronde",
        NextStep.BUDDY: "maatje",
        NextStep.COURSE: "cursus",
        NextStep.SELF_RELIANT: "zelfstandig",
        NextStep.LOCAL_TEAM: "wijkteam",
        NextStep.PROTECTION: "bewind",
        NextStep.NO_OFFER: "geen_passend_aanbod",
        NextStep.NO_FOLLOW_UP: "geen_vervolg",
    }
)
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
    Event,
    PlainValidator(_reader(STATUSES)),
    _schema(STATUSES, "Wat er gebeurde, in het Engels of Nederlands."),
]
ReasonWord = Annotated[
    DeclineReason, PlainValidator(_reader(REASONS)), _schema(REASONS, "Waarom de aanmelding geweigerd wordt.")
]
OutcomeWord = Annotated[
    StopOutcome, PlainValidator(_reader(OUTCOMES)), _schema(OUTCOMES, "Hoe de ondersteuning eindigde.")
]
NextStepWord = Annotated[
    NextStep, PlainValidator(_reader(NEXT_STEPS)), _schema(NEXT_STEPS, "Wat er na het contact volgt.")
]
DayPartWord = Annotated[
    DayPart, PlainValidator(_reader(DAY_PARTS)), _schema(DAY_PARTS, "Het dagdeel van de belpoging.")
]
