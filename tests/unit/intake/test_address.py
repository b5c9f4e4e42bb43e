"""Paths of MAIL and RCPT."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.commands import is_address, parse_path


@pytest.mark.parametrize(
    "address",
    [
        "huisarts@praktijk.example",
        "m.de-vries+inbeeld@praktijk-west.example",
        "o'brien@a.b.c.example",
        "joëlle@praktijk.example",
        "x@münchen.example",
        "root@localhost",
        "a" * 64 + "@praktijk.example",
    ],
)
def test_ordinary_addresses(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "huisarts",
        "@praktijk.example",
        "huisarts@",
        "a@b@praktijk.example",
        '"huis arts"@praktijk.example',
        '"huisarts"@praktijk.example',
        "huisarts@[192.0.2.1]",
        "@relay.example:huisarts@praktijk.example",
        ".a@praktijk.example",
        "a.@praktijk.example",
        "a..b@praktijk.example",
        "a@-praktijk.example",
        "a@praktijk-.example",
        "a@praktijk..example",
        "a@praktijk.example.",
        "a@prak_tijk.example",
        "a\u0085b@praktijk.example",
        "a\u00a0b@praktijk.example",
        "a\rb@praktijk.example",
        "a@praktijk.example\n",
        "a\0@praktijk.example",
        "(noot)a@praktijk.example",
        "a" * 65 + "@praktijk.example",
        "é" * 33 + "@praktijk.example",
        "a@" + ".".join(["b" * 60] * 5),
        "a@" + "b" * 64 + ".example",
    ],
)
def test_odd_addresses(address: str) -> None:
    assert not is_address(address)


@given(st.text(max_size=30))
def test_an_accepted_address_can_be_read_in_one_way(text: str) -> None:
    if is_address(text):
        assert text.count("@") == 1
        assert not set(text) & set(' <>()[],;:\\"\r\n\t\0')


def test_a_path_with_parameters() -> None:
    path = parse_path("FROM:", "from:<a@b.example>  size=12 Body=8BITMIME SMTPUTF8")
    assert path is not None
    assert path.address == "a@b.example"
    assert path.parameters == {"SIZE": "12", "BODY": "8BITMIME", "SMTPUTF8": None}


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    for argument in (text, f"FROM:{text}", f"FROM:<{text}", f"FROM:<{text}>", f"FROM:<a@b.example> {text}"):
        path = parse_path("FROM:", argument)
        if path is not None:
            assert not set(path.address) & set("<> ")
