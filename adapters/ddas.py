"""The words of a signaal: VNG's public DDAS model of vroegsignalering, and what its codes mean to us.

It promises that the words of all versions from 0.9 to 1.2 are read by one table (`ddaswords`), and that
`meldingen` in our own words say what DDAS has no word for; that "in beeld" follows from a contact attempt in
which the patient was reached or a `melding` that says so, never from a result; and that what is not
understood, be it a word, a member, a type or a day, takes nothing away from the rest: an attempt of an
unknown kind in which the patient was reached is contact all the same. Where it stood is told, so that a
person can ask. Nothing here knows the gateway: events and codes are its words, as text.

Built in November 2026 after v0.9, v1.0, v1.1 and v1.2 of VNG-Realisatie/ddas-vroegsignalering and the change
log of v1.2, which renames members (`datum_opgepakt` became `datumOpgepakt`) and one result.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, ClassVar, Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from adapters.ddaswords import (
    ANY_CONTACT,
    BUSY,
    CONTACT,
    RESULTS,
    STATUSES,
    Contactsoort,
    Dagdeel,
    Eindresultaat,
    Signaalstatus,
)
from adapters.told import NEXT_STEPS, OUTCOMES, REASONS, TELLS_STEP, Fact, Meaning, ToldBack, word_of
from adapters.told import STATUSES as WORDS

PARTNER: Final = "Overige"
"""Our own `signaalpartner.type`: a general practice is none of the types that the law names."""

VERSIONS: Final = ("0.9", "1.0", "1.1", "1.2")
"""The versions that are read, and of which one is written."""

LONGEST_WORD: Final = 200


class Unknown(Enum):
    """A word that stands in no version; which one it was is not kept."""

    WORD = "?"


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_OF_NO_USE: Final = frozenset(
    # What a vroegsignaalzaak holds beside, in 1.2 and as it was spelled before.
    [
        "matchingsdatum",
        "startdatummatchingperiode",
        "einddatummatchingperiode",
        "startdatummatchtingperiode",
        "einddatummatchtingperiode",
        "vroegsignalen",
    ]
)
C = TypeVar("C", bound=StrEnum)


def _reader(known: type[C]) -> PlainValidator:
    """Reads a code, however it is spaced and whichever capitals it has; another word is `Unknown.WORD`."""
    words = {_plain(word): word for word in known}

    def read(value: Any) -> C | Unknown:
        return words.get(_plain(value), Unknown.WORD) if isinstance(value, str) else Unknown.WORD

    return PlainValidator(read)


def _plain(word: str) -> str:
    return " ".join(word.split()).casefold()


def _schema(known: Iterable[str], says: str) -> WithJsonSchema:
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


def _day(value: Any) -> date | Unknown:
    """A day as RFC 3339 writes it, or the local day of a moment."""
    with suppress(ValueError, OverflowError):
        if isinstance(value, str) and _DAY.match(value):
            moment = datetime.fromisoformat(value)
            return (moment.astimezone(_AMSTERDAM) if moment.tzinfo else moment).date()
    return Unknown.WORD


_Day = Annotated[
    date | Unknown | None,
    PlainValidator(_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]


def _yes_or_no(value: Any) -> bool | Unknown:
    """Whether; a program that writes it as a word is understood as well."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(_plain(value), Unknown.WORD)
    return value if isinstance(value, bool) else Unknown.WORD


def _name(member: str) -> str:
    """The name of a member, whichever capitals and underscores it has."""
    return member.replace("_", "").casefold()


