"""A kenmerk is one case's, also where another case happens to have drawn it first."""

import pytest

from gateway.pipeline.batch import Outcomes
from gateway.store.tables import InboxRow
from tests.invented import make_mail, make_patients
from tests.postgres import ON_BOTH
from tests.story.place import Town


@ON_BOTH
async def test_each_patient_of_a_list_gets_a_kenmerk_that_nobody_has(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, known = make_patients(3)
    await town.post(make_mail(known))
    (taken,) = {case["kenmerk"] for case in town.cases()}
    draw = Outcomes.kenmerk

    def unlucky(self: Outcomes, row: InboxRow, again: str = "") -> str:
        return taken if again == "patient 1" else draw(self, row, again)

    monkeypatch.setattr(Outcomes, "kenmerk", unlucky)
    people = "\n".join(
        f"Naam: {one.name}\nTelefoon: {one.phone}\nWijk: {one.wijk}\n" for one in (first, second)
    )
    await town.post(make_mail(text=f"Graag contact met deze twee patiënten:\n\n{people}"))
    found = town.audit()
    assert (found.cases, found.doubles, found.faults) == (3, 0, ())
    assert len({case["kenmerk"] for case in town.cases()}) == 3
