"""The states of a case and the one table that says which event moves which state.

It promises that nothing else decides about moves: `move` answers or raises `NotAllowed`, an echo (a report
that comes twice, or late) never moves anything, and only a contact event leads to `contacted`.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.errors import NotAllowed


class State(StrEnum):
    """Where a case is. *Overdue* comes from the clock and *held* belongs to the outbox: no states here."""

    RECEIVED = "received"
    NEEDS_INFO = "needs_info"
    QUARANTINED = "quarantined"
    ROUTED = "routed"
    DELIVERED = "delivered"
    COLLECTED = "collected"
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    INTAKE_PLANNED = "intake_planned"
    NO_SHOW = "no_show"
    APPOINTMENT_HELD = "appointment_held"
    EXPERT_TALK = "expert_talk"
    THREE_WAY_TALK = "three_way_talk"
    IN_SUPPORT = "in_support"
    STOPPED = "stopped"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    CLOSED = "closed"

    # Enum hashes by name, in Python; equal to its text, a state must hash as that, and it does so in C.
    __hash__ = str.__hash__


class Event(StrEnum):
    """What can happen to a case: the word of the state it leads to, or one of the words below those."""

    RECEIVED = "received"
    NEEDS_INFO = "needs_info"
    QUARANTINED = "quarantined"
    ROUTED = "routed"
    DELIVERED = "delivered"
    COLLECTED = "collected"
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    INTAKE_PLANNED = "intake_planned"
    NO_SHOW = "no_show"
    APPOINTMENT_HELD = "appointment_held"
    """The patient came to the appointment."""
    EXPERT_TALK = "expert_talk"
    """The conversation with the experts took place (Oss)."""
    THREE_WAY_TALK = "three_way_talk"
    """The conversation of patient, practice and organisation took place (Utrecht: driegesprek)."""
    IN_SUPPORT = "in_support"
    STOPPED = "stopped"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    CLOSED = "closed"
    INFO_GIVEN = "info_given"
    """The referrer answered the question."""
    JOINED = "joined"
    """The patient has another running case by now, which those who wrote here have joined."""
    RELEASED = "released"
    """A beheerder let a quarantined mail in."""
    REFUSED = "refused"
    """A beheerder threw a quarantined mail out."""
    REROUTED = "rerouted"
    """Another organisation (or the same one, with a better number) gets the referral."""
    SELF_CONTACT = "self_contact"
    """The patient called the organisation first."""
    CORRECTED = "corrected"
    """The last report was wrong and is taken back."""
    WITHDRAWAL_CONFIRMED = "withdrawal_confirmed"
    """The organisation knows that the referral was withdrawn."""

    __hash__ = str.__hash__


WITH_ORGANISATION: Final = frozenset({State.ROUTED, State.DELIVERED, State.COLLECTED, State.ATTEMPTED})
"""An organisation has the turn and contact is awaited."""

TALKS: Final = frozenset({State.APPOINTMENT_HELD, State.EXPERT_TALK, State.THREE_WAY_TALK})
"""A conversation took place."""

UNREACHED: Final = WITH_ORGANISATION | {State.UNREACHABLE, State.DECLINED}
"""An organisation has the referral and has not reached the patient, or gave it back and a person looks for
another one: who is referred again has such a case already. One that ended altogether has no fields left."""

IN_CONTACT: Final = (
    frozenset({State.CONTACTED, State.INTAKE_PLANNED, State.NO_SHOW, State.IN_SUPPORT}) | TALKS
)
"""The patient is in beeld and the organisation goes on."""

ENDED: Final = frozenset(
    {State.STOPPED, State.DECLINED, State.UNREACHABLE, State.WITHDRAWN, State.RETURNED, State.CLOSED}
)
"""Nobody works on it now; `closed` is the only one without a way out."""

CONTACT: Final = frozenset({Event.CONTACTED, Event.SELF_CONTACT})
"""The only events that make "in beeld" true."""

REPORTS: Final = frozenset(
    {
        Event.COLLECTED,
        Event.ATTEMPTED,
        Event.CONTACTED,
        Event.SELF_CONTACT,
        Event.INTAKE_PLANNED,
        Event.NO_SHOW,
        Event.APPOINTMENT_HELD,
        Event.EXPERT_TALK,
        Event.THREE_WAY_TALK,
        Event.IN_SUPPORT,
        Event.STOPPED,
        Event.DECLINED,
        Event.UNREACHABLE,
        Event.WITHDRAWAL_CONFIRMED,
        Event.CORRECTED,
    }
)
"""What an organisation may report; everything else is the gateway's, the referrer's or a beheerder's."""


