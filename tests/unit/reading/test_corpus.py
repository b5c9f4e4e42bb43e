"""The sample mails of every folder: every verdict and every field right, and nothing else handed on."""

from pathlib import Path

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.corpus.judge import as_told, expected, is_right, wrong_numbers

CORPUS = Path(__file__).parents[2] / "corpus"
MAILS = [
    mail
    for folder in ("referrals", "referrals2", "referrals3", "referrals4", "attacked")
    for mail in sorted((CORPUS / folder).glob("*.eml"))
]


def test_all_samples_are_here() -> None:
    assert len(MAILS) == 120 + 182 + 78 + 31


@pytest.mark.parametrize("mail", MAILS, ids=[mail.stem for mail in MAILS])
def test_sample(mail: Path, almere: Gazetteer) -> None:
    told = expected(mail)
    reading = read(mail.read_bytes(), almere)
    assert not wrong_numbers(reading, told)
    assert is_right(reading, told), (as_told(reading), told)
    handed_on = " ".join(filter(None, (reading.name, reading.phone, *reading.other_phones, reading.wijk)))
    assert not [fragment for fragment in told["never_forward"] if fragment in handed_on]
