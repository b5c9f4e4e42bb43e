"""No number of a third party is ever taken for the patient's, and none is doubted for nothing."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.unit.reading.case import Case
from tests.unit.reading.stranger_mails import BESIDE_OTHERS, PLAINLY_THEIRS

SIGNATURE = "\n\nMet vriendelijke groet,\nJoke Terpstra\nHuisartsenpraktijk Duinzicht\nT 036-5312211"
PATIENTS = "+31641112131"


def raw(text: str) -> bytes:
    return Case("stranger", text.format(P="06-41112131", X="06-42223242", L="036-5398877") + SIGNATURE).raw()


@pytest.mark.parametrize(("text", "name", "sure"), BESIDE_OTHERS)
def test_no_third_partys_number(text: str, name: str | None, sure: bool, almere: Gazetteer) -> None:
    reading = read(raw(text), almere)
    assert (reading.phone, reading.other_phones) in {
        (PATIENTS, ()) if "{P}" in text and name else (None, ()),
        (PATIENTS, ()) if sure else (None, ()),
    }
    assert sure <= (reading.phone == PATIENTS)
    assert reading.name is None or set(reading.name.split()) <= set((name or "").split())


@pytest.mark.parametrize(("text", "name"), PLAINLY_THEIRS)
def test_only_the_patients_number(text: str, name: str, almere: Gazetteer) -> None:
    reading = read(raw(text), almere)
    assert (reading.phone, reading.other_phones) in {(PATIENTS, ()), (None, ())}
    assert reading.name is None or set(reading.name.split()) <= set(name.split())


def test_few_needless_questions(almere: Gazetteer) -> None:
    asked = [text for text, _ in PLAINLY_THEIRS if read(raw(text), almere).phone != PATIENTS]
    assert len(asked) <= len(PLAINLY_THEIRS) // 8, asked