def _table() -> Iterator[tuple[State, Event, State]]:
    s, e = State, Event
    yield s.RECEIVED, e.NEEDS_INFO, s.NEEDS_INFO
    yield s.RECEIVED, e.QUARANTINED, s.QUARANTINED
    yield s.QUARANTINED, e.RELEASED, s.RECEIVED
    yield s.QUARANTINED, e.REFUSED, s.CLOSED
    yield s.QUARANTINED, e.CLOSED, s.CLOSED
    yield s.NEEDS_INFO, e.INFO_GIVEN, s.RECEIVED
    yield s.UNREACHABLE, e.INFO_GIVEN, s.RECEIVED
    # An answer that comes after we gave up is still an answer.
    yield s.RETURNED, e.INFO_GIVEN, s.RECEIVED
    yield s.RECEIVED, e.ROUTED, s.ROUTED
    for state in (s.RECEIVED, s.NEEDS_INFO):
        yield state, e.WITHDRAWN, s.WITHDRAWN
        yield state, e.RETURNED, s.RETURNED
        yield state, e.JOINED, s.CLOSED
    for state in (s.UNREACHABLE, s.RETURNED):
        yield state, e.JOINED, s.CLOSED

    yield s.ROUTED, e.DELIVERED, s.DELIVERED
    for state in (s.ROUTED, s.DELIVERED):
        yield state, e.COLLECTED, s.COLLECTED
    for state in (*sorted(WITH_ORGANISATION), s.DECLINED, s.UNREACHABLE, s.RETURNED):
        # Contact is a fact: it counts however late it comes and whatever was reported before.
        yield state, e.CONTACTED, s.CONTACTED
        yield state, e.SELF_CONTACT, s.CONTACTED
    for state in (*sorted(WITH_ORGANISATION), s.DECLINED, s.UNREACHABLE):
        yield state, e.REROUTED, s.ROUTED
        yield state, e.WITHDRAWN, s.WITHDRAWN
        yield state, e.RETURNED, s.RETURNED
    for state in sorted(WITH_ORGANISATION):
        yield state, e.ATTEMPTED, s.ATTEMPTED
        yield state, e.UNREACHABLE, s.UNREACHABLE
        yield state, e.DECLINED, s.DECLINED
    # An organisation that could not reach the patient may still find that the referral is not for it.
    yield s.UNREACHABLE, e.DECLINED, s.DECLINED
    yield s.UNREACHABLE, e.ATTEMPTED, s.ATTEMPTED
    yield s.RETURNED, e.REROUTED, s.ROUTED
    yield s.WITHDRAWN, e.WITHDRAWAL_CONFIRMED, s.WITHDRAWN

    talks = sorted(TALKS)
    for state in (s.CONTACTED, s.NO_SHOW, *talks):
        yield state, e.INTAKE_PLANNED, s.INTAKE_PLANNED
    yield s.INTAKE_PLANNED, e.NO_SHOW, s.NO_SHOW
    for state in (s.CONTACTED, s.INTAKE_PLANNED, s.NO_SHOW, *talks):
        yield state, e.IN_SUPPORT, s.IN_SUPPORT
        yield from ((state, Event(talk), talk) for talk in talks if talk is not state)
    # These two may come while support goes on.
    yield s.IN_SUPPORT, e.EXPERT_TALK, s.EXPERT_TALK
    yield s.IN_SUPPORT, e.THREE_WAY_TALK, s.THREE_WAY_TALK
    for state in sorted(IN_CONTACT):
        yield state, e.STOPPED, s.STOPPED
        # After contact the referral's fields are gone, so "no" can't move it elsewhere: it is the end.
        yield state, e.DECLINED, s.STOPPED
        yield state, e.CLOSED, s.CLOSED

    # How support ended may be told after that it did.
    yield s.STOPPED, e.STOPPED, s.STOPPED

    # A correction leads back to the last stage that is certainly true.
    for state in (s.ATTEMPTED, s.CONTACTED, s.DECLINED, s.UNREACHABLE):
        yield state, e.CORRECTED, s.COLLECTED
    for state in (s.INTAKE_PLANNED, s.NO_SHOW, *talks, s.IN_SUPPORT, s.STOPPED):
        yield state, e.CORRECTED, s.CONTACTED
    for state in (s.STOPPED, s.DECLINED, s.UNREACHABLE, s.WITHDRAWN, s.RETURNED):
        yield state, e.CLOSED, s.CLOSED


