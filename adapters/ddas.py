"""The words of a signaal: VNG's public DDAS model of vroegsignalering, and what its codes mean to us.

It promises that there is one table for that, `CONTACT`, `RESULTS` and `STATUSES` below, for the words of
all versions from 0.9 to 1.2; that "in beeld" follows from a contact attempt in which the patient was reached,
never from a result; and that a word or a member of no version takes nothing away from the rest: an attempt of
an unknown kind in which the patient was reached is contact all the same. Where it stood is told, so that a
person can ask. Nothing here knows the gateway: events and codes are its words, as text.

Built in November 2026 after v0.9, v1.0, v1.1 and v1.2 of VNG-Realisatie/ddas-vroegsignalering and the change
log of v1.2, which renames members (`datum_opgepakt` became `datumOpgepakt`) and one result.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from adapters.told import Fact, Meaning, ToldBack

PARTNER: Final = "Overige"
"""Our own `signaalpartner.type`: a general practice is none of the types that the law names."""

VERSIONS: Final = ("0.9", "1.0", "1.1", "1.2")
"""The versions that are read, and of which one is written."""

LONGEST_WORD: Final = 200


class Unknown(Enum):
    """A word that stands in no version; which one it was is not kept."""

    WORD = "?"


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
    # Since 1.1.
    AFSPRAAK = "Afspraak op locatie"
    # Since 1.2.
    ONBEKEND = "Onbekend"


class Dagdeel(StrEnum):
    """When it was tried."""

    OCHTEND = "Ochtend"
    MIDDAG = "Middag"
    AVOND = "Avond"


class Eindresultaat(StrEnum):
    """How a case at the municipality ended; some are also a signaal's own status."""

    HERHAALD = "Niet opgepakt: herhaalde melding"
    ONTERECHT = "Niet opgepakt: onterecht signaal"
    OVERLEDEN = "Inwoner is overleden"
    GEEN_INWONER = "Persoon is geen inwoner (meer) in de gemeente"
    ANDERE_REDEN = "Niet opgepakt: andere reden"
    AL_BEKEND = "Inwoner al bekend bij schuldhulpverlening"
    ANDER_TRAJECT = "Inwoner heeft al een ander lopend traject"
    GEEN_CONTACT = "Definitief geen contact kunnen krijgen"
    GEEN_REACTIE = "Geen reactie na eerder contact"
    ZELF_BETAALD = "Inwoner heeft zelf al betaald/betalingsregeling getroffen"
    ADVIES = "(Budget)advies en/of quick fix"
    FINANCIEEL = "Vervolghulp en/of verwijzing financieel"
    NIET_FINANCIEEL = "Vervolghulp en/of verwijzing niet financieel"
    # 0.9; since 1.1 the longer one.
    GEEN_HULP = "Inwoner hoeft geen hulp vanuit vroegsignalering"
    REGELT_ZELF = "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering"
    # One idea under three names: 0.9, 1.1 and 1.2.
    ZONDER_CONTACT = "Verwijzing zonder contact"
    ZONDER_TOESTEMMING = "Verwijzing zonder toestemming"
    ZONDER_TUSSENKOMST = "Verwijzing zonder tussenkomst inwoner"
    # Since 1.2.
    VERVOLGHULP = "Vervolghulp en/of verwijzing"


class Signaalstatus(StrEnum):
    """Where a signaal stands, apart from the case it may be part of."""

    NOG_NIET = "Nog niet opgepakt"
    # Since 1.1.
    OPGEPAKT = "Opgepakt"
    HERHAALD = "Niet opgepakt: herhaalde melding"
    ONTERECHT = "Niet opgepakt: onterecht signaal"
    OVERLEDEN = "Inwoner is overleden"
    GEEN_INWONER = "Persoon is geen inwoner (meer) in de gemeente"
    ANDERE_REDEN = "Niet opgepakt: andere reden"
    # Since 1.2.
    AL_BEKEND = "Inwoner al bekend bij schuldhulpverlening"


_CONTACT, _TRIED, _BUSY = Meaning("contacted"), Meaning("attempted"), Meaning("collected")
_NO_MORE = Meaning("stopped", "no_need")
_REFERRED = Meaning("stopped", "referred_on")
_NEEDS_NONE = (Meaning("declined", "patient_declined"), _NO_MORE)
# Nobody spoke with the patient, so somebody still must.
_UNSPOKEN = (Meaning("declined", "not_appropriate"), _REFERRED)

Pair = tuple[Meaning | None, Meaning | None]

# The table, first part: what an attempt means when the patient was reached, and when not.
CONTACT: Final[Mapping[Contactsoort, tuple[Meaning | None, Meaning]]] = MappingProxyType(
    {
        Contactsoort.TELEFOON: (_CONTACT, _TRIED),
        Contactsoort.HUISBEZOEK: (_CONTACT, _TRIED),
        Contactsoort.AFSPRAAK: (_CONTACT, _TRIED),
        Contactsoort.SMS: (_CONTACT, _TRIED),
        Contactsoort.MAIL: (_CONTACT, _TRIED),
        Contactsoort.OVERIGE: (_CONTACT, _TRIED),
        Contactsoort.ONBEKEND: (_CONTACT, _TRIED),
        # Paper reaches a letter box: that somebody answered is an attempt of another kind.
        Contactsoort.BRIEF: (None, _TRIED),
        Contactsoort.KAARTJE: (None, _TRIED),
        Contactsoort.ADMINISTRATIEF: (None, _BUSY),
    }
)
ANY_CONTACT: Final = (_CONTACT, _TRIED)
"""What an attempt of a kind means that no version has."""

