"""Consent counts where it is stated plainly, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reading.letters.answer import CHARACTERS, own_text
from gateway.reading.letters.consent import answers_yes, states_consent

STATED = [
    "Patiënte geeft toestemming.",
    "Mevrouw heeft hiervoor toestemming gegeven.",
    "Toestemming: ja",
    "Toestemming verkregen tijdens het spreekuur",
    "Hij is akkoord met deze aanmelding.",
    "Zij gaat akkoord.",
    "Pt geeft aan dat u mag bellen.",
    "Met toestemming van patiënt.",
]
NOT_STATED = [
    "Graag contact met de patiënt.",
    "Geen toestemming.",
    "Nog geen toestemming gevraagd.",
    "Heeft zij toestemming gegeven?",
    "Toestemming moet nog gevraagd worden.",
    "Zonder toestemming van patiënt.",
    "Toestemming is ingetrokken.",
    "Niet akkoord.",
    "Ik zal vragen of zij toestemming geeft.",
    "Als zij akkoord is, graag bellen.",
]


@pytest.mark.parametrize("text", STATED)
def test_stated(text: str) -> None:
    assert states_consent(text)


@pytest.mark.parametrize("text", NOT_STATED)
def test_not_stated(text: str) -> None:
    assert not states_consent(text)
    assert not answers_yes(text)


@pytest.mark.parametrize("text", ["Ja", "ja hoor", "Ja, dat is goed.", "Akkoord", "Klopt.", *STATED])
def test_an_answer_that_says_yes(text: str) -> None:
    assert answers_yes(text)


@pytest.mark.parametrize("text", ["", "Nee", "ja?", "Ja maar ze twijfelt", "Dat ga ik vragen", "Januari"])
def test_an_answer_that_does_not(text: str) -> None:
    assert not answers_yes(text)


@given(st.text(max_size=300))
def test_a_denial_in_the_sentence_always_wins(text: str) -> None:
    # Within one sentence, that is: what ends it is taken out.
    between = "".join(character for character in text if character.isalpha() or character == " ")
    assert not states_consent(f"geen {between} toestemming gegeven")


def test_the_own_text_of_an_answer_is_without_what_was_quoted() -> None:
    raw = (
        b"From: a@b.example\r\nSubject: Re: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        b"IN BEELD\r\n\r\nOp ma 5 maart 2035 om 10:00 schreef InBeeld <x@y.example>:\r\n> NIET BEREIKT\r\n"
    )
    assert own_text(raw).strip() == "IN BEELD"
    assert len(own_text(raw.replace(b"IN BEELD", b"a" * 10_000))) <= CHARACTERS
