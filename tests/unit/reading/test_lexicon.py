"""Nouns that bring nobody in, and the words that must never be among them."""

import pytest

from gateway.reading.patient.lexicon import (
    is_doubtful,
    is_prefixed_verb,
    is_premises,
    is_thing,
    ownerless_words,
)
from gateway.reading.patient.vocabulary import Sense, kind_of


@pytest.mark.parametrize(
    "word",
    [
        *("papegaai", "inboedel", "fibromyalgie", "werkritme", "pensioentje", "klanten", "grapje"),
        *("opleiding", "terugvordering", "toerist-visum"),
    ],
)
def test_a_thing_owns_no_number(word: str) -> None:
    assert is_thing(word)


@pytest.mark.parametrize(
    "word",
    [
        *("bewindvoerder", "buddy", "maatje", "vangnet", "steunpilaar", "vraagbaak", "toeverlaat", "opvang"),
        *("kompas", "schuldhulpverlening", "garlaster", "kemmermeester", "veldertrice", "huisgeleider"),
        *("begeleiding", "bewindvoering", "instelling", "leerling", "ex-collega", "zorg-maatje"),
        *("zorgvlinder", "wijkbaken", "levenslooppiloot", "schuldenregelaar", "zorgtraject", "dagbesteding"),
    ],
)
def test_whoever_may_be_called_is_no_thing(word: str) -> None:
    assert not is_thing(word)
    assert not is_prefixed_verb(word)
    assert word not in ownerless_words()


@pytest.mark.parametrize(
    "word", ["bazen", "bekenden", "naasten", "mannen", "getuigen", "student", "provider"]
)
def test_people_are_not_among_the_verbs(word: str) -> None:
    assert kind_of(word) is not Sense.LINK


def test_premises_are_no_things() -> None:
    assert is_premises("kapsalon")
    assert not is_thing("kapsalon")


@pytest.mark.parametrize(
    "word",
    [
        *("eigendom", "geleend", "leent", "verhuurd", "deelt", "gezamenlijk", "meeluistert", "weggegeven"),
        *("ingeleverd", "verkocht", "kwijt", "gestolen", "kapot", "opgezegd", "afgesloten", "vervalt", "tot"),
        *("tijdelijk", "oude", "vorige", "was", "vermoedelijk", "klopt", "verkeerd", "overgetypt", "iemand"),
        *("begeleidt", "tolkt", "namens", "daarvan", "hal", "balie", "abonnement", "bruikleen", "ontvangt"),
    ],
)
def test_what_may_speak_against_a_telephone_is_doubtful(word: str) -> None:
    assert is_doubtful(word)


@pytest.mark.parametrize(
    "word", ["kluisje", "sinds", "rustig", "douche", "lesrooster", "spannend", "verlegen", "oplader"]
)
def test_what_says_nothing_of_an_owner_is_not_doubtful(word: str) -> None:
    assert not is_doubtful(word)
