"""What was reported of a case and still stands.

Pure. It promises that a report which was taken back counts for nothing, and that nothing which followed from
contact outlives it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from gateway.domain.states import CONTACT, REPORTS, TRANSITIONS, Event, State
from gateway.domain.turns import Moment

_FURTHER = frozenset({Event.INTAKE_PLANNED, Event.IN_SUPPORT})
_AFTER_CONTACT = CONTACT | _FURTHER | {Event.NO_SHOW, Event.STOPPED}


def standing(moves: Sequence[Moment]) -> list[int]:
    """The places, in these moves, of the reports that were not taken back."""
    stack: list[int] = []
    state = State.RECEIVED
    for place, (_, event) in enumerate(moves):
        state = TRANSITIONS.get((state, event), state)
        if event is Event.CORRECTED:
            del stack[-1:]
            if state is State.COLLECTED:
                # The case is back before contact, however many reports there were after it.
                stack = [each for each in stack if moves[each].event not in _AFTER_CONTACT]
        elif event in REPORTS:
            stack.append(place)
    return stack


def progress(stood: Iterable[Moment]) -> tuple[datetime | None, bool]:
    """When there was contact, and whether something came of it, by the reports that stand."""
    reached, further = None, False
    for at, event in stood:
        if event in CONTACT and reached is None:
            reached = at
        further = further or event in _FURTHER
    return reached, further and reached is not None


def contact_at(moves: Sequence[Moment]) -> datetime | None:
    """When there was contact that was not taken back."""
    return progress(moves[place] for place in standing(moves))[0]