# The table, second part: what a result means before there was contact, and after it. None: it can't be.
RESULTS: Final[Mapping[Eindresultaat, Pair]] = MappingProxyType(
    {
        Eindresultaat.HERHAALD: (Meaning("declined", "duplicate"), Meaning("stopped", "other")),
        Eindresultaat.ONTERECHT: (Meaning("declined", "not_appropriate"), Meaning("stopped", "other")),
        # No code of ours says it, and nobody may call that number again: this one hands over to nobody.
        Eindresultaat.OVERLEDEN: (Meaning("declined", "duplicate"), Meaning("stopped", "other")),
        Eindresultaat.GEEN_INWONER: (Meaning("declined", "area"), Meaning("stopped", "moved")),
        Eindresultaat.ANDERE_REDEN: (Meaning("declined", "not_appropriate"), Meaning("stopped", "other")),
        Eindresultaat.AL_BEKEND: (Meaning("declined", "duplicate"), _REFERRED),
        Eindresultaat.ANDER_TRAJECT: (Meaning("declined", "duplicate"), _REFERRED),
        Eindresultaat.GEEN_CONTACT: (Meaning("unreachable"), Meaning("stopped", "lost_contact")),
        Eindresultaat.GEEN_REACTIE: (None, Meaning("stopped", "lost_contact")),
        Eindresultaat.GEEN_HULP: _NEEDS_NONE,
        Eindresultaat.REGELT_ZELF: _NEEDS_NONE,
        Eindresultaat.ZELF_BETAALD: _NEEDS_NONE,
        Eindresultaat.ADVIES: (None, Meaning("stopped", "completed")),
        Eindresultaat.FINANCIEEL: (None, _REFERRED),
        Eindresultaat.NIET_FINANCIEEL: (None, _REFERRED),
        Eindresultaat.VERVOLGHULP: (None, _REFERRED),
        Eindresultaat.ZONDER_CONTACT: _UNSPOKEN,
        Eindresultaat.ZONDER_TOESTEMMING: _UNSPOKEN,
        Eindresultaat.ZONDER_TUSSENKOMST: _UNSPOKEN,
    }
)

# The table, third part: a signaal's own status. None: it says nothing that we didn't know.
STATUSES: Final[Mapping[Signaalstatus, Pair | None]] = MappingProxyType(
    {
        Signaalstatus.NOG_NIET: None,
        Signaalstatus.OPGEPAKT: (_BUSY, _BUSY),
        **{
            status: RESULTS[Eindresultaat(status)]
            for status in Signaalstatus
            if status not in (Signaalstatus.NOG_NIET, Signaalstatus.OPGEPAKT)
        },
    }
)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OLD_NAMES: Final = MappingProxyType({"datum_opgepakt": "datumOpgepakt"})
_OF_NO_USE: Final = frozenset(
    # What a vroegsignaalzaak holds beside, in 1.2 and as it was spelled before.
    [
        "matchingsdatum",
        "startdatumMatchingperiode",
        "einddatumMatchingperiode",
        "startdatum_matchtingperiode",
        "einddatum_matchtingperiode",
        "einddatum_matchingperiode",
        "vroegsignalen",
    ]
)
C = TypeVar("C", bound=StrEnum)


def _reader(known: type[C]) -> PlainValidator:
    """Reads a code, however it is spaced and whichever capitals it has; another word is `Unknown.WORD`."""
    words = {_plain(word): word for word in known}

    def read(value: Any) -> C | Unknown:
        if not isinstance(value, str) or len(value) > LONGEST_WORD:
            raise PydanticCustomError("eigen", "is geen woord", {"toegestaan": list(map(str, known))})
        return words.get(_plain(value), Unknown.WORD)

    return PlainValidator(read)


def _plain(word: str) -> str:
    return " ".join(word.split()).casefold()


def _schema(known: type[StrEnum], says: str) -> WithJsonSchema:
    kinds = [{"enum": list(map(str, known))}, {"type": "string", "maxLength": LONGEST_WORD}]
    return WithJsonSchema({"anyOf": kinds, "description": f"{says} Een ander woord wordt nagevraagd."})


_Soort = Annotated[
    Contactsoort | Unknown, _reader(Contactsoort), _schema(Contactsoort, "Hoe contact is gezocht.")
]
_Dagdeel = Annotated[Dagdeel | Unknown, _reader(Dagdeel), _schema(Dagdeel, "Wanneer op die dag.")]
_Status = Annotated[
    Signaalstatus | Unknown, _reader(Signaalstatus), _schema(Signaalstatus, "Waar het signaal zelf staat.")
]
_Resultaat = Annotated[
    Eindresultaat | Unknown, _reader(Eindresultaat), _schema(Eindresultaat, "Hoe de zaak is geëindigd.")
]


