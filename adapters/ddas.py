"""The words of a signaal: VNG's public DDAS model of vroegsignalering, and what its codes mean to us.

It promises that there is one table for that, `CONTACT` and `RESULTS` below; that a word which isn't in it is
refused with the words that are; and that "in beeld" follows from a contact attempt alone in which the patient
was reached, never from a result. Nothing here knows the gateway: events and codes are its words, as text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

PARTNER: Final = "Overige"
"""Our own `signaalpartner.type`: a general practice is none of the types that the law names."""


class Contactsoort(StrEnum):
    """How contact was tried."""

    MAIL = "Mail"
    BRIEF = "Brief"
    SMS = "SMS/Whatsapp"
    TELEFOON = "Telefoon"
    HUISBEZOEK = "Huisbezoek"
    KAARTJE = "Kaartje"
    OVERIGE = "Overige"
    ADMINISTRATIEF = "Administratief"


class Dagdeel(StrEnum):
    """When it was tried."""

    OCHTEND = "Ochtend"
    MIDDAG = "Middag"
    AVOND = "Avond"


class Eindresultaat(StrEnum):
    """How a case at the municipality ended; the first five and `NOG_NIET` are also a signaal's own status."""

    HERHAALD = "Niet opgepakt: herhaalde melding"
    ONTERECHT = "Niet opgepakt: onterecht signaal"
    OVERLEDEN = "Inwoner is overleden"
    GEEN_INWONER = "Persoon is geen inwoner (meer) in de gemeente"
    ANDERE_REDEN = "Niet opgepakt: andere reden"
    AL_BEKEND = "Inwoner al bekend bij schuldhulpverlening"
    ANDER_TRAJECT = "Inwoner heeft al een ander lopend traject"
    GEEN_CONTACT = "Definitief geen contact kunnen krijgen"
    GEEN_REACTIE = "Geen reactie na eerder contact"
    GEEN_HULP = "Inwoner hoeft geen hulp vanuit vroegsignalering"
    ZELF_BETAALD = "Inwoner heeft zelf al betaald/betalingsregeling getroffen"
    ADVIES = "(Budget)advies en/of quick fix"
    FINANCIEEL = "Vervolghulp en/of verwijzing financieel"
    ZONDER_CONTACT = "Verwijzing zonder contact"
    NIET_FINANCIEEL = "Vervolghulp en/of verwijzing niet financieel"


