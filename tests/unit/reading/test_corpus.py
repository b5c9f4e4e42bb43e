"""The sixty sample mails: every verdict and every field right, and nothing else handed on."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import Reading, read

CORPUS = Path(__file__).parents[2] / "corpus"
MAILS = sorted(CORPUS.glob("*.eml"))


def expected(mail: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(mail.with_suffix(".json").read_text())
    return told


def as_told(reading: Reading) -> dict[str, Any]:
    return {
        "verdict": str(reading.verdict),
        "name": reading.name,
        "phone": reading.phone,
        "other_phones": list(reading.other_phones),
        "wijk": reading.wijk,
        "problems": sorted(reading.problems),
    }


def test_all_samples_are_here() -> None:
    assert len(MAILS) == 60


@pytest.mark.parametrize("mail", MAILS, ids=[mail.stem for mail in MAILS])
def test_sample(mail: Path, almere: Gazetteer) -> None:
    told = expected(mail)
    fragments = told.pop("never_forward")
    told["problems"] = sorted(told["problems"])
    reading = read(mail.read_bytes(), almere)
    assert as_told(reading) == told
    handed_on = " ".join(filter(None, (reading.name, reading.phone, *reading.other_phones, reading.wijk)))
    assert not [fragment for fragment in fragments if fragment in handed_on]
