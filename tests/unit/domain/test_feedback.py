"""What each profile tells the referrer."""

from typing import Any

import pytest

from gateway.domain.codes import DeclineReason, NextStep, StopOutcome
from gateway.domain.feedback import TOLD, answer, answer_to_correction, answer_to_refusal, answers
from gateway.domain.messages import Code
from gateway.domain.pathway import Feedback
from gateway.domain.states import CONTACT, Event

E, F = Event, Feedback


@pytest.mark.parametrize("feedback", Feedback)
def test_in_beeld_follows_contact_and_nothing_else(feedback: Feedback) -> None:
    telling = {event for event in Event if answer(event, feedback) is Code.IN_BEELD}
    assert telling == (set() if feedback is F.GEAGGREGEERD else CONTACT)


@pytest.mark.parametrize("feedback", Feedback)
def test_what_only_the_referrer_can_solve_is_always_told(feedback: Feedback) -> None:
    assert answer(E.UNREACHABLE, feedback) is Code.UNREACHABLE
    assert answer(E.RETURNED, feedback) is Code.RETURNED


def test_each_place_hears_what_it_agreed() -> None:
    assert set(TOLD) == set(Feedback)
    assert answer(E.STOPPED, F.IN_BEELD) is None
    assert answer(E.STOPPED, F.DAT_EN_STOP) is Code.STOPPED
    assert answer(E.STOPPED, F.UITKOMST) is Code.STOPPED_OUTCOME
    assert answer(E.INTAKE_PLANNED, F.DAT_EN_STOP) is None
    assert answer(E.INTAKE_PLANNED, F.VERVOLGSTAP) is Code.INTAKE_PLANNED


def test_a_refusal_is_told_as_what_it_changes() -> None:
    assert answer_to_refusal(DeclineReason.CAPACITY, F.IN_BEELD, has_backup=True) is Code.DECLINED_REROUTED
    assert answer_to_refusal(DeclineReason.CAPACITY, F.IN_BEELD, has_backup=False) is Code.NOBODY_YET
    assert answer_to_refusal(DeclineReason.AREA, F.GEAGGREGEERD, has_backup=True) is None
    final = DeclineReason.PATIENT_DECLINED
    assert answer_to_refusal(final, F.IN_BEELD, has_backup=True) is Code.NOT_CONTINUED
    assert answer_to_refusal(final, F.UITKOMST, has_backup=True) is Code.NOT_CONTINUED_REASON
    assert answer_to_refusal(final, F.GEAGGREGEERD, has_backup=False) is None


def test_a_correction_is_told_to_who_was_told_wrong() -> None:
    assert answer_to_correction(Code.IN_BEELD) is Code.CORRECTED
    assert answer_to_correction(Code.STOPPED) is Code.CORRECTED_OTHER
    assert answer_to_correction(None) is None


def test_a_next_step_comes_after_in_beeld_and_instead_of_anything_else() -> None:
    step: dict[str, Any] = {"next_step": NextStep.INTAKE}
    assert answers(Event.CONTACTED, Feedback.VERVOLGSTAP, **step) == (Code.IN_BEELD, Code.NEXT_STEP)
    assert answers(Event.IN_SUPPORT, Feedback.VERVOLGSTAP, **step) == (Code.NEXT_STEP,)
    assert answers(Event.UNREACHABLE, Feedback.VERVOLGSTAP, **step) == (Code.UNREACHABLE,)
    assert answers(Event.CONTACTED, Feedback.IN_BEELD, **step) == (Code.IN_BEELD,)
    assert answers(Event.COLLECTED, Feedback.VERVOLGSTAP, **step) == ()


def test_an_outcome_that_was_not_reported_is_not_told() -> None:
    assert answers(Event.STOPPED, Feedback.UITKOMST) == (Code.STOPPED,)
    told = answers(Event.STOPPED, Feedback.UITKOMST, outcome=StopOutcome.COMPLETED)
    assert told == (Code.STOPPED_OUTCOME,)
