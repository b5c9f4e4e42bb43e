"""The answer to one question about the figures: a total, its groups, and how it went over time.

It promises that the groups, and the weeks or months, each add up to the total, and that what must be
hidden from whoever gets to see it is hidden in all of them together.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from gateway.domain.pathway import Count, Pathway
from gateway.statistics.disclosure import Shown, limit, overall_only, show, without_collecting
from gateway.statistics.figures import COUNTS, FUNNEL, row
from gateway.statistics.filters import ATTRIBUTE, Filters, Grouping, Interval, steps
from gateway.statistics.sums import Sums
from gateway.statistics.tallies import Answer, FiguresQuestion

TOTAL = ""
SHOWN = tuple(dict.fromkeys((*FUNNEL, *COUNTS)))
"""What is counted on the page and in its downloads."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed about showing figures; `feedback` is that of practices which have one of their own,
    `unseen` are organisations of which nobody can see when they collect."""

    pathways: Mapping[str, Pathway]
    default: Pathway
    feedback: Mapping[str, str]
    unseen: Container[str] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The figures. A group is named by its id, a point in time by its first day.

    Time is cut up by `step`. Numbers smaller than `below` are hidden (0: none); with `overall` because a
    practice that is shown by itself agreed to overall figures only. While the history is counted for the
    first time, `percent` says how much of it is in them. `norm_hours` is the agreed term, where these
    cases have one and the same and it counts all days; `norm_days` where it counts working days.
    """

    total: Shown
    groups: Sequence[Shown]
    points: Sequence[Shown]
    step: Interval
    below: int
    overall: bool
    percent: int
    norm_hours: float | None = None
    norm_days: int | None = None


def sheet(ask: Callable[[FiguresQuestion], Answer], asked: Filters, agreed: Agreed, zone: ZoneInfo) -> Sheet:
    """The figures that were asked for; `ask` answers at one moment."""
    since, until = asked.bounds(zone)
    only = {ATTRIBUTE[by]: value for by, value in asked.only.items()}
    question = FiguresQuestion(ATTRIBUTE[asked.by], asked.step, since, until, only)
    found = ask(question)
    step, days = _days(found, asked.step)
    if step is not asked.step:
        # The weeks are too many: they become months.
        found = ask(replace(question, step=step))
        _, days = _days(found, step)
    one = asked.only.get(Grouping.ORGANISATION)
    alone = asked.by is Grouping.PRACTICE or Grouping.PRACTICE in asked.only
    overall = alone and overall_only(found.agreements, agreed.feedback, agreed.pathways)
    below = limit(found.pathways, agreed.pathways, agreed.default) if asked.few or overall else 0
    rows = [
        row(name, group, name if asked.by is Grouping.ORGANISATION else one)
        for name, group in found.groups.items()
    ]
    total, (by_group, by_point) = show(
        row(TOTAL, found.total, one),
        [
            sorted(rows, key=lambda each: (-each.counts["received"], each.name)),
            [row(day.isoformat(), found.points.get(day, Sums()), one) for day in days],
        ],
        SHOWN,
        below,
    )
    if below:
        # The order by size would tell what the numbers no longer do.
        by_group = sorted(by_group, key=lambda shown: shown.name)
    if one is not None and one in agreed.unseen:
        total, by_point = without_collecting(total), [without_collecting(each) for each in by_point]
    if asked.by is Grouping.ORGANISATION:
        by_group = [without_collecting(each) if each.name in agreed.unseen else each for each in by_group]
    return Sheet(total, by_group, by_point, step, below, overall, found.percent, *_norm(found, agreed))


def _norm(found: Answer, agreed: Agreed) -> tuple[float | None, int | None]:
    """The term of contact, if it is one and the same: in hours, or as working days."""
    contacts = (agreed.pathways[name].contact for name in found.pathways if name in agreed.pathways)
    terms = {(each.days, each.count) for each in contacts}
    if len(terms) != 1:
        return None, None
    ((days, count),) = terms
    return (24.0 * days, None) if count is Count.CALENDAR else (None, days)


def _days(found: Answer, step: Interval) -> tuple[Interval, list[date]]:
    """The first days of the weeks or months, those in which nothing was received included."""
    if not found.points:
        return step, []
    step, days = steps(min(found.points), max(found.points), step)
    return step, days[:-1]
