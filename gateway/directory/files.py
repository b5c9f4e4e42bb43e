"""The directory as files: how a first set comes in, and how a set is kept in version control.

The layout is that of a working directory: `config/organisations.toml`, `practices.toml`, `alarm.toml`,
`pathways/`, `wijken/`, and the public keys below `keys/`. It promises that what was written here is read back
equal, and that a mistake is told with its file, together with all others: in place of what is wrong or was
not filled in stands what is right by itself, so that the rest of an entry is looked at too.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError

from gateway.directory.book import MODELS, AlarmEntry, Book, EntryKind, PlaceEntry, document
from gateway.directory.configtables import pathways_of, toml_names
from gateway.directory.keyshelf import content_of
from gateway.directory.mistakes import AnyName, WrittenNames
from gateway.directory.placefiles import FURTHER, POSTCODES, WIJKEN, csv_text, names_of, places_of
from gateway.directory.snapshot import build
from gateway.errors import ConfigError, ConfigErrors
from gateway.files import replace_public
from gateway.settings import Settings, entries_of, read_toml
from gateway.settings.sections import AWAITED, OrganisationEntry, PracticeEntry

FIRST: dict[EntryKind, dict[str, Any]] = {
    EntryKind.ORGANISATION: {"pathway": "almere", "adapter": "mail"},
    EntryKind.PLACE: {"level": "wijk"},
    EntryKind.PATHWAY: {
        "contact": {"days": 3, "count": "calendar"},
        "collect": {"days": 1},
        "backup": {"days": 1},
        "feedback": "in_beeld",
        "hours": {"opens": "09:00", "closes": "17:00"},
        "unreachable": {"attempts": 3, "days": 2},
        "question": {"remind": 2, "give_up": 5},
        "retention": {"quarantine_days": 14},
        "urgent_words": ["spoed", "crisis", "huisuitzetting", "afsluiting"],
    },
}
"""What stands in a new form."""

STAND_INS: dict[EntryKind, dict[str, Any]] = {
    EntryKind.ORGANISATION: {
        "id": "x",
        "name": "x",
        "adapter": "mail",
        "format": "openpgp",
        "key": "x",
        "fingerprint": "0" * 40,
    },
    EntryKind.PRACTICE: {"id": "x", "name": "x", "domains": ["x.invalid"]},
    EntryKind.PLACE: {"name": "x", "level": "wijk"},
    EntryKind.PATHWAY: {"name": "x", "title": "x"},
}
"""What stands in a wrong field while the others are looked at."""


def mended(kind: EntryKind, row: Any, place: str, number: int) -> tuple[Any, frozenset[str]] | None:
    """An entry of a file that is wrong, with stand-ins for what is wrong in it, and the names of these.

    `place` is one that there is, and `number` tells it from the other stand-ins. None where nothing is wrong,
    or where no more can be told.
    """
    if not isinstance(row, dict):
        return None
    model = MODELS[kind]
    stand_in = {"serves": [place]} if kind is EntryKind.ORGANISATION and place else {}
    stand_in |= STAND_INS[kind] | {"id": f"x-{number}"}
    if kind is EntryKind.PRACTICE:
        stand_in["domains"] = [f"x-{number}.invalid"]
    try:
        model.model_validate(row)
    except ValidationError as error:
        about = [each["loc"] for each in error.errors()]
    else:
        return None
    wrong = {str(loc[0]) for loc in about if loc}
    if not all(about):
        # What no single field is wrong about may be what none of them says.
        wrong |= stand_in.keys() - row.keys()
    right = {name: value for name, value in row.items() if name not in wrong}
    try:
        entry = model.model_validate({name: stand_in[name] for name in wrong & stand_in.keys()} | right)
    except ValidationError:
        return None
    # It is told of by its own name, also where that is wrong.
    return entry.model_copy(update={"id": str(row.get("id", f"number {number}"))}), frozenset(wrong)


def read(folder: Path, settings: Settings, kept: Container[str] = ()) -> Book:
    """The book of a folder, with the keys it names; raises `ConfigErrors` with every mistake in it. The keys
    of the organisations `kept` are known without a file."""
    problems: list[ConfigError] = []
    written = WrittenNames(AnyName(), AnyName(), toml_names(folder, "pathways"), names_of(folder / "config"))
    book = Book()
    given: dict[EntryKind, Any] = {}
    with _collecting(problems):
        rows = read_toml(folder, "organisations.toml")
        written.organisations = _ids(rows, "organisation")
        given[EntryKind.ORGANISATION] = rows.get("organisation")
        organisations = entries_of(
            OrganisationEntry, rows, "config/organisations.toml", "organisation", problems
        )
        book = replace(book, organisations=organisations)
    with _collecting(problems):
        rows = read_toml(folder, "practices.toml")
        written.practices = _ids(rows, "practice")
        given[EntryKind.PRACTICE] = rows.get("practice")
        practices = entries_of(PracticeEntry, rows, "config/practices.toml", "practice", problems)
        book = replace(book, practices=practices)
    with _collecting(problems):
        book = replace(book, pathways=tuple(pathways_of(folder, problems).values()))
    with _collecting(problems):
        book = replace(book, places=places_of(folder / "config"))
    with _collecting(problems):
        book = replace(book, alarms=_alarms(folder, problems))
    looked_at, unsaid = _mended(book, given)
    keys_dir = settings.gateway.keys_dir if not settings.gateway.keys_dir.is_absolute() else Path("keys")
    keys = {entry.id: content_of(folder / keys_dir / entry.key) for entry in looked_at.organisations}
    for entry in looked_at.organisations:
        if f"organisation {entry.id}.key" in unsaid:
            continue
        there = keys[entry.id] is not None or entry.id in kept or settings.key_path(entry.key).exists()
        if not there and entry.fingerprint != AWAITED:
            what, remedy = f"{entry.key} is not there", f"Put the public key into {keys_dir / entry.key}"
            problems.append(
                ConfigError("config/organisations.toml", f"organisation {entry.id}.key", what, remedy)
            )
    try:
        build(looked_at, settings, written=written)
    except ConfigErrors as several:
        problems += (each for each in several.errors if not each.key.startswith(unsaid))
    if problems:
        raise ConfigErrors(problems)
    return book.with_keys({id_: content for id_, content in keys.items() if content is not None})


def _mended(book: Book, given: Mapping[EntryKind, Any]) -> tuple[Book, tuple[str, ...]]:
    """The book with the entries that are wrong too, so that what else is wrong with them is told at once; and
    where nothing is told, because something else stands there."""
    place = next((one.name for one in book.places), "")
    found: dict[EntryKind, list[Any]] = {EntryKind.ORGANISATION: [], EntryKind.PRACTICE: []}
    unsaid: list[str] = []
    for kind, rows in given.items():
        for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
            if one := mended(kind, row, place, number):
                entry, wrong = one
                found[kind].append(entry)
                # What a channel takes is told only of one that was named.
                named = wrong | {"options", "format"} if "adapter" in wrong else wrong
                unsaid += (f"{kind} {entry.id}.{name}" for name in named)
    organisations = (*book.organisations, *found[EntryKind.ORGANISATION])
    practices = (*book.practices, *found[EntryKind.PRACTICE])
    return replace(book, organisations=organisations, practices=practices), tuple(unsaid)


def _ids(table: Mapping[str, Any], noun: str) -> Container[object]:
    """The ids that stand in a file, also those of entries that are wrong."""
    rows = table.get(noun, [])
    if not isinstance(rows, list):
        return AnyName()
    return {str(row.get("id")) for row in rows if isinstance(row, dict)}


def write(folder: Path, book: Book, settings: Settings) -> None:
    """Write a book into a folder; files of the same names are written over."""
    config = folder / "config"
    for noun, entries in (("organisation", book.organisations), ("practice", book.practices)):
        table = tomlkit.document()
        table[noun] = tomlkit.aot()
        for entry in sorted(entries, key=lambda one: one.id):
            table[noun].append(tomlkit.item(document(entry)))
        _put(config / f"{noun}s.toml", tomlkit.dumps(table) if entries else "")
    _put(config / "alarm.toml", tomlkit.dumps({"alarm": {"to": [entry.to for entry in book.alarms]}}))
    for pathway in book.pathways:
        _put(config / "pathways" / f"{pathway.name}.toml", tomlkit.dumps(document(pathway)))
    write_places(config, book.places)
    for entry in book.organisations:
        content = book.keys.get(entry.id) or content_of(settings.key_path(entry.key))
        if content is not None and not entry.key.is_absolute() and ".." not in entry.key.parts:
            replace_public(folder / settings.gateway.keys_dir / entry.key, content)


def write_places(config: Path, places: Sequence[PlaceEntry]) -> None:
    """Write places into a folder of configuration."""
    rows = [
        [one.level, one.name, one.parent or "", "|".join(one.aliases), one.source, one.code] for one in places
    ]
    _put(config / "wijken" / "wijken-directory.csv", csv_text([[*WIJKEN, *FURTHER], *rows]))
    codes = [[code, one.name] for one in places for code in one.postcodes]
    _put(config / "wijken" / "postcodes-directory.csv", csv_text([[*POSTCODES], *codes]))


def _alarms(folder: Path, problems: list[ConfigError]) -> tuple[AlarmEntry, ...]:
    """Who is told: of `alarm.toml`, or else of the section of that name in `inbeeld.toml`."""
    names = [name for name in ("alarm.toml", "inbeeld.toml") if (folder / "config" / name).exists()]
    if not names:
        return ()
    given = read_toml(folder, names[0]).get("alarm", {})
    addresses: Any = given.get("to", []) if isinstance(given, dict) else None
    if not isinstance(addresses, list):
        remedy = "List the administrators' mail addresses"
        problems.append(ConfigError(f"config/{names[0]}", "alarm.to", "is not a list in brackets", remedy))
        return ()
    rows = {"alarm": [{"to": address} for address in addresses]}
    return entries_of(AlarmEntry, rows, f"config/{names[0]}", "alarm", problems)


@contextmanager
def _collecting(problems: list[ConfigError]) -> Iterator[None]:
    """Go on after what is wrong here, so that all of it is told."""
    try:
        yield
    except ConfigErrors as several:
        problems.extend(several.errors)
    except ConfigError as error:
        problems.append(error)


def _put(path: Path, text: str) -> None:
    replace_public(path, text.encode())
