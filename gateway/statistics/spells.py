"""Which organisation had a case when something happened.

Pure. It promises that what was done, or left undone, stands to the account of whoever had the case then, and
not of whoever has it now.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from gateway.domain.attribution import PARTIES, attribution
from gateway.domain.states import Event
from gateway.statistics.facts import NOBODY, CaseFacts

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
