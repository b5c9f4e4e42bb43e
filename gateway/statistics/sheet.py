"""The answer to one question about the figures: a total, its groups, and how it went over time.

It promises that the groups, and the weeks or months, each add up to the total, and that what must be
hidden from whoever gets to see it is hidden in all of them together.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from gateway.domain.pathway import Count, Pathway
from gateway.statistics.disclosure import Shown, SmallNumbers, limit, overall_only, show, without_collecting
from gateway.statistics.facts import NOBODY
from gateway.statistics.figures import COUNTS, FUNNEL, Sums, row
from gateway.statistics.filters import ATTRIBUTE, Filters, Grouping, Interval, steps
from gateway.statistics.tallies import Answer, FiguresQuestion

TOTAL = ""
SHOWN = tuple(dict.fromkeys((*FUNNEL, *COUNTS)))
"""What is counted on the page and in its downloads."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed about showing figures; `feedback` is that of practices which have one of their own,
    `unseen` are organisations of which nobody can see when they collect, `gemeenten` says where a place lies.
    """

    pathways: Mapping[str, Pathway]
    default: Pathway
    feedback: Mapping[str, str]
    unseen: Container[str] = ()
    gemeenten: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The figures. A group is named by its id, a point in time by its first day.

    Time is cut up by `step`. Numbers smaller than `below` are hidden (0: none), in a group those smaller than
    its own limit, of `limits`; with `overall` because a practice that is shown by itself agreed to overall
    figures only. While the history is counted for the
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
    limits: tuple[int, ...] = ()


def sheet(ask: Callable[[FiguresQuestion], Answer], asked: Filters, agreed: Agreed, zone: ZoneInfo) -> Sheet:
    """The figures that were asked for; `ask` answers at one moment."""
    since, until = asked.bounds(zone)
    question = replace(question_of(asked.by, asked.only, agreed), step=asked.step, since=since, until=until)
    found = ask(question)
    step, days = _days(found, asked.step)
    if step is not asked.step:
        # The weeks are too many: they become months.
        found = ask(replace(question, step=step))
        _, days = _days(found, step)
    found = regrouped(found, asked.by, agreed)
    one = asked.only.get(Grouping.ORGANISATION)
    limits = limits_of(found, asked.by, asked.only, agreed, few=asked.few)
    below = limits.total
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
        limits.groups,
    )
    if below:
        # The order by size would tell what the numbers no longer do.
        by_group = sorted(by_group, key=lambda shown: shown.name)
    if one is not None and one in agreed.unseen:
        total, by_point = without_collecting(total), [without_collecting(each) for each in by_point]
    if asked.by is Grouping.ORGANISATION:
        by_group = [without_collecting(each) if each.name in agreed.unseen else each for each in by_group]
    return Sheet(
        total,
        by_group,
        by_point,
        step,
        below,
        limits.overall,
        found.percent,
        *_norm(found, agreed),
        limits.several,
    )


def question_of(by: Grouping, only: Mapping[Grouping, str], agreed: Agreed) -> FiguresQuestion:
    """The question to the tallies, which know nothing of gemeenten: there it is one about their wijken."""
    among = {}
    if (gemeente := only.get(Grouping.GEMEENTE)) is not None:
        among["wijk"] = frozenset(place for place, lies in agreed.gemeenten.items() if lies == gemeente)
    columns = {ATTRIBUTE[each]: value for each, value in only.items() if each in ATTRIBUTE}
    return FiguresQuestion(ATTRIBUTE.get(by, "wijk"), only=columns, among=among)


def regrouped(found: Answer, by: Grouping, agreed: Agreed) -> Answer:
    """The answer with its groups as they were asked for."""
    if by is not Grouping.GEMEENTE:
        return found
    groups: dict[str, Sums] = {}
    within: dict[str, set[str]] = {}
    for wijk, sums in found.groups.items():
        gemeente = agreed.gemeenten.get(wijk, NOBODY)
        groups.setdefault(gemeente, Sums()).together(sums)
        within.setdefault(gemeente, set()).update(found.within.get(wijk, ()))
    return replace(found, groups=groups, within=within)


def limits_of(
    found: Answer, by: Grouping, only: Mapping[Grouping, str], agreed: Agreed, *, few: bool
) -> SmallNumbers:
    """Below which numbers are hidden. Each group follows the strictest of its own pathways; what adds up over
    groups follows the strictest of all."""
    practice = only.get(Grouping.PRACTICE)

    def overall(group: str) -> bool:
        who = practice if practice is not None else group if by is Grouping.PRACTICE else None
        if who is None:
            return False
        agreements = {(who, name) for name in found.within.get(group, ())}
        return overall_only(agreements, agreed.feedback, agreed.pathways)

    hidden = {group for group in found.groups if few or overall(group)}
    groups = {
        group: limit(found.within.get(group, ()), agreed.pathways, agreed.default) if group in hidden else 0
        for group in found.groups
    }
    total = limit(found.pathways, agreed.pathways, agreed.default) if few else 0
    return SmallNumbers(max([total, *groups.values()]), groups, any(map(overall, found.groups)))


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
