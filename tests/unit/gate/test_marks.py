"""Marks of phone numbers and messages."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.tokens import Marks

MARKS = Marks(b"k" * 32)
numbers = st.integers(10**6, 10**15 - 1).map("+{}".format)


@given(numbers, numbers)
def test_equal_numbers_and_only_those_have_equal_marks(one, other):
    assert (MARKS.phone(one) == MARKS.phone(other)) is (one == other)


@given(numbers)
def test_a_mark_needs_the_secret(number):
    mark = MARKS.phone(number)
    assert mark != Marks(b"x" * 32).phone(number)
    assert mark != hashlib.sha256(number.encode()).hexdigest()
    assert len(mark) == 64


@pytest.mark.parametrize("number", ["", "0612345678", "+3161234567a", "+31 6 12345678", "+31612345678\n"])
def test_what_is_not_e164_is_refused_without_being_repeated(number):
    with pytest.raises(ValueError, match=r"E\.164") as error:
        MARKS.phone(number)
    assert not number or number not in str(error.value)


def test_a_number_and_a_message_of_the_same_text_have_other_marks():
    assert MARKS.message("", "", "+31612345678") != MARKS.phone("+31612345678")


def test_a_message_is_its_practice_its_id_and_what_it_says():
    mark = MARKS.message("p", "<a@gp.example>", "0a")
    assert mark == MARKS.message("p", "<a@gp.example>", "0a")
    others = [("q", "<a@gp.example>", "0a"), ("p", "<b@gp.example>", "0a"), ("p", "<a@gp.example>", "0b")]
    assert mark not in {MARKS.message(*other) for other in others}


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="at least 32"):
        Marks(b"short")
