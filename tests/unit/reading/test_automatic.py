"""Who wrote a mail, a person or a machine: closed signs, and no referral lost to one of them."""

from dataclasses import asdict
from pathlib import Path

import pytest

from gateway.reading.mail.automatic import Certainty, Sign, automatic, is_bulk, why_automatic
from gateway.reading.mail.message import parse, parse_head
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Verdict, known_reading

SHARED = Path(__file__).parents[4] / "shared" / "corpus" / "automatic"
REFERRAL = (
    "Graag contact met deze patiënt.\r\n\r\nNaam: Saskia Terpstra\r\nTel: 06-23456781\r\nWijk: Filmwijk\r\n"
)


def mail(*headers: str, body: str = REFERRAL) -> bytes:
    return ("\r\n".join((*headers, "X-Plain: yes")) + "\r\n\r\n" + body).encode()


SURE, LIKELY, HINT = Certainty.SURE, Certainty.LIKELY, Certainty.HINT


@pytest.mark.parametrize(
    ("headers", "body", "sign", "certainty"),
    [
        (("Return-Path: <>",), "", Sign.NULL_RETURN_PATH, SURE),
        (("Auto-Submitted: auto-replied",), "", Sign.AUTO_SUBMITTED, SURE),
        (("Auto-Submitted: auto-generated; x=y",), "", Sign.AUTO_SUBMITTED, LIKELY),
        (("Auto-Submitted: auto-generated",), "Ik ben afwezig tot 3 mei.", Sign.AUTO_SUBMITTED, SURE),
        (("Content-Type: multipart/report; boundary=b",), "", Sign.REPORT, SURE),
        (("Content-Type: message/feedback-report",), "", Sign.REPORT, SURE),
        (("Content-Type: text/calendar; method=REPLY",), "BEGIN:VCALENDAR", Sign.CALENDAR, HINT),
        (("Content-Type: text/calendar; method=REQUEST",), "BEGIN:VCALENDAR", Sign.CALENDAR, HINT),
        (("From: MAILER-DAEMON@x.example",), "", Sign.DAEMON, SURE),
        (("From: <MAILER-DAEMON>",), "", Sign.DAEMON, SURE),
        (("X-InBeeld-Loop: 1",), "", Sign.LOOP, SURE),
        (("X-Autoreply: yes",), "", Sign.AUTOREPLY, LIKELY),
        (("X-Auto-Response-Suppress: All",), "", Sign.AUTOREPLY, LIKELY),
        (("Content-Type: text/calendar; method=REQUEST",), "", Sign.CALENDAR, HINT),
        (("Subject: Geaccepteerd: overleg",), "", Sign.CALENDAR, HINT),
        (("List-Id: <x.example>", "Precedence: list"), "", Sign.LIST, LIKELY),
        (("Precedence: bulk",), "", Sign.LIST, HINT),
        (("Subject: Automatisch antwoord: vraag",), "", Sign.OUT_OF_OFFICE, LIKELY),
        (("Subject: Afwezig: vraag",), "De praktijk is gesloten.", Sign.OUT_OF_OFFICE, SURE),
        (("Subject: Afwezig geweest, nu hulp nodig",), "", Sign.OUT_OF_OFFICE, HINT),
        (("Subject: Gelezen: vraag",), "Uw bericht is gelezen.", Sign.RECEIPT, LIKELY),
        (("Subject: Nieuw [Ticket#2026112910]",), "Uw bericht is geregistreerd.", Sign.RECEIPT, LIKELY),
        (("Subject: Undelivered Mail Returned to Sender",), "", Sign.BOUNCE, HINT),
        ((), "Deze e-mail is automatisch gegenereerd.", Sign.GENERATED, HINT),
    ],
)
def test_signs(headers: tuple[str, ...], body: str, sign: Sign, certainty: Certainty) -> None:
    found = automatic(parse(mail(*headers, body=body)))
    assert found is not None
    assert (found.sign, found.certainty) == (sign, certainty)
    assert (why_automatic(parse_head(mail(*headers))) is not None) <= (certainty is SURE)


@pytest.mark.parametrize(
    "headers",
    [
        ("Auto-Submitted: no",),
        ("X-Autoreply: no",),
        ("Feedback-ID: ::1.eu-west-1:AmazonSES",),
        ("X-MS-Exchange-Inbox-Rules-Loop: a@b.example", "Resent-From: a@b.example"),
        ("Subject: automatisch incasso mislukt",),
        ("Subject: Ontvangen huurachterstand", "Precedence: normal"),
    ],
)
def test_a_persons_mail_has_no_sign(headers: tuple[str, ...]) -> None:
    assert automatic(parse(mail(*headers))) is None
    assert not is_bulk(parse(mail(*headers)))


