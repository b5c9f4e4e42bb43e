"""Open days, opening hours and holidays."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.pathway import Closed
from gateway.domain.workdays import Workdays, holidays_of, later

from .moments import ALMERE, at, local, moments, pathway

ALMERE_DAYS = Workdays(ALMERE)


@pytest.mark.parametrize(
    ("rule", "year", "closed"),
    [("never", 2025, False), ("lustrum", 2025, True), ("lustrum", 2026, False), ("always", 2026, True)],
)
def test_bevrijdingsdag_has_its_own_rule(rule: str, year: int, closed: bool) -> None:
    rules = Closed.model_validate({"bevrijdingsdag": rule})
    assert (date(year, 5, 5) in holidays_of(year, rules)) is closed


def test_saint_martin_and_saint_nicholas_are_working_days() -> None:
    assert ALMERE_DAYS.is_open(date(2026, 11, 11))
    assert ALMERE_DAYS.is_open(date(2025, 12, 5))


def test_people_can_work_on_a_public_holiday() -> None:
    friday = date(2027, 3, 26)
    assert not ALMERE_DAYS.is_open(friday)
    assert Workdays(pathway(closed={"without": ["Goede vrijdag"]})).is_open(friday)
    assert Workdays(pathway(closed={"public": False})).is_open(date(2026, 12, 25))


def test_own_closed_days_count() -> None:
    monday = date(2026, 11, 23)
    assert ALMERE_DAYS.is_open(monday)
    assert not Workdays(pathway(closed={"days": [monday]})).is_open(monday)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20 16:59", "Fri 2026-11-20 16:59"),
        ("2026-11-20 17:00", "Mon 2026-11-23 09:00"),
        ("2026-11-20 03:00", "Fri 2026-11-20 09:00"),
        ("2026-11-21 12:00", "Mon 2026-11-23 09:00"),
        ("2026-12-24 18:00", "Mon 2026-12-28 09:00"),
        ("2026-12-31 17:30", "Mon 2027-01-04 09:00"),
        ("2027-03-25 17:00", "Tue 2027-03-30 09:00"),
    ],
)
def test_nobody_is_disturbed_outside_working_hours(moment: str, expected: str) -> None:
    assert local(ALMERE_DAYS.next_moment(at(moment))) == expected


@given(moments)
def test_the_next_moment_is_the_first_open_one(moment: datetime) -> None:
    found = ALMERE_DAYS.next_moment(moment)
    wall = ALMERE_DAYS.local(found)
    assert found >= moment
    assert found.tzinfo is UTC
    assert ALMERE_DAYS.is_open(wall.date())
    assert time(9) <= wall.time() < time(17)
    assert ALMERE_DAYS.next_moment(found) == found
    if found > moment:
        assert wall.time() == time(9)
        between = moment + (found - moment) / 2
        assert ALMERE_DAYS.next_moment(between) == found


@given(moments, st.integers(1, 15), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_working_days_end_at_work_and_never_shrink(start: datetime, days: int, wait: timedelta) -> None:
    due = ALMERE_DAYS.after(start, days)
    assert ALMERE_DAYS.next_moment(due) == due
    begin, end = ALMERE_DAYS.local(ALMERE_DAYS.next_moment(start)), ALMERE_DAYS.local(due)
    dates = [begin.date() + timedelta(days=n) for n in range(1, (end.date() - begin.date()).days + 1)]
    assert sum(map(ALMERE_DAYS.is_open, dates)) == days
    assert begin.time() == end.time()
    assert ALMERE_DAYS.after(start + wait, days) >= due


@given(moments, st.integers(0, 400))
def test_calendar_days_keep_the_local_time(moment: datetime, days: int) -> None:
    begin, end = ALMERE_DAYS.local(moment), ALMERE_DAYS.local(later(moment, days, ALMERE_DAYS))
    if begin.time() == end.time():
        assert end.date() - begin.date() == timedelta(days=days)
    else:
        # Only the hour that the clocks skip in March has no such local time.
        assert (end.month, end.hour, begin.hour) == (3, 3, 2)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2027-03-26 16:30", "Mon 2027-03-29 16:30", 71),
        ("2026-10-23 16:30", "Mon 2026-10-26 16:30", 73),
        ("2027-03-25 02:30", "Sun 2027-03-28 03:30", 72),
        ("2026-10-22 02:30", "Sun 2026-10-25 02:30", 72),
        ("2026-12-30 12:00", "Sat 2027-01-02 12:00", 72),
    ],
)
def test_three_days_over_a_change_of_clocks(start: str, end: str, hours: int) -> None:
    due = later(at(start), 3, ALMERE_DAYS)
    assert local(due) == end
    assert due - at(start) == timedelta(hours=hours)


def test_a_start_in_the_second_of_two_equal_hours() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert local(second) == "Sun 2026-10-25 02:30"
    assert local(later(second, 3, ALMERE_DAYS)) == "Wed 2026-10-28 02:30"
