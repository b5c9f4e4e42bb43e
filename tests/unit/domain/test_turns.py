"""Whose turn it was: pauses and attribution add up, whatever happens."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.attribution import Attribution, Moment, attribution, paused_time, stretches, tried_enough
from gateway.domain.states import ENDED, IN_CONTACT, Event, State

from .moments import ALMERE, at

E = Event
START = at("2026-11-17 11:00")
HOUR = timedelta(hours=1)


def history(*events: Event) -> list[Moment]:
    """The events, one each hour."""
    return [Moment(START + HOUR * (place + 1), event) for place, event in enumerate(events)]


histories = st.lists(
    st.tuples(st.sampled_from(Event), st.timedeltas(timedelta(0), timedelta(days=3))), max_size=25
).map(
    lambda steps: [
        Moment(START + sum((gap for _, gap in steps[: place + 1]), timedelta(0)), event)
        for place, (event, _) in enumerate(steps)
    ]
)
ends = st.timedeltas(timedelta(0), timedelta(days=90)).map(lambda gap: START + gap)


def test_a_walk_is_attributed_to_who_had_the_turn() -> None:
    walk = history(E.NEEDS_INFO, E.INFO_GIVEN, E.ROUTED, E.DELIVERED, E.COLLECTED, E.ATTEMPTED, E.CONTACTED)
    assert attribution(START, walk, START + 99 * HOUR) == Attribution(
        gateway=3 * HOUR, referrer=HOUR, not_collected=HOUR, organisation=2 * HOUR
    )


def test_an_open_question_pauses_until_now() -> None:
    assert paused_time(START, history(E.NEEDS_INFO), START + 5 * HOUR) == 4 * HOUR


def test_two_questions_are_both_pauses() -> None:
    walk = history(E.NEEDS_INFO, E.INFO_GIVEN, E.NEEDS_INFO, E.INFO_GIVEN, E.ROUTED)
    assert paused_time(START, walk, START + 99 * HOUR) == 2 * HOUR


def test_who_can_t_be_reached_is_the_referrer_s_turn_and_a_pause() -> None:
    walk = history(E.ROUTED, E.DELIVERED, E.ATTEMPTED, E.UNREACHABLE, E.INFO_GIVEN, E.ROUTED)
    parts = attribution(START, walk, START + 99 * HOUR)
    assert (parts.organisation, parts.referrer) == (HOUR, HOUR)
    assert paused_time(START, walk, START + 99 * HOUR) == HOUR


def test_an_unreachable_that_was_taken_back_is_no_pause() -> None:
    walk = history(E.ROUTED, E.DELIVERED, E.ATTEMPTED, E.UNREACHABLE, E.CORRECTED)
    assert paused_time(START, walk, START + 99 * HOUR) == timedelta(0)


def test_contact_taken_back_is_the_organisation_s_time() -> None:
    walk = history(E.ROUTED, E.COLLECTED, E.CONTACTED, E.CORRECTED)
    assert attribution(START, walk, START + 6 * HOUR).organisation == 4 * HOUR
    assert attribution(START, walk[:-1], START + 6 * HOUR).organisation == HOUR


@given(histories, ends)
def test_stretches_have_no_gaps(events: list[Moment], until: datetime) -> None:
    found = list(stretches(START, events, until))
    assert found[0].begin == START
    assert found[-1].end == until
    assert all(first.end == second.begin for first, second in pairwise(found))
    assert all(begin <= end for _, begin, end in found)


@given(histories, ends)
def test_the_parts_add_up_to_the_microsecond(events: list[Moment], until: datetime) -> None:
    parts = attribution(START, events, until)
    found = list(stretches(START, events, until))
    counted = set(State) - IN_CONTACT - ENDED | {State.UNREACHABLE, State.DECLINED}
    whole = timedelta(0)
    for place, (state, begin, end) in enumerate(found):
        if state in counted or (state in IN_CONTACT and _taken_back([each.state for each in found[place:]])):
            whole += end - begin
    assert parts.total == whole
    # "Unreachable" was taken back: the referrer was asked something, but the promise did not stand still.
    asked = sum(
        (
            before.end - before.begin
            for before, after in pairwise(found)
            if (before.state, after.state) == (State.UNREACHABLE, State.COLLECTED)
        ),
        timedelta(0),
    )
    # Nobody answered and we gave up: the case has ended, nobody has the turn, but the promise stands still.
    given_up = sum(
        (
            after.end - after.begin
            for before, after in pairwise(found)
            if before.state in (State.NEEDS_INFO, State.UNREACHABLE) and after.state is State.RETURNED
        ),
        timedelta(0),
    )
    assert parts.referrer + given_up == paused_time(START, events, until) + asked


def _taken_back(states: list[State]) -> bool:
    after = next((state for state in states if state not in IN_CONTACT), None)
    return after is State.COLLECTED


def test_an_answer_after_we_gave_up_finds_the_promise_as_it_was() -> None:
    walk = history(E.NEEDS_INFO, E.RETURNED, E.INFO_GIVEN)
    assert paused_time(START, walk, START + 5 * HOUR) == 2 * HOUR
    assert attribution(START, walk, START + 5 * HOUR) == Attribution(gateway=3 * HOUR, referrer=HOUR)


@given(histories, ends)
def test_echoes_and_replays_change_nothing(events: list[Moment], until: datetime) -> None:
    once = attribution(START, events, until)
    last = events[-1].at if events else START
    noise = [*events, Moment(last, E.RECEIVED)]
    assert attribution(START, noise, until) == once


@given(histories, ends, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_pause_is_never_lost(events: list[Moment], until: datetime, more: timedelta) -> None:
    assert paused_time(START, events, until + more) >= paused_time(START, events, until)


def test_a_clock_that_went_back_gives_no_negative_time() -> None:
    walk = [Moment(START + 2 * HOUR, E.ROUTED), Moment(START + HOUR, E.DELIVERED)]
    parts = attribution(START, walk, START + 3 * HOUR)
    assert parts == Attribution(gateway=2 * HOUR, not_collected=HOUR)


def test_unreachable_takes_enough_tries_on_enough_days() -> None:
    monday = [at("2026-11-16 10:00"), at("2026-11-16 14:00"), at("2026-11-16 19:00")]
    assert not tried_enough(monday, ALMERE)
    assert not tried_enough([monday[0], at("2026-11-17 10:00")], ALMERE)
    assert tried_enough([*monday[:2], at("2026-11-17 10:00")], ALMERE)
    # Midnight is local: these are 23:30 and 00:30 in Amsterdam.
    assert tried_enough([at("2026-11-16 23:00"), at("2026-11-16 23:30"), at("2026-11-17 00:30")], ALMERE)
