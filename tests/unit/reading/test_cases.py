"""Mails of every kind a practice writes, each read right or asked about."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.unit.reading.case import Case
from tests.unit.reading.cases import CASES


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_case(case: Case, almere: Gazetteer) -> None:
    reading = read(case.raw(), almere)
    assert (
        str(reading.verdict),
        reading.name,
        reading.phone,
        reading.other_phones,
        reading.wijk,
        set(reading.problems),
        reading.urgent,
    ) == (
        case.verdict,
        case.name,
        case.phone,
        case.others,
        case.wijk,
        case.expected_problems,
        case.urgent,
    )


def test_ids_are_unique_and_many() -> None:
    assert len({case.id for case in CASES}) == len(CASES) >= 120
