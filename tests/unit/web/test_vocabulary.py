"""Every closed code can be said in two languages, and nothing else can be said."""

from collections.abc import Mapping
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.domain.case import ReportWord
from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome
from gateway.web.api.models import (
    DAY_PARTS,
    NEXT_STEPS,
    OUTCOMES,
    REASONS,
    STATUSES,
    StatusBody,
    Weigering,
    words,
)

LEASE = "a" * 32


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (STATUSES, ReportWord),
        (REASONS, DeclineReason),
        (OUTCOMES, StopOutcome),
        (NEXT_STEPS, NextStep),
        (DAY_PARTS, DayPart),
    ],
)
def test_every_code_has_a_word_and_every_word_means_one_code(
    table: Mapping[StrEnum, str], codes: type[StrEnum]
) -> None:
    assert set(table) == set(codes)
    assert len(set(words(table))) == 2 * len(table)


def test_both_words_say_the_same() -> None:
    for word in ReportWord:
        reason = {"reden": "vol"} if word is ReportWord.DECLINED else {}
        ours = StatusBody.model_validate({"status": str(word)} | reason)
        assert ours == StatusBody.model_validate({"status": STATUSES[word]} | reason)
        assert ours.status is word


def test_a_next_step_may_be_a_word_of_the_place_and_nothing_longer() -> None:
    said = StatusBody.model_validate({"status": "gestart", "vervolgstap": "sociaal team"})
    assert said.vervolgstap == "sociaal team"
    for wrong in ("", "06-12345678", "a b c d e f", "x" * 500 + "1"):
        with pytest.raises(ValidationError):
            StatusBody.model_validate({"status": "gestart", "vervolgstap": wrong})


@given(word=st.text(max_size=30).filter(lambda word: word not in words(STATUSES)))
def test_anything_else_is_refused_with_the_list_and_not_repeated(word: str) -> None:
    with pytest.raises(ValidationError) as refused:
        StatusBody.model_validate({"status": word})
    (fault,) = refused.value.errors(include_input=False)
    assert fault["ctx"]["toegestaan"] == words(STATUSES)
    assert fault["msg"] == "is geen bekende code"


def test_a_refusal_needs_a_reason() -> None:
    with pytest.raises(ValidationError):
        StatusBody.model_validate({"status": "declined"})
    with pytest.raises(ValidationError):
        Weigering.model_validate({"leaseToken": LEASE})
    assert Weigering.model_validate({"leaseToken": LEASE, "reden": "dubbel"}).reden is DeclineReason.DUPLICATE
