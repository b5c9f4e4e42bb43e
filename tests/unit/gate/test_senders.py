"""The allow-list, and what resembles it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigError
from gateway.gate.senders import Practice, Senders

FILMWIJK = Practice("filmwijk", "Gezondheidscentrum Filmwijk", domains=("Filmwijk-huisartsen.example",))
HAVEN = Practice(
    "haven", "Praktijk Haven", domains=("haven.nl", "haven-zorg.nl"), addresses=("haven@gmail.com",)
)
CAFE = Practice("cafe", "Praktijk Café", domains=("café.example",))
SENDERS = Senders([FILMWIJK, HAVEN, CAFE])


@pytest.mark.parametrize(
    ("address", "practice"),
    [
        ("balie@filmwijk-huisartsen.example", FILMWIJK),
        ("Balie <BALIE@FILMWIJK-Huisartsen.example>", FILMWIJK),
        ("haven@gmail.com", HAVEN),
        ("HAVEN@Gmail.com", HAVEN),
        ("balie@xn--caf-dma.example", CAFE),
        ("balie@CAFÉ.example", CAFE),
        ("ander@gmail.com", None),
        ("haven+x@gmail.com", None),
        ("balie@post.haven.nl", None),
        ("balie@evil-haven.nl", None),
        ("balie@haven.nl.evil.example", None),
        ("balie@nl", None),
        ('"balie@haven.nl" <evil@elders.example>', None),
        ("balie@haven.nl <evil@elders.example>", None),
        ("balie@haven.nl, evil@elders.example", None),
        ("", None),
    ],
)
def test_only_an_exact_domain_or_address_makes_a_practice(address, practice):
    assert SENDERS.practice_of(address) is practice


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("balie@post.haven.nl", ("haven",)),
        ("nieuw@filmwijk-huisarsten.example", ("filmwijk",)),
        ("balie@filmwijk-huisartsen.nl", ("filmwijk",)),
        ("filmwijk.huisartsen@gmail.com", ("filmwijk",)),
        ("havenn@hotmail.com", ("haven",)),
        ("iemand@gmail.com", ()),
        ("iemand@elders.example", ()),
        ("balie@haven.nl", ()),
        ("geen adres", ()),
    ],
)
def test_near_misses_are_for_the_administrators_eyes(address, near):
    assert SENDERS.near_misses(address) == near


def test_the_nearest_practice_is_named_first():
    senders = Senders(
        [Practice("b", "B", domains=("zeewolde.nl",)), Practice("a", "A", domains=("zeewolda.nl",))]
    )
    assert senders.near_misses("x@post.zeewolde.nl") == ("b", "a")


@given(st.text(max_size=40), st.sampled_from(["haven.nl", "gmail.com", "café.example"]))
def test_looking_never_raises_and_a_near_miss_is_never_a_practice(local, domain):
    address = f"{local}@{domain}"
    assert not (SENDERS.practice_of(address) and SENDERS.near_misses(address))


@pytest.mark.parametrize(
    ("practice", "part"),
    [
        (Practice("x", "X", domains=("gmail.com",)), "anyone can have an address at gmail.com"),
        (Practice("x", "X", domains=("co.uk",)), "anyone can have an address"),
        (Practice("x", "X", domains=("*.haven.nl",)), "no domain"),
        (Practice("x", "X", domains=("@haven.nl",)), "no domain"),
        (Practice("x", "X", addresses=("Naam <a@b.nl>",)), "no address"),
        (Practice("x", "X", domains=("HAVEN.nl",)), "also of practice haven"),
    ],
)
def test_an_entry_that_would_let_in_strangers_is_refused(practice, part):
    with pytest.raises(ConfigError, match=part.replace("*", r"\*")) as error:
        Senders([HAVEN, practice])
    assert "practice x" in str(error.value)
