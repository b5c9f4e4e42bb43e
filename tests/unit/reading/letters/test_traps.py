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


@pytest.mark.parametrize("known", [KNOWN, None])
@pytest.mark.parametrize(
    "line",
    [
        "is nu dakloos",
        "Danswijk i.p.v. Filmwijk",
        "Danswijk",
        "Truus Kok",
        "nu te bereiken op 06-21000203: mevrouw",
        "T 06-21000203 (mevrouw)",
        "nieuw: 06-21000203",
        "Ruud Kessel, Danswijk, 06-21000203",
    ],
)
def test_news_below_the_closing_is_read(line: str, known: Reading | None, almere: Gazetteer) -> None:
    text = f"Dank!\nGroet,\nAnja\n{line}"
    assert practice_letter(mail(text), almere, OWN, known).kind is PracticeKind.UNCLEAR


@pytest.mark.parametrize(
    "below",
    [
        "Anja de Wit, doktersassistente\nGezondheidscentrum Filmwijk\nT 036-5300000",
        "dr. W. Bol, huisarts\nHuisartsenpraktijk De Brug\nKerkstraat 12, 1325 AB Almere\nT 036-5312345",
        "M. de Wit\nPOH-GGZ\nWerkdagen: ma, di en do\n06-21000203\nwww.debrug.example",
        "Anja\n\nDit bericht is vertrouwelijk en bestemd voor de geadresseerde. Wie het ten onrechte krijgt.",
        "Anja\n\nVerstuurd vanaf mijn iPhone",
    ],
)
def test_a_signature_is_no_news(below: str, almere: Gazetteer) -> None:
    letter = practice_letter(mail(f"Dank!\nGroet,\n{below}"), almere, OWN, KNOWN)
    assert letter.kind is PracticeKind.NOTHING
