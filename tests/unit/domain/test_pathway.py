"""Pathway files: the eight places, and how a wrong one is refused."""

import tomllib
from pathlib import Path
from typing import Any

import holidays
import pytest

from gateway.domain.pathway import HOLIDAYS, Count, Feedback, Pathway, Recipient
from gateway.errors import ConfigErrors

FOLDER = Path(__file__).parents[3] / "config" / "pathways"
FILES = sorted(FOLDER.glob("*.toml"))


def read(file: Path) -> Pathway:
    return Pathway.parse(file.name, tomllib.loads(file.read_text(encoding="utf-8")))


def test_every_place_of_the_report_has_a_pathway() -> None:
    names = "almere den-haag gemeente losser maastricht oss rotterdam utrecht"
    further = "een-balie poh-jeugd straatdokter welzijn-op-recept"
    assert {file.stem for file in FILES} == {*names.split(), *further.split()}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_policy_survives_its_copy_in_the_case(file: Path) -> None:
    pathway = read(file)
    assert pathway.name == file.stem
    assert Pathway.from_json(pathway.to_json()) == pathway


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_key_has_a_comment(file: Path) -> None:
    for line in file.read_text(encoding="utf-8").splitlines():
        assert "=" not in line.split("#")[0] or "# " in line, line


def test_almere_shows_every_key_with_its_default() -> None:
    text = (FOLDER / "almere.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    assert Pathway.parse("almere.toml", table) == Pathway(name=table["name"], title=table["title"])
    shown = table | {"clock": None, "next_step": None}
    assert set(shown) == set(Pathway.model_fields)
    for key, value in table.items():
        if isinstance(value, dict):
            fields = set(type(getattr(Pathway(name="a", title="A"), key)).model_fields)
            assert set(value) == fields - {"urgent"}, key
    for commented in ("[contact.urgent]", "[[clock]]", "met_by", "[[next_step]]"):
        assert f"# {commented}" in text


def test_the_agreements_of_the_places() -> None:
    places = {file.stem: read(file) for file in FILES}
    assert (places["almere"].contact.days, places["almere"].contact.count) == (3, Count.CALENDAR)
    assert places["losser"].consent
    assert places["utrecht"].feedback is Feedback.DAT_EN_STOP
    assert places["utrecht"].meeting_weeks == 6
    assert places["maastricht"].contact_person
    assert places["rotterdam"].feedback is Feedback.GEAGGREGEERD
    assert Recipient.REFERRER not in places["rotterdam"].contact.tell
    assert [extra.days for extra in places["oss"].clock] == [14]
    assert places["den-haag"].registration_hint == "ICPC Z01"
    assert places["gemeente"].contact.count is Count.WORKING


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"contakt": {}}, "contakt"),
        ({"contact": {"days": 0}}, "contact.days"),
        ({"contact": {"tell": ["patient"]}}, "contact.tell.0"),
        ({"feedback": "alles"}, "feedback"),
        ({"timezone": "Europe/Almere"}, "timezone"),
        ({"timezone": "../etc"}, "timezone"),
        ({"hours": {"opens": "18:00"}}, "hours"),
        ({"hours": {"days": []}}, "hours.days"),
        ({"closed": {"without": ["Sint Maarten"]}}, "closed.without"),
        ({"warn": {"at": 1.5}}, "warn.at"),
        ({"warn": {"at": 0.95}}, "file"),
        ({"question": {"remind": 9}}, "question"),
        ({"urgent_words": ["SPOED"]}, "urgent_words"),
        ({"clock": [{"kind": "contact", "days": 1, "met_by": ["contacted"]}]}, "file"),
        ({"clock": [{"kind": "gesprek", "days": 1, "met_by": []}]}, "clock.0.met_by"),
        ({"clock": [{"kind": "gesprek", "days": 1, "met_by": ["danced"]}]}, "clock.0.met_by.0"),
        ({"next_step": [{"code": "dansles", "words": ["dansles"]}]}, "next_step.0.code"),
        ({"next_step": [{"code": "welfare", "words": []}]}, "next_step.0.words"),
        ({"question": {"late": 91}}, "question.late"),
        ({"name": None}, "name"),
    ],
)
def test_a_wrong_file_is_refused_with_file_key_and_remedy(wrong: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        Pathway.parse("pathways/x.toml", {"name": "x", "title": "X"} | wrong)
    (error,) = caught.value.errors
    assert (error.file, error.key) == ("pathways/x.toml", key)
    assert error.remedy


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ConfigErrors) as caught:
        Pathway.parse("x.toml", {"title": "", "a": 1})
    assert {error.key for error in caught.value.errors} == {"name", "title", "a"}


def test_a_damaged_copy_is_refused() -> None:
    with pytest.raises(ConfigErrors):
        Pathway.from_json("{}")


def test_the_names_of_holidays_are_those_of_the_package() -> None:
    known = set(holidays.country_holidays("NL", years=2025, language="nl").values())
    assert set(HOLIDAYS) == known - {"Bevrijdingsdag"}
