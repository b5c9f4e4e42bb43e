"""Which organisation had a case when something happened.

Pure. It promises that what was done, or left undone, stands to the account of whoever had the case then, and
not of whoever has it now.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from gateway.domain.facts import NOBODY, Facts
from gateway.domain.states import Event
from gateway.domain.turns import attribution

PARTIES: Final = ("gateway", "not_collected", "organisation", "referrer")
"""Who can have the turn."""

Seconds = tuple[float, ...]
"""Of each of `PARTIES`."""

NOTHING: Final[Seconds] = (0.0,) * len(PARTIES)
HANDED: Final = frozenset({Event.ROUTED, Event.REROUTED})


class Holding(NamedTuple):
    """An organisation has a case since that moment."""

    since: datetime
    organisation: str


def holdings(case: Facts) -> list[Holding]:
    """Who had the case, one after the other; where no handover was told, whoever has it now had all of it."""
    told = iter(case.holders)
    found = [Holding(at, next(told, "") or case.organisation) for at, event in case.moves if event in HANDED]
    return found or [Holding(case.received_at, case.organisation)]


def judged(case: Facts, held: Sequence[Holding], reached: datetime | None) -> str:
    """For whom the case counts: who had it at contact, or at the end of the term if that came first."""
    moments = [at for at in (reached, case.due_at) if at is not None]
    if not moments:
        return held[-1].organisation
    return next((each.organisation for each in reversed(held) if each.since <= min(moments)), NOBODY)


def reporters(case: Facts, held: Sequence[Holding], stood: Sequence[int]) -> dict[Event, str]:
    """Who had the case when something was reported that still stands, by what it was: the last of them.

    `stood` are the places of those reports among the moves.
    """
    if len(held) == 1:
        return {case.moves[place].event: held[0].organisation for place in stood}
    handed = [place for place, (_, event) in enumerate(case.moves) if event in HANDED]
    return {
        case.moves[place].event: held[max(0, bisect_right(handed, place) - 1)].organisation for place in stood
    }


def spent(case: Facts, held: Sequence[Holding]) -> dict[str, Seconds]:
    """How long each of `PARTIES` had the turn until the last event, by the organisation that had the case.

    What was before the first handover is with the first organisation: its cases took that time too.
    """
    if len(held) == 1:
        return {held[0].organisation: _seconds(case, case.last_at)}
    found: dict[str, Seconds] = {}
    before, end = NOTHING, case.received_at
    for each, next_at in zip(held, [*(each.since for each in held[1:]), case.last_at], strict=True):
        end = max(end, next_at)
        whole, had = _seconds(case, end), found.get(each.organisation, NOTHING)
        found[each.organisation] = tuple(
            known + more - less for known, more, less in zip(had, whole, before, strict=True)
        )
        before = whole
    return found


def _seconds(case: Facts, until: datetime) -> Seconds:
    times = attribution(case.received_at, case.moves, until)
    return tuple(getattr(times, party).total_seconds() for party in PARTIES)
