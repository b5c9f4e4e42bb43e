"""Who is waited for, and how long there is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.attribution import AWAITING, Turn, share_used, time_left, whose_turn
from gateway.domain.states import ENDED, IN_CONTACT, State

NOW = datetime(2026, 3, 30, 14, 30, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize("state", AWAITING)
def test_whoever_waits_for_contact_waits_for_somebody(state: State) -> None:
    assert whose_turn(state) in (Turn.GATEWAY, Turn.REFERRER, Turn.ORGANISATION)
    assert whose_turn(state, held=True) is Turn.ADMINISTRATOR


def test_every_state_either_awaits_contact_or_does_not() -> None:
    others = IN_CONTACT | (ENDED - {State.UNREACHABLE}) | {State.QUARANTINED}
    assert set(AWAITING) | others == set(State)
    assert not set(AWAITING) & others


@pytest.mark.parametrize("state", sorted(IN_CONTACT | {State.CLOSED, State.STOPPED, State.WITHDRAWN}))
def test_after_contact_or_an_end_nobody_is_waited_for(state: State) -> None:
    assert whose_turn(state) is None
    assert whose_turn(state, held=True) is None


@pytest.mark.parametrize("state", [State.QUARANTINED, State.DECLINED, State.RETURNED])
def test_what_nobody_else_can_solve_is_the_administrators(state: State) -> None:
    assert whose_turn(state) is Turn.ADMINISTRATOR


def test_the_deadline_itself_is_not_late() -> None:
    assert time_left(NOW, NOW) == (False, 0, 0, 0)
    assert time_left(NOW, NOW + timedelta(microseconds=1)) == (True, 0, 0, 0)


def test_time_is_whole_days_hours_and_minutes() -> None:
    assert time_left(NOW + timedelta(days=1, hours=3, minutes=59, seconds=59), NOW) == (False, 1, 3, 59)
    assert time_left(NOW - timedelta(hours=25), NOW) == (True, 1, 1, 0)


@given(MOMENTS, MOMENTS)
def test_time_is_rounded_down_by_less_than_a_minute(due: datetime, now: datetime) -> None:
    left = time_left(due, now)
    told = timedelta(days=left.days, hours=left.hours, minutes=left.minutes)
    assert timedelta(0) <= abs(due - now) - told < timedelta(minutes=1)
    assert left.hours < 24
    assert left.minutes < 60
    assert left.late == (now > due)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_a_share_is_a_share(begin: datetime, due: datetime, now: datetime) -> None:
    share = share_used(begin, due, now)
    assert 0 <= share <= 1
    assert share == 1 or now < max(begin, due)


def test_half_of_the_term_is_a_half() -> None:
    assert share_used(NOW, NOW + timedelta(days=2), NOW + timedelta(days=1)) == 0.5
