"""What a letter offers to answer: what the place agreed on, no more, and in words that are understood."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.pathway import Pathway
from gateway.reading.letters.organisation import organisation_letter
from gateway.reading.letters.record import OrganisationLetter
from gateway.reading.letters.reports import NEXT_STEPS
from gateway.sealing.letter import OUTCOMES, REPORTS, STEPS, letter
from tests.unit.sealing.test_payload import AMSTERDAM, make_aanmelding

PATHWAYS = {
    file.stem: Pathway.parse(file.name, tomllib.loads(file.read_text("utf-8")))
    for file in sorted((Path(__file__).parents[3] / "config" / "pathways").glob("*.toml"))
}
AGREED = {
    "oss": ("DESKUNDIGEN",),
    "utrecht": ("DRIEGESPREK",),
    "maastricht": ("GESTART, vervolg: sociaal team",),
    "den-haag": ("GESTOPT: afgerond", "doorverwezen"),
}
ELSEWHERE = {word for words in AGREED.values() for word in words}


def answered(text: str, pathway: Pathway | None = None) -> OrganisationLetter:
    own: dict[str, str] = {
        word: step.code for step in (pathway.next_step if pathway else ()) for word in step.words
    }
    raw = f"From: Balie <balie@deschoor.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    return organisation_letter(raw.encode(), next_steps={**NEXT_STEPS, **own})


@pytest.mark.parametrize("place", ["almere", *AGREED])
def test_a_place_is_offered_what_it_agreed_on(place: str) -> None:
    aanmelding = make_aanmelding()
    text = letter(aanmelding, AMSTERDAM, by_mail=True, agreed=PATHWAYS[place])
    offered = {word for word in ELSEWHERE if word in text}
    assert offered == set(AGREED.get(place, ()))
    assert max(map(len, text.split("\n"))) <= 100
    late = letter(
        aanmelding, AMSTERDAM, by_mail=True, agreed=PATHWAYS[place], now=aanmelding.uiterlijk + timedelta(1)
    )
    assert ("Neem uiterlijk" in text, "Neem zo snel mogelijk" in late) == (True, True)


@pytest.mark.parametrize("place", sorted(PATHWAYS))
def test_a_letter_that_is_quoted_reports_nothing(place: str) -> None:
    quoted = letter(make_aanmelding(), AMSTERDAM, by_mail=True, agreed=PATHWAYS[place])
    for opening in ("", "-----Oorspronkelijk bericht-----\n"):
        assert answered(f"{opening}{quoted}", PATHWAYS[place]).report is None
        found = answered(f"NIET BEREIKT\n\n{opening}{quoted}", PATHWAYS[place])
        assert (found.report, found.outcome, found.next_step) == ("attempted", None, None)


def test_every_word_that_is_offered_is_understood() -> None:
    for word, _ in REPORTS:
        assert answered(word).report is not None, word
    for outcome in OUTCOMES:
        found = answered(f"GESTOPT: {outcome}")
        assert (found.report, found.outcome is not None) == ("stopped", True), outcome
    for step in STEPS:
        found = answered(f"GESTART, vervolg: {step}")
        assert (found.report, found.next_step is not None) == ("in_support", True), step
    for pathway in PATHWAYS.values():
        for own in (word for step in pathway.next_step for word in step.words):
            assert answered(f"GESTART, vervolg: {own}", pathway).next_step is not None, own
