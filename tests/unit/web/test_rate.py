"""Nobody asks more often than was agreed, and nobody's haste costs another."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.web.rate import MOST, Rate


@given(
    per_minute=st.integers(1, 300),
    gaps=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=80),
)
def test_no_more_than_the_agreed_number_in_any_minute(per_minute: int, gaps: list[float]) -> None:
    rate, now, allowed = Rate(per_minute), 0.0, []
    for gap in gaps:
        now += gap
        if rate.wait("caller", now) == 0:
            allowed.append(now)
    for begin in allowed:
        within = [moment for moment in allowed if begin <= moment < begin + 60]
        # A full bucket at once, and what fills in again during that minute.
        assert len(within) <= 2 * per_minute


@given(per_minute=st.integers(1, 300))
def test_who_waits_as_long_as_told_is_let_in(per_minute: int) -> None:
    rate = Rate(per_minute)
    assert [rate.wait("caller", 0.0) for _ in range(per_minute)] == [0] * per_minute
    told = rate.wait("caller", 0.0)
    assert told >= 1
    assert rate.wait("other", 0.0) == 0
    assert rate.wait("caller", float(told)) == 0


def test_asking_in_vain_costs_nothing_more() -> None:
    rate = Rate(60)
    for _ in range(60):
        rate.wait("caller", 0.0)
    assert {rate.wait("caller", 0.0) for _ in range(500)} == {1}
    assert rate.wait("caller", 1.0) == 0


def test_memory_is_bounded_and_the_longest_unseen_are_forgotten() -> None:
    rate = Rate(1)
    rate.wait("first", 0.0)
    for number in range(MOST):
        rate.wait(str(number), 0.0)
    assert len(rate._buckets) == MOST
    assert rate.wait(str(MOST - 1), 0.0) > 0, "who was seen last is remembered"
    assert rate.wait("first", 0.0) == 0
