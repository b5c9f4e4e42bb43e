"""Catalogues: complete, equal in both languages, and closed to anything of the patient."""

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.catalogue import Catalogue
from gateway.domain.messages import PLACEHOLDERS, Code
from gateway.errors import ConfigErrors

FOLDER = Path(__file__).parents[3] / "config" / "wording"
FILES = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in FOLDER.glob("*.toml")}
TABLES = {name: table for name, table in FILES.items() if "." not in name}


def test_there_is_dutch_and_english() -> None:
    assert {Catalogue.parse(f"{name}.toml", table).language for name, table in TABLES.items()} == {"nl", "en"}


def test_what_a_theme_says_otherwise_is_said_in_both() -> None:
    found = {tuple(name.split(".")) for name in FILES if "." in name}
    assert {theme for language, theme in found if language == "nl"} == {
        theme for language, theme in found if language == "en"
    }


def test_no_placeholder_stands_for_anything_of_the_patient() -> None:
    """Widening this set is a decision about privacy: P5."""
    known = (
        "kenmerk organisation backup practice contact_person link date state outcome next_step reason "
        "questions example items count hint stop told digits weeks when term step answer head report "
        "until public_phone talks quarter year below again finding "
    ) + " ".join(
        f"{who}_{what}"
        for who in ("own", "all")
        for what in ("received", "contacted", "on_time", "met", "unreachable")
    )
    assert set().union(*PLACEHOLDERS.values()) <= set(known.split())
    assert set(PLACEHOLDERS) == set(Code)


def changed(path: str, value: Any) -> dict[str, Any]:
    table = copy.deepcopy(TABLES["nl"])
    *parents, last = path.split(".")
    inner = table
    for name in parents:
        inner = inner[name]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return table


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("texts.in_beeld.body", "{name} is in beeld"),
        ("texts.in_beeld.body", "{wijk}"),
        ("texts.in_beeld.body", "{contact_person}"),
        ("texts.in_beeld.body", "{kenmerk.__class__}"),
        ("texts.in_beeld.body", "{kenmerk!r}"),
        ("texts.in_beeld.body", "{kenmerk:>9}"),
        ("texts.in_beeld.body", "{kenmerk:{name}}"),
        ("texts.in_beeld.body", "{}"),
        ("texts.in_beeld.body", "{0}"),
        ("texts.in_beeld.body", "{kenmerk"),
        ("texts.in_beeld.subject", "{date}"),
        ("texts.in_beeld.subject", "a\r\nBcc: b"),
        ("texts.thanks", None),
        ("texts.extra", {"subject": "a", "body": "b"}),
        ("asks.missing_wijk", "{phone}"),
        ("asks.missing_wijk", None),
        ("examples.bsn", "BSN: 999990019"),
        ("words.state.contacted", "{name}"),
        ("words.reason.area", None),
        ("items.held", "{practice}"),
        ("dates.pattern", "{second}"),
        ("signature", "{organisation}"),
        ("neutral_subject", "{subject}"),
        ("language", "nederlands"),
    ],
)
def test_a_wrong_text_is_refused_with_its_key(path: str, value: Any) -> None:
    with pytest.raises(ConfigErrors) as caught:
        Catalogue.parse("config/wording/nl.toml", changed(path, value))
    (error,) = caught.value.errors
    assert error.file == "config/wording/nl.toml"
    assert error.key.startswith(path.removesuffix(".body"))
    assert error.problem
    assert error.remedy


def test_a_municipality_may_write_its_own_words() -> None:
    catalogue = Catalogue.parse("nl.toml", changed("texts.thanks.body", "Fijn! {{Groet}} {kenmerk}"))
    assert catalogue.texts[Code.THANKS].body == "Fijn! {{Groet}} {kenmerk}"


def test_the_file_says_which_placeholders_each_text_has() -> None:
    """Who edits the file needs nothing but the file."""
    text = (FOLDER / "nl.toml").read_text(encoding="utf-8")
    said = dict(re.findall(r"^\[texts\.(\w+)\] +# (.*)$", text, re.MULTILINE))
    wanted = {code.value: set(names) for code, names in PLACEHOLDERS.items()}
    assert {code: set(names.replace("(geen)", "").split()) for code, names in said.items()} == wanted
