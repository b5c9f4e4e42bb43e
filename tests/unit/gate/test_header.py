"""The one From address, or none."""

import email
import email.policy
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.header import fields, fold_address, from_address, one_address

GP = "balie@filmwijk.example"


@pytest.mark.parametrize(
    "value",
    [
        GP,
        f"<{GP}>",
        "Balie <BALIE@Filmwijk.Example>",
        f'"Balie, huisartsen" <{GP}>',
        f"=?utf-8?q?Praktijk=3A_x?= <{GP}>",
        f"{GP} (Balie (achter))",
        f"(Balie) <{GP}> (ochtend)",
        f'"evil@elders.example" <{GP}>',
        f"Dr. José d'Arc\u2019s <{GP}>",
        f'"een \\" aanhaling" <{GP}>',
    ],
)
def test_reads_one_address_whatever_the_display_name(value):
    assert one_address(value) == GP


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Balie",
        f"{GP}, evil@elders.example",
        f"<{GP}>, <evil@elders.example>",
        f"<{GP}> <evil@elders.example>",
        f"{GP} <evil@elders.example>",
        f"<evil@elders.example> {GP}",
        f"Groep: {GP};",
        f"Groep: {GP}",
        "<evil@elders.example@filmwijk.example>",
        "@evil.example:balie@filmwijk.example",
        f"<@evil.example:{GP}>",
        '"balie"@filmwijk.example',
        "balie (x)@filmwijk.example",
        "balie(x)@filmwijk.example",
        f"{GP} (open",
        f'{GP} "open',
        f'{GP} "open\\"',
        'balie"x"@filmwijk.example',
        "balie@=?utf-8?q?filmwijk.example?=",
        "balie@[192.0.2.1]",
        f"{GP}\x00",
        f"Balie <{GP}\r>",
        f"Balie (niet dicht <{GP}>",
        f'"niet dicht <{GP}>',
        "a" * 65 + "@filmwijk.example",
        ".balie@filmwijk.example",
        "ba..lie@filmwijk.example",
    ],
)
def test_prefers_nothing_to_a_guess(value):
    assert one_address(value) is None


@given(st.text(alphabet='ab@.<>,;:"\\() =?qxé\t', max_size=60))
def test_agrees_with_the_standard_library_or_gives_nothing(value):
    """Another parser downstream must not see another author than the one that was proven."""
    found = one_address(value)
    if found is not None and "=?" not in value:
        header = email.policy.default.header_factory("From", value)
        assert [address.addr_spec.lower() for address in header.addresses] == [found] or not found.isascii()


@given(st.binary(max_size=200))
def test_never_raises(raw):
    from_address(raw)
    from_address(b"From: " + raw)
    one_address(raw.decode("latin-1"))


@pytest.mark.parametrize(
    "header",
    [
        f"From: {GP}\r\nFrom: {GP}\r\n",
        f"From: {GP}\r\nFROM : evil@elders.example\r\n",
        f"Subject: x\r\nzonder dubbele punt\r\nFrom: {GP}\r\n",
        f" From: {GP}\r\n",
        f"Subject: x\rFrom: evil@elders.example\r\nFrom: {GP}\r\n",
        f"Subject: x\r\n\r\nFrom: {GP}\r\n",
        f"Sender: {GP}\r\n",
    ],
)
def test_a_header_that_could_be_read_twice_has_no_author(header):
    assert from_address(header.encode() + b"\r\ntekst\r\n") is None


def test_the_first_line_of_a_mailbox_file_is_no_author():
    line = b"From evil@elders.example Sun Nov 22 12:00:00 2026\r\n"
    rest = b"From: balie@filmwijk.example\r\n\r\n"
    assert from_address(line + rest) == GP
    assert from_address(b"Subject: x\r\n" + line + rest) is None
    assert from_address(b"From : evil@elders.example\r\n" + rest) is None


def test_reads_folded_fields_in_order_with_their_place():
    raw = b"A: 1\r\nFrom: Balie\r\n <balie@filmwijk.example>\r\n\r\nFrom: x@y.example\r\n"
    header = fields(raw)
    assert header is not None
    assert [field.name for field in header] == ["a", "from"]
    assert raw[header[1].start : header[1].end] == b"From: Balie\r\n <balie@filmwijk.example>\r\n"
    assert from_address(raw) == GP


def test_a_latin_1_display_name_does_not_hide_the_address():
    assert from_address("From: José <balie@filmwijk.example>\r\n\r\n".encode("latin-1")) == GP


def test_a_domain_that_is_not_utf_8_is_no_domain():
    assert from_address("From: balie@café.example\r\n\r\n".encode("latin-1")) is None


def test_a_header_of_many_folds_takes_no_square_time():
    raw = b"X: 1\r\n" + b" a\r\n" * 20_000 + b"From: balie@filmwijk.example\r\n\r\n"
    started = time.process_time()
    assert from_address(raw) == GP
    assert time.process_time() - started < 2


def test_an_address_is_folded_whole():
    assert fold_address("Balie@CAFÉ.example") == "balie@xn--caf-dma.example"
    assert fold_address("Balie <balie@cafe.example>") is None
