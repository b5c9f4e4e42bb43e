"""Letters that look like a report, a correction or thanks, and are not: each line is one of a kind."""

from dataclasses import replace

import pytest

from gateway.reading.letters.consent import consent_of
from gateway.reading.letters.organisation import organisation_letter
from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.record import Consent, OrganisationKind, PracticeKind, ReportCode, Topic
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.record import Reading, Verdict

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
        "Kort gesproken met Vrijdag",
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


@pytest.mark.parametrize("text", ["?", "??", "? ? ?", "...", "!", "Dank!\n?"])
def test_signs_alone_are_a_question(text: str, almere: Gazetteer) -> None:
    assert practice_letter(mail(text), almere, OWN, KNOWN).kind is PracticeKind.UNCLEAR
    assert organisation_letter(mail(text)).kind is OrganisationKind.UNCLEAR


@pytest.mark.parametrize("text", ["INTREKKEN?", "Intrekken??"])
def test_a_command_with_a_question_mark_asks(text: str, almere: Gazetteer) -> None:
    in_the_subject = mail("").replace(b"Aanmelding", text.encode())
    for raw in (mail(text), in_the_subject):
        assert practice_letter(raw, almere, OWN, KNOWN).kind is PracticeKind.UNCLEAR


ASKED_PHONE = replace(KNOWN, verdict=Verdict.INCOMPLETE, phone=None, problems=("missing_phone",))
ASKED_WIJK = replace(KNOWN, verdict=Verdict.INCOMPLETE, wijk=None, problems=("missing_wijk",))
ASKED_NAME = replace(KNOWN, verdict=Verdict.INCOMPLETE, name=None, problems=("missing_name",))


@pytest.mark.parametrize("known", [KNOWN, ASKED_PHONE])
@pytest.mark.parametrize(
    "text",
    [
        "Haar nummer was 06-21000203",
        "Vorige nummer: 06-21000203",
        "Vroeger was het nummer 06-21000203",
        "Nummer werk: 06-21000203",
        "Nummer tijdelijk: 06-21000203",
        "Wij hebben een nieuw nummer: 06-21000203",
        "Vanaf morgen hebben wij een ander nummer, 06-21000203",
        "06-21000203 denk ik",
        "06-21000203. Denk ik.",
        "Volgens mij 06-21000203",
        "06-21000203 als het goed is",
        "Ze had 06-21000203",
        "06-21000203?",
        "Wij zijn bereikbaar op 06-21000203",
    ],
)
def test_a_number_of_the_past_a_guess_or_the_practice_is_nobodys(
    text: str, known: Reading, almere: Gazetteer
) -> None:
    assert practice_letter(mail(text), almere, OWN, known).kind is PracticeKind.UNCLEAR


@pytest.mark.parametrize("known", [KNOWN, ASKED_PHONE])
@pytest.mark.parametrize(
    "text",
    [
        "Het nummer was fout, het is 06-21000203",
        "We hebben een nieuw nummer voor haar: 06-21000203",
        "Nieuw nummer 06-21000203",
    ],
)
def test_a_number_of_today_is_the_patients(text: str, known: Reading, almere: Gazetteer) -> None:
    reading = practice_letter(mail(text), almere, OWN, known).reading
    assert reading is not None
    assert reading.phone == "+31621000203"


@pytest.mark.parametrize("known", [KNOWN, ASKED_WIJK])
@pytest.mark.parametrize(
    "text",
    [
        "Vorige wijk: Danswijk",
        "Wijk: was Danswijk, nu Filmwijk",
        "Ze is niet verhuisd naar Danswijk",
        "Ze verhuist toch niet naar Danswijk",
        "Danswijk werkt ze, wonen weet ik niet",
        "Naast Danswijk",
        "Bijna Danswijk",
        "Danswijk tot 1 januari",
        "Verhuist in mei naar Danswijk",
        "Straks Danswijk",
        "Danswijk?",
    ],
)
def test_a_wijk_of_the_past_or_nearby_is_not_the_patients(
    text: str, known: Reading, almere: Gazetteer
) -> None:
    assert practice_letter(mail(text), almere, OWN, known).kind is PracticeKind.UNCLEAR


@pytest.mark.parametrize("text", ["Wim en Jolanda", "De heer en mevrouw Vermaat", "Familie Vermaat"])
def test_a_name_of_two_is_asked(text: str, almere: Gazetteer) -> None:
    assert practice_letter(mail(text), almere, OWN, ASKED_NAME).kind is PracticeKind.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "Zij heeft ons niet gesproken, wij haar wel",
        "Niet gesproken, collega wel",
        "In beeld\nGroet,\nNoor\nPS dit was een andere patiënt",
        "In beeld\nGroet,\nNoor\nmevrouw is nog niet gesproken",
    ],
)
def test_a_report_that_something_takes_back_is_asked(text: str) -> None:
    assert organisation_letter(mail(text)).kind is OrganisationKind.UNCLEAR


