"""Marks of phone numbers."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.phones import PhoneMarks

MARKS = PhoneMarks(b"k" * 32)
numbers = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)


@given(numbers, numbers)
def test_equal_numbers_and_only_those_have_equal_marks(one, other):
    assert (MARKS.mark(one) == MARKS.mark(other)) is (one == other)


@given(numbers)
def test_a_mark_needs_the_secret(number):
    mark = MARKS.mark(number)
    assert mark != PhoneMarks(b"x" * 32).mark(number)
    assert mark != hashlib.sha256(number.encode()).hexdigest()
    assert len(mark) == 64


def test_a_mark_from_before_a_rotation_is_found():
    after = PhoneMarks(b"n" * 32, previous=(b"k" * 32,))
    assert after.mark("+31612345678") != MARKS.mark("+31612345678")
    assert MARKS.mark("+31612345678") in after.marks("+31612345678")


@pytest.mark.parametrize("number", ["", "0612345678", "+3161234567a", "+31 6 12345678", "+31612345678\n"])
def test_what_is_not_e164_is_refused_without_being_repeated(number):
    with pytest.raises(ValueError, match=r"E\.164") as error:
        MARKS.mark(number)
    assert not number or number not in str(error.value)


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="at least 32"):
        PhoneMarks(b"short")
