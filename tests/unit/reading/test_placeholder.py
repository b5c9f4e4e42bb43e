"""A plain part that only says that the mail is HTML: then the HTML is the mail."""

from email.message import EmailMessage

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read

RICH = (
    "<p>Naam: Ties van Houwelingen</p><p>Tel: 06-42883019</p><p>Wijk: Olympiakwartier</p>"
    "<p>Huisartsen Vlindertuin<br>036-5361180</p>"
)
SAYS_NOTHING = [
    "Uw e-mailprogramma kan dit bericht niet tonen. Bekijk de HTML-versie.",
    "Uw mailprogramma ondersteunt geen HTML. Bel onze helpdesk: 036-7501440.",
    "This message is in HTML format. Please use another mail client.",
    "Dit bericht is opgemaakt in HTML.",
    "",
]
SAYS_OTHERWISE = [
    "Geen HTML? Naam: Ties van Houwelingen\nTel: 06-42883091\nWijk: Olympiakwartier",
    "Geen HTML? Telefoon patiënt: 06-42883091",
    "Naam: Ties van Houwelingen\nTel: 06-42883091",
    "Bel 06-42883091",
]


def of_two_parts(plain: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "HC Vlindertuin <info@vlindertuin.example>", "aanmelding@handover.example"
    mail["Subject"] = "Aanmelding"
    mail.set_content(plain)
    mail.add_alternative(RICH, subtype="html")
    return mail.as_bytes()


@pytest.mark.parametrize("plain", SAYS_NOTHING)
def test_the_html_is_read(plain: str, almere: Gazetteer) -> None:
    reading = read(of_two_parts(plain), almere)
    assert (reading.name, reading.phone) == ("Ties van Houwelingen", "+31642883019")
    assert (reading.wijk, reading.problems) == ("Olympiakwartier", ())


@pytest.mark.parametrize("plain", SAYS_OTHERWISE)
def test_a_plain_part_with_another_number_is_asked_about(plain: str, almere: Gazetteer) -> None:
    reading = read(of_two_parts(plain), almere)
    assert (reading.phone, str(reading.verdict)) == (None, "incomplete")
