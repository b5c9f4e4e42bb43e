"""What an organisation can report, by every channel: no channel lacks a word of the one list.

The command line takes every event of it, and the board is held to it where its words are tested.
"""

import tomllib
from pathlib import Path

import pytest

from gateway.domain.codes import DeclineReason, NextStep, StopOutcome
from gateway.domain.states import REPORTS, Event
from gateway.reading.letters.record import ReportCode
from gateway.reading.letters.reports import PHRASES
from gateway.sealing.letter import REPORTS as LETTER
from gateway.web.api.vocabulary import NEXT_STEPS, OUTCOMES, REASONS, STATUSES
from gateway.web.public.confirm import CHOICES

BY_ITSELF = {Event.UNREACHABLE}
"""It follows from the attempts, or from a number that is wrong."""
OF_THE_SYSTEM = {Event.COLLECTED}
"""Whoever reads the page or the inbox has collected it."""


def test_every_report_can_be_said_in_an_answer_by_mail() -> None:
    said = {str(phrase.report) for phrase in PHRASES.values() if phrase.report}
    assert {str(event) for event in REPORTS - BY_ITSELF - {Event.WITHDRAWAL_CONFIRMED}} <= said
    assert {ReportCode.SEEN, ReportCode.WRONG_NUMBER} <= said
    outcomes = {phrase.outcome for phrase in PHRASES.values()}
    assert StopOutcome.COMPLETED in outcomes


def test_every_report_can_be_chosen_on_the_page_and_in_the_inbox() -> None:
    assert {choice.event for choice in CHOICES} == REPORTS - OF_THE_SYSTEM
    assert {choice.reason for choice in CHOICES} >= set(DeclineReason)
    assert {choice.outcome for choice in CHOICES} >= set(StopOutcome) - {StopOutcome.OTHER}
    assert {choice.next_step for choice in CHOICES} >= set(NextStep) - {NextStep.INTAKE}
    assert any(choice.wrong_number for choice in CHOICES)
    words = [choice.word for choice in CHOICES]
    assert len(set(words)) == len(words)


def test_every_report_has_a_word_in_the_api() -> None:
    assert set(STATUSES) == REPORTS
    assert (set(REASONS), set(OUTCOMES), set(NEXT_STEPS)) == (
        set(DeclineReason),
        set(StopOutcome),
        set(NextStep),
    )


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_word_that_we_ask_for_is_understood(language: str) -> None:
    file = Path(__file__).parents[2] / "config" / "wording" / f"{language}.toml"
    asked = tomllib.loads(file.read_text("utf-8"))["words"]["keyword"]
    assert set(asked) == {str(event) for event in REPORTS}
    for word in asked.values():
        assert tuple(word.lower().split()) in PHRASES, word


def test_the_letter_offers_only_words_that_are_understood() -> None:
    for word, _ in LETTER:
        assert tuple(word.lower().split()) in PHRASES, word
