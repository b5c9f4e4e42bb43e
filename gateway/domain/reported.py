"""What was reported of a case and still stands.

Pure. It promises that a report which was taken back counts for nothing, and that nothing which followed from
contact outlives it.
"""

from collections.abc import Sequence
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
        if event in REPORTS - {Event.CORRECTED}:
            stack.append(place)
        elif event is Event.CORRECTED:
            del stack[-1:]
            if state is State.COLLECTED:
                # The case is back before contact, however many reports there were after it.
                stack = [each for each in stack if moves[each].event not in _AFTER_CONTACT]
    return stack


def progress(moves: Sequence[Moment]) -> tuple[datetime | None, bool]:
    """When there was contact that was not taken back, and whether something came of it."""
    stood = [moves[place] for place in standing(moves)]
    reached = next((at for at, event in stood if event in CONTACT), None)
    return reached, reached is not None and any(event in _FURTHER for _, event in stood)
