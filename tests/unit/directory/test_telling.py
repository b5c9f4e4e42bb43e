"""What a person reads of a change and of a mistake: the words above the fields, and days that are meant."""

from datetime import date
from typing import Any

import pytest

from gateway.directory import telling
from gateway.directory.book import Book, EntryKind, PlaceEntry, parse
from gateway.domain.pathway import Pathway
from gateway.errors import ConfigError

TODAY = date(2026, 3, 2)
DESK = {
    "id": "balie",
    "name": "De Balie",
    "serves": ["Losser"],
    "adapter": "mail",
    "format": "openpgp",
    "key": "organisations/balie.asc",
    "fingerprint": "A" * 40,
    "options": {"to": "balie@losser.example"},
}


def desk(**changes: Any) -> Any:
    return parse(EntryKind.ORGANISATION, DESK | changes)


BOOK = Book.of([Pathway(name="losser", title="Bij De Schoor")])


def told(before: Any, after: Any, kind: EntryKind = EntryKind.ORGANISATION) -> set[tuple[str, str, str]]:
    return {tuple(each) for each in telling.changes(kind, before, after, str, BOOK)}  # type: ignore[misc]


def test_a_change_is_told_in_the_words_of_the_form() -> None:
    full = desk(full=True, full_until="2026-04-01", phones=["053-5377444"], fingerprint="B" * 40)
    assert told(desk(), full) == {
        ("Vol: nieuwe aanmeldingen gaan naar de vervanger", "", "ja"),
        ("Weer plek vanaf", "", "2026-04-01"),
        ("Telefoonnummers", "", "053 537 7444"),
        ("Vingerafdruk van de sleutel", "A" * 40, "B" * 40),
    }
    fresh = told(None, desk(pathway="losser"))
    # By what the lists of the form call them.
    assert {
        ("Zorgpad", "", "Bij De Schoor"),
        ("Kanaal", "", "Versleutelde mail"),
        ("Soort sleutel", "", "OpenPGP"),
    } < fresh
    names = {label for label, _, _ in fresh}
    assert {"Naam", "Werkgebied", "Mailadres voor aanmeldingen", "Soort sleutel"} < names
    assert "Wachtlijst in weken" not in names, "what holds anyhow is no news"
    almere = Pathway(name="almere", title="Almere")
    longer = almere.model_copy(update={"contact": almere.contact.model_copy(update={"days": 5})})
    assert told(almere, longer, EntryKind.PATHWAY) == {("Contact binnen zoveel dagen", "3", "5")}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"full": True, "full_until": "2026-03-03"}, {}),
        ({"full": True, "full_until": "2026-03-02"}, {"full_until": telling.PAST}),
        ({"full_until": "2026-03-03"}, {"full_until": telling.ALONE}),
        ({"full_until": "2020-01-01"}, {}),
        ({"full": True, "full_until": "2020-01-01"}, {"full_until": telling.PAST}),
        ({"absences": {"Kim": "2026-03-09/2026-03-02 Sanne"}}, {"absences": telling.BACKWARDS}),
        ({"absences": {"Kim": "2026-03-02/ Sanne", "Bo": "geen dag"}}, {}),
    ],
)
def test_days_that_nobody_can_mean_are_told(values: dict[str, Any], wrong: dict[str, str]) -> None:
    assert telling.untimely(values, {"full_until": "2020-01-01"}, TODAY) == wrong


def test_where_a_mistake_stands() -> None:
    book = Book.of([desk(), PlaceEntry(level="gemeente", name="Bergen (NH.)")])

    def found(key: str) -> tuple[str, str] | None:
        place = telling.where(ConfigError("directory", key, "is wrong", "Mend it"), book)
        return (place.name, place.label) if place else None

    assert found("organisation balie.serves") == ("De Balie", "Werkgebied")
    assert found("organisation balie.absences Sanne de Vries") == ("De Balie", "Afwezige contactpersonen")
    assert found("place Bergen (NH.)") == ("Bergen (NH.)", "")
    assert found("place Bergen (NH.).aliases entry 1") == ("Bergen (NH.)", "Andere namen")
    assert found("organisation niemand.serves") is None
    assert found("file") is None
