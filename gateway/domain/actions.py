"""What may be done with a case and with its deliveries: the one place for board, command line and worker.

Pure. It promises that only what the transition table allows is offered, that nothing is handed over whose
fields are destroyed, and that a referral never goes unsent: only a message may be dismissed, or the handover
of a case that needs none any more.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.domain.case import BY_ITSELF, ReportWord
from gateway.domain.states import ENDED, IN_CONTACT, TRANSITIONS, Event, State, recorded

HANDOVER: Final = "handover"
"""The kind of a delivery with a referral, which must be sealed anew: that takes the keys."""


class Action(StrEnum):
    """What a beheerder can do with a case."""

    REPORT = "report"
    REROUTE = "reroute"
    RETURN = "return"
    CORRECT = "correct"


class DeliveryAction(StrEnum):
    """What a beheerder can do with something that waits to leave."""

    RETRY = "retry"
    HOLD = "hold"
    DISMISS = "dismiss"


_EVENTS: Final = {Action.RETURN: Event.RETURNED, Action.CORRECT: Event.CORRECTED}


@dataclass(frozen=True, slots=True)
class Case:
    """As much of a case as decides. `readable`: its referral's fields are kept; `ordered`: an order waits."""

    state: State
    readable: bool
    ordered: bool = False

    def can(self, action: Action) -> bool:
        """Whether it can be done now."""
        match action:
            case Action.REPORT:
                return bool(self.reports())
            case Action.REROUTE:
                movable = self.state is State.RECEIVED or (self.state, Event.REROUTED) in TRANSITIONS
                return movable and self.can_seal
        return (self.state, _EVENTS[action]) in TRANSITIONS

    @property
    def over(self) -> bool:
        """Whether nobody waits for its handover any more."""
        return self.state in ENDED | IN_CONTACT

    @property
    def can_seal(self) -> bool:
        """Whether its referral can be sealed anew: it is kept, and nobody else is about to."""
        return self.readable and not self.ordered

    def reports(self) -> tuple[ReportWord, ...]:
        """The reports that move it now, in the order in which `ReportWord` lists them.

        That somebody is unreachable follows from the attempts by itself, and a correction is an action. What
        ended is told of by who helped (its outcome) and not offered here.
        """
        offered = set(ReportWord) - BY_ITSELF - {ReportWord.CORRECTED}
        if self.state is State.STOPPED:
            return ()
        return tuple(
            word
            for word in ReportWord
            if word in offered and (self.state, recorded(self.state, word.event)[0]) in TRANSITIONS
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """As much of a delivery as decides."""

    kind: str
    held: bool
    waiting: bool
    leased: bool

    def can(self, action: DeliveryAction, case: Case | None = None) -> bool:
        """Whether it can be done now; `case` is the one it belongs to, if it does."""
        match action:
            case DeliveryAction.RETRY:
                return self.held and (self.kind != HANDOVER or (case is not None and case.can_seal))
            case DeliveryAction.HOLD:
                # Whoever is sending it can't be stopped any more.
                return self.waiting and not self.leased
            case DeliveryAction.DISMISS:
                return self.held and (self.kind != HANDOVER or (case is not None and case.over))