def _day(value: Any) -> date | None:
    """A day as RFC 3339 writes it; a number or a moment is none. Null says nothing."""
    if value is None:
        return None
    with suppress(ValueError):
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    raise PydanticCustomError("eigen", "is geen dag zoals 2026-11-22")


_Day = Annotated[
    date | None,
    PlainValidator(_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]


class _Tolerant(BaseModel):
    """Base: members of a later version are passed over, and it is known that there were some."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    _unknown_members: bool = PrivateAttr(default=False)

    @classmethod
    def known(cls) -> frozenset[str]:
        """The members that mean something."""
        return frozenset(cls.model_fields)

    @model_validator(mode="wrap")
    @classmethod
    def _passes_over(cls, value: Any, handler: Any) -> Any:
        if not isinstance(value, dict):
            return handler(value)
        # The older name speaks only where the newer one is silent.
        plain = {_OLD_NAMES.get(name, name): each for name, each in value.items() if name in _OLD_NAMES}
        read = handler(plain | {name: each for name, each in value.items() if name not in _OLD_NAMES})
        read._unknown_members = bool(value.keys() - cls.known() - _OLD_NAMES.keys() - _OF_NO_USE)
        return read


class Contactpoging(_Tolerant):
    """One attempt; `datum` is the local day on which it was made."""

    # No version says that any of them must be there.
    soort: _Soort = Unknown.WORD
    bereikt: StrictBool | None = None
    datum: _Day = None
    dagdeel: _Dagdeel | None = None

    @property
    def meaning(self) -> Meaning:
        """What it means to us; who was "reached" on paper was not spoken with."""
        reached, missed = ANY_CONTACT if isinstance(self.soort, Unknown) else CONTACT[self.soort]
        return reached if self.bereikt and reached is not None else missed

    @property
    def doubts(self) -> Iterator[str]:
        """The places in it that a person must ask about."""
        if self.soort is Unknown.WORD:
            yield "soort"
        paper = isinstance(self.soort, Contactsoort) and CONTACT[self.soort][0] is None
        if self.bereikt is None or (self.bereikt and paper):
            yield "bereikt"
        if self.dagdeel is Unknown.WORD:
            yield "dagdeel"
        if self._unknown_members:
            yield ""


class Statusbericht(_Tolerant):
    """What the receiver tells of one signaal. The list of attempts may be the whole one, each time again."""

    # The names are DDAS's own.
    ID: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    datumOpgepakt: _Day = None  # noqa: N815
    contactpogingen: Annotated[tuple[Contactpoging, ...], Field(max_length=50)] = ()
    status: _Status | None = None
    resultaat: _Resultaat | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Statusbericht":
        if not (self.contactpogingen or self.datumOpgepakt or self.status or self.resultaat):
            raise PydanticCustomError(
                "eigen", "meldt niets; geef contactpogingen, datumOpgepakt, status of resultaat"
            )
        return self

    @property
    def told(self) -> ToldBack:
        """What it says, in our words."""
        return ToldBack(self.ID, tuple(facts(self)), tuple(dict.fromkeys(_doubts(self))))


def facts(status: Statusbericht) -> Iterator[Fact]:
    """What a status says, in the order in which it happened."""
    if status.datumOpgepakt is not None:
        yield Fact("opgepakt", _BUSY, _BUSY, status.datumOpgepakt)
    same: Counter[str] = Counter()
    for attempt in sorted(status.contactpogingen, key=_when):
        meaning = attempt.meaning
        dagdeel = attempt.dagdeel if isinstance(attempt.dagdeel, Dagdeel) else None
        key = f"{attempt.soort.value}/{attempt.bereikt}/{attempt.datum}/{dagdeel}"
        same[key] += 1
        day_part = dagdeel.lower() if dagdeel else None
        yield Fact(f"{key}/{same[key]}", meaning, meaning, attempt.datum, day_part)
    if isinstance(status.status, Signaalstatus) and (pair := STATUSES[status.status]) is not None:
        # It was picked up once, whichever member says so.
        if status.status is not Signaalstatus.OPGEPAKT:
            yield Fact(str(status.status), *pair)
        elif status.datumOpgepakt is None:
            yield Fact("opgepakt", *pair)
    if isinstance(status.resultaat, Eindresultaat) and str(status.resultaat) != str(status.status):
        yield Fact(str(status.resultaat), *RESULTS[status.resultaat])


def _doubts(status: Statusbericht) -> Iterator[str]:
    for attempt in status.contactpogingen:
        yield from (f"contactpogingen.{name}".rstrip(".") for name in attempt.doubts)
    for name in ("status", "resultaat"):
        if getattr(status, name) is Unknown.WORD:
            yield name
    if status._unknown_members:
        yield ""


def _when(attempt: Contactpoging) -> tuple[date, int]:
    parts = list(Dagdeel)
    place = parts.index(attempt.dagdeel) if isinstance(attempt.dagdeel, Dagdeel) else len(parts)
    # What has no day comes last: it may be the newest.
    return attempt.datum or date.max, place
