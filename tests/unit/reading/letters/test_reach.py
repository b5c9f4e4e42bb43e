"""A parent's number or a finding place counts only where that was agreed, and nothing is in doubt."""

import pytest

from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.reach import answer_reached, parents_consent, reached
from gateway.reading.letters.record import PARENT, PLACE, Consent, PracticeKind, PracticeLetter
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Reading, Verdict

PLACES = Gazetteer.parse(
    [
        "level,name,parent,aliases\ngemeente,Doetinchem,,\nwijk,De Huet,Doetinchem,\n"
        "wijk,Wijnbergen,Doetinchem,\n"
    ],
    [],
)
CHILD = "Naam: Sem Verzonnen\nWijk: De Huet\n"
OWN = frozenset({"+31314300000"})


def reading(text: str, reach: str) -> Reading:
    raw = f"From: dokter@praktijk.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
    return reached(raw, read(raw, PLACES, OWN), OWN, reach)


@pytest.mark.parametrize(
    "line",
    [
        "Telefoon moeder: 06-11223344",
        "Tel. ouder: 06-11223344\nPraktijk: 0314-300000",
        "Telefoon: 06-11223344 (pleegvader)",
        "Bel zijn vader, 06-11223344.",
    ],
)
def test_a_parents_number_belongs_to_the_childs_referral(line: str) -> None:
    found = reading(f"{CHILD}{line}\n", PARENT)
    assert (found.verdict, found.phone, found.by_parent) == (Verdict.REFERRAL, "+31611223344", True)
    assert reading(f"{CHILD}{line}\n", "phone").phone is None, "elsewhere it is asked about"


@pytest.mark.parametrize(
    "line",
    [
        "Telefoon oma: 06-11223344",
        "Telefoon moeder of buurvrouw: 06-11223344",
        "Niet bellen: moeder 06-11223344",
        "Telefoon moeder: 06-11223344\nMentor: 06-55667788",
        "Telefoon moeder: 06-11223344 of 06-55667788",
        "Telefoon moeder: 06-1122334",
        "06-11223344\nmoeder weet ervan",
    ],
)
def test_whose_number_it_is_stays_a_question(line: str) -> None:
    found = reading(f"{CHILD}{line}\n", PARENT)
    assert not found.by_parent
    assert found.verdict is Verdict.INCOMPLETE or found.phone is not None


def test_a_childs_name_has_a_label_of_its_own() -> None:
    found = reading("Naam kind: Sem Verzonnen\nWijk: De Huet\nTelefoon moeder: 06-11223344\n", PARENT)
    assert (found.verdict, found.name, found.phone) == (Verdict.REFERRAL, "Sem Verzonnen", "+31611223344")
    two = reading("Kind: Sem Verzonnen\nKind: Noa Verzonnen\nWijk: De Huet\n", PARENT)
    assert two.name is None


def test_both_parents_may_have_one() -> None:
    found = reading(f"{CHILD}Moeder: 06-11223344\nVader: 06-55667788\n", PARENT)
    assert (found.phone, found.other_phones) == ("+31611223344", ("+31655667788",))


@pytest.mark.parametrize(
    ("text", "asked", "given"),
    [
        ("Beide ouders geven toestemming.", False, True),
        ("Moeder heeft toestemming gegeven.", False, True),
        ("Ouders gaan akkoord.", False, True),
        ("Patiënt geeft toestemming.", False, False),
        ("Ouders geven geen toestemming.", False, False),
        ("Vader weigert toestemming. Moeder geeft toestemming.", False, False),
        ("Moeder geeft toestemming, vader nog niet.", False, False),
        ("Ja.", True, True),
        ("Ja.", False, False),
        ("Ja, de ouders geven toestemming.", True, True),
    ],
)
def test_it_is_the_parents_who_consent(text: str, asked: bool, given: bool) -> None:
    raw = f"From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
    assert (parents_consent(raw, asked=asked) is Consent.GIVEN) == given


def test_a_finding_place_stands_in_for_a_number() -> None:
    text = "Naam: Kees Dakloos\nWijk: De Huet\nVindplaats: overdag bij de ingang van het station\n"
    found = reading(text, PLACE)
    assert (found.verdict, found.phone) == (Verdict.REFERRAL, None)
    assert found.place == "overdag bij de ingang van het station"
    assert "missing_phone" in reading(text, "phone").problems


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Vindplaats: " + "x" * 121,
        "Vindplaats: bel 06-11223344",
        "Vindplaats: station\nTe vinden: park",
        "Hij is te vinden bij het station.",
    ],
)
def test_a_doubtful_place_is_asked_about(line: str) -> None:
    found = reading(f"Naam: Kees Dakloos\nWijk: De Huet\n{line}\n", PLACE)
    assert found.place is None
    assert found.phone or found.verdict is Verdict.INCOMPLETE


def answer(text: str, *, unreachable: bool = False) -> PracticeLetter:
    """A letter in the thread of a patient who is known to be found at one place."""
    raw = f"From: dokter@praktijk.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
    known = Reading(Verdict.REFERRAL, "R. Verzonnen", wijk="De Huet", place="bij de soepbus")
    letter = practice_letter(raw, PLACES, OWN, known, unreachable=unreachable)
    return answer_reached(raw, letter, known, OWN, PLACE, unreachable=unreachable)


@pytest.mark.parametrize("unreachable", [True, False])
def test_another_finding_place_is_passed_on(unreachable: bool) -> None:
    found = answer("Hij slaapt nu binnen.\nVindplaats: nachtopvang\n", unreachable=unreachable)
    assert found.kind is (PracticeKind.COMPLETED if unreachable else PracticeKind.CORRECTED)
    assert found.reading is not None
    assert (found.reading.place, found.reading.verdict) == ("nachtopvang", Verdict.REFERRAL)


@pytest.mark.parametrize(
    "text",
    [
        "Vindplaats: klopt niet meer\n",
        "Vindplaats: misschien het station\n",
        "Vindplaats: station\nVindplaats: opvang\n",
        "Vindplaats: bel 06-11223344\n",
        "Vindplaats: bij de soepbus\n",
    ],
)
def test_a_place_in_doubt_is_for_a_person(text: str) -> None:
    assert answer(text, unreachable=True).kind not in (PracticeKind.COMPLETED, PracticeKind.CORRECTED)
