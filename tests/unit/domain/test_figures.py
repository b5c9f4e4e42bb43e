"""Figures over many cases: counted once, judged by the deadline, and small numbers hidden."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.figures import COUNTS, contact_at, row, suppressed
from gateway.domain.states import Event, State
from gateway.domain.turns import Moment

START = datetime(2035, 3, 5, 9, tzinfo=UTC)
DUE = START + timedelta(days=3)


@dataclass(frozen=True)
class Case:
    """One case as the figures see it."""

    state: State
    moves: tuple[Moment, ...] = ()
    received_at: datetime = START
    due_at: datetime | None = DUE


def moves(*events: tuple[Event, float]) -> tuple[Moment, ...]:
    return tuple(Moment(START + timedelta(hours=hours), event) for event, hours in events)


def reached(hours: float, *later: tuple[Event, float]) -> Case:
    handed = ((Event.ROUTED, 0.0), (Event.DELIVERED, 0.0), (Event.CONTACTED, hours))
    return Case(State.CONTACTED, moves(*handed, *later))


def test_on_time_and_late_go_by_the_deadline() -> None:
    figures = row("all", [reached(72), reached(72.1)], DUE + timedelta(days=9))
    assert (figures.counts["on_time"], figures.counts["late"]) == (1, 1)
    assert figures.share_on_time == 0.5


def test_who_still_waits_is_late_when_the_deadline_has_passed() -> None:
    waiting = Case(State.DELIVERED, moves((Event.ROUTED, 0), (Event.DELIVERED, 0)))
    assert row("all", [waiting], DUE).counts["waiting"] == 1
    assert row("all", [waiting], DUE + timedelta(seconds=1)).counts["late"] == 1


def test_contact_that_was_taken_back_is_none() -> None:
    assert contact_at(reached(1, (Event.CORRECTED, 2)).moves) is None
    again = reached(1, (Event.CORRECTED, 2), (Event.CONTACTED, 5)).moves
    assert contact_at(again) == START + timedelta(hours=5)


def test_median_and_ninetieth_percentile() -> None:
    figures = row("all", [reached(hours) for hours in range(1, 11)], DUE)
    assert figures.hours == (5.0, 9.0)


@pytest.mark.parametrize("hours", [(), (3,)])
def test_few_cases_have_figures_too(hours: tuple[float, ...]) -> None:
    figures = row("all", [reached(each) for each in hours], DUE)
    assert figures.hours == ((3.0, 3.0) if hours else None)
    assert figures.share_on_time == (1.0 if hours else None)


@given(st.lists(st.integers(0, 40), min_size=len(COUNTS), max_size=len(COUNTS)), st.integers(2, 10))
def test_no_small_number_is_shown_or_can_be_worked_out(numbers: list[int], below: int) -> None:
    counts = dict(zip(COUNTS, numbers, strict=True))
    shown = suppressed(counts, below)
    for name, number in counts.items():
        if 0 < number < below:
            assert shown[name] == f"<{below}"
    hidden = [name for name, text in shown.items() if not text.isdigit()]
    large = [name for name, number in counts.items() if number >= below]
    assert len(hidden) != 1 or not large, "one hidden number alone follows from the others"
