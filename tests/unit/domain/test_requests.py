"""What a referrer asks in a thread: plain requests count, doubt does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.requests import Request, request_in

WITHDRAW = [
    "Niet meer nodig",
    "niet meer nodig, dank",
    "Beste collega,\n\nDeze aanmelding mag vervallen.",
    "Intrekken graag",
    "Graag intrekken.\n\nGroet, Marieke\n> Uw aanmelding is ontvangen",
    "Goedemorgen, wilt u de aanmelding annuleren",
    "Ik trek de aanmelding in.",
    "Hoeft niet meer, ze is verhuisd",
]
STATUS = [
    "status?",
    "Status",
    "Hoe staat het ermee?",
    "Beste,\nIs er inmiddels contact geweest?",
    "Goedemiddag, is er al contact?",
    "Wat is de stand van zaken?",
]
NOTHING = [
    "",
    "Bedankt!",
    "06-12345678",
    "Kan het ingetrokken worden?",
    "Niet intrekken alstublieft",
    "Als ze niet belt is het niet meer nodig",
    "De hulp is nog steeds nodig, niet intrekken",
    "> intrekken",
    "De status van haar uitkering is onbekend en dat geeft veel zorgen",
    "Mevrouw zei gisteren op het spreekuur dat haar auto niet meer nodig is omdat ze nu met "
    "de bus naar het werk gaat",
]


@pytest.mark.parametrize("text", WITHDRAW)
def test_a_plain_withdrawal(text: str) -> None:
    assert request_in(text) is Request.WITHDRAW


@pytest.mark.parametrize("text", STATUS)
def test_asking_for_the_status(text: str) -> None:
    assert request_in(text) is Request.STATUS


@pytest.mark.parametrize("text", NOTHING)
def test_doubt_is_no_request(text: str) -> None:
    assert request_in(text) is None


@given(st.text(max_size=400))
def test_any_text_is_understood_or_not_but_never_breaks(text: str) -> None:
    assert request_in(text) in (None, *Request)


@given(st.sampled_from(WITHDRAW[:2] + WITHDRAW[3:4]))
def test_a_question_mark_takes_a_withdrawal_away(text: str) -> None:
    assert request_in(f"{text}?") is not Request.WITHDRAW
