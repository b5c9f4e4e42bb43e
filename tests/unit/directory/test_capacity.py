"""Who is full is passed over before the handover, and the practice hears who calls and how long it takes."""

from datetime import date, timedelta
from typing import Any

import pytest

from gateway.directory.book import EntryKind
from gateway.directory.editing import Edit
from gateway.domain.route import Absence, Capacity, Organisation, choose, contact_person
from gateway.errors import ConfigErrors
from tests.invented import make_mail
from tests.moments import MONDAY
from tests.story.place import Town
from tests.unit.pipeline.stage import Stage

TODAY = date(2026, 3, 2)
FULL = Capacity(full=True, until=TODAY + timedelta(days=7))


def who(first: Capacity, second: Capacity = Capacity(), today: date | None = TODAY) -> tuple[str, str | None]:
    organisations = (
        Organisation("a", "A", ("Wijk",), backup="b", capacity=first),
        Organisation("b", "B", ("Elders",), backup="a", capacity=second),
    )
    route = choose(("Wijk",), organisations, today)
    return route.organisation.id, route.passed_over.id if route.passed_over else None


def test_who_is_full_is_passed_over_until_there_is_room_again() -> None:
    assert who(Capacity()) == ("a", None)
    assert who(Capacity(weeks=6)) == ("a", None), "a waiting list is no reason"
    assert who(FULL) == ("b", "a")
    assert who(Capacity(full=True)) == ("b", "a")
    assert who(FULL, today=TODAY + timedelta(days=7)) == ("a", None)
    assert who(FULL, FULL) == ("a", None), "somebody must have it"
    assert who(FULL, today=None) == ("a", None)


def test_a_backup_that_does_not_take_the_theme_gets_nothing_of_it() -> None:
    first = Organisation("a", "A", ("Wijk",), backup="b", capacity=FULL, themes={"welzijn": "recept"})
    debts = Organisation("b", "B", ("Elders",), themes={"schulden": "almere"})
    desk = Organisation("b", "B", ("Elders",), themes={"alles": "een-balie"})
    for second, who in ((debts, "a"), (desk, "b")):
        assert choose(("Wijk",), (first, second), TODAY, "welzijn").organisation.id == who
    assert choose(("Wijk",), (first, debts), TODAY, "welzijn").backup is None


def test_a_contact_person_who_is_away_is_replaced() -> None:
    away = {
        "Sanne": Absence(TODAY, TODAY + timedelta(days=7), "Kim"),
        "Kim": Absence(TODAY + timedelta(days=5), None, "Sanne"),
    }
    desk = Organisation("a", "A", ("Wijk",), contact_persons={"Wijk": "Sanne"}, absences=away)
    assert contact_person(desk, ("Wijk",), TODAY - timedelta(days=1)) == "Sanne"
    assert contact_person(desk, ("Wijk",), TODAY) == "Kim"
    assert contact_person(desk, ("Wijk",), TODAY + timedelta(days=6)) == "Sanne", (
        "each stands in for the other"
    )


def change(base: Any, id_: str, **changes: Any) -> None:
    entry = base.editing.book().by_id[EntryKind.ORGANISATION, id_]
    base.editing.change("user:x", Edit(type(entry).model_validate(entry.model_dump() | changes)))


async def test_an_organisation_goes_full_and_comes_back(town: Town) -> None:
    base = town.gateway.base
    change(base, "de-schoor", full=True, full_until=MONDAY.date() + timedelta(days=14), backup="buurtteam")
    change(base, "buurtteam", waiting_weeks=3)
    mail = make_mail()
    await town.post(mail)
    (receipt,) = town.answers(mail)
    assert "Buurtteam Almere neemt uiterlijk" in receipt.text
    assert "De Schoor heeft nu geen plek. Daarom neemt Buurtteam Almere het over." in receipt.text
    assert "Buurtteam Almere heeft een wachtlijst van ongeveer 3 weken" in receipt.text
    assert town.the_case()["organisation"] == "buurtteam"
    assert town.json("route", "Filmwijk")["organisation"] == "buurtteam"
    town.now += timedelta(days=15)
    assert town.json("route", "Filmwijk")["organisation"] == "de-schoor"


async def test_what_is_no_absence_is_refused(stage: Stage) -> None:
    with pytest.raises(ConfigErrors, match=r"absences Sanne: '2026-13-01/2026-01-01' are no two dates"):
        change(stage.gateway.base, "de-schoor", absences={"Sanne": "2026-13-01/2026-01-01 Kim"})