ICS = (
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + REFERRAL + "--b\r\nContent-Type: text/calendar"
    "\r\nContent-Disposition: attachment; filename=a.ics\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n--b--"
)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (("List-Unsubscribe: <https://x.example/u>", "Feedback-ID: 1:x"), REFERRAL),
        (("List-Id: <balie.example>", "List-Post: <mailto:a@b.example>", "Precedence: list"), REFERRAL),
        (("Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"), REFERRAL),
        (("X-MS-Exchange-Inbox-Rules-Loop: a@b.example", "X-MS-Exchange-AutoForwarded: true"), REFERRAL),
        (("X-Autorespond: no", "X-Autoreply: 0"), REFERRAL),
        (("Subject: Auto: beslag gelegd",), REFERRAL),
        (("Subject: Op vakantie geweest, post ongeopend",), REFERRAL),
        (("Subject: Uitnodiging: kennismaking",), REFERRAL),
        (("Subject: Ontvangen: aanmaning, graag hulp",), REFERRAL),
        ((), REFERRAL + "\r\nDit is een automatisch gegenereerd bericht van ons HIS."),
        (("Content-Type: multipart/mixed; boundary=b",), ICS),
        (("Content-Type: multipart/alternative; boundary=b",), ICS.replace("attachment", "inline")),
    ],
)
def test_a_complete_referral_is_never_ignored(headers: tuple[str, ...], body: str, almere: Gazetteer) -> None:
    own = ("From: P <p@praktijk.example>", *headers)
    if "boundary" not in str(headers):
        own = (*own, "Content-Type: text/plain; charset=utf-8")
    assert read(mail(*own, body=body), almere).verdict is Verdict.REFERRAL


@pytest.mark.parametrize(
    ("named", "numbered", "ignored"),
    [
        (True, True, (False, False, True)),
        (True, False, (False, True, True)),
        (False, True, (False, True, True)),
        (False, False, (True, True, True)),
    ],
)
def test_what_was_read_is_weighed(named: bool, numbered: bool, ignored: tuple[bool, ...]) -> None:
    hint = automatic(parse(mail("Precedence: bulk")))
    likely = automatic(parse(mail("Auto-Submitted: auto-generated")))
    sure = automatic(parse(mail("Auto-Submitted: auto-replied")))
    found = [each.ignores(named=named, numbered=numbered) for each in (hint, likely, sure) if each]
    assert tuple(found) == ignored


def test_an_ignored_mail_says_by_which_sign(almere: Gazetteer) -> None:
    reading = read(mail("Subject: Gelezen: vraag", body="Uw bericht is gelezen."), almere)
    assert (reading.verdict, reading.ignored) == (Verdict.IGNORE, Sign.RECEIPT)
    assert read(mail("Auto-Submitted: auto-replied"), almere).ignored is Sign.AUTO_SUBMITTED
    assert known_reading(asdict(reading)) == reading
    assert read(mail("Feedback-ID: x"), almere).ignored is None


@pytest.mark.parametrize(
    ("header", "bulk"),
    [
        ("Auto-Submitted: auto-generated", True),
        ("Precedence: bulk", True),
        ("List-Id: <x.example>", True),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", True),
        ("X-Auto-Response-Suppress: OOF", False),
        ("X-Autoreply: yes", True),
        ("List-Unsubscribe: <https://x.example/u>", False),
        ("Subject: Afwezig: x", False),
    ],
)
def test_headers_hold_back_our_answer(header: str, bulk: bool) -> None:
    assert is_bulk(parse_head(mail(header))) is bulk


@pytest.mark.skipif(not SHARED.is_dir(), reason="the third-party corpora don't stand beside this checkout")
def test_real_bounces_and_auto_replies(almere: Gazetteer) -> None:
    mails = sorted(SHARED.glob("*.eml"))
    assert len(mails) >= 55
    missed = [mail.name for mail in mails if read(mail.read_bytes(), almere).verdict is not Verdict.IGNORE]
    assert missed == []


@pytest.mark.parametrize(
    ("comment", "verdict"),
    [
        ("Joke Terpstra heeft deze uitnodiging geaccepteerd.", Verdict.IGNORE),
        ("Ik kom. En bel ook Saskia Terpstra, 06-23456781, Filmwijk.", Verdict.REFERRAL),
    ],
)
def test_an_answer_to_an_invitation_says_what_stands_in_it(
    comment: str, verdict: Verdict, almere: Gazetteer
) -> None:
    answer = mail(
        "From: Joke Terpstra <joke@hap.example>",
        "Subject: Geaccepteerd: Bespreking mw. Jannie Ploeg 06-56712655 Parkwijk",
        "Content-Type: multipart/alternative; boundary=b",
        body=f"--b\r\nContent-Type: text/plain\r\n\r\n{comment}\r\n--b\r\n"
        "Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\n--b--\r\n",
    )
    assert read(answer, almere).verdict is verdict


@pytest.mark.parametrize("header", ["X-Plain: yes", "List-Id: <a.example>"])
@pytest.mark.parametrize(
    "text",
    [
        'Joke Terpstra wil het bericht "Jan Bos, 06-23456781, Filmwijk" intrekken.',
        "Kunt u mijn patiënte bellen op 06-23456781, mevrouw Bos?",
    ],
)
def test_what_is_asked_about_is_not_ignored_therefore(header: str, text: str, almere: Gazetteer) -> None:
    assert read(mail(header, "Subject: bericht", body=text), almere).verdict is Verdict.INCOMPLETE
