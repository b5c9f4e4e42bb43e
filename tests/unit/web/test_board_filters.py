"""What an address asks of the board: understood, or ignored with a sentence."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.board.filters import (
    ERRORS,
    LONGEST,
    TURN_WORDS,
    BoardQuery,
    KnownNames,
    asked,
    kenmerk_begin,
    place_of,
    written,
)
from gateway.board.rows import BoardPlace, Wanted
from gateway.domain.attribution import AWAITING, Turn
from gateway.domain.case import ALPHABET
from gateway.domain.states import State

KNOWN = KnownNames(
    {"de-schoor": "De Schoor"},
    {"filmwijk": "Gezondheidscentrum Filmwijk"},
    lambda text: "Filmwijk" if text.casefold() == "filmwijk" else None,
    frozenset({"stil"}),
)
RIGHT = {
    "staat": "delivered",
    "organisatie": "de-schoor",
    "praktijk": "filmwijk",
    "wijk": "filmwijk",
    "beurt": "verwijzer",
    "te_laat": "ja",
    "na": "0.1774879200000000.12",
    "alles": "stil",
}


def ask(**values: str) -> BoardQuery:
    return asked(values, KNOWN)


def test_an_address_without_anything_asks_for_everything() -> None:
    found = ask()
    assert found.wanted == Wanted()
    assert (found.kenmerk, found.after, found.everything, found.errors) == (None, None, None, {})


def test_what_is_right_is_understood() -> None:
    found = ask(**RIGHT, kenmerk="ib-7k3f")
    assert found.wanted == Wanted(
        State.DELIVERED, "de-schoor", "filmwijk", "Filmwijk", Turn.REFERRER, late=True
    )
    assert found.kenmerk == "IB-7K3F"
    assert found.after == BoardPlace(False, datetime(2026, 3, 30, 14, 0, tzinfo=UTC), 12)
    assert found.everything == "stil"
    assert found.errors == {}


@pytest.mark.parametrize("name", [*RIGHT, "kenmerk"])
@pytest.mark.parametrize("value", ["'; drop table cases --", "<script>", "x" * (LONGEST + 1), "%00", "UUUU"])
def test_what_is_wrong_is_ignored_with_a_sentence_that_repeats_nothing(name: str, value: str) -> None:
    found = ask(**{**RIGHT, name: value})
    assert found.errors == {name: ERRORS[name]}
    assert value not in found.address()
    assert name not in found.given


def test_names_that_nobody_knows_are_nobodys_business() -> None:
    assert ask(herkomst="elders", state="delivered") == ask()


def test_states_that_do_not_run_can_not_be_asked_for() -> None:
    assert {state for state in State if not ask(staat=state).errors} == set(AWAITING)


def test_every_turn_can_be_asked_for() -> None:
    assert set(TURN_WORDS.values()) == set(Turn)


@given(st.dictionaries(st.sampled_from([*ERRORS, "elders"]), st.text(max_size=LONGEST + 5)))
def test_whatever_it_holds_is_understood_or_told(values: dict[str, str]) -> None:
    found = ask(**values)
    wanted = {name for name in values.keys() & ERRORS.keys() if values[name].strip()}
    assert found.given.keys() | found.errors.keys() == wanted
    assert not found.given.keys() & found.errors.keys()


@given(st.fixed_dictionaries({}, optional={name: st.just(value) for name, value in RIGHT.items()}))
def test_an_address_that_is_made_means_the_same(values: dict[str, str]) -> None:
    found = ask(**values)
    assert asked(dict(parse_qsl(found.address())), KNOWN) == found


def test_other_values_are_put_in_and_taken_out() -> None:
    found = ask(**RIGHT)
    assert dict(parse_qsl(found.address(na=None, alles="elders"))) == {
        **{name: value for name, value in RIGHT.items() if name != "na"},
        "wijk": "Filmwijk",
        "alles": "elders",
    }


@given(
    st.booleans(),
    st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 10**15 - 1),
)
def test_a_place_survives_its_address(waits: bool, due: datetime, clock_id: int) -> None:
    place = BoardPlace(waits, due, clock_id)
    assert place_of(written(place)) == place


@given(st.text(max_size=40))
def test_any_other_text_is_no_place(text: str) -> None:
    found = place_of(text)
    assert found is None or isinstance(found, BoardPlace)


def test_a_moment_that_is_none_is_no_place() -> None:
    assert place_of(f"0.{9 * 10**15}.1") is not None
    assert place_of("0.9999999999999999999.1") is None
    assert place_of("0.-1.1") is None


@given(st.text(ALPHABET, min_size=1, max_size=8))
def test_the_beginning_of_a_kenmerk_is_written_as_the_gateway_does(letters: str) -> None:
    begin = kenmerk_begin(letters.lower())
    assert begin is not None
    assert begin.removeprefix("IB-").replace("-", "") == letters
    assert kenmerk_begin(begin) == begin


def test_slips_of_the_pen_are_forgiven() -> None:
    assert kenmerk_begin(" ib 7k3f–9qxm ") == "IB-7K3F-9QXM"
    assert kenmerk_begin("oil") == "IB-011"
    assert kenmerk_begin("IB-") is None
    assert kenmerk_begin("U") is None
    assert kenmerk_begin("123456789") is None
