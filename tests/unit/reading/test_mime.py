"""A mail's parts and headers: as the standards say, and in one pass whatever stands there."""

import sys
from collections.abc import Callable
from typing import Any, SupportsIndex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reading.mail import message as messages
from gateway.reading.mail.attachment import opened
from gateway.reading.mail.automatic import automatic, is_bulk
from gateway.reading.mail.display import display
from gateway.reading.mail.header import VALUE, addresses, decoded, fields, parameters
from gateway.reading.mail.message import (
    MAILS_INSIDE,
    TEXTS_BYTES,
    VIEWS,
    Message,
    left_out,
    parse,
    parse_head,
)
from gateway.reading.mail.mime import DASHES, DEPTH, HEADER_BYTES, PARTS, TEXT_BYTES, Part, tree
from gateway.reading.mail.wrapping import WRAPPINGS


class Counted(bytes):
    """Bytes that add up how many of them are looked at or copied."""

    scanned = 0

    def find(self, sub: Any, start: SupportsIndex | None = 0, end: SupportsIndex | None = None) -> int:
        found = bytes.find(self, sub, start, end)
        last = found if found >= 0 else min(len(self), int(end) if end is not None else len(self))
        Counted.scanned += max(last - int(start or 0), 0)
        return found

    def __getitem__(self, key: Any) -> Any:
        piece = bytes.__getitem__(self, key)
        Counted.scanned += len(piece) if isinstance(piece, bytes) else 1
        return piece


def scanned(raw: bytes) -> float:
    """How often the bytes of a mail are looked at, on average."""
    Counted.scanned = 0
    tree(Counted(raw))
    return Counted.scanned / len(raw)


def nested(levels: int, tail: bytes) -> bytes:
    opening = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(levels)
    )
    return b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + opening + b"--b%d\r\n\r\n" % levels + tail


MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
SHAPES = {
    "nested": nested(200, b"hallo\r\n" * 40_000),
    "nested-shallow": nested(25, b"hallo\r\n" * 40_000),
    "lookalikes": nested(29, b"--x\r\n" * 50_000),
    "long-lookalikes": nested(29, (b"--" + b"x" * 300 + b"\r\n") * 800),
    "parts": MIXED + b"--b\r\n\r\nhallo\r\n" * 20_000,
    "delimiters": MIXED + b"--b\r\n" * 50_000,
    "no-blank-line": MIXED + b"--b\r\nA: b" * 20_000,
    "heads": MIXED + b"--b\r\n" * 400 + b"--x\r\n" * 50_000,
    "closings": nested(25, b"".join(b"--b%d--\r\n" % n for n in range(25)) * 500),
    "empty-lines": b"Subject: x\r\n" + b"\r\n" * 100_000,
    "one-line": b"a" * 300_000,
    "headers": b"A: b\r\n" * 60_000,
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_byte_is_looked_at_a_few_times(name: str) -> None:
    assert scanned(SHAPES[name]) < 6


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, of ours and of the interpreter."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


HEADERS = {
    "quotes": '"',
    "half-quotes": '"a',
    "brackets": "<",
    "comments": "(",
    "escapes": '"\\',
    "mailboxes": ",a@b.example",
    "words": "=?utf-8?q?a?= ",
    "half-words": "=?a?q?",
    "parameters": ";a=b",
    "half-parameters": ';a="',
    "pieces": ";a*0*=utf-8''x",
    "semicolons": ";",
    "colons": "a:",
}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize(
    "work", [lambda v: addresses((v,)), decoded, parameters], ids=["addresses", "decoded", "parameters"]
)
def test_a_header_takes_linear_work(name: str, work: Callable[[str], object]) -> None:
    unit = HEADERS[name]
    small, large = (unit * (size // len(unit)) for size in (VALUE // 4, VALUE))
    work(small)
    assert calls(lambda: work(large)) <= 5 * calls(lambda: work(small)) + 50


@pytest.mark.parametrize("unit", [*HEADERS.values(), "a\r\n b"])
def test_a_section_of_headers_is_bounded(unit: str) -> None:
    head = f"To: {unit * 30_000}\r\nContent-Type: text/plain{unit * 30_000}\r\nSubject: x\r\n\r\n".encode()
    # Some calls for each character that is looked at of a value, and none for the others.
    assert calls(lambda: parse_head(head)) < 20 * VALUE


def test_the_texts_of_a_mail_have_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    def counted(part: Part, limit: int) -> str:
        taken.append(min(limit, len(part.body)))
        return "x"

    monkeypatch.setattr(messages, "part_text", counted)
    part = b"--b\r\nContent-Type: text/html\r\n\r\n" + b"<p>" * 60_000 + b"\r\n"
    inner = (
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
        + MIXED.replace(b"=b", b"=c")
        + (part * 4).replace(b"--b", b"--c")
    )
    assert len(parse(MIXED + part * 2 + inner).inside) == 1
    assert sum(taken) <= TEXTS_BYTES
    taken.clear()
    parse(MIXED + b"--b\r\n\r\nhallo\r\n" * 100)
    assert len(taken) == VIEWS


def test_mails_inside_share_the_parts() -> None:
    def inside(boundary: bytes, below: bytes, number: int) -> bytes:
        head = b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n" % boundary
        part = b"--%s\r\nContent-Type: message/rfc822\r\n\r\n%s\r\n" % (boundary, below)
        return head + part * number + (b"--%s\r\n\r\nx\r\n" % boundary) * 200

    message = parse(inside(b"a", inside(b"c", inside(b"d", b"Subject: x\r\n\r\ny", 4), 4), 4))
    assert count(message) <= PARTS + 3 * MAILS_INSIDE**3
    assert len(message.inside) == MAILS_INSIDE


def count(message: Message) -> int:
    return len(message.part_types) + sum(count(inner) for inner in message.inside)


def leaves(raw: bytes) -> list[tuple[str, bytes]]:
    return [(part.content_type, part.body) for part in tree(raw)[0].walk() if not part.children]


def test_parts_are_told_apart_by_their_own_delimiters() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\none\r\n"
        b"--bb\r\nmore\r\n--b \t\r\n"
        b"Content-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n\r\ntwo\r\n--bb--\r\nepilogue\r\n"
        b"--b\r\n--b\r\nContent-Type: text/html\r\n\r\nthree\r\n--b--\r\nepilogue\r\n--b\r\n\r\nfour"
    )
    assert leaves(raw) == [
        ("text/plain", b"one\r\n--bb\r\nmore"),
        ("text/plain", b"two"),
        ("text/plain", b""),
        ("text/html", b"three"),
    ]


def test_an_outer_delimiter_ends_what_was_left_open() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n"
        b"--b\n\none\n"
        b"--a\nContent-Type: text/plain\n--a\n\ntwo"
    )
    assert leaves(raw) == [("text/plain", b"one"), ("text/plain", b""), ("text/plain", b"two")]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"Content-Type: multipart/mixed\r\n\r\nhallo", "no-boundary"),
        (b"Content-Type: multipart/mixed; boundary=x\r\n\r\nhallo", "no-boundary"),
        (nested(DEPTH + 2, b"hallo"), "too-deep"),
        (SHAPES["parts"], "too-many-parts"),
        (MIXED + b"--x\r\n" * (DASHES + 1), "too-many-parts"),
        (MIXED + (b"--b\r\n" + b"A:\r\n" * 25_000 + b"\r\n") * 20, "too-many-parts"),
        (MIXED + b"--b\r\n\r\nhallo\r\n" * (VIEWS + 1), "too-many-texts"),
        (MIXED + (b"--b\r\n\r\n" + b"hallo " * TEXT_BYTES + b"\r\n") * 3, "too-many-texts"),
        (MIXED + b"--b\r\nContent-Type: message/rfc822\r\n\r\n\r\n" * (MAILS_INSIDE + 1), "too-many-mails"),
        (b"A: " + b"b" * HEADER_BYTES + b"\r\n\r\nhallo", "huge-headers"),
        (MIXED + b"--b\r\nA: " + b"b" * HEADER_BYTES + b"\r\n\r\nhallo", "huge-headers"),
    ],
)
def test_what_is_left_out_is_named(raw: bytes, problem: str) -> None:
    message = parse(raw)
    assert problem in message.problems
    assert left_out(message) is (problem != "no-boundary")


def test_what_is_left_out_of_a_mail_inside_is_named() -> None:
    inner = b"Content-Type: message/rfc822\r\n\r\n" + MIXED + b"--b\r\n\r\nhallo\r\n" * (VIEWS + 1)
    assert left_out(parse(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + inner))


def test_a_multipart_without_parts_is_read_as_text() -> None:
    assert parse(b"Content-Type: multipart/mixed; boundary=x\r\n\r\nNaam: Iris").texts == ("Naam: Iris",)


