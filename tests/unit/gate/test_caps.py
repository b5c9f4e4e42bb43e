"""Caps: a storm is answered up to the cap and rings once per window."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.incoming import Caps

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CAPS = Caps(per_sender=3, per_practice=5, window=timedelta(hours=1))


@pytest.mark.parametrize(
    ("sender", "practice", "over"),
    [(1, 1, None), (3, 5, None), (4, 4, "sender"), (1, 6, "practice"), (4, 6, "sender")],
)
def test_up_to_the_cap_is_answered(now, sender, practice, over):
    decision = CAPS.decide(sender, practice, now)
    assert decision.over == over
    assert decision.answer is (over is None)
    assert decision.alarm is (over is not None)


def test_a_storm_rings_once_per_window_and_answers_end_at_the_cap(now):
    """A mail every minute for three hours: the counts are those of a store that looks back one window."""
    received, alarm, alarms, answers = list[datetime](), None, 0, 0
    for minute in range(180):
        at = now + timedelta(minutes=minute)
        received = [moment for moment in [*received, at] if moment > CAPS.since(at)]
        decision = CAPS.decide(len(received), len(received), at, alarm)
        answers += decision.answer
        if decision.alarm:
            alarm, alarms = at, alarms + 1
    assert (answers, alarms) == (3, 3)


@given(st.integers(0, 500), st.integers(0, 500), st.timedeltas(timedelta(0), timedelta(hours=3)))
def test_an_alarm_never_goes_with_an_answer(sender, practice, ago):
    decision = CAPS.decide(sender, practice, NOW, NOW - ago)
    assert not (decision.answer and decision.alarm)
    assert decision.answer is (sender <= 3 and practice <= 5)
    if not decision.answer:
        assert decision.alarm is (ago >= timedelta(hours=1))


def test_a_new_window_rings_again():
    assert CAPS.decide(4, 4, NOW, NOW - timedelta(hours=1)).alarm
    assert not CAPS.decide(4, 4, NOW, NOW - timedelta(minutes=59)).alarm


@pytest.mark.parametrize("wrong", [{"per_sender": 0}, {"per_practice": 0}, {"window": timedelta(0)}])
def test_caps_that_would_stop_everything_are_refused(wrong):
    with pytest.raises(ValueError, match="at least 1"):
        Caps(**wrong)
