"""The answer to one question about the figures: a total, its groups, and how it went over time.

Pure. It promises that the groups, and the weeks or months, each add up to the total, and that what must be
hidden from whoever gets to see it is hidden in all of them together.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gateway.domain.pathway import Pathway
from gateway.statistics.disclosure import Shown, limit, overall_only, show
from gateway.statistics.figures import COUNTS, FUNNEL, row
from gateway.statistics.filters import ATTRIBUTE, Filters, Grouping, Interval, midnight, steps
from gateway.statistics.tally import Tally

TOTAL = ""
SHOWN = tuple(dict.fromkeys((*FUNNEL, *COUNTS)))
"""What is counted on the page and in its downloads."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed about showing figures; `feedback` is that of practices which have one of their own."""

    pathways: Mapping[str, Pathway]
    default: Pathway
    feedback: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The figures. A group is named by its id, a point in time by its first day.

    Time is cut up by `step`. Numbers smaller than `below` are hidden (0: none); with `overall` because a
    practice that is shown by itself agreed to overall figures only.
    """

    total: Shown
    groups: Sequence[Shown]
    points: Sequence[Shown]
    step: Interval
    below: int
    overall: bool


def sheet(cases: Sequence[Tally], asked: Filters, agreed: Agreed, zone: ZoneInfo, now: datetime) -> Sheet:
    """The figures that were asked for, at this moment."""
    found = _asked(cases, asked, zone)
    groups: dict[str, list[Tally]] = {}
    attribute = ATTRIBUTE[asked.by]
    for case in found:
        for name in case.groups(attribute):
            groups.setdefault(name, []).append(case)
    one = asked.only.get(Grouping.ORGANISATION)
    if asked.by is Grouping.ORGANISATION:
        groups = {name: group for name, group in groups.items() if one in (None, name)}
    step, points = _over_time(found, asked.step, zone)
    pathways = {case.pathway for case in found}
    alone = asked.by is Grouping.PRACTICE or Grouping.PRACTICE in asked.only
    overall = alone and overall_only(found, agreed.feedback, agreed.pathways)
    below = limit(pathways, agreed.pathways, agreed.default) if asked.few or overall else 0
    rows = [
        row(name, group, now, name if asked.by is Grouping.ORGANISATION else one)
        for name, group in groups.items()
    ]
    total, (by_group, by_point) = show(
        row(TOTAL, found, now, one),
        [
            sorted(rows, key=lambda each: (-each.counts["received"], each.name)),
            [row(day.isoformat(), part, now, one) for day, part in points],
        ],
        SHOWN,
        below,
    )
    if below:
        # The order by size would tell what the numbers no longer do.
        by_group = sorted(by_group, key=lambda shown: shown.name)
    return Sheet(total, by_group, by_point, step, below, overall)


def _asked(cases: Sequence[Tally], asked: Filters, zone: ZoneInfo) -> list[Tally]:
    since, until = asked.bounds(zone)
    found = [
        case
        for case in cases
        if (since is None or case.received_at >= since) and (until is None or case.received_at < until)
    ]
    for by, value in asked.only.items():
        attribute = ATTRIBUTE[by]
        found = [case for case in found if value in case.groups(attribute)]
    return found


def _over_time(
    cases: Sequence[Tally], step: Interval, zone: ZoneInfo
) -> tuple[Interval, list[tuple[date, list[Tally]]]]:
    """The cases by the week or month in which they were received, the empty ones in between included."""
    if not cases:
        return step, []
    ends = [each(case.received_at for case in cases).astimezone(zone).date() for each in (min, max)]
    step, days = steps(ends[0], ends[1], step)
    bounds = [midnight(day, zone) for day in days]
    parts: list[list[Tally]] = [[] for _ in days[:-1]]
    for case in cases:
        parts[bisect_right(bounds, case.received_at) - 1].append(case)
    return step, list(zip(days[:-1], parts, strict=True))
