"""Folding and alignment of domains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.header import aligned, fold_domain, organisational


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Filmwijk.Example", "filmwijk.example"),
        ("café.example", "xn--caf-dma.example"),
        ("CAFÉ.example", "xn--caf-dma.example"),
        ("ｆilmwijk.example", "filmwijk.example"),
        ("praktijk.nl.", None),
        ("localhost", None),
        ("[192.0.2.1]", None),
        ("192.0.2.1", None),
        ("a..example", None),
        ("-a.example", None),
        ("a_b.example", None),
        ("a b.example", None),
        ("a" * 64 + ".example", None),
        ("a." * 126 + "nl", None),
        ("", None),
    ],
)
def test_folds_to_one_spelling_or_to_nothing(written, folded):
    assert fold_domain(written) == folded


def test_a_look_alike_letter_stays_another_domain():
    cyrillic = "filmwij\u043a.example"
    assert fold_domain(cyrillic) != fold_domain("filmwijk.example")


@given(st.text(max_size=80))
def test_folding_never_raises_and_is_stable(text):
    folded = fold_domain(text)
    assert folded is None or fold_domain(folded) == folded


@pytest.mark.parametrize(
    ("domain", "owner"),
    [("post.praktijk.nl", "praktijk.nl"), ("praktijk.nl", "praktijk.nl"), ("nl", None), ("co.uk", None)],
)
def test_the_owner_is_one_label_below_the_public_suffix(domain, owner):
    assert organisational(domain) == owner


@pytest.mark.parametrize(
    ("header_from", "identifier", "relaxed", "strict"),
    [
        ("praktijk.nl", "praktijk.nl", True, True),
        ("praktijk.nl", "post.praktijk.nl", True, False),
        ("a.praktijk.nl", "b.praktijk.nl", True, False),
        ("praktijk.nl", "nl", False, False),
        ("praktijk.nl", "evilpraktijk.nl", False, False),
        ("praktijk.co.uk", "co.uk", False, False),
        ("co.uk", "org.uk", False, False),
        ("one.github.io", "two.github.io", False, False),
    ],
)
def test_alignment_never_crosses_a_public_suffix(header_from, identifier, relaxed, strict):
    assert aligned(header_from, identifier) is relaxed
    assert aligned(header_from, identifier, strict=True) is strict
