"""The tables of `config/` that are kept as files of their own: the pathways, and the texts of each language.

It promises that every mistake in any of them is told, with its file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gateway.domain.catalogue import Catalogue
from gateway.domain.pathway import Pathway
from gateway.errors import ConfigError, ConfigErrors
from gateway.settings import read_toml


def pathways_of(folder: Path, problems: list[ConfigError]) -> dict[str, Pathway]:
    """The pathways in `config/` of a folder; what is wrong with them is added to `problems`. A wrong one is
    among them without what is wrong in it, so that what it contradicts is told at once."""
    found = _tables(folder, "pathways", lambda file, table: _looked_at(file, table, problems), problems)
    for name, pathway in found.items():
        if pathway.name != name:
            what = f"is '{pathway.name}', which is not the file's own name"
            problems.append(ConfigError(f"config/pathways/{name}.toml", "name", what, "Make the two agree"))
    return found


def _looked_at(file: str, table: dict[str, Any], problems: list[ConfigError]) -> Pathway:
    """A pathway, or what is left of a wrong one."""
    try:
        return Pathway.parse(file, table)
    except ConfigErrors as several:
        problems.extend(several.errors)
        wrong = {error.key.partition(".")[0] for error in several.errors}
    wrong |= _TOGETHER if wrong & {"file", *_TOGETHER} else set()
    stand_in = {"name": Path(file).stem, "title": Path(file).stem}
    left = stand_in | {key: value for key, value in table.items() if key not in wrong}
    # What nothing was taken from would be wrong for ever.
    return _looked_at(file, left, problems) if left != table else Pathway.parse(file, stand_in)


_TOGETHER = frozenset({"warn", "urge", "clock"})
"""What a pathway weighs against each other: where one of them is wrong, nothing follows from the others."""


def catalogues_of(directory: Path, problems: list[ConfigError]) -> dict[str, Catalogue]:
    """The texts of each language, and those of a theme that has some of its own: `nl.welzijn.toml` beside
    `nl.toml` holds only what differs, and in `[instead]` which words others take the place of everywhere."""
    tables = _tables(directory, "wording", lambda file, table: (file, table), problems)
    found: dict[str, Catalogue] = {}
    # The languages first: "nl.jeugd" stands before "nl" otherwise.
    for name, (file, table) in sorted(tables.items(), key=lambda each: ("." in each[0], each[0])):
        language = name.partition(".")[0]
        if language != name and language not in found:
            # What is wrong with the language itself is told of that file.
            continue
        base, told = tables[language][1], len(problems)
        made = _MADE.get(file)
        if made is not None and made[:2] == (base, table):
            found[name] = made[2]
            continue
        try:
            found[name] = _catalogue(file, base, table, problems)
        except ConfigErrors as several:
            problems.extend(several.errors)
        if len(problems) == told:
            _MADE[file] = (base, table, found[name])
    return found


_MADE: Final[dict[str, tuple[Mapping[str, Any], Mapping[str, Any], Catalogue]]] = {}
"""What a language and a file said when they were last asked for, and the catalogue of both: every change of
the directory asks for all of them, and few change a text. One with a mistake is not kept, so that it is told
each time."""


def _catalogue(
    file: str, base: Mapping[str, Any], table: Mapping[str, Any], problems: list[ConfigError]
) -> Catalogue:
    """The texts of a file, which is that of the language itself where both are the same."""
    if table is not base:
        said = _instead(file, base, table, problems)
        table = _over(said, {key: value for key, value in table.items() if key != "instead"})
    return Catalogue.parse(file, table)


def _instead(
    file: str, base: Mapping[str, Any], table: Mapping[str, Any], problems: list[ConfigError]
) -> dict[str, Any]:
    """A language's table with the words that a theme says instead of some of its own."""
    words = table.get("instead", {})
    if not isinstance(words, dict) or not all(isinstance(each, str) for each in words.values()):
        problems.append(ConfigError(file, "instead", "is no table of words", 'Write "these words" = "those"'))
        words = {}
    found: set[str] = set()

    def said(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: said(each) for key, each in value.items()}
        for old, new in words.items() if isinstance(value, str) else ():
            if old in value:
                found.add(old)
                value = value.replace(old, new)
        return value

    made = {key: said(value) for key, value in base.items()}
    for old in sorted(words.keys() - found):
        what = f"'{old}' does not stand in the texts of the language"
        problems.append(ConfigError(file, "instead", what, "Write the words as they stand there"))
    return made


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A table with what another one says instead."""
    return {**base} | {
        key: _over(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in own.items()
    }


def toml_names(directory: Path, folder: str) -> frozenset[str]:
    """The names of the files of a folder, whatever is in them."""
    return frozenset(path.stem for path in (directory / "config" / folder).glob("*.toml"))


def _tables(directory: Path, folder: str, parse: Any, problems: list[ConfigError]) -> dict[str, Any]:
    """Every TOML file of a folder, by its name."""
    found = {}
    for path in sorted((directory / "config" / folder).glob("*.toml")):
        try:
            found[path.stem] = parse(
                f"config/{folder}/{path.name}", read_toml(directory, f"{folder}/{path.name}")
            )
        except ConfigErrors as several:
            problems.extend(several.errors)
        except ConfigError as error:
            problems.append(error)
    return found
