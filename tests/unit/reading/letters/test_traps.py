"""Letters that look like a report, a correction or thanks, and are not: each line is one of a kind."""

import pytest

from gateway.reading.letters.organisation import organisation_letter
from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.record import OrganisationKind, PracticeKind, ReportCode
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import Reading, Verdict

OWN = frozenset({"+31365300000"})
KNOWN = Reading(Verdict.REFERRAL, "Jolanda Vermaat", "+31621000101", (), "Filmwijk")


def mail(text: str) -> bytes:
    head = "From: Anja de Wit <anja@praktijk.example>\r\nSubject: RE: Aanmelding\r\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()


@pytest.mark.parametrize(
    "text",
    [
        "Contact gehad met Jan",
        "Juni gesproken",
        "Gesproken met Jan op 3 mei",
        "Om 10.00 Jan gesproken",
        "Afspraak gemaakt met April",
        "Begeleiding gestart met Dec",
        "In beeld (Mei)",
    ],
)
def test_a_month_without_its_day_is_a_person(text: str) -> None:
    assert organisation_letter(mail(text)).kind is OrganisationKind.UNCLEAR


@pytest.mark.parametrize("text", ["Op 3 mei gesproken", "Gesproken op 28 feb 2027", "Contact gehad op 1 jan"])
def test_a_month_beside_its_day_is_a_date(text: str) -> None:
    assert organisation_letter(mail(text)).report is ReportCode.CONTACTED


@pytest.mark.parametrize("text", ["Nummer van mei: 06-21000203", "Juni is overleden", "April ziet ervan af"])
def test_a_month_is_a_person_to_practices_too(text: str, almere: Gazetteer) -> None:
    assert practice_letter(mail(text), almere, OWN, KNOWN).kind is PracticeKind.UNCLEAR
