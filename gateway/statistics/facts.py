"""The facts of a case from which figures are made: ids, codes and moments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.domain.attribution import Moment
from gateway.domain.standing import Reported, standing
from gateway.domain.states import CONTACT, REPORTS, Event, State

NOBODY: Final = "-"
"""Stands where a case has no organisation, wijk or practice yet."""

_SHUT_OUT = frozenset({Event.REFUSED, Event.CLOSED})


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case. `moves` are its events, oldest first; `paused` while the clock of contact stands still.

    `handed_to` has the organisation of each handover ("" is not known; then it is `organisation`, which has
    the case now), `reasons` the coded reason of each refusal, `outcomes` that of each report that support
    stopped ("" where none was told).
    """

    kenmerk: str
    state: State
    practice: str
    organisation: str
    wijk: str
    pathway: str
    theme: str
    received_at: datetime
    due_at: datetime | None
    paused: bool
    moves: tuple[Moment, ...]
    handed_to: tuple[str, ...]
    reasons: tuple[str, ...]
    outcomes: tuple[str, ...]

    @property
    def last_at(self) -> datetime:
        """When something happened to it for the last time."""
        return max((at for at, _ in self.moves), default=self.received_at)

    def stood(self) -> list[int]:
        """The places, among the moves, of the reports that were not taken back."""
        told = (
            # What one call brought along is taken back with it, and nothing that is counted hangs on that.
            Reported(event, None, place)
            for place, (_, event) in enumerate(self.moves)
            if event in REPORTS
        )
        return [one.row for one in standing(told)]

    def outcome(self, stood: Iterable[int]) -> str | None:
        """How support ended, by the last report of it that stands; "" where that told no outcome."""
        stops = [place for place, (_, event) in enumerate(self.moves) if event is Event.STOPPED]
        standing_stops = [number for number, place in enumerate(stops) if place in set(stood)]
        if not standing_stops:
            return None
        return self.outcomes[standing_stops[-1]] if standing_stops[-1] < len(self.outcomes) else ""

    def contact_at(self, stood: Iterable[int]) -> datetime | None:
        """When there was contact, by the reports that stand."""
        return next((self.moves[place].at for place in stood if self.moves[place].event in CONTACT), None)

    @property
    def is_referral(self) -> bool:
        """Whether it was let in: what is in quarantine, or ended there, is nobody's referral, and what joined
        another case before anybody had it is that one's."""
        if self.state is State.CLOSED:
            events = [event for _, event in self.moves]
            last = events[-2:]
            if Event.JOINED in last:
                return Event.ROUTED in events
            return not (Event.QUARANTINED in last[:1] and _SHUT_OUT.intersection(last[1:]))
        return self.state is not State.QUARANTINED
