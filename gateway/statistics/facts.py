"""The facts of a case from which figures are made: ids, codes and moments.

Pure. It promises that what was done, or left undone, stands to the account of whoever had the case then, and
not of whoever has it now.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from gateway.domain.attribution import PARTIES, Moment, attribution
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


Spans = tuple[int, ...]
"""Of each of `PARTIES`, in milliseconds: whole ones, so that many can be added up in any order."""

NOTHING: Final[Spans] = (0,) * len(PARTIES)
_BEGIN, _ONE = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
HANDED: Final = frozenset({Event.ROUTED, Event.REROUTED})


class Spell(NamedTuple):
    """An organisation has a case since that moment."""

    since: datetime
    organisation: str


def spells(case: CaseFacts) -> list[Spell]:
    """Who had the case, one after the other; where no handover was told, whoever has it now had all of it."""
    told = iter(case.handed_to)
    found = [Spell(at, next(told, "") or case.organisation) for at, event in case.moves if event in HANDED]
    return found or [Spell(case.received_at, case.organisation)]


def judged(case: CaseFacts, course: Sequence[Spell], reached: datetime | None) -> str:
    """For whom the case counts: who had it at contact, or at the end of the term if that came first."""
    moments = [at for at in (reached, case.due_at) if at is not None]
    if not moments:
        return course[-1].organisation
    return next((each.organisation for each in reversed(course) if each.since <= min(moments)), NOBODY)


def reporters(case: CaseFacts, course: Sequence[Spell], stood: Sequence[int]) -> dict[Event, str]:
    """Who had the case when something was reported that still stands, by what it was: the last of them.

    `stood` are the places of those reports among the moves.
    """
    if len(course) == 1:
        return {case.moves[place].event: course[0].organisation for place in stood}
    handed = [place for place, (_, event) in enumerate(case.moves) if event in HANDED]
    return {
        case.moves[place].event: course[max(0, bisect_right(handed, place) - 1)].organisation
        for place in stood
    }


def spent(case: CaseFacts, course: Sequence[Spell]) -> dict[str, Spans]:
    """How long each of `PARTIES` had the turn until the last event, by the organisation that had the case.

    What was before the first handover is with the first organisation: its cases took that time too.
    """
    if len(course) == 1:
        return {course[0].organisation: _spans(case, case.last_at)}
    found: dict[str, Spans] = {}
    before, end = NOTHING, case.received_at
    for each, next_at in zip(course, [*(each.since for each in course[1:]), case.last_at], strict=True):
        end = max(end, next_at)
        whole, had = _spans(case, end), found.get(each.organisation, NOTHING)
        found[each.organisation] = tuple(
            known + more - less for known, more, less in zip(had, whole, before, strict=True)
        )
        before = whole
    return found


def milliseconds(moment: datetime) -> int:
    """The milliseconds since 1970."""
    return (moment - _BEGIN) // _ONE


def _spans(case: CaseFacts, until: datetime) -> Spans:
    times = attribution(case.received_at, case.moves, until)
    return tuple(getattr(times, party) // _ONE for party in PARTIES)
