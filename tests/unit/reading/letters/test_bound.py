"""A number or a wijk corrects what is known only in a known order of known words."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reading.letters.bound import is_bound
from gateway.reading.letters.record import PracticeKind
from gateway.reading.letters.sentences import written
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.record import Verdict
from tests.unit.reading.letters.thread import KNOWN as KNOWN_READING
from tests.unit.reading.letters.thread import letter

K = PracticeKind
FRESH = "06-42301975"
KNOWN = "06-21000101"

GIVEN = [
    "Klopt niet, is {} geworden",
    "Het nummer is inmiddels {} geworden",
    "Het nummer is veranderd: {}",
    "{} moet het zijn",
    "{}",
    "Nummer: {}",
    "Haar nummer is {}",
    "Het juiste telefoonnummer van mevrouw is {}",
    "Sorry, het moet {} zijn",
    "Dit is het goede: {}",
    "Mevrouw is te bereiken op {}",
    "Zij heeft nu een nieuw nummer: {}",
    "Graag haar bellen op {}",
    "Kunt u het nummer wijzigen in {}?",
    "Niet {known} maar {}",
    "{known} moet zijn {}",
    "{} ipv {known}",
    "{} is het juiste nummer",
]
NOT_GIVEN = [
    "Oeps, verkeerd: {}",
    "Dat van haar zoon is {} geworden",
    "Ons nummer is {} geworden",
    "Nummer van familie {}",
    "Familie: {}",
    "Zij is gebeld door {}",
    "Mevrouw is gebeld met {}",
    "Bericht gekregen van {}",
    "Haar nummer is doorgegeven aan {}",
    "Het nummer is veranderd van {}",
    "Nieuw nummer ipv {}",
    "Het nummer hoort bij {}",
    "Nummer verwisseld met {}",
    "In mijn mail staat {}",
    "Ik had {} doorgegeven",
    "Een tikfout: {}",
    "{} was een tikfout",
    "{} is veranderd",
    "Graag {} aanpassen",
    "Haar nummer en {}",
    "Bel mij maar even: {}",
    "{} moet zijn {known}",
    "{known} ipv {}",
]


@pytest.mark.parametrize("text", GIVEN)
def test_what_gives_a_number_corrects_it(almere: Gazetteer, text: str) -> None:
    found = letter(text.format(FRESH, known=KNOWN), almere)
    assert (found.kind, found.changed) == (K.CORRECTED, ("phone",))
    assert found.reading is not None
    assert (found.reading.phone, found.reading.other_phones) == ("+31642301975", ())


@pytest.mark.parametrize("text", NOT_GIVEN)
def test_a_number_in_another_order_of_known_words_is_for_a_person(almere: Gazetteer, text: str) -> None:
    assert letter(text.format(FRESH, known=KNOWN), almere).kind is K.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "Wijk Danswijk is verkeerd",
        "Danswijk klopt niet",
        "Danswijk klopt",
        "Woont mevrouw in Danswijk",
        "Familie woont in Danswijk",
        "De wijk klopt, niet Danswijk",
    ],
)
def test_a_wijk_that_is_denied_or_somebody_elses_is_for_a_person(almere: Gazetteer, text: str) -> None:
    assert letter(text, almere).kind is K.UNCLEAR


def test_an_answer_that_gives_the_senders_own_number_leaves_the_question_open(almere: Gazetteer) -> None:
    asked = replace(KNOWN_READING, verdict=Verdict.INCOMPLETE, phone=None, problems=("missing_phone",))
    for text in ("Bel mij maar even: {}", "Ik zoek het op, ons nummer is {}", "U kunt mij bellen op {}"):
        found = letter(text.format(FRESH), almere, asked)
        assert found.reading is None or found.reading.phone is None, text


@pytest.mark.parametrize(
    "text", ["Wij zitten in Danswijk", "Ik woon zelf in Danswijk", "Ons team zit in Danswijk"]
)
def test_the_senders_own_wijk_is_no_answer(almere: Gazetteer, text: str) -> None:
    asked = replace(KNOWN_READING, verdict=Verdict.INCOMPLETE, wijk=None, problems=("missing_wijk",))
    assert letter(text, almere, asked).kind is K.UNCLEAR


WORDS = "haar nummer is het van op moet zijn nieuwe juiste mevrouw en niet ik had nu ook bellen in"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), max_size=300), st.integers(0, 300))
def test_any_length_of_known_words_is_judged_at_once(words: list[str], at: int) -> None:
    words.insert(min(at, len(words)), FRESH)
    (sentence, *_) = written([" ".join(words)]).sentences
    assert is_bound(sentence) in (True, False)
