"""Stops that say so of less than the patient's referral: each word is known, and yet a person reads them."""

from itertools import product

import pytest

from gateway.reading.letters.consent import consent_in
from gateway.reading.letters.record import Consent, PracticeKind, Stop, Topic
from gateway.reading.patient.wijken import Gazetteer
from tests.unit.reading.letters.thread import letter

K, S = PracticeKind, Stop

REFUSED = ("Mevrouw wil niet gebeld worden", "Zij wil geen contact", "Geen contact opnemen", "Niet bellen")
LIMITS = (
    "vandaag",
    "in het weekend",
    "voor maandag",
    "door een heer",
    "via haar familie",
    "met haar familie",
    "tot volgende week",
)


def test_a_refusal_of_some_calls_is_no_refusal_of_help(almere: Gazetteer) -> None:
    for refused, limit in product(REFUSED, LIMITS):
        for text in (f"{refused} {limit}.", f"{limit.capitalize()} {refused.lower()}."):
            assert letter(text, almere).kind is K.UNCLEAR, text


@pytest.mark.parametrize("other", ["een {}", "de vorige {}", "haar {}", "zijn {}", "de {} van mevrouw"])
def test_what_befell_another_person_is_no_stop(almere: Gazetteer, other: str) -> None:
    for fact, person in product(("is overleden", "is verhuisd", "wil geen hulp meer"), ("heer", "mevrouw")):
        assert letter(f"{other.format(person).capitalize()} {fact}.", almere).kind is K.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "Het probleem met de mail is opgelost.",
        "De vraag van gisteren is opgelost.",
        "Contact met ons is niet meer nodig.",
        "Het gesprek mag vervallen.",
        "De vorige aanmelding mag vervallen.",
        "Mevrouw kreeg bericht voor een ander.",
        "Geen toestemming voor familie.",
        "Mevrouw en meneer zijn overleden.",
        "Mevrouw was opgenomen.",
        "Is de vorige patiënt al gebeld?",
    ],
)
def test_a_matter_of_its_own_is_no_stop(almere: Gazetteer, text: str) -> None:
    assert letter(text, almere).kind is K.UNCLEAR


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Gisteren liet mevrouw weten geen hulp meer te willen.", None),
        ("Mevrouw heeft vandaag aangegeven dat ze geen contact met jullie wil.", None),
        ("Mevrouw wil geen contact meer met jullie.", S.PATIENT_DECLINED),
        ("Mevrouw ziet er vanaf.", S.PATIENT_DECLINED),
        ("Geen toestemming voor de aanmelding.", S.PATIENT_DECLINED),
        ("Graag geen contact meer opnemen met mevrouw.", None),
        ("Niet meer bellen aub.", S.DO_NOT_CALL),
        ("Mevrouw Vermaat is gisteren overleden.", S.DECEASED),
    ],
)
def test_a_whole_stop_stops_or_is_read_by_a_person(almere: Gazetteer, text: str, reason: Stop | None) -> None:
    found = letter(text, almere)
    assert (found.kind, found.reason) == ((K.STOP, reason) if reason else (K.UNCLEAR, None))


def test_a_role_below_the_senders_own_name_is_a_signature(almere: Gazetteer) -> None:
    text = "Mevrouw wil geen hulp meer.\n\nAnja de Wit\nassistente"
    assert letter(text, almere).kind is K.STOP


def test_an_old_number_that_is_over_says_nothing_of_the_referral(almere: Gazetteer) -> None:
    found = letter("Nieuw nummer: 06-42301975. Het oude is vervallen.", almere)
    assert (found.kind, found.changed) == (K.CORRECTED, ("phone",))
    assert letter("De aanmelding is vervallen.", almere).kind is K.STOP


@pytest.mark.parametrize(
    "text",
    [
        "Een patiënt heeft toestemming gegeven.",
        "De heer van mevrouw geeft toestemming.",
        "De vorige patiënt heeft toestemming gegeven.",
        "Toestemming is gegeven door de praktijk.",
        "Mevrouw is akkoord met de afspraak.",
    ],
)
def test_the_consent_of_another_or_to_something_else_is_none(text: str) -> None:
    assert consent_in(text) is not Consent.GIVEN
    assert consent_in(text, asked=True) is not Consent.GIVEN


@pytest.mark.parametrize(
    "text",
    [
        "Patiënt: Jolanda Vermaat jr\nTelefoon: 06-31840297\nWijk: Danswijk",
        "Moet zijn: Els Dam, 06-31840297, Danswijk",
        "Naam: Els Dam",
    ],
)
def test_who_may_be_another_patient_or_this_one_is_for_a_person(almere: Gazetteer, text: str) -> None:
    found = letter(text, almere)
    assert (found.kind, found.topic) == (K.UNCLEAR, Topic.OTHER_PATIENT)
    assert letter("Naam klopt niet: Els Dam", almere).changed == ("name",)
