"""What we can't open is told to whoever sent it, in its thread; it is never set aside without a word."""

import base64
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from tests.invented import PATIENT, make_answer, make_mail
from tests.postgres import ON_BOTH
from tests.story.place import Town, kinds

NO_PHONE = f"Graag contact met {PATIENT.name} in de {PATIENT.wijk}.\n"
PORTAL = (
    "Marieke de Boer heeft u een beveiligd bericht gestuurd via Zivver.\n\n"
    "Bekijk het bericht: https://app.zivver.example/lees/abc\n\nU ontvangt een code per sms.\n"
)


def smime(mail: EmailMessage) -> EmailMessage:
    """Encrypted with S/MIME, for somebody else."""
    enveloped = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80" + bytes(200)
    mail.replace_header("Content-Type", "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m")
    mail.replace_header("Content-Transfer-Encoding", "base64")
    mail.set_payload(base64.encodebytes(enveloped).decode())
    return mail


def pgp(mail: EmailMessage) -> EmailMessage:
    """Encrypted with OpenPGP, for somebody else."""
    kind = 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b'
    mail.replace_header("Content-Type", kind)
    armour = base64.b64encode(b"\x84\x5e\x03" + bytes(93)).decode()
    mail._payload = (  # type: ignore[attr-defined]
        "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
        "--b\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\n"
        f"{armour}\r\n-----END PGP MESSAGE-----\r\n--b--\r\n"
    )
    return mail


def portal(mail: EmailMessage) -> EmailMessage:
    """A notice that a message waits elsewhere."""
    mail.set_content(PORTAL)
    return mail


KINDS = [(smime, "S/MIME"), (pgp, "PGP"), (portal, "achter een link")]
Wrap = Callable[[EmailMessage], EmailMessage]


@pytest.mark.parametrize(("wrap", "words"), KINDS)
async def test_a_first_mail_that_we_cannot_open_is_answered(town: Town, wrap: Wrap, words: str) -> None:
    mail = wrap(make_mail())
    await town.post(mail)
    (told,) = town.answers(mail)
    assert words in told.text
    assert town.the_case()["state"] == "needs_info"
    assert town.mailboxes() == {"question": 1}
    await town.post(make_answer(told["Message-ID"], make_mail().get_content()))
    assert town.the_case()["state"] == "delivered"


async def test_an_answer_that_we_cannot_open_is_told_so_and_asked_again(town: Town) -> None:
    mail = make_mail(text=NO_PHONE)
    await town.post(mail)
    (question,) = town.answers(mail)
    await town.post(portal(make_answer(question["Message-ID"], "x")))
    assert "achter een link" in town.mails[-1].text
    assert town.the_case()["state"] == "needs_info"
    await town.work(days=2)
    assert kinds(town.mails) == ["question", "other", "reminder"]
    await town.post(make_answer(town.mails[-1]["Message-ID"], PATIENT.phone))
    assert town.the_case()["state"] == "delivered"
    assert town.json("quarantine", "list") == []


@ON_BOTH
async def test_what_we_cannot_open_in_the_thread_of_a_running_case_is_told_there(town: Town) -> None:
    mail = make_mail()
    await town.post(mail)
    (receipt,) = town.answers(mail)
    await town.post(pgp(make_answer(receipt["Message-ID"], "x")))
    assert "PGP" in town.mails[-1].text
    assert (town.the_case()["state"], town.json("quarantine", "list")) == ("delivered", [])
    assert len(town.json("quarantine", "letters")) == 1


async def test_a_mail_of_which_not_all_is_read_is_a_letter_of_the_case_it_answers(town: Town) -> None:
    mail = make_mail()
    await town.post(mail)
    (receipt,) = town.answers(mail)
    answer = make_answer(receipt["Message-ID"], "x")
    answer.replace_header("Content-Type", 'multipart/mixed; boundary="b"')
    answer._payload = "".join(["--b\r\nContent-Type: image/x\r\n\r\n"] * 600) + "--b--"  # type: ignore[attr-defined]
    await town.post(answer)
    assert "Er leest iemand mee" in town.mails[-1].text
    (letter,) = town.json("quarantine", "letters")
    assert letter["kenmerk"] == town.the_case()["kenmerk"]
    assert town.json("quarantine", "list") == []
