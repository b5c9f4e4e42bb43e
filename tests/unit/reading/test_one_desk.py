"""Where one desk serves a whole gemeente its name is enough, and where it is the only one, no name at all."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Verdict

HEAD = "level,name,parent,aliases\n"
LOSSER = HEAD + "{level},Losser,,\nstadsdeel,Losser (plaats),Losser,Losser\nstadsdeel,Overdinkel,Losser,\n"
MAIL = "From: dokter@praktijk.example\r\n\r\nPatiënt: Kim Verzonnen\r\nTelefoon: 06-11223344\r\n"


def reading(level: str, line: str = "", also: str = "") -> tuple[str, str | None, tuple[str, ...]]:
    gazetteer = Gazetteer.parse([LOSSER.format(level=level) + also], ["pc4,name\n7586,Overdinkel\n"])
    found = read((MAIL + line).encode(), gazetteer)
    return str(found.verdict), found.wijk, found.problems


def test_nobody_is_asked_for_a_wijk() -> None:
    assert reading("geheel") == (Verdict.REFERRAL, "Losser", ())
    assert reading("geheel", "Wijk: Overdinkel") == (Verdict.REFERRAL, "Overdinkel", ())
    assert reading("gemeente") == (Verdict.INCOMPLETE, None, ("missing_wijk",))


def test_a_doubtful_place_is_still_asked_about() -> None:
    assert reading("geheel", "Wijk: Filmwijk")[2] == ("unknown_wijk",)
    assert reading("geheel", "Postcode: 1311 AB")[2] == ("unknown_wijk",)


def test_with_another_gemeente_beside_it_one_must_be_named() -> None:
    assert reading("geheel", also="gemeente,Oss,,\n")[2] == ("missing_wijk",)
    assert reading("geheel", "Woont in de gemeente Losser.", "gemeente,Oss,,\n")[1] == "Losser"


@pytest.mark.parametrize("line", ["Wijk: Losser", "Woont in Losser.", "Woonplaats: Losser"])
def test_a_town_named_like_its_gemeente_is_a_place(line: str) -> None:
    assert reading("gemeente", line) == (Verdict.REFERRAL, "Losser (plaats)", ())


def test_the_gemeente_may_be_called_one() -> None:
    """Also where there is no town of its name beside it."""
    places = [HEAD + "geheel,Losser,,\nwijk,Overdinkel,Losser,\ngeheel,Oss,,\n"]
    found = read((MAIL + "Woont in de gemeente Losser.").encode(), Gazetteer.parse(places, ["pc4,name\n"]))
    assert (found.wijk, found.problems) == ("Losser", ())
