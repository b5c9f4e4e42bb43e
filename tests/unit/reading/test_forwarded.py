"""Mails that a patient or a relative wrote and a practice passes on: whose number stands in them."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.unit.reading.case import Case

PATIENT, CHILD = "Theo Wiersma <theo@post.example>", "Noor Wiersma <noor@post.example>"
LIVES = "Hij woont in de Seizoenenbuurt."


def passed_on(text: str, writer: str, own: str, subject: str = "vraagje") -> bytes:
    block = f"Van: {writer}\nVerzonden: maandag 2 juni 2025 20:13\nAan: Joke Terpstra\nOnderwerp: {subject}"
    whole = f"{own}\n\n-----Oorspronkelijk bericht-----\n{block}\n\n{text}"
    return Case("", whole, subject=f"Fwd: {subject}").raw()


OF_THEMSELF = [
    "Dear Joke,\nyes please send my name to the people for the debts. my nummer is 0611387460, after "
    "16h.\nSince "
    "the divorce I can not sleep.\nTheo Wiersma",
    "Hello doctor,\nI have debts with my landlord. Please call me at 06 11 38 74 60.\nKind "
    "regards\nTheo Wiersma",
    "Beste dokter,\nik kan de huur niet meer betalen. Ze mogen mij bellen op 06-11 38 74 60.\nGroet, "
    "Theo Wiersma",
    "Hallo,\nmijn schulden worden te hoog. Mijn nummer is 06 11387460.\nTheo",
    "Hoi, ik wil graag hulp met mijn rekeningen. Ben bereikbaar op 0611387460.\nmvg Theo "
    "Wiersma\n06-11387460",
    "Hi, I have debts. You can give my number to the people: 0611387460\n\nTheo Wiersma",
]
OF_THEIR_FATHER = [
    "Pa (Theo Wiersma) heeft een stapel rekeningen. Hij woont in de Seizoenenbuurt en zijn telefoonnummer is "
    "06-11 38 74 60.\n\nGroetjes Noor",
    "Mijn vader, Theo Wiersma, heeft schulden. Hij woont in de Seizoenenbuurt, zijn nummer is "
    "06-11387460.\n\nNoor",
    "Mijn vader Theo Wiersma heeft schulden en woont in de Seizoenenbuurt. Zijn mobiel: 06-11387460.\n\nNoor",
    "Kunt u mijn vader helpen? Theo Wiersma, Seizoenenbuurt, zijn eigen nummer is "
    "06-11387460.\n\nNoor Wiersma",
    "Ik schrijf over mijn vader (Theo Wiersma). Hij heeft geldproblemen en woont in de "
    "Seizoenenbuurt. Hij is te "
    "bereiken op 06-11387460.\n\nNoor Wiersma",
    "Mijn vader heet Theo Wiersma, hij woont in de Seizoenenbuurt. Zijn nummer: 06-11387460.\nGr. Noor",
]
OF_THE_WRITER = [
    f"Beste assistente,\n\nPa (Theo Wiersma) heeft een stapel aanmaningen. {LIVES}\n\nGroetjes "
    "Noor\n06-11 38 74 60",
    f"Mijn vader Theo Wiersma heeft schulden. {LIVES} Mijn nummer is 06-11387460.\n\nNoor Wiersma",
    "Dag, mijn buurman hier in de Seizoenenbuurt, Theo Wiersma, heeft geen stroom meer. Ik ben altijd thuis: "
    "06-11387460.\nNoor",
    f"Mijn vader, Theo Wiersma, heeft schulden. {LIVES} Bel mijn broer: 06-11 38 74 60.\n\nGroetjes Noor",
    "Pa (Theo Wiersma) woont in de Seizoenenbuurt en ik heb zijn telefoon, 06-11387460.\n\nGroetjes Noor",
    f"Mijn vader, Theo Wiersma, heeft schulden. {LIVES} Hij heeft geen telefoon, gebruik die van mij: "
    "06-11387460.\n"
    "Noor",
    f"Mijn vader, Theo Wiersma, heeft schulden. {LIVES} Zijn telefoon neem ik op: 06-11387460.\nNoor",
    f"Mijn vader, Theo Wiersma, heeft schulden. {LIVES}\n06-11387460\nNoor",
]
OF_A_HUSBAND = [
    "Ik heb schulden en woon in de Seizoenenbuurt. Mijn man weet van niets. Zijn nummer is "
    "06-11387460.\nNoor",
    "Ik heb schulden en woon in de Seizoenenbuurt. Bel mijn man: 06-11387460.\nNoor Wiersma",
    "Mijn man is zijn baan kwijt en ik kan de huur niet betalen. Zijn nummer is 06-11387460.\nNoor Wiersma",
    "Mijn zoon betaalt niet mee. Ik heb huurachterstand. Nummer: 06-11387460.\nNoor Wiersma",
    "Huurachterstand sinds mei. Bel mijn man Jan Wiersma: 06-11387460.\nNoor Wiersma",
    "Beste dokter,\nmijn vader kan de huur niet meer betalen. Ze mogen mij bellen op 06-11 38 74 "
    "60.\nNoor Wiersma",
]


@pytest.mark.parametrize("text", OF_THEMSELF)
def test_a_patient_gives_their_own(text: str, almere: Gazetteer) -> None:
    reading = read(passed_on(text, PATIENT, "Zie onder, mijn patiënt woont in de Seizoenenbuurt."), almere)
    assert (reading.name, reading.phone, reading.wijk) == ("Theo Wiersma", "+31611387460", "Seizoenenbuurt")
    assert reading.problems == ()


@pytest.mark.parametrize("text", OF_THEIR_FATHER)
def test_a_daughter_gives_her_fathers(text: str, almere: Gazetteer) -> None:
    reading = read(passed_on(text, CHILD, "Graag oppakken!", "mijn vader"), almere)
    assert (reading.name, reading.phone, reading.wijk) == ("Theo Wiersma", "+31611387460", "Seizoenenbuurt")
    assert reading.problems == ()


@pytest.mark.parametrize("text", OF_THE_WRITER)
def test_whether_a_daughters_may_be_called_is_asked(text: str, almere: Gazetteer) -> None:
    reading = read(passed_on(text, CHILD, "Graag oppakken!", "mijn vader"), almere)
    assert (reading.name, reading.phone, reading.wijk) == ("Theo Wiersma", None, "Seizoenenbuurt")
    assert reading.problems == ("ambiguous_phone",)


@pytest.mark.parametrize("text", OF_A_HUSBAND)
def test_a_relative_of_who_is_in_need_is_no_patient(text: str, almere: Gazetteer) -> None:
    reading = read(passed_on(text, CHILD, "Zie onder, Seizoenenbuurt."), almere)
    assert (reading.phone, str(reading.verdict)) == (None, "incomplete")