class Signaalstatus(StrEnum):
    """Where a signaal stands while there is no case for it."""

    NOG_NIET = "Nog niet opgepakt"
    HERHAALD = "Niet opgepakt: herhaalde melding"
    ONTERECHT = "Niet opgepakt: onterecht signaal"
    OVERLEDEN = "Inwoner is overleden"
    GEEN_INWONER = "Persoon is geen inwoner (meer) in de gemeente"
    ANDERE_REDEN = "Niet opgepakt: andere reden"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One of our events, with the reason (of `declined`) or the outcome (of `stopped`) that goes with it."""

    event: str
    code: str | None = None


_CONTACT, _TRIED, _BUSY = Meaning("contacted"), Meaning("attempted"), Meaning("collected")
_NO_MORE = Meaning("stopped", "no_need")


# The table, first half: what an attempt means when the patient was reached, and when not.
CONTACT: Final[Mapping[Contactsoort, tuple[Meaning | None, Meaning]]] = MappingProxyType(
    {
        Contactsoort.TELEFOON: (_CONTACT, _TRIED),
        Contactsoort.HUISBEZOEK: (_CONTACT, _TRIED),
        Contactsoort.SMS: (_CONTACT, _TRIED),
        Contactsoort.MAIL: (_CONTACT, _TRIED),
        Contactsoort.OVERIGE: (_CONTACT, _TRIED),
        # Paper reaches a letter box: that somebody answered is an attempt of another kind.
        Contactsoort.BRIEF: (None, _TRIED),
        Contactsoort.KAARTJE: (None, _TRIED),
        Contactsoort.ADMINISTRATIEF: (None, _BUSY),
    }
)

# The table, second half: what a result means before there was contact, and after it. None: it can't be.
RESULTS: Final[Mapping[Eindresultaat, tuple[Meaning | None, Meaning | None]]] = MappingProxyType(
    {
        Eindresultaat.HERHAALD: (Meaning("declined", "duplicate"), Meaning("stopped", "other")),
        Eindresultaat.ONTERECHT: (Meaning("declined", "not_appropriate"), Meaning("stopped", "other")),
        # No code of ours says it, and nobody may call that number again: this one hands over to nobody.
        Eindresultaat.OVERLEDEN: (Meaning("declined", "duplicate"), Meaning("stopped", "other")),
        Eindresultaat.GEEN_INWONER: (Meaning("declined", "area"), Meaning("stopped", "moved")),
        Eindresultaat.ANDERE_REDEN: (Meaning("declined", "not_appropriate"), Meaning("stopped", "other")),
        Eindresultaat.AL_BEKEND: (Meaning("declined", "duplicate"), Meaning("stopped", "referred_on")),
        Eindresultaat.ANDER_TRAJECT: (Meaning("declined", "duplicate"), Meaning("stopped", "referred_on")),
        Eindresultaat.GEEN_CONTACT: (Meaning("unreachable"), Meaning("stopped", "lost_contact")),
        Eindresultaat.GEEN_REACTIE: (None, Meaning("stopped", "lost_contact")),
        Eindresultaat.GEEN_HULP: (Meaning("declined", "patient_declined"), _NO_MORE),
        Eindresultaat.ZELF_BETAALD: (Meaning("declined", "patient_declined"), _NO_MORE),
        Eindresultaat.ADVIES: (None, Meaning("stopped", "completed")),
        Eindresultaat.FINANCIEEL: (None, Meaning("stopped", "referred_on")),
        # Nobody spoke with the patient, so somebody still must.
        Eindresultaat.ZONDER_CONTACT: (
            Meaning("declined", "not_appropriate"),
            Meaning("stopped", "referred_on"),
        ),
        Eindresultaat.NIET_FINANCIEEL: (None, Meaning("stopped", "referred_on")),
    }
)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
C = TypeVar("C", bound=StrEnum)


def _reader(known: type[C]) -> PlainValidator:
    """Reads a code; an unknown one is refused with the list, and what was sent is not repeated."""

    def read(value: Any) -> C:
        if isinstance(value, str) and value in set(known):
            return known(value)
        raise PydanticCustomError(
            "onbekende_code", "is geen bekende code", {"toegestaan": list(map(str, known))}
        )

    return PlainValidator(read)


def _schema(known: type[StrEnum], says: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": list(map(str, known)), "description": says})


_Soort = Annotated[Contactsoort, _reader(Contactsoort), _schema(Contactsoort, "Hoe contact is gezocht.")]
_Dagdeel = Annotated[Dagdeel, _reader(Dagdeel), _schema(Dagdeel, "Wanneer op die dag.")]
_Status = Annotated[
    Signaalstatus, _reader(Signaalstatus), _schema(Signaalstatus, "Waar het signaal staat zonder zaak.")
]
_Resultaat = Annotated[
    Eindresultaat, _reader(Eindresultaat), _schema(Eindresultaat, "Hoe de zaak is geëindigd.")
]


def _day(value: Any) -> date:
    """A day as RFC 3339 writes it; a number or a moment is none."""
    with suppress(ValueError):
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    raise PydanticCustomError("eigen", "is geen dag zoals 2026-11-22")


_Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Contactpoging(_Strict):
    """One attempt; `datum` is the local day on which it was made."""

    soort: _Soort
    bereikt: StrictBool
    datum: _Day
    dagdeel: _Dagdeel | None = None

    @model_validator(mode="after")
    def _can_reach(self) -> "Contactpoging":
        if self.bereikt and CONTACT[self.soort][0] is None:
            raise PydanticCustomError(
                "eigen", "zo wordt niemand bereikt; meld het gesprek dat volgde als contactpoging"
            )
        return self


class Statusbericht(_Strict):
    """What the receiver tells of one signaal. The list of attempts may be the whole one, each time again."""

    # The name is DDAS's own.
    ID: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    datum_opgepakt: _Day | None = None
    contactpogingen: Annotated[tuple[Contactpoging, ...], Field(max_length=50)] = ()
    status: _Status | None = None
    resultaat: _Resultaat | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Statusbericht":
        if not (self.contactpogingen or self.datum_opgepakt or self.status or self.resultaat):
            raise PydanticCustomError(
                "eigen", "meldt niets; geef contactpogingen, datum_opgepakt, status of resultaat"
            )
        return self


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a status says. `key` names it within its signaal, so that it is recorded once however often
    it is told; of `before` and `after` (contact) one holds."""

    key: str
    before: Meaning | None
    after: Meaning | None
    on: date | None = None
    day_part: str | None = None


def facts(status: Statusbericht) -> Iterator[Fact]:
    """What a status says, in the order in which it happened."""
    if status.datum_opgepakt is not None:
        yield Fact("opgepakt", _BUSY, _BUSY, status.datum_opgepakt)
    same: Counter[str] = Counter()
    for attempt in sorted(status.contactpogingen, key=_when):
        reached, missed = CONTACT[attempt.soort]
        meaning = reached if attempt.bereikt else missed
        key = f"{attempt.soort}/{attempt.bereikt}/{attempt.datum}/{attempt.dagdeel}"
        same[key] += 1
        day_part = attempt.dagdeel.lower() if attempt.dagdeel else None
        yield Fact(f"{key}/{same[key]}", meaning, meaning, attempt.datum, day_part)
    if status.status not in (None, Signaalstatus.NOG_NIET):
        yield Fact(status.status, *RESULTS[Eindresultaat(status.status)])
    if status.resultaat is not None and str(status.resultaat) != str(status.status):
        yield Fact(status.resultaat, *RESULTS[status.resultaat])


def _when(attempt: Contactpoging) -> tuple[date, int]:
    parts = list(Dagdeel)
    return attempt.datum, parts.index(attempt.dagdeel) if attempt.dagdeel else len(parts)
