"""Mail that nobody here can open: known for what it is, and never where a referral can be read."""

from dataclasses import asdict

import pytest

from gateway.domain.messages import Code
from gateway.reading.mail.attachment import opened
from gateway.reading.mail.message import parse
from gateway.reading.mail.wrapping import Unopened
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import complete, read
from gateway.reading.record import Verdict, known_reading
from tests.unit.reading.files import LINES, mail, pdf, winmail_dat, zipped

LINK = "https://berichten.example/r/4f81c0"
GENERAL = "application/octet-stream"
PICTURE = b"\xff\xd8\xff\xe0" + b"x" * 20_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500

NOTICES = {
    "message": f"Geachte heer/mevrouw,\n\nU hebt een beveiligd bericht ontvangen van Praktijk De Haan.\n\n"
    f"Klik op de knop om het bericht te lezen: {LINK}\n\nU heeft hiervoor een sms-code nodig.",
    "waits": f"Er staat een vertrouwelijk bericht voor u klaar.\nOpenen: {LINK}\nDit bericht verloopt.",
    "sender": f"balie@praktijk.example heeft u een versleutelde e-mail gestuurd. Bekijk de e-mail via {LINK}",
    "files": f"Praktijk De Haan heeft bestanden voor u klaargezet.\nDownload de bestanden: {LINK}\n"
    "Vul daarbij de toegangscode in die u per sms krijgt.",
    "transfer": f"U hebt een nieuwe transfer ontvangen van J. de Haan.\nOphalen kan tot 3 mei: {LINK}\n"
    "Het wachtwoord krijgt u van de afzender.",
    "english": f"You have received a secure message from Practice De Haan.\n\nRead the message: {LINK}\n",
    "english-code": f"Practice De Haan sent you a private file. Click {LINK} and enter the passcode.",
    "english-mode": f"De Haan has sent you an email via confidential mode. View the email: {LINK}",
    "named": f"J. de Haan (h@x.example) has sent you a protected message.\nRead it: {LINK}",
    "german": f"Sie haben eine verschlüsselte Nachricht erhalten. Öffnen Sie sie hier: {LINK}",
    "french": f"Vous avez reçu un message sécurisé. Ouvrir le message: {LINK}",
}


def code(raw: bytes) -> Unopened | None:
    return opened(parse(raw)).unopened


@pytest.mark.parametrize("name", NOTICES)
def test_a_portals_notice(name: str, almere: Gazetteer) -> None:
    assert code(mail(NOTICES[name])) is Unopened.PORTAL
    reading = read(mail(NOTICES[name]), almere)
    assert (reading.verdict, reading.unopened) == (Verdict.INCOMPLETE, Unopened.PORTAL)
    assert (reading.name, reading.phone, reading.wijk) == (None, None, None)


def test_a_portals_notice_in_html() -> None:
    rich = (
        "<style>p{color:red}</style><table><tr><td><h1>Beveiligd bericht</h1><p>U heeft een beveiligd bericht"
        f' ontvangen van Praktijk De Haan</p><a href="{LINK}">Open bericht</a></td></tr></table>'
    )
    assert code(mail("", rich=rich, subject="Veilig bericht")) is Unopened.PORTAL


def test_a_notice_whose_message_is_a_form_beside_it() -> None:
    form = b"<html><form action='https://x.example'><input name=a></form></html>"
    text = "You have received an encrypted message. Open the attachment to view it."
    assert code(mail(text, ("text/html", "securedoc.html", form))) is Unopened.PORTAL


@pytest.mark.parametrize(
    "text",
    [
        "Wilt u mij bellen over een patiënt?\n\nGroet, dokter De Haan\nhttps://praktijk.example",
        "Wij gebruiken voortaan beveiligde mail.\nhttps://praktijk.example",
        "Graag overleg. Lees ook ons privacybeleid: https://praktijk.example/privacy",
        f"Kunt u bellen?{' Dank alvast voor hulp.' * 80}\nEr is een beveiligd bericht voor u. Open {LINK}",
        "U hebt een beveiligd bericht ontvangen. Bel ons om het te openen.",
        f"Gegevens volgen.\nDit bericht is vertrouwelijk. Heeft u het ten onrechte? Klik hier: {LINK}",
        f"Wilt u bellen?\nDit vertrouwelijke bericht is alleen voor u bestemd. Lees meer op {LINK}",
        f"Please call.\nThis confidential message was sent to you; if you received it in error, click {LINK}",
    ],
)
def test_a_persons_mail_is_no_notice(text: str) -> None:
    assert code(mail(text)) is None


