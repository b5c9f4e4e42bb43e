"""The words of the beheerders' pages."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from gateway.domain.attribution import Turn
from gateway.domain.states import State
from gateway.web.pages import Pages, catalogue
from gateway.web.words import STATES, TIMES, TURNS, time_words

NOW = datetime(2026, 3, 30, 14, 30, tzinfo=UTC)


class Speaks:
    """The part of the pages that speaks."""

    def __init__(self, language: str) -> None:
        self._texts = catalogue(language)

    def say(self, sentence: str, **values: object) -> str:
        return self._texts.gettext(sentence) % values


def words(left: timedelta, language: str = "nl") -> str:
    return time_words(cast(Pages, Speaks(language)), NOW + left, NOW)


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=1, hours=3, minutes=20), "nog 1 dag en 3 uur"),
        (timedelta(days=2), "nog 2 dagen"),
        (timedelta(hours=5, minutes=1), "nog 5 uur en 1 minuut"),
        (timedelta(minutes=40), "nog 40 minuten"),
        (timedelta(seconds=59), "nog minder dan een minuut"),
        (timedelta(0), "nog minder dan een minuut"),
        (-timedelta(seconds=1), "minder dan een minuut te laat"),
        (-timedelta(hours=2), "2 uur te laat"),
        (-timedelta(days=10, minutes=59), "10 dagen te laat"),
    ],
)
def test_time_is_told_in_words(left: timedelta, told: str) -> None:
    assert words(left) == told


def test_time_is_told_in_english() -> None:
    assert words(timedelta(days=1, hours=3), "en") == "1 day and 3 hours left"
    assert words(-timedelta(minutes=2), "en") == "2 minutes late"


def test_every_state_and_turn_has_a_word_and_each_is_translated() -> None:
    assert STATES.keys() == set(State)
    assert TURNS.keys() == set(Turn)
    assert len(set(STATES.values())) == len(State)
    known = catalogue("en").sentences
    assert not [word for word in (*STATES.values(), *TURNS.values(), *TIMES) if word not in known]
