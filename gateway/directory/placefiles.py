"""Places as files: `config/wijken/*.csv` read, and written as readers of mails take them.

It promises that a mistake is told with file and line, or with the place it is in.
"""

import csv
import io
import re
from collections.abc import Collection, Container, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.directory.book import PlaceEntry
from gateway.directory.mistakes import AnyName
from gateway.errors import ConfigError, ConfigErrors
from gateway.reading.patient.wijken import Gazetteer, key
from gateway.settings import problems_of

WIJKEN, POSTCODES = ("level", "name", "parent", "aliases"), ("pc4", "name")
LEVELS = ("gemeente", "stadsdeel", "wijk")
FURTHER = ("source", "code")
"""What a file of places may say beside the columns that readers know."""


def places_of(config: Path) -> tuple[PlaceEntry, ...]:
    """The places of the files; raises `ConfigErrors` with every mistake, by the file's name and line."""
    problems: list[ConfigError] = []
    wijken, postcodes = (_texts(config, f"{kind}-*.csv", problems) for kind in ("wijken", "postcodes"))
    found: dict[str, dict[str, Any]] = {}
    lines: dict[str, tuple[str, str]] = {}
    for where, row in _rows(wijken, WIJKEN, problems):
        name, parent = row["name"].strip(), row["parent"].strip() or None
        if wrong := _wrong_place(row["level"].strip(), name, parent, found):
            problems.append(ConfigError(*where, wrong, "Mend that line"))
        # Also a wrong one is known: what lies in it is not wrong because of it.
        found.setdefault(
            name,
            {
                "level": row["level"].strip(),
                "name": name,
                "parent": parent,
                "aliases": [each for alias in row["aliases"].split("|") if (each := " ".join(alias.split()))],
                "postcodes": [],
                "source": row.get("source") or "hand",
                "code": row.get("code") or "",
            },
        )
        lines.setdefault(name, where)
    owners: dict[str, str] = {}
    known = names_of(config)
    for where, row in _rows(postcodes, POSTCODES, problems):
        code, name = row["pc4"].strip(), row["name"].strip()
        if wrong := _wrong_postcode(code, name, known, owners):
            problems.append(ConfigError(*where, wrong, "Mend that line"))
        elif name in found and code not in found[name]["postcodes"]:
            found[name]["postcodes"].append(code)
    told = {(problem.file, problem.key) for problem in problems}
    places = []
    for name, values in found.items():
        try:
            places.append(PlaceEntry.model_validate(values))
        except ValidationError as error:
            if lines[name] not in told:
                file, line = lines[name]
                problems += problems_of(error, PlaceEntry, file, f"{line}, place {name}")
    if problems:
        raise ConfigErrors(problems)
    return tuple(places)


def names_of(config: Path) -> Container[object]:
    """Every name in the files of places, also of a place that is wrong."""
    unread: list[ConfigError] = []
    names = {row["name"].strip() for _, row in _rows(_texts(config, "wijken-*.csv", unread), WIJKEN, unread)}
    return AnyName() if unread else names


def _texts(config: Path, pattern: str, problems: list[ConfigError]) -> dict[str, str]:
    """The texts of the files of that kind, by the name that a person is shown."""
    found = sorted((config / "wijken").glob(pattern))
    if not found:
        remedy = "Copy it from a new 'inbeeld init' directory"
        problems.append(ConfigError(f"config/wijken/{pattern}", "file", "is missing", remedy))
    texts = {}
    for path in found:
        name = f"config/wijken/{path.name}"
        try:
            texts[name] = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            what = f"can't be read ({type(error).__name__})"
            problems.append(ConfigError(name, "file", what, "Make it a readable text file in UTF-8"))
    return texts


def _rows(
    texts: dict[str, str], columns: tuple[str, ...], problems: list[ConfigError]
) -> Iterator[tuple[tuple[str, str], dict[str, str]]]:
    """Each row with its file and line; what is no row is added to `problems`."""
    for name, text in texts.items():
        reader = csv.DictReader(io.StringIO(text), strict=True)
        try:
            head = tuple(reader.fieldnames or ())
            if head not in (columns, columns + FURTHER):
                what = f"the columns must be {','.join(columns)}"
                problems.append(ConfigError(name, "line 1", what, "Mend that line"))
                continue
            for row in reader:
                where = name, f"line {reader.line_num}"
                if None in row or any(value is None for value in row.values()):
                    problems.append(ConfigError(*where, f"{len(head)} columns expected", "Mend that line"))
                else:
                    yield where, row
        except csv.Error as broken:
            problems.append(ConfigError(name, f"line {reader.line_num}", str(broken), "Mend that line"))


def _wrong_place(level: str, name: str, parent: str | None, above: Collection[str]) -> str:
    """What is wrong with a place; "" for nothing. `above` are the names of those that came before."""
    if level not in LEVELS:
        return f"level is one of {', '.join(LEVELS)}"
    if not key(name):
        return "the name is empty"
    if name in above:
        return f"{name} stands there twice; canonical names must be unique"
    if level == "gemeente" and parent is not None:
        return "a gemeente has no parent"
    return f"the parent of {name} must stand above it" if level != "gemeente" and parent not in above else ""


def _wrong_postcode(code: str, name: str, places: Container[object], owners: dict[str, str]) -> str:
    if not re.fullmatch(r"[1-9][0-9]{3}", code):
        return "a pc4 is four digits"
    if name not in places:
        return f"{name} is not in the gazetteer"
    return f"{code} has two names" if owners.setdefault(code, name) != name else ""


def wijken_text(places: Iterable[PlaceEntry], whole: Collection[str] = ()) -> str:
    """The places as readers take them; of the gemeenten in `whole` the name alone is enough."""
    rows = (
        ["geheel" if each.name in whole else each.level, each.name, each.parent or "", "|".join(each.aliases)]
        for each in places
    )
    return csv_text([[*WIJKEN], *rows])


def postcodes_text(places: Iterable[PlaceEntry]) -> str:
    """The postcodes as readers take them."""
    return csv_text([[*POSTCODES], *([code, each.name] for each in places for code in each.postcodes)])


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Rows as the text of a file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def gazetteer_of(places: tuple[PlaceEntry, ...], wijken: str, postcodes: str) -> Gazetteer:
    """The gazetteer; raises `ConfigErrors` with the place in which there is a mistake."""
    try:
        return _gazetteer(wijken, postcodes)
    except ValueError as error:
        named = [place.name for place in places for _ in place.postcodes]
        try:
            Gazetteer.parse([wijken], ())
        except ValueError:
            named = [place.name for place in places]
        # "file 1, line 7: the name is empty", where the first line is the head.
        where, _, what = str(error).partition(": ")
        name = named[int(where.rpartition(" ")[2]) - 2]
        raise ConfigErrors([ConfigError("directory", f"place {name}", what, "Mend that place")]) from None


@lru_cache(maxsize=4)
def _gazetteer(wijken: str, postcodes: str) -> Gazetteer:
    """One that was made before: most changes of the directory change no place."""
    return Gazetteer.parse([wijken], [postcodes])