@pytest.mark.parametrize("footer", NOTICES.values())
def test_a_referral_with_a_portals_words_is_a_referral(footer: str, almere: Gazetteer) -> None:
    reading = read(mail("\n".join((*LINES, "", "--", footer))), almere)
    assert (reading.verdict, reading.unopened) == (Verdict.REFERRAL, None)


SMIME = b"0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80"
ARMOUR = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (mail("Zie", ("application/x-microsoft-rpmsg-message", "a", b"x")), Unopened.RPMSG),
        (mail("Zie", (GENERAL, "message_v2.rpmsg", b"x")), Unopened.RPMSG),
        (
            b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\n" + SMIME,
            Unopened.SMIME_OTHER_KEY,
        ),
        (mail("", (GENERAL, "smime.p7m", SMIME)), Unopened.SMIME_OTHER_KEY),
        (
            b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\r\n\r\n'
            b"--b\r\n"
            b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\n"
            b"Content-Type: application/octet-stream\r\n\r\n" + ARMOUR.encode() + b"\r\n--b--",
            Unopened.PGP_OTHER_KEY,
        ),
        (mail(ARMOUR), Unopened.PGP_OTHER_KEY),
        (mail("", (GENERAL, "brief.pdf.pgp", b"\x85\x01")), Unopened.PGP_OTHER_KEY),
        (mail("Zie", ("application/ms-tnef", "winmail.dat", b"x")), Unopened.TNEF),
        (mail("Zie", ("application/ms-tnef", "winmail.dat", winmail_dat()[:9])), Unopened.TNEF),
        (mail("", (GENERAL, "a.docx", OLE + "EncryptedPackage".encode("utf-16-le"))), Unopened.PASSWORD),
        (mail("", (GENERAL, "a.doc", OLE)), Unopened.ATTACHMENT_KIND),
        (mail("", (GENERAL, "a.xlsx", zipped(xl__workbook_xml=b"<a/>"))), Unopened.ATTACHMENT_KIND),
        (mail("", ("audio/ogg", "a.ogg", b"OggS")), Unopened.ATTACHMENT_KIND),
        (mail("", ("application/pdf", "a.pdf", pdf(raw=b""))), Unopened.SCAN),
        (mail("Zie foto", ("image/jpeg", "IMG_1.jpg", PICTURE)), Unopened.SCAN),
        (mail("", (GENERAL, "IMG_1", PICTURE)), Unopened.SCAN),
        (mail("Wilt u bellen?", ("image/png", "logo.png", b"\x89PNG" + b"x" * 900)), None),
        (mail("Wilt u bellen over een patiënt? " * 20, ("image/jpeg", "logo.jpg", PICTURE)), None),
        (mail("Dag", ("application/pgp-signature", "signature.asc", b"-----BEGIN PGP SIGNATURE-----")), None),
        (mail("Dag", ("application/pkcs7-signature", "smime.p7s", b"x")), None),
        (mail("Dag", ("text/calendar", "a.ics", b"BEGIN:VCALENDAR")), None),
        (mail("Dag"), None),
    ],
)
def test_what_cannot_be_opened(raw: bytes, expected: Unopened | None, almere: Gazetteer) -> None:
    assert code(raw) is expected
    reading = read(raw, almere)
    assert reading.unopened is expected
    assert reading.phone is None


def test_the_worst_of_several_is_named() -> None:
    raw = mail("", (GENERAL, "a.doc", OLE), ("application/pdf", "a.pdf", pdf(raw=b"")))
    assert code(raw) is Unopened.SCAN


def test_what_a_forwarded_mail_holds_counts() -> None:
    inner = mail("", ("application/pdf", "a.pdf", pdf(raw=b"")))
    assert code(mail("Zie hieronder", ("message/rfc822", "fw.eml", inner))) is Unopened.SCAN


def test_an_answer_that_cannot_be_opened_says_so(almere: Gazetteer) -> None:
    known = read(mail("Naam: Iris Blok\nWijk: Filmwijk"), almere)
    answered = complete(mail(NOTICES["message"]), almere, frozenset(), known)
    assert (answered.name, answered.unopened) == (known.name, Unopened.PORTAL)


def test_every_kind_has_words() -> None:
    assert {f"unopened_{kind}" for kind in Unopened} <= set(Code)


def test_a_reading_that_names_one_comes_back_whole(almere: Gazetteer) -> None:
    reading = read(mail(NOTICES["message"]), almere)
    assert known_reading(asdict(reading)) == reading
