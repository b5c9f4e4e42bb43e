"""A mail for a person's eyes: plain text of a bounded size, whatever the bytes."""

import json
from dataclasses import asdict

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reading.mail.display import NAME, SUBJECT, TEXT, clipped, display
from tests.invented import make_mail
from tests.moments import MONDAY

MOST = 46_000
"""The worker adds the envelope and some codes, and seals no more than 48 kB."""


def test_what_a_person_sees_is_shown() -> None:
    mail = make_mail(subject="Aanmelding: =?utf-8?q?caf=C3=A9?=")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="brief huisarts.pdf")
    shown = display(mail.as_bytes())
    assert shown.senders == ("Marieke de Boer", "m.deboer@huisartsenpraktijk-filmwijk.example")
    assert shown.subject == "Aanmelding: café"
    assert "Roswitha Quintavalle" in shown.text
    assert [(file.name, file.type) for file in shown.files] == [("brief huisarts.pdf", "application/pdf")]
    assert shown.date == MONDAY.isoformat()
    assert not shown.cut


def test_html_becomes_words_and_a_mail_inside_is_read() -> None:
    inner = make_mail(text="wat de huisarts schreef")
    mail = make_mail(text="zie de doorgestuurde mail")
    mail.add_attachment(inner)
    assert "wat de huisarts schreef" in display(mail.as_bytes()).text
    html = b"Content-Type: text/html\r\n\r\n<p>dag</p><script>alert(1)</script><img src=//x.example/a>"
    assert display(html).text == "dag"


def test_what_is_too_long_is_cut_and_says_so() -> None:
    shown = display(make_mail(subject="s" * 3_500, text="é" * 100_000).as_bytes())
    assert shown.cut
    assert len(shown.subject) <= SUBJECT
    assert 4_000 < len(shown.text) <= TEXT
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + 40 * (
        b"--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\n\r\nx\r\n"
    )
    assert len(display(many).files) == 20
    assert display(many).cut


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400), st.integers(0, 300))
def test_a_text_is_cut_by_what_it_takes_as_json(text: str, most: int) -> None:
    beginning, cut = clipped(text, most)
    assert text.startswith(beginning)
    assert len(json.dumps(beginning)) - 2 <= most
    assert cut == (beginning != text)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(max_size=200), max_size=4),
    st.text(max_size=50).map(lambda text: text * 2_000),
    st.binary(max_size=3_000),
)
def test_it_never_raises_and_always_fits(heads: list[str], text: str, junk: bytes) -> None:
    head = "".join(
        f"{name}: {value}\r\n" for name, value in zip(("From", "Subject", "Date", "X"), heads, strict=False)
    )
    raw = f"{head}\r\n{text}".encode("utf-8", "replace") + junk
    for mail in (raw, junk):
        assert len(json.dumps(asdict(display(mail)))) < MOST


def test_the_fullest_display_fits() -> None:
    wild = "\U0001f600" * 4_000
    names = f'Content-Type: image/{"x" * 600}\r\nContent-Disposition: attachment; filename="{"y" * 600}"'
    parts = f"--b\r\n{names}\r\n\r\nz\r\n" * 30
    froms = ", ".join(f'"{"n" * 180}{at}" <{"a" * 60}{at}@{"b" * 200}.example>' for at in range(9))
    raw = (
        f"From: {froms}\r\nSubject: {wild}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{wild * 20}\r\n{parts}"
    ).encode()
    shown = display(raw)
    assert shown.files
    assert max(len(name) for name in shown.senders) <= NAME
    assert len(json.dumps(asdict(shown))) < MOST
