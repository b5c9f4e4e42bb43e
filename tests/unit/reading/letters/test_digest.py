"""The same mail is who it is from, whom it is to and what it says; not how it came."""

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reading.letters.digest import content_digest

TEXT = "Naam: Jolanda Vermaat\r\nTelefoon: 06-21000101\r\nWijk: Filmwijk\r\n\r\nMet groet, Renée\r\n"


def mail(
    text: str = TEXT,
    *,
    head: str = "",
    sender: str = "arts@praktijk.example",
    subject: str = "Aanmelding",
    to: str = "aanmelding@handover.example",
    encoding: str = "8bit",
) -> bytes:
    body = text.encode()
    if encoding == "base64":
        body = base64.encodebytes(body)
    elif encoding == "quoted-printable":
        body = quopri.encodestring(body)
    start = f"{head}From: A <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\n"
    start += f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return start.encode() + body


@pytest.mark.parametrize(
    "again",
    [
        mail(head="Received: from x by y; Mon, 3 Mar 2036 10:00:00 +0100\r\nX-Spam: no\r\n"),
        mail(encoding="base64"),
        mail(encoding="quoted-printable"),
        mail(TEXT.replace("\r\n", "\n")),
        mail(TEXT + "\r\n\r\n"),
        mail(sender="ARTS@Praktijk.Example"),
        mail(to="Aanmelding@handover.example"),
        mail(subject="[EXTERN] Aanmelding"),
    ],
)
def test_how_it_travelled_changes_nothing(again: bytes) -> None:
    assert content_digest(again) == content_digest(mail())


@pytest.mark.parametrize(
    "other",
    [
        mail(TEXT.replace("Vermaat", "Vermaas")),
        mail(TEXT.replace("101", "102")),
        mail(subject="Aanmelding Amrani"),
        mail(sender="poh@praktijk.example"),
        mail(to="welzijn@handover.example"),
        mail(f"{TEXT}\r\nEn graag met spoed."),
    ],
)
def test_what_it_says_changes_it(other: bytes) -> None:
    assert content_digest(other) != content_digest(mail())


def test_another_attachment_is_another_mail() -> None:
    def with_file(content: bytes) -> bytes:
        return (
            b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nbijlage\r\n"
            b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(content)
            + b"--b--\r\n"
        )

    assert content_digest(with_file(b"een")) == content_digest(with_file(b"een"))
    assert content_digest(with_file(b"een")) != content_digest(with_file(b"twee"))


@given(st.binary(max_size=500))
def test_any_bytes_have_one(raw: bytes) -> None:
    assert len(content_digest(raw)) == 64
