"""Consent counts where it is stated plainly, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reading.letters.answer import own_text
from gateway.reading.letters.consent import consent_in
from gateway.reading.letters.record import Consent
from gateway.reading.letters.sentences import CHARACTERS

STATED = [
    "Patiënte geeft toestemming.",
    "Mevrouw heeft hiervoor toestemming gegeven.",
    "Toestemming: ja",
    "Toestemming verkregen tijdens het spreekuur",
    "Met mevrouw besproken, zij gaat akkoord.",
    "Hij is akkoord met deze aanmelding.",
    "Zij gaat akkoord.",
    "Pt geeft aan dat u mag bellen.",
    "Met toestemming van patiënt.",
    "Patiënt heeft mondeling toestemming gegeven voor het delen van de gegevens.",
    "Toestemming van patiënt is verkregen",
    "Met toestemming van mevrouw",
    "Mevrouw gaat akkoord met de aanmelding",
    "Mevrouw is akkoord met contact door de gemeente",
    "Patiënt stemt in met doorgeven van zijn gegevens",
    "Ik heb dit met patiënt besproken en hij geeft toestemming.",
    "Akkoord patiënt: ja",
    "Patiënt akkoord",
    "Patiënt is op de hoogte en akkoord",
    "Pt weet ervan en vindt het goed",
    "Toestemming is gevraagd en gegeven",
    "Zij vindt het goed dat ik haar aanmeld",
    "Patiënt heeft ingestemd met deze aanmelding",
    "Patiënt wil graag gebeld worden",
    "Mevrouw wil graag hulp en geeft toestemming voor het doorgeven van haar gegevens.",
    "Patiënt heeft hiervoor toestemming gegeven tijdens het spreekuur van vandaag.",
    "Toestemming gegevensdeling: ja",
    "Toestemming: mondeling gegeven d.d. 12-11-2026",
    "Patiënt gaat ermee akkoord dat u belt.",
    "Hij heeft me toestemming gegeven om zijn gegevens door te geven aan de consulent.",
]
NOT_STATED = [
    "[ ] toestemming gegeven",
    "☐ Patiënt geeft toestemming",
    "Toestemming: ☐ ja ☐ nee",
    "Toestemming: ____",
    "Huisarts is akkoord",
    "Wij zijn akkoord",
    "Met toestemming van de huisarts",
    "Met toestemming van de consulent",
    "Heeft u toestemming",
    "is patiënt akkoord",
    "Geeft mevrouw toestemming",
    "Vindt zij het goed dat u belt",
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
    "heeft toestemming geweigerd",
    "toestemming gevraagd, ze denkt erover na",
    "Toestemming gevraagd",
    "Patiënt heeft toestemming gevraagd",
    "ik ga toestemming vragen",
    "toestemming volgt",
    "Toestemming moet nog gegeven worden",
    "Toestemming: nee",
    "Toestemming: nog niet",
    "Akkoord? weet ik niet",
    "Mevrouw gaf eerst toestemming, maar twijfelt nu",
    "Haar man geeft toestemming",
    "Haar dochter is akkoord",
    "Patiënt kan geen toestemming geven",
    "Toestemming onder voorbehoud gegeven",
    "Toestemming gegeven door bewindvoerder",
    "Indien patiënt akkoord is",
    "Patiënt was akkoord maar is dat nu niet meer",
    "Patiënt geeft toestemming als haar man dat ook doet",
    "Toestemming ingetrokken",
    "Toestemming aan de apotheek gegeven",
    "Wij verzoeken om toestemming",
    "Patiënt geeft waarschijnlijk toestemming",
    "ze twijfelt over toestemming",
    "zonder toestemming",
    "Ik denk dat hij akkoord is",
    "Toestemming is besproken",
    "Patient geeft toestemming voor inzage in zijn dossier door het ziekenhuis",
    "Graag toestemming vragen",
]

SAYS_YES = [
    "Klopt.",
    "Ja",
    "ja hoor",
    "Ja, dat is goed.",
    "Ja dat mag",
    "Ja, mag",
    "Ja, ze weet ervan en vindt het goed",
    "Akkoord",
    "Ja, patiënt geeft toestemming. Telefoon: 06-12345678",
    "Ja\n\nMet vriendelijke groet,\nAnja",
    "Ja, besproken en akkoord",
    "Toestemming: ja",
    "Jazeker, toestemming is gegeven",
    "Ja, prima",
    "Ja, dat vindt mevrouw goed",
]
SAYS_NO_YES = [
    "Ja besproken",
    "ja, vandaag gevraagd",
    "Ja, bij het consult",
    "Ja, graag bellen",
    "Ja, contact opnemen",
    "Ja, huisarts is akkoord",
    "Wij zijn akkoord",
    "",
    "Ja maar ze twijfelt",
    "Dat ga ik vragen",
    "Januari",
    "Ja, dat ga ik vragen",
    "Ja, ik vraag het",
    "ja maar ze twijfelt",
    "Ja als haar man ook",
    "Ja, morgen vraag ik het",
    "Nee",
    "ja?",
    "Ja, denk ik",
    "Ja, haar dochter vindt het goed",
    "Ja. Ik moet het nog vragen.",
    "Ja, waarschijnlijk wel",
    "misschien",
    "Ja en nee",
    "ik weet het niet",
]


@pytest.mark.parametrize("text", STATED)
def test_stated(text: str) -> None:
    assert consent_in(text) is Consent.GIVEN


@pytest.mark.parametrize("text", NOT_STATED)
def test_not_stated(text: str) -> None:
    assert consent_in(text) is not Consent.GIVEN
    assert consent_in(text, asked=True) is not Consent.GIVEN


@pytest.mark.parametrize("text", [*SAYS_YES, *STATED])
def test_an_answer_that_says_yes(text: str) -> None:
    assert consent_in(text, asked=True) is Consent.GIVEN


@pytest.mark.parametrize("text", SAYS_NO_YES)
def test_an_answer_that_does_not(text: str) -> None:
    assert consent_in(text, asked=True) is not Consent.GIVEN


@given(st.text(max_size=300))
def test_a_denial_in_the_sentence_always_wins(text: str) -> None:
    # Within one sentence, that is: what ends it is taken out.
    between = "".join(character for character in text if character.isalpha() or character == " ")
    assert consent_in(f"geen {between} toestemming gegeven") is not Consent.GIVEN


def test_the_own_text_of_an_answer_is_without_what_was_quoted() -> None:
    raw = (
        b"From: a@b.example\r\nSubject: Re: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        b"IN BEELD\r\n\r\nOp ma 5 maart 2035 om 10:00 schreef InBeeld <x@y.example>:\r\n> NIET BEREIKT\r\n"
    )
    assert own_text(raw).strip() == "IN BEELD"
    assert len(own_text(raw.replace(b"IN BEELD", b"a" * 10_000))) <= CHARACTERS


@given(
    st.sampled_from(STATED),
    st.sampled_from(["zwabber", "misschien", "haar man", "nog", "als", "eerst"]),
    st.integers(0, 9),
)
def test_one_unknown_word_in_the_sentence_asks(text: str, word: str, at: int) -> None:
    words = text.rstrip(".").split()
    words.insert(min(at, len(words)), word)
    assert consent_in(" ".join(words)) is not Consent.GIVEN
