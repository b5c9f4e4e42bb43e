"""Reports of contact whose words are all known, and which yet tell of no contact with this patient now."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reading.letters.organisation import organisation_letter
from gateway.reading.letters.record import OrganisationKind, OrganisationLetter, ReportCode

K, R = OrganisationKind, ReportCode
CAME, TODAY = date(2036, 3, 3), date(2036, 3, 20)
MONTHS = ("jan", "februari", "mrt", "april", "mei", "juni", "jul", "aug", "sept", "okt", "november", "dec")


def letter(text: str) -> OrganisationLetter:
    head = "From: Balie <balie@deschoor.example>\r\nSubject: RE: Nieuwe aanmelding\r\n"
    raw = f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
    return organisation_letter(raw, frozenset({"vermaat"}), days=(CAME, TODAY))


@pytest.mark.parametrize("matter", ["aanmelding", "melding", "bericht", "status"])
def test_a_referral_in_sight_is_no_patient_in_sight(matter: str) -> None:
    for frame in (
        "De {} is in beeld",
        "{} is in beeld bij ons",
        "De {} is bij ons in beeld",
        "We hebben de {} in beeld",
        "Contact gehad inzake {}",
        "Contact gehad van de {}",
        "De {} is gekomen",
        "{} afgesloten",
        "De {} is gestart",
    ):
        assert letter(frame.format(matter)).kind is K.UNCLEAR, frame


@pytest.mark.parametrize("other", ["een {}", "de vorige {}", "haar {}", "de {} van mevrouw", "mevrouw en {}"])
def test_another_person_than_the_patient_is_no_contact(other: str) -> None:
    frames = ("Gesproken met {}", "{} gesproken", "Contact gehad met {}", "Ik heb {} gesproken")
    for frame, person in product(frames, ("heer", "patient", "mevrouw", "client")):
        assert letter(frame.format(other.format(person))).kind is K.UNCLEAR, (frame, person)


@pytest.mark.parametrize(
    "text",
    [
        "Zij heeft mevrouw gesproken",
        "Hij heeft contact gehad met mevrouw Vermaat",
        "Ze hebben contact gehad",
        "Ik heb nu een afspraak",
        "We hebben om 10 uur een afspraak over haar",
        "In beeld:",
        "Contact gehad met",
        "Gesproken met de",
        "Gesproken met …",
        "Gesproken: -",
    ],
)
def test_what_others_did_and_empty_fields_are_asked_about(text: str) -> None:
    assert letter(text).kind is K.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "Betreft aanmelding IB-7K3F-9QX2: in beeld",
        "Status: in beeld",
        "Terugkoppeling van de aanmelding\nMevrouw is gesproken.",
        "IB-7K3F-9QX2 in beeld",
        "Wij hebben ze gesproken",
        "Contact gehad met de heer Vermaat",
        "We hebben een afspraak met mevrouw gemaakt",
        "In beeld :-)",
    ],
)
def test_what_names_the_matter_before_a_colon_or_the_patient_is_a_report(text: str) -> None:
    assert letter(text).report in (R.CONTACTED, R.INTAKE_PLANNED)


@pytest.mark.parametrize(
    "text",
    [
        "Vol vandaag",
        "Deze week vol",
        "Mevrouw wil geen hulp vandaag",
        "Patiënt wil niet vandaag",
        "Dit moment is niet geschikt",
        "Mevrouw wil geen hulp van de gemeente, zij wil geen hulp maandag",
        "Ons nummer klopt niet meer",
        "Niet verschenen: ik",
    ],
)
def test_a_refusal_for_the_moment_and_our_own_number_are_asked_about(text: str) -> None:
    assert letter(text).kind is K.UNCLEAR
    assert letter("Wij zitten vol, wachtlijst 6 weken").report is R.DECLINED
    assert letter("Mevrouw wil geen hulp").report is R.DECLINED


@given(st.integers(-900, 900), st.integers(0, 3))
def test_contact_is_had_between_the_referral_and_the_letter(away: int, spelling: int) -> None:
    day = CAME + timedelta(days=away)
    # Without its year a date is the nearest one.
    year = f" {day.year}" if abs(day - TODAY) > timedelta(days=180) or spelling % 2 else ""
    said = (
        f"{day.day} {MONTHS[day.month - 1]}{year}"
        if spelling < 2
        else f"{day.day}-{day.month}{year.replace(' ', '-')}"
    )
    found = letter(f"Op {said} contact gehad met mevrouw Vermaat.")
    assert (found.report is R.CONTACTED) == (CAME <= day <= TODAY)


@pytest.mark.parametrize("said", ["in 2035", "op 31-02", "op 30 februari"])
def test_a_year_that_is_over_and_a_day_that_never_was_are_asked_about(said: str) -> None:
    assert letter(f"Contact gehad met mevrouw {said}").kind is K.UNCLEAR


def test_an_appointment_is_still_to_come() -> None:
    assert letter("Mevrouw gesproken, afspraak gemaakt voor 2 april").report is R.INTAKE_PLANNED


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("Mevrouw gesproken, zij komt dinsdag langs", R.CONTACTED),
        ("We hebben mevrouw gesproken. We gaan met haar aan de slag.", R.CONTACTED),
        ("We hebben mevrouw gesproken. We hebben een intake gepland op 2 april.", R.INTAKE_PLANNED),
        ("Mevrouw gesproken, wij bellen morgen", None),
        ("In beeld, zij komt dinsdag langs", None),
        ("Gesproken, wij gaan met haar aan de slag", None),
    ],
)
def test_who_was_spoken_with_may_come_but_need_not_be_reached(text: str, report: ReportCode | None) -> None:
    assert letter(text).report is report


def test_the_question_for_another_number_is_the_one_that_the_practice_is_asked() -> None:
    asked = "Heeft u een ander nummer?"
    assert letter(f"Het nummer is niet in gebruik. {asked}").report is R.WRONG_NUMBER
    assert letter(f"Niet bereikt. {asked}").kind is K.UNCLEAR
    assert letter(f"Mevrouw gesproken. {asked}").kind is K.UNCLEAR
    assert letter("Verkeerd nummer. Heeft u haar gesproken?").kind is K.UNCLEAR