def test_a_try_that_was_one_stays_one() -> None:
    assert organisation_letter(mail("Niet bereikt, wel gebeld")).report is ReportCode.ATTEMPTED


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("Toestemming gegeven in 2019", False),
        ("Toestemming gegeven op 12-03-2019", False),
        ("Toestemming vorig jaar gegeven", False),
        ("Toestemming gegeven\nUpdate: toch liever niet", False),
        ("Toestemming gegeven. Bij nader inzien wil ze nog wachten.", False),
        ("Toestemming gegeven\nGroet,\nAnja\nPS toch maar niet", False),
        ("Toestemming gegeven op 28-11-2026", True),
        ("Toestemming gegeven op 28 november 2026. Geboren 12-03-1961.", True),
    ],
)
def test_consent_is_for_this_referral_and_stays(text: str, given: bool) -> None:
    raw = b"Date: Sun, 29 Nov 2026 10:00:00 +0100\r\n" + mail(text)
    assert (consent_of(raw) is Consent.GIVEN) == given


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("Vanmiddag met mevrouw gesproken, intake staat gepland.", ReportCode.INTAKE_PLANNED),
        ("Ik heb haar gesproken aan de telefoon.", ReportCode.CONTACTED),
        ("Mevrouw heeft ons zelf teruggebeld, dus in beeld!", ReportCode.SELF_CONTACT),
        ("Ontvangen, we gaan ermee aan de slag.", ReportCode.COLLECTED),
        ("Ik heb meneer vandaag thuis bezocht en uitgebreid gesproken.", ReportCode.CONTACTED),
        ("Thuis bezocht, niet gesproken", ReportCode.ATTEMPTED),
        ("Haar zoon aan de telefoon gehad", None),
        ("Haar dochter heeft ons zelf teruggebeld, dus in beeld", None),
        ("Niet thuis, buurvrouw gesproken", None),
        ("In beeld, we gaan ermee aan de slag", None),
        ("Thuis bezocht", None),
    ],
)
def test_plain_reports_and_their_neighbours(text: str, report: ReportCode | None) -> None:
    assert organisation_letter(mail(text)).report is report


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Akkoord.\n\nWillem Kessel\nhuisarts", PracticeKind.NOTHING),
        ("Akkoord.\n\nWillem Kessel\ndakloos", PracticeKind.UNCLEAR),
        ("Weten jullie al of het gelukt is om haar te bereiken?", PracticeKind.STATUS),
        ("Mevrouw heeft een nieuw nummer, 06-21000203. Het oude doet het niet.", PracticeKind.CORRECTED),
        ("Mevrouw werkt 06-21000203", PracticeKind.UNCLEAR),
        ("Wij horen het wel. Fijne dag!", PracticeKind.NOTHING),
        ("Wij horen het wel van haar", PracticeKind.UNCLEAR),
    ],
)
def test_plain_letters_and_their_neighbours(text: str, kind: PracticeKind, almere: Gazetteer) -> None:
    assert practice_letter(mail(text), almere, OWN, KNOWN).kind is kind


@pytest.mark.parametrize(
    "text",
    [
        "Bereikbaar op {}",
        "U kunt bellen met {}",
        "Graag bellen op {}",
        "Te bereiken op {}.",
        "Klopt {}",
        "{} klopt",
        "Is {} ook goed",
    ],
)
def test_a_number_that_nothing_binds_to_the_patient_corrects_none(almere: Gazetteer, text: str) -> None:
    said = practice_letter(mail(text.format("06-42301975")), almere, OWN, KNOWN)
    assert (said.kind, said.reading) == (PracticeKind.UNCLEAR, None)
    bound = practice_letter(mail("Mevrouw is te bereiken op 06-42301975"), almere, OWN, KNOWN)
    assert bound.kind is PracticeKind.CORRECTED


@pytest.mark.parametrize("more", ["Haar man leest mee.", "Mevrouw is erg in de war.", "Zwabber."])
def test_what_is_said_beside_a_correction_is_read_by_a_person(almere: Gazetteer, more: str) -> None:
    said = practice_letter(mail(f"Nieuw nummer: 06-42301975. {more}"), almere, OWN, KNOWN)
    assert (said.kind, said.changed, said.topic) == (PracticeKind.CORRECTED, ("phone",), Topic.OTHER)
    alone = practice_letter(mail("Nieuw nummer: 06-42301975. Alvast bedankt!"), almere, OWN, KNOWN)
    assert alone.topic is None
