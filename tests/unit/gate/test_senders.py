"""The allow-list, and what resembles it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigErrors
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
    with pytest.raises(ConfigErrors, match=part.replace("*", r"\*")) as error:
        Senders([HAVEN, practice])
    assert "practice x" in str(error.value)


ALLOWED = {"invaller@gmail.com": "haven", "nieuw.example": "filmwijk", "weg@elders.example": "gone"}


def _allowed(address, domain):
    return ALLOWED.get(address) or ALLOWED.get(domain)


WITH = Senders([FILMWIJK, HAVEN, CAFE], _allowed)


@pytest.mark.parametrize(
    ("address", "practice"),
    [
        ("Invaller <INVALLER@Gmail.com>", HAVEN),
        ("iemand@nieuw.example", FILMWIJK),
        ("ander@gmail.com", None),
        ("iemand@post.nieuw.example", None),
        ("weg@elders.example", None),
        ("haven@gmail.com", HAVEN),
    ],
)
def test_who_was_allowed_counts_beside_the_configuration(address, practice):
    assert WITH.practice_of(address) is practice


@pytest.mark.parametrize(
    ("practice", "sender", "code"),
    [
        ("haven", "Nieuw@Elders.example", None),
        ("haven", "elders.example", None),
        ("haven", "iemand@gmail.com", None),
        ("elders", "a@elders.example", "practice"),
        ("haven", "geen adres", "no_sender"),
        ("haven", "", "no_sender"),
        ("haven", "a@b.example, c@d.example", "no_sender"),
        ("haven", "a@elders.example\r\nBcc: x@y.example", "no_sender"),
        ("haven", "gmail.com", "anybody"),
        ("haven", "co.uk", "anybody"),
        ("haven", "handover.example", "closed"),
        ("haven", "a@post.handover.example", "closed"),
        ("haven", "balie@filmwijk-huisartsen.example", "other_practice"),
        ("haven", "nieuw.example", "other_practice"),
        ("haven", "balie@haven.nl", "known"),
        ("haven", "haven.nl", "known"),
        ("filmwijk", "iemand@nieuw.example", "known"),
    ],
)
def test_who_can_be_allowed(practice, sender, code):
    assert WITH.unfit(practice, sender, {"handover.example"}) == code


def test_a_domain_at_which_another_practice_has_an_address_is_not_to_be_given_away():
    shared = Practice("shared", "Praktijk Samen", addresses=("balie@samen.example",))
    assert Senders([HAVEN, shared]).unfit("haven", "samen.example") == "other_practice"
    assert Senders([HAVEN, shared]).unfit("haven", "ander@samen.example") is None


@given(st.text(max_size=60))
def test_whatever_is_typed_is_one_sender_or_none(text):
    code, folded = WITH.unfit("haven", text, {"handover.example"}), WITH.folded(text)
    assert (folded == "") <= (code == "no_sender")
    assert WITH.folded(folded) == folded
