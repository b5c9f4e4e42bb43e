"""Places as files: `config/wijken/*.csv` read, and written as readers of mails take them.

It promises that a mistake is told with file and line, or with the place it is in.
"""

import csv
import io
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.directory.book import PlaceEntry
from gateway.errors import ConfigError, ConfigErrors
from gateway.reading.patient.wijken import Gazetteer
from gateway.settings import problems_of

WIJKEN, POSTCODES = ("level", "name", "parent", "aliases"), ("pc4", "name")
FURTHER = ("source", "code")
"""What a file of places may say beside the columns that readers know."""


def places_of(config: Path) -> tuple[PlaceEntry, ...]:
    """The places of the files; a mistake is told with the file's name and line."""
    wijken, postcodes = _texts(config, "wijken-*.csv"), _texts(config, "postcodes-*.csv")
    _checked({name: _known(text, WIJKEN) for name, text in wijken.items()}, postcodes)
    found: dict[str, dict[str, Any]] = {}
    for text in wijken.values():
        for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))):
            name = row["name"].strip()
            found[name] = {
                "level": row["level"].strip(),
                "name": name,
                "parent": row["parent"].strip() or None,
                "aliases": [each for alias in row["aliases"].split("|") if (each := " ".join(alias.split()))],
                "postcodes": [],
                "source": row.get("source") or "hand",
                "code": row.get("code") or "",
            }
    for text in postcodes.values():
        for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))):
            if row["pc4"].strip() not in found[row["name"].strip()]["postcodes"]:
                found[row["name"].strip()]["postcodes"].append(row["pc4"].strip())
    problems: list[ConfigError] = []
    places = []
    for name, values in found.items():
        try:
            places.append(PlaceEntry.model_validate(values))
        except ValidationError as error:
            problems += problems_of(error, PlaceEntry, "config/wijken", f"place {name}")
    if problems:
        raise ConfigErrors(problems)
    return tuple(places)


def _texts(config: Path, pattern: str) -> dict[str, str]:
    """The texts of the files of that kind, by the name that a person is shown."""
    found = sorted((config / "wijken").glob(pattern))
    if not found:
        remedy = "Copy it from a new 'inbeeld init' directory"
        raise ConfigError(f"config/wijken/{pattern}", "file", "is missing", remedy)
    texts = {}
    for path in found:
        name = f"config/wijken/{path.name}"
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            what = f"can't be read ({type(error).__name__})"
            raise ConfigError(name, "file", what, "Make it a readable text file in UTF-8") from None
    return texts


def _known(text: str, columns: tuple[str, ...]) -> str:
    """A text without the columns that only the directory knows."""
    head, _, _ = text.removeprefix("\ufeff").partition("\n")
    if tuple(head.strip().split(",")) != columns + FURTHER:
        return text
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    return csv_text(row[: len(columns)] for row in rows)


def _checked(wijken: dict[str, str], postcodes: dict[str, str]) -> None:
    """Raises `ConfigError` for a mistake in one of the files, with that file's name and line."""
    try:
        files = wijken
        Gazetteer.parse(wijken.values(), ())
        files = postcodes
        Gazetteer.parse(wijken.values(), postcodes.values())
    except ValueError as error:
        # "file 2, line 7: the name is empty": files are counted in the order in which they were given.
        place, _, what = str(error).partition(": ")
        number, _, line = place.removeprefix("file ").partition(", ")
        raise ConfigError([*files][int(number) - 1], line, what, "Mend that line") from None


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
    named = [place.name for place in places]
    try:
        Gazetteer.parse([wijken], ())
        named = [place.name for place in places for _ in place.postcodes]
        return Gazetteer.parse([wijken], [postcodes])
    except ValueError as error:
        # "file 1, line 7: the name is empty", where the first line is the head.
        where, _, what = str(error).partition(": ")
        name = named[int(where.rpartition(" ")[2]) - 2]
        raise ConfigErrors([ConfigError("directory", f"place {name}", what, "Mend that place")]) from None