def test_headers_are_unfolded_and_gathered() -> None:
    head = b"From x Mon\r\nA: one\r\n two\r\nb : three\r\nnonsense\r\n left out\r\nA: caf\xc3\xa9\r\n"
    assert fields(head) == {"a": ("one two", "café"), "b": ("three",)}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text/plain; charset=utf-8", {"charset": "utf-8"}),
        ('x/y; A="b;c\\"d" ; e = f', {"a": 'b;c"d', "e": "f"}),
        ("x/y; a=b; a=c; ;=; d", {"a": "b"}),
        ("x; name*=utf-8'nl'caf%C3%A9", {"name": "café"}),
        ("x; name*0*=utf-8''caf%C3; name*1*=%A9; name*2=\".pdf\"", {"name": "café.pdf"}),
        ('x; name="=?utf-8?q?caf=C3=A9?="', {"name": "café"}),
        ('x; boundary="open', {"boundary": "open"}),
    ],
)
def test_parameters(value: str, expected: dict[str, str]) -> None:
    assert parameters(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("A <a@x.example>, b@x.example", (("a@x.example", "b@x.example"), ("A",))),
        ('"Bos, A." (tel 1) <a@x.example>', (("a@x.example",), ("Bos, A.",))),
        ("Bos, Anna <a@x.example>", (("a@x.example",), ("Bos, Anna",))),
        (
            "groep: a@x.example, B <b@x.example>;, c@x.example",
            (("a@x.example", "b@x.example", "c@x.example"), ("B",)),
        ),
        ("a@evil.example <b@x.example>", (("b@x.example",), ("a@evil.example",))),
        ("=?utf-8?q?caf=C3=A9=2C_B?= <a@x.example>", (("a@x.example",), ("café, B",))),
        ("<<a@x.example>", ((), ())),
        ("A <a@x.example> <b@x.example>", ((), ())),
        ('"open <a@x.example>', ((), ())),
        ("(open a@x.example", ((), ())),
        ("A <a b@x.example>, undisclosed:;", ((), ("A",))),
        ('"a\\"b" <a@x.example>', (("a@x.example",), ('a"b',))),
    ],
)
def test_addresses(value: str, expected: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    assert addresses((value,)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?utf-8?B?Y2Fmw6k=?=", "café"),
        ("=?utf-8?q?caf=C3?= =?utf-8?q?=A9_x?=", "café x"),
        ("a =?iso-8859-1?q?=E9?= b =?utf-8?q?c?=", "a é b c"),
        ("=?utf-8?q?=3D?=?=", "=?="),
        ("=?x-unknown?q?a?= =?utf-8?b?%%?=", "a"),
        ("=?utf-8?q?a", "=?utf-8?q?a"),
        ("a\x00b\r\n c", "a b c"),
    ],
)
def test_encoded_words(value: str, expected: str) -> None:
    assert decoded(value) == expected


def test_transfer_encodings() -> None:
    for encoding, body, content in (
        ("base64", b"aGFs\r\nbG8=", b"hallo"),
        ("base64", b"aGFsbG8", b"hallo"),
        ("base64", b"aGFsb=G8=!\xff", b"hallo"),
        ("BASE64 ", b"a", b""),
        ("quoted-printable", b"hal=\r\nlo=21", b"hallo!"),
        ("8bit", b"hallo", b"hallo"),
        ("x-odd", b"hallo", b"hallo"),
    ):
        part, _ = tree(f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body)
        assert part.content() == content, (encoding, body)
        assert part.content(2) == content[:2]


NAMES = st.sampled_from(
    [
        "From",
        "To",
        "Subject",
        "Content-Type",
        "Content-Disposition",
        "Content-Transfer-Encoding",
        "Date",
        "X-A",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            "multipart/mixed; boundary=b",
            'multipart/alternative; boundary="b c"',
            "multipart/report; boundary=b",
            "message/rfc822",
            "text/html; charset=utf-16",
            "application/pkcs7-mime",
            "application/ms-tnef; name=winmail.dat",
            "application/pdf",
            "attachment; filename*=utf-8''x.docx",
            "base64",
            "quoted-printable",
            "A <a@b.example>",
        ]
    ),
    st.text(max_size=30),
)
PIECES = st.one_of(
    st.sampled_from(
        [
            b"\r\n",
            b"\r\n\r\n",
            b"--b\r\n",
            b"--b--\r\n",
            b"--b c\r\n",
            b"<blockquote>",
            b"%PDF-",
            b"PK\x03\x04",
        ]
    ),
    st.tuples(NAMES, VALUES).map(lambda pair: f"{pair[0]}: {pair[1]}\r\n".encode("utf-8", "replace")),
    st.binary(max_size=30),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_any_mail_is_parsed_the_same_within_bounds(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    message = opened(parse(raw))
    assert message == opened(parse(raw))
    assert count(message) <= PARTS + WRAPPINGS * 3 * MAILS_INSIDE**3
    assert len(message.inside) <= MAILS_INSIDE
    assert sum(len(view.text) for view in message.views) <= 4 * TEXTS_BYTES
    assert parse_head(raw).from_addresses == message.from_addresses
    assert (is_bulk(message), automatic(message)) == (is_bulk(parse(raw)), automatic(parse(raw)))
    assert display(raw) == display(raw)
