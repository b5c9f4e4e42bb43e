"""A mail's who, which and what: as standards say, and never an exception."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from gateway.reading.mail.header import decoded
from gateway.reading.mail.message import parse
from gateway.reading.mail.text import html_text, unflowed
from gateway.reading.mail.thread import passages


def mail(*headers: str, body: str = "hallo") -> bytes:
    return ("\r\n".join(headers) + "\r\n\r\n" + body).encode("utf-8")


def test_addresses_and_ids() -> None:
    message = parse(
        mail(
            'From: "Jansen, Petra" <Petra@Praktijk.example>',
            "Sender: balie@praktijk.example",
            "Reply-To: post@praktijk.example",
            "To: a@x.example, B <b@y.example>",
            "Message-ID: <1@x.example>",
            "In-Reply-To: <0@y.example>",
            "References: <a@y.example> <0@y.example>",
            "Return-Path: <petra@praktijk.example>",
            "Date: Mon, 3 Mar 2025 10:00:00 +0100",
        )
    )
    assert message.from_addresses == ("petra@praktijk.example",)
    assert message.from_names == ("Jansen, Petra",)
    assert message.sender == "balie@praktijk.example"
    assert message.reply_to == ("post@praktijk.example",)
    assert message.to_addresses == ("a@x.example", "b@y.example")
    assert (message.message_id, message.in_reply_to) == ("<1@x.example>", "<0@y.example>")
    assert message.references == ("<a@y.example>", "<0@y.example>")
    assert message.return_path == "petra@praktijk.example"
    assert message.date == datetime(2025, 3, 3, 9, tzinfo=UTC)


def test_long_ids_as_pythons_own_library_writes_them() -> None:
    ids = [f"<t.{number * 60}.{'b' * 24}@handover.example>" for number in "ac"]
    made = EmailMessage(policy=SMTP)
    made["In-Reply-To"], made["References"] = ids[1], " ".join(ids)
    raw = made.as_bytes()
    assert b"=?utf-8?" in raw
    message = parse(raw)
    assert (message.in_reply_to, message.references) == (ids[1], tuple(ids))


def test_every_from_header_and_address_is_told() -> None:
    message = parse(mail("From: a@x.example, b@y.example", "From: c@z.example"))
    assert message.from_addresses == ("a@x.example", "b@y.example", "c@z.example")


@pytest.mark.parametrize(
    ("header", "addresses"),
    [
        ("From: gp@good.example <x@evil.example>", {"x@evil.example"}),
        ('From: "gp@good.example" <x@evil.example>', {"x@evil.example"}),
        ("From: =?utf-8?q?gp=40good=2Eexample=3E?= <x@evil.example>", {"x@evil.example"}),
        ("From: <gp@good.example", {"gp@good.example"}),
        ('From: "a b"@evil.example', set()),
        ("From: undisclosed:;", set()),
        ("From: (gp@good.example) x@evil.example", {"x@evil.example"}),
    ],
)
def test_a_display_name_is_no_address(header: str, addresses: set[str]) -> None:
    assert set(parse(mail(header)).from_addresses) <= addresses


def test_null_return_path_is_not_an_absent_one() -> None:
    assert parse(mail("Return-Path: <>")).return_path == ""
    assert parse(mail("Subject: x")).return_path is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?q?pati=C3=ABnt?=", "patiënt"),
        ("=?utf-8?b?cGF0acOr?= =?utf-8?b?bnQ=?=", "patiënt"),
        ("=?iso-8859-1?q?pati=EBnt?=", "patiënt"),
        ("=?klingon?q?abc?=", "abc"),
        ("=?utf-8?b?!!!?= rest", "rest"),
        ("a\r\n b\tc", "a b c"),
        ("=?utf-8?q?a=0D=0AX:_b?=", "a X: b"),
    ],
)
def test_encoded_words(written: str, read: str) -> None:
    assert decoded(written) == read


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("utf-8", "café".encode()),
        ("iso-8859-1", "café".encode("latin-1")),
        ("iso-8859-15", "café".encode("iso-8859-15")),
        ("windows-1252", "café".encode("cp1252")),
        ("us-ascii", "café".encode()),
        ("utf-8", "café".encode("cp1252")),
        ("x-unknown", "café".encode()),
    ],
)
def test_charsets(charset: str, content: bytes) -> None:
    raw = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()
    assert parse(raw + content).texts == ("café",)


def alternative(plain: str, rich: str) -> bytes:
    return mail(
        "Content-Type: multipart/alternative; boundary=b",
        body=f"--b\r\nContent-Type: text/plain\r\n\r\n{plain}\r\n"
        f"--b\r\nContent-Type: text/html\r\n\r\n{rich}\r\n--b--",
    )


def test_plain_text_first() -> None:
    assert parse(alternative("de gegevens", "<p>anders</p>")).texts == ("de gegevens",)


@pytest.mark.parametrize("plain", ["", " \r\n", "Deze mail is in HTML-formaat"])
def test_html_where_plain_says_nothing(plain: str) -> None:
    assert "de gegevens" in parse(alternative(plain, "<p>de gegevens</p>")).texts[0]


def test_attachments_are_facts_without_names() -> None:
    message = parse(
        mail(
            "Content-Type: multipart/mixed; boundary=b",
            body="--b\r\n\r\nhallo\r\n--b\r\nContent-Type: text/plain\r\n"
            "Content-Disposition: attachment; filename=jansen.txt\r\n\r\nNaam: Jansen\r\n--b--",
        )
    )
    assert message.texts == ("hallo",)
    assert [(a.content_type, a.size) for a in message.attachments] == [("text/plain", 12)]
    assert "jansen" not in repr(message.attachments)


def test_a_mail_inside_a_mail() -> None:
    message = parse(
        mail("Content-Type: message/rfc822", body="From: a@x.example\r\nSubject: in\r\n\r\nbinnen")
    )
    assert [(inner.subject, inner.texts) for inner in message.inside] == [("in", ("binnen",))]


def test_format_flowed() -> None:
    assert unflowed("a \nb\n> c \n> d\n-- \ne") == "a b\n> c d\n-- \ne"
    assert unflowed("a \nb", delsp=True) == "ab"


def test_hidden_html_is_not_read() -> None:
    assert html_text('<p style="display:none">x</p><p>y</p>').split() == ["y"]


def test_passages_newest_first() -> None:
    text = (
        "eigen\n\nOp ma 3 mrt 2025 om 10:00 schreef A <a@x.example>:\n> ouder\n>\n"
        "> Op zo 2 mrt 2025 om 09:00 schreef B\n> <b@y.example>:\n>> oudst\nook eigen\n"
    )
    found = [(part.own, part.address, " ".join(" ".join(part.lines).split())) for part in passages(text)]
    assert found == [
        (True, "", "eigen ook eigen"),
        (False, "a@x.example", "ouder"),
        (False, "b@y.example", "oudst"),
    ]


def test_two_header_like_lines_lose_nothing() -> None:
    (own,) = passages("Van: Joke\nAan: De Schoor\n\nNaam: Iris")
    assert own.lines == ["Van: Joke", "Aan: De Schoor", "", "Naam: Iris"]