class _Tolerant(BaseModel):
    """Base: members of a later version are passed over, and it is known that there were some.

    What is null or empty was not said; one object stands for a list of one, and the other way round.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    _lists: ClassVar[tuple[str, ...]] = ()
    _unknown_members: bool = PrivateAttr(default=False)
    _odd_lists: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _passes_over(cls, value: Any, handler: Any) -> Any:
        if not isinstance(value, dict):
            return handler(value)
        known = {_name(field): field for field in cls.model_fields}
        said: dict[str, Any] = {}
        # The name as it is written in the newest version speaks; an older spelling where that is silent.
        for name, each in sorted(value.items(), key=lambda member: member[0] not in cls.model_fields):
            if each is not None and each != "" and (field := known.get(_name(name))) is not None:
                alone = isinstance(each, list) and len(each) == 1 and field not in cls._lists
                said.setdefault(field, each[0] if alone else each)
        odd = []
        for name in said.keys() & set(cls._lists):
            items = [said[name]] if isinstance(said[name], dict) else said[name]
            items = items if isinstance(items, list) else [items]
            said[name] = [item for item in items if isinstance(item, dict)]
            if len(said[name]) < len(items):
                odd.append(name)
        read = handler(said)
        read._unknown_members = bool(set(map(_name, value)) - known.keys() - _OF_NO_USE)
        read._odd_lists = tuple(sorted(odd))
        return read


class Contactpoging(_Tolerant):
    """One attempt; `datum` is the local day on which it was made."""

    # No version says that any of them must be there.
    soort: _Soort = Unknown.WORD
    bereikt: Annotated[
        bool | Unknown | None, PlainValidator(_yes_or_no), WithJsonSchema({"type": "boolean"})
    ] = None
    datum: _Day = None
    dagdeel: _Dagdeel | None = None

    @property
    def meaning(self) -> Meaning:
        """What it means to us; who was "reached" on paper was not spoken with."""
        reached, missed = ANY_CONTACT if isinstance(self.soort, Unknown) else CONTACT[self.soort]
        return reached if self.bereikt is True and reached is not None else missed

    @property
    def doubts(self) -> Iterator[str]:
        """The places in it that a person must ask about."""
        if self.soort is Unknown.WORD:
            yield "soort"
        paper = isinstance(self.soort, Contactsoort) and CONTACT[self.soort][0] is None
        if not isinstance(self.bereikt, bool) or (self.bereikt and paper):
            yield "bereikt"
        if self.datum is Unknown.WORD:
            yield "datum"
        if self.dagdeel is Unknown.WORD:
            yield "dagdeel"
        if self._unknown_members:
            yield ""


def _own(known: Mapping[str, str]) -> PlainValidator:
    """Reads a word of ours, in Dutch or as the code itself, and gives the code."""
    codes = {word_of(word): code for word, code in known.items()} | {code: code for code in known.values()}

    def read(value: Any) -> str | Unknown:
        return codes.get(word_of(value), Unknown.WORD) if isinstance(value, str) else Unknown.WORD

    return PlainValidator(read)


class Melding(_Tolerant):
    """What DDAS has no word for, in the words of our API: one report each."""

    melding: Annotated[str | Unknown, _own(WORDS), _schema(WORDS, "Wat er is gebeurd.")] = Unknown.WORD
    datum: _Day = None
    dagdeel: _Dagdeel | None = None
    reden: Annotated[str | Unknown, _own(REASONS), _schema(REASONS, "Waarom er geweigerd wordt.")] | None = (
        None
    )
    uitkomst: Annotated[str | Unknown, _own(OUTCOMES), _schema(OUTCOMES, "Hoe het eindigde.")] | None = None
    vervolgstap: Annotated[str | Unknown, _own(NEXT_STEPS), _schema(NEXT_STEPS, "Wat er volgt.")] | None = (
        None
    )

    @property
    def meaning(self) -> Meaning | None:
        """What it means; None where it does not say enough: an attempt is told from the next by its day."""
        if not isinstance(self.melding, str) or (self.melding == "attempted" and _on(self.datum) is None):
            return None
        code = (
            self.reden if self.melding == "declined" else self.uitkomst if self.melding == "stopped" else None
        )
        code = code if isinstance(code, str) else None
        if self.melding == "declined" and code is None:
            return None
        step = self.vervolgstap if self.melding in TELLS_STEP and isinstance(self.vervolgstap, str) else None
        return Meaning(self.melding, code, step)

    @property
    def doubts(self) -> Iterator[str]:
        """The places in it that a person must ask about."""
        for name in ("melding", "datum", "dagdeel", "reden", "uitkomst", "vervolgstap"):
            if getattr(self, name) is Unknown.WORD:
                yield name
        if self.melding is not Unknown.WORD and self.meaning is None:
            yield "datum" if self.melding == "attempted" else "reden"
        if self._unknown_members:
            yield ""


class Statusbericht(_Tolerant):
    """What the receiver tells of one signaal. The list of attempts may be the whole one, each time again."""

    # The names are DDAS's own.
    ID: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    datumOpgepakt: _Day = None  # noqa: N815
    contactpogingen: Annotated[tuple[Contactpoging, ...], Field(max_length=50)] = ()
    meldingen: Annotated[tuple[Melding, ...], Field(max_length=50)] = ()
    status: _Status | None = None
    resultaat: _Resultaat | None = None
    _lists = ("contactpogingen", "meldingen")

    @property
    def silent(self) -> bool:
        """Whether it says nothing at all, not even something that we don't know."""
        said = (self.contactpogingen, self.datumOpgepakt, self.meldingen, self.status, self.resultaat)
        return not any(said) and not self._odd_lists

    @property
    def told(self) -> ToldBack:
        """What it says, in our words."""
        return ToldBack(self.ID, tuple(facts(self)), tuple(dict.fromkeys(_doubts(self))))


def facts(status: Statusbericht) -> Iterator[Fact]:
    """What a status says, in the order in which it happened."""
    if status.datumOpgepakt is not None:
        yield Fact("opgepakt", BUSY, BUSY, _on(status.datumOpgepakt))
    same: Counter[str] = Counter()
    for attempt in sorted(status.contactpogingen, key=_when):
        meaning = attempt.meaning
        dagdeel = attempt.dagdeel if isinstance(attempt.dagdeel, Dagdeel) else None
        bereikt = attempt.bereikt if isinstance(attempt.bereikt, bool) else None
        on = _on(attempt.datum)
        key = f"{attempt.soort.value}/{bereikt}/{on}/{dagdeel}"
        same[key] += 1
        day_part = dagdeel.lower() if dagdeel else None
        yield Fact(f"{key}/{same[key]}", meaning, meaning, on, day_part)
    for said in status.meldingen:
        if (own := said.meaning) is not None:
            dagdeel = said.dagdeel if isinstance(said.dagdeel, Dagdeel) else None
            on = _on(said.datum)
            key = f"melding/{own.event}/{own.code or ''}/{own.next_step or ''}/{on}/{dagdeel}"
            same[key] += 1
            yield Fact(f"{key}/{same[key]}", own, own, on, dagdeel.lower() if dagdeel else None)
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
    for said in status.meldingen:
        yield from (f"meldingen.{name}".rstrip(".") for name in said.doubts)
    yield from status._odd_lists
    for name in ("datumOpgepakt", "status", "resultaat"):
        if getattr(status, name) is Unknown.WORD:
            yield name
    if status._unknown_members:
        yield ""


def _when(attempt: Contactpoging) -> tuple[date, int]:
    parts = list(Dagdeel)
    place = parts.index(attempt.dagdeel) if isinstance(attempt.dagdeel, Dagdeel) else len(parts)
    # What has no day comes last: it may be the newest.
    return _on(attempt.datum) or date.max, place


def _on(day: date | Unknown | None) -> date | None:
    """The day, where one was understood."""
    return day if isinstance(day, date) else None
