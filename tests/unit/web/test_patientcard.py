"""The verwijskaart says the same in each language, with a number in the form that the language wants."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

import pytest

from gateway.domain.pathway import Count, Term
from gateway.web.public.patientcard import CARDS, LANGUAGES, Caller, fill, texts, within

DUTCH = texts("nl")


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def sentences(card: Mapping[str, Any]) -> dict[str, str]:
    return {key: text for key, text in card.items() if isinstance(text, str)}


def test_every_language_is_offered_and_there() -> None:
    assert {path.stem for path in CARDS.glob("*.toml")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same(language: str) -> None:
    card = texts(language)
    assert card.keys() == DUTCH.keys()
    assert {key: holes(text) for key, text in sentences(card).items()} == {
        key: holes(text) for key, text in sentences(DUTCH).items()
    }
    assert card["direction"] == ("rtl" if language == "ar" else "ltr")
    for days in (1, 2, 3, 10, 14, 21):
        for count in Count:
            assert "{" not in within(card, Term(days=days, count=count))


def test_a_number_has_the_form_of_the_language() -> None:
    assert within(DUTCH, Term(days=1)) == "binnen 1 dag"
    assert within(DUTCH, Term(days=5, count=Count.WORKING)).startswith("binnen 5 werkdagen")
    assert [within(texts("ar"), Term(days=days)) for days in (2, 3, 14)] == [
        "خلال يومين",
        "خلال 3 أيام",
        "خلال 14 يومًا",
    ]


def test_a_name_is_text_and_never_markup() -> None:
    caller = Caller("Filmwijk", "<b>De Schoor", "+31365310000", Term(days=3))
    assert "&lt;b&gt;De Schoor" in fill(DUTCH["who_answer"], caller)
