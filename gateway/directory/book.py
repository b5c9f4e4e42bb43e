"""The book: every entry of the directory as it was written down, before anything is made of it.

It promises that an entry is what a file of `config/` could say, checked by the same form, and that it comes
back from its document as it went in.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator

from gateway.domain.pathway import Pathway
from gateway.errors import ConfigError, ConfigErrors
from gateway.settings import problems_of
from gateway.settings.formats import STORED, Address
from gateway.settings.sections import OrganisationEntry, PracticeEntry, SettingsSection


class EntryKind(StrEnum):
    """What an entry is."""

    PRACTICE = "practice"
    ORGANISATION = "organisation"
    PATHWAY = "pathway"
    PLACE = "place"
    ALARM = "alarm"


PlaceName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\r\n\x00|]+$")]


class PlaceEntry(SettingsSection):
    """A gemeente, stadsdeel or wijk. `source` is `cbs` for one that the next import may change."""

    level: Literal["gemeente", "stadsdeel", "wijk"] = Field(description="Choose gemeente, stadsdeel or wijk")
    name: PlaceName = Field(description="Write its name, without a bar (|), at most 80 characters")
    parent: PlaceName | None = Field(None, description="Name the place in which it lies; a gemeente has none")
    aliases: tuple[PlaceName, ...] = Field((), description="List the other names that people give it")
    postcodes: tuple[Annotated[str, Field(pattern=r"^[1-9][0-9]{3}$")], ...] = Field(
        (), description="List postcodes by their four digits, such as 1311"
    )
    source: Literal["hand", "cbs"] = Field("hand", description="Leave it out")
    code: str = Field("", pattern=r"^[A-Z0-9]{0,12}$", description="Leave it out: CBS's own code")

    @field_validator("name", "parent", "aliases")
    @classmethod
    def _plain(cls, value: object) -> object:
        for text in (value,) if isinstance(value, str) else value or ():  # type: ignore[attr-defined]
            if text != " ".join(text.split()):
                raise ValueError("has blanks too many")
        return value


class AlarmEntry(SettingsSection):
    """One address that is told when something needs a person."""

    to: Address = Field(description="Write an administrator's mail address")


Entry = PracticeEntry | OrganisationEntry | Pathway | PlaceEntry | AlarmEntry

MODELS: dict[EntryKind, type[Any]] = {
    EntryKind.PRACTICE: PracticeEntry,
    EntryKind.ORGANISATION: OrganisationEntry,
    EntryKind.PATHWAY: Pathway,
    EntryKind.PLACE: PlaceEntry,
    EntryKind.ALARM: AlarmEntry,
}


def id_of(entry: Entry) -> str:
    """By what an entry is known among those of its kind."""
    match entry:
        case PracticeEntry() | OrganisationEntry():
            return entry.id
        case AlarmEntry():
            return entry.to
        case _:
            return entry.name


def kind_of(entry: BaseModel) -> EntryKind:
    """Which kind an entry is."""
    return next(kind for kind, model in MODELS.items() if isinstance(entry, model))


def document(entry: BaseModel) -> dict[str, Any]:
    """An entry as plain values; what has its default is left out."""
    return entry.model_dump(mode="json", exclude_defaults=True)


def parse(kind: EntryKind, given: dict[str, Any], name: str = "", *, stored: bool = False) -> Any:
    """The entry of a document; raises `ConfigErrors` with every mistake in it. One that was `stored` before a
    rule came which it breaks is kept."""
    model = MODELS[kind]
    try:
        return model.model_validate_json(json.dumps(given), context=STORED if stored else None)
    except ValidationError as error:
        shown = name or str(given.get("id") or given.get("name") or given.get("to") or "")
        raise ConfigErrors(problems_of(error, model, "directory", f"{kind} {shown}".strip())) from None


@dataclass(frozen=True)
class Book:
    """Every entry. `keys` holds the public keys of organisations that are kept here and not in a file."""

    practices: tuple[PracticeEntry, ...] = ()
    organisations: tuple[OrganisationEntry, ...] = ()
    pathways: tuple[Pathway, ...] = ()
    places: tuple[PlaceEntry, ...] = ()
    alarms: tuple[AlarmEntry, ...] = ()
    keys: dict[str, bytes] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, entries: Iterable[Entry], keys: dict[str, bytes] | None = None) -> "Book":
        """The book with these entries, in their order; a place comes after the one it lies in."""
        found: dict[EntryKind, list[Any]] = {kind: [] for kind in EntryKind}
        for entry in entries:
            found[kind_of(entry)].append(entry)
        return cls(
            tuple(found[EntryKind.PRACTICE]),
            tuple(found[EntryKind.ORGANISATION]),
            tuple(found[EntryKind.PATHWAY]),
            _parents_first(found[EntryKind.PLACE]),
            tuple(found[EntryKind.ALARM]),
            keys or {},
        )

    def __iter__(self) -> Iterator[Entry]:
        yield from self.practices
        yield from self.organisations
        yield from self.pathways
        yield from self.places
        yield from self.alarms

    @cached_property
    def by_id(self) -> dict[tuple[EntryKind, str], Entry]:
        return {(kind_of(entry), id_of(entry)): entry for entry in self}

    def with_(self, *changed: Entry, without: Iterable[tuple[EntryKind, str]] = ()) -> "Book":
        """The book with these entries in the place of their namesakes, and without those."""
        new = self.by_id | {(kind_of(entry), id_of(entry)): entry for entry in changed}
        for gone in without:
            new.pop(gone, None)
        keys = {id_: key for id_, key in self.keys.items() if (EntryKind.ORGANISATION, id_) in new}
        return Book.of(new.values(), keys)

    def with_keys(self, keys: dict[str, bytes]) -> "Book":
        """The book with these keys beside its own."""
        return Book.of(self, self.keys | keys)


def _parents_first(places: list[PlaceEntry]) -> tuple[PlaceEntry, ...]:
    """In their order, but each after the place it lies in; what lies nowhere comes last, to be told of."""
    placed: dict[str, PlaceEntry] = {}
    waiting, before = list(places), -1
    while waiting and len(placed) != before:
        before, later = len(placed), []
        for place in waiting:
            if (place.parent is None or place.parent in placed) and place.name not in placed:
                placed[place.name] = place
            else:
                later.append(place)
        waiting = later
    return (*placed.values(), *waiting)


def twice(entries: Iterable[Entry]) -> list[ConfigError]:
    """The entries of which there are two."""
    seen: set[tuple[EntryKind, str]] = set()
    found = []
    for entry in entries:
        key = (kind_of(entry), id_of(entry))
        if key in seen:
            found.append(
                ConfigError("directory", " ".join(key), "stands there twice", "Remove one of the two")
            )
        seen.add(key)
    return found
