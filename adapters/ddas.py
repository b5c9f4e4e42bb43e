"""The words of a signaal: VNG's public DDAS model of vroegsignalering, and what its codes mean to us.

It promises that there is one table for that, `CONTACT` and `RESULTS` below; that a word which isn't in it is
refused with the words that are; and that "in beeld" follows from a contact attempt alone in which the patient
was reached, never from a result. Nothing here knows the gateway: events and codes are its words, as text.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

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


# A day as ISO 8601 writes it, and not a number that could be one.
_Day = Annotated[date, Field(strict=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Contactpoging(_Strict):
    """One attempt; `datum` is the local day on which it was made."""

    soort: Contactsoort
    bereikt: StrictBool
    datum: _Day
    dagdeel: Dagdeel | None = None

    @model_validator(mode="after")
    def _can_reach(self) -> "Contactpoging":
        if self.bereikt and CONTACT[self.soort][0] is None:
            raise ValueError(
                f"{self.soort} kan de inwoner niet bereiken; meld het gesprek zelf als contactpoging"
            )
        return self


class Statusbericht(_Strict):
    """What the receiver tells of one signaal. The list of attempts may be the whole one, each time again."""

    # The name is DDAS's own.
    ID: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    datum_opgepakt: _Day | None = None
    contactpogingen: Annotated[tuple[Contactpoging, ...], Field(max_length=50)] = ()
    status: Signaalstatus | None = None
    resultaat: Eindresultaat | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Statusbericht":
        if not (self.contactpogingen or self.datum_opgepakt or self.status or self.resultaat):
            raise ValueError("meldt niets: geef contactpogingen, datum_opgepakt, status of resultaat")
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
