"""Who works in a practice, and who of them is there first."""

from datetime import date, datetime

import pytest

from gateway.domain.route import Absence, Organisation, consultants, person_for

LOSSER = Organisation(
    "losser",
    "de gemeente Losser",
    ("Losser",),
    contact_persons={
        "praktijk-a": "Anja de Vries: di ochtend, do middag; Kim Jansen: wo ochtend",
        "praktijk-b": "Noor Visser",
        "Losser": "Bas Smit",
    },
    absences={"Kim Jansen": Absence(date(2035, 3, 7), date(2035, 3, 7), "Bo Mulder")},
)
TUESDAY = datetime(2035, 3, 6, 10, 5)


@pytest.mark.parametrize(
    ("practice", "moment", "person"),
    [
        ("praktijk-a", TUESDAY, "Anja de Vries (dinsdagochtend in de praktijk)"),
        ("praktijk-a", TUESDAY.replace(hour=12), "Bo Mulder (woensdagochtend in de praktijk)"),
        ("praktijk-a", TUESDAY.replace(day=7, hour=13), "Anja de Vries (donderdagmiddag in de praktijk)"),
        ("praktijk-a", TUESDAY.replace(day=8, hour=18), "Anja de Vries (dinsdagochtend in de praktijk)"),
        ("praktijk-b", TUESDAY, "Noor Visser"),
        ("praktijk-c", TUESDAY, "Bas Smit"),
    ],
)
def test_who_is_there_first_is_named(practice: str, moment: datetime, person: str) -> None:
    assert person_for(LOSSER, ("Overdinkel", "Losser"), practice, moment) == person


def test_nobody_is_nobody() -> None:
    assert person_for(Organisation("x", "X", ("X",)), ("X",), "praktijk-a", TUESDAY) is None


@pytest.mark.parametrize(
    "wrong", ["", ":", "Anja: morgen", "Anja: di", "Anja: di ochtend;", "Anja: di nacht"]
)
def test_what_is_no_list_of_consultants_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="no consultants"):
        consultants(wrong)
