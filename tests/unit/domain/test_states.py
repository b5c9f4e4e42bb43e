"""The transition table: what it reaches, what it refuses, and what moves nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.codes import FHIR_TASK_STATUS
from gateway.domain.states import (
    CONTACT,
    ENDED,
    IN_CONTACT,
    REPORTS,
    TRANSITIONS,
    WITH_ORGANISATION,
    Event,
    State,
    allowed,
    is_echo,
    move,
    recorded,
)
from gateway.errors import NotAllowed

S, E = State, Event


def reachable(start: State) -> set[State]:
    """Every state some events lead to."""
    found, todo = {start}, [start]
    while todo:
        state = todo.pop()
        for event in allowed(state):
            if (target := move(state, event)) not in found:
                found.add(target)
                todo.append(target)
    return found


def test_every_state_is_reachable() -> None:
    assert reachable(S.RECEIVED) == set(State)


@pytest.mark.parametrize("state", [state for state in State if state is not S.CLOSED])
def test_every_state_has_a_way_to_closed(state: State) -> None:
    assert S.CLOSED in reachable(state)


def test_closed_is_the_end() -> None:
    assert allowed(S.CLOSED) == ()
    assert all(is_echo(S.CLOSED, event) for event in Event)


def test_every_event_but_the_birth_moves_something() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event) - {E.RECEIVED}


def test_states_are_in_exactly_one_stage() -> None:
    before = (S.RECEIVED, S.NEEDS_INFO, S.QUARANTINED)
    stages = [*before, *WITH_ORGANISATION, *IN_CONTACT, *ENDED]
    assert sorted(stages) == sorted(State)


@given(st.data(), st.integers(1, 30))
def test_in_beeld_is_true(data: st.DataObject, steps: int) -> None:
    """However a case walks: who is in contact was reported so, and no correction took that back since."""
    state, standing = S.RECEIVED, False
    for _ in range(steps):
        if not (possible := allowed(state)):
            break
        event = data.draw(st.sampled_from(possible))
        was, state = state, move(state, event)
        if event in CONTACT:
            standing = True
        elif was is S.CONTACTED and event is E.CORRECTED:
            standing = False
        assert not (state in IN_CONTACT and not standing)


@pytest.mark.parametrize(
    ("wrong", "back"),
    [
        (S.ATTEMPTED, S.COLLECTED),
        (S.CONTACTED, S.COLLECTED),
        (S.DECLINED, S.COLLECTED),
        (S.UNREACHABLE, S.COLLECTED),
        (S.INTAKE_PLANNED, S.CONTACTED),
        (S.NO_SHOW, S.CONTACTED),
        (S.IN_SUPPORT, S.CONTACTED),
        (S.STOPPED, S.CONTACTED),
    ],
)
def test_a_correction_leads_back_to_what_is_certain(wrong: State, back: State) -> None:
    assert move(wrong, E.CORRECTED) is back


def test_only_reports_can_be_taken_back() -> None:
    reported = {S.ATTEMPTED, S.DECLINED, S.UNREACHABLE, S.STOPPED} | IN_CONTACT
    assert {state for state in State if E.CORRECTED in allowed(state)} == reported


@given(st.sampled_from(State), st.sampled_from(Event))
def test_an_echo_never_moves(state: State, event: Event) -> None:
    if is_echo(state, event):
        with pytest.raises(NotAllowed):
            move(state, event)
    else:
        assert event not in allowed(state) or (state, event) in TRANSITIONS


@pytest.mark.parametrize("state", sorted(WITH_ORGANISATION | {S.UNREACHABLE, S.DECLINED}))
@pytest.mark.parametrize("event", sorted(CONTACT))
def test_contact_counts_however_late(state: State, event: Event) -> None:
    assert move(state, event) is S.CONTACTED


@pytest.mark.parametrize("state", [S.RECEIVED, S.NEEDS_INFO, S.QUARANTINED])
def test_nobody_can_report_before_the_route(state: State) -> None:
    assert not REPORTS & set(allowed(state))


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (S.CONTACTED, E.DELIVERED),
        (S.CONTACTED, E.CONTACTED),
        (S.CONTACTED, E.SELF_CONTACT),
        (S.CONTACTED, E.ATTEMPTED),
        (S.IN_SUPPORT, E.CONTACTED),
        (S.ATTEMPTED, E.COLLECTED),
        (S.DELIVERED, E.DELIVERED),
        (S.WITHDRAWN, E.CONTACTED),
        (S.DECLINED, E.DECLINED),
    ],
)
def test_late_and_repeated_reports_are_echoes(state: State, event: Event) -> None:
    assert is_echo(state, event)


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (S.DELIVERED, E.STOPPED),
        (S.DELIVERED, E.NO_SHOW),
        (S.RECEIVED, E.CONTACTED),
        (S.COLLECTED, E.CORRECTED),
    ],
)
def test_a_report_that_contradicts_is_neither_move_nor_echo(state: State, event: Event) -> None:
    assert not is_echo(state, event)
    with pytest.raises(NotAllowed):
        move(state, event)


def test_each_attempt_counts() -> None:
    assert move(S.ATTEMPTED, E.ATTEMPTED) is S.ATTEMPTED


def test_a_refusal_after_contact_is_the_end_of_support() -> None:
    assert {move(state, E.DECLINED) for state in IN_CONTACT} == {S.STOPPED}


def test_who_plans_or_starts_has_spoken_with_the_patient() -> None:
    assert recorded(S.DELIVERED, E.IN_SUPPORT) == (E.CONTACTED, E.IN_SUPPORT)
    assert recorded(S.UNREACHABLE, E.INTAKE_PLANNED) == (E.CONTACTED, E.INTAKE_PLANNED)
    assert recorded(S.CONTACTED, E.INTAKE_PLANNED) == (E.INTAKE_PLANNED,)
    assert recorded(S.DELIVERED, E.ATTEMPTED) == (E.ATTEMPTED,)
    assert recorded(S.RECEIVED, E.IN_SUPPORT) == (E.IN_SUPPORT,)


@given(st.sampled_from(sorted(WITH_ORGANISATION)), st.sampled_from([E.IN_SUPPORT, E.INTAKE_PLANNED]))
def test_what_is_recorded_can_be_moved(state: State, event: Event) -> None:
    for each in recorded(state, event):
        state = move(state, each)
    assert state == State(event)


def test_every_state_has_a_status_in_fhir() -> None:
    known = {"requested", "accepted", "rejected", "in-progress", "completed", "failed", "cancelled"}
    assert set(FHIR_TASK_STATUS) == set(State)
    assert set(FHIR_TASK_STATUS.values()) <= known