TRANSITIONS: Final[Mapping[tuple[State, Event], State]] = MappingProxyType(
    {(state, event): target for state, event, target in _table()}
)
"""(state, event) -> state: every move there is."""

_EARLIER: Final = (Event.ROUTED, Event.DELIVERED, Event.COLLECTED, Event.ATTEMPTED)


def _echoes(state: State) -> frozenset[Event]:
    """What says nothing new in a state: the same again, or an earlier stage that arrives late."""
    events: set[Event] = set(Event) if state is State.CLOSED else {Event(state)}
    if state in WITH_ORGANISATION:
        events.update(_EARLIER[: _EARLIER.index(Event(state))])
    elif state in IN_CONTACT or state is State.STOPPED:
        events.update(_EARLIER, CONTACT, {Event.UNREACHABLE})
        if state in (State.IN_SUPPORT, State.STOPPED):
            events.update({Event.INTAKE_PLANNED, Event.NO_SHOW, Event.APPOINTMENT_HELD})
        if state is State.STOPPED:
            events.update({Event.IN_SUPPORT, Event.DECLINED, Event.EXPERT_TALK, Event.THREE_WAY_TALK})
    elif state in (State.DECLINED, State.UNREACHABLE, State.RETURNED):
        events.update(_EARLIER)
    elif state is State.WITHDRAWN:
        # The referrer took it back: whatever the organisation still says, nobody is waiting for it.
        events.update(_EARLIER, REPORTS)
    return frozenset(event for event in events if (state, event) not in TRANSITIONS)


_ECHOES: Final = {state: _echoes(state) for state in State}


def move(state: State, event: Event) -> State:
    """The state after the event; raises `NotAllowed` if the table has no such move (echoes included)."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NotAllowed(f"a case that is {state} can't become {event}") from None


def is_echo(state: State, event: Event) -> bool:
    """Whether the event is a harmless repetition: nothing is to be moved, recorded or told."""
    return event in _ECHOES[state]


def allowed(state: State) -> tuple[Event, ...]:
    """The events that move this state, in the order in which `Event` lists them."""
    return tuple(event for event in Event if (state, event) in TRANSITIONS)


def recorded(state: State, event: Event) -> tuple[Event, ...]:
    """The events to record, in this order, for what was reported.

    Who planned or held a conversation or started support has spoken with the patient: when that is the first
    thing an organisation reports, contact is recorded before it. Anything else is recorded as it is.
    """
    if (
        event in {Event.INTAKE_PLANNED, Event.IN_SUPPORT, *map(Event, TALKS)}
        and (state, event) not in TRANSITIONS
    ):
        return (Event.CONTACTED, event) if (state, Event.CONTACTED) in TRANSITIONS else (event,)
    return (event,)
