"""What was taken back counts for nothing, and nothing else is taken back with it."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.standing import Reported, in_contact, standing, take_back
from gateway.domain.states import IN_CONTACT, REPORTS, TRANSITIONS, Event, State, recorded

E = Event
ALONG = IN_CONTACT | {State.STOPPED}


def of(*events: Event) -> list[Reported[int]]:
    """These events, none of which brought another along."""
    return [Reported(event, None, at) for at, event in enumerate(events)]


def words(reports: list[Reported[int]]) -> list[Event]:
    return [one.event for one in reports]


def test_a_correction_takes_the_last_report_back() -> None:
    assert words(standing(of(E.ATTEMPTED, E.DECLINED, E.CORRECTED))) == [E.ATTEMPTED]
    assert standing(of(E.CONTACTED, E.CORRECTED)) == []
    assert standing(of(E.CORRECTED)) == []
    assert take_back([]) == ([], [])


def test_contact_stands_until_it_is_taken_back_itself() -> None:
    after_one = of(E.CONTACTED, E.INTAKE_PLANNED, E.NO_SHOW, E.CORRECTED)
    assert words(standing(after_one)) == [E.CONTACTED]
    assert standing([*after_one, *of(E.CORRECTED)]) == []


def test_what_was_true_below_a_mistake_is_to_be_recorded_anew() -> None:
    stack = of(E.CONTACTED, E.INTAKE_PLANNED, E.IN_SUPPORT, E.STOPPED)
    wrong, anew = take_back(stack)
    assert (words(wrong), words(anew), words(stack)) == (
        [E.STOPPED],
        [E.INTAKE_PLANNED, E.IN_SUPPORT],
        [E.CONTACTED],
    )


def test_one_call_that_made_somebody_unreachable_is_taken_back_whole() -> None:
    first, last = of(E.ATTEMPTED, E.ATTEMPTED)
    follows = Reported(E.UNREACHABLE, str(E.ATTEMPTED), 2)
    assert standing([first, last, follows, *of(E.CORRECTED)]) == [first]
    said = Reported(E.UNREACHABLE, None, 2)
    assert standing([first, last, said, *of(E.CORRECTED)]) == [first, last]


@given(st.lists(st.sampled_from(sorted({*REPORTS, E.DELIVERED, E.REROUTED}))))
def test_contact_stands_exactly_while_the_case_is_in_contact(told: list[Event]) -> None:
    state, made = State.ROUTED, list[Reported[int]]()
    for event in told:
        for each in recorded(state, event):
            if (state, each) in TRANSITIONS:
                state = TRANSITIONS[state, each]
                made.append(Reported(each, None if each is event else str(event), len(made)))
        assert in_contact(standing(made)) == (state in ALONG), made
