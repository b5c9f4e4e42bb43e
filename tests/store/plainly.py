"""The figures counted plainly: from every case, each time anew. The sums made ahead must equal them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import select

from gateway.domain.attribution import PARTIES
from gateway.statistics import rows
from gateway.statistics.facts import CaseFacts, milliseconds
from gateway.statistics.figures import COUNTS, ENDINGS, FUNNEL, FigureRow
from gateway.statistics.filters import midnight, steps
from gateway.statistics.tallies import FiguresQuestion
from gateway.statistics.tally import BIT, SummedPart, tally
from gateway.store.engine import Store
from gateway.store.tables import CaseRow


@dataclass(frozen=True)
class Plain:
    """A case with its parts."""

    facts: CaseFacts
    parts: list[SummedPart]

    def groups(self, by: str) -> tuple[str, ...]:
        """Where it stands in a table: with each organisation that had it."""
        if by == "organisation":
            return tuple(part.organisation for part in self.parts)
        return (getattr(self.parts[0], by),)


@dataclass(frozen=True)
class PlainAnswer:
    """What comes of a question."""

    total: FigureRow
    groups: dict[str, FigureRow]
    points: dict[date, FigureRow]
    pathways: set[str]
    practices: set[tuple[str, str]]


def everything(store: Store) -> list[Plain]:
    """Every referral."""
    with store.read() as session:
        ids = session.exec(select(CaseRow.id)).all()
        return [
            Plain(facts, tally(id_, facts)) for id_, facts in rows.facts(session, ids) if facts.is_referral
        ]


def answer(cases: list[Plain], asked: FiguresQuestion, zone: ZoneInfo, now: datetime) -> PlainAnswer:
    """The figures of these cases."""
    found = [
        case
        for case in cases
        if (asked.since is None or case.facts.received_at >= asked.since)
        and (asked.until is None or case.facts.received_at < asked.until)
        and all(value in case.groups(name) for name, value in asked.only.items())
        and all(values & {*case.groups(name)} for name, values in asked.among.items())
    ]
    one = asked.only.get("organisation")
    groups: dict[str, list[Plain]] = {}
    for case in found:
        for name in case.groups(asked.by):
            groups.setdefault(name, []).append(case)
    of_organisation = asked.by == "organisation"
    if of_organisation:
        groups = {name: group for name, group in groups.items() if one in (None, name)}
    return PlainAnswer(
        row("", found, now, one),
        {name: row(name, group, now, name if of_organisation else one) for name, group in groups.items()},
        {day: row("", part, now, one) for day, part in _points(found, asked, zone).items()},
        {case.facts.pathway for case in found},
        {(case.facts.practice, case.facts.pathway) for case in found},
    )


def _points(cases: list[Plain], asked: FiguresQuestion, zone: ZoneInfo) -> dict[date, list[Plain]]:
    if not cases:
        return {}
    ends = [each(case.facts.received_at for case in cases).astimezone(zone).date() for each in (min, max)]
    _, days = steps(ends[0], ends[1], asked.step)
    bounds = [midnight(day, zone) for day in days]
    found: dict[date, list[Plain]] = {}
    for case in cases:
        found.setdefault(days[bisect_right(bounds, case.facts.received_at) - 1], []).append(case)
    return found


def row(name: str, cases: Iterable[Plain], now: datetime, organisation: str | None) -> FigureRow:
    """The figures of these cases; of one organisation only what belongs to it."""
    parts = [
        (case, part) for case in cases for part in case.parts if organisation in (None, part.organisation)
    ]
    marks = Counter(part.marks for _, part in parts)
    counts = {name: sum(number for mark, number in marks.items() if mark & bit) for name, bit in BIT.items()}
    awaited = [case.facts.due_at for case, part in parts if part.marks & BIT["awaited"] and case.facts.due_at]
    overdue = sum(due_at < now for due_at in awaited)
    counts["late"] += overdue
    counts["waiting"] = counts["awaited"] - overdue
    judged = counts["on_time"] + counts["late"]
    waits = sorted(_wait(case.facts) for case, part in parts if part.marks & BIT["contacted"])
    spent = [0] * len(PARTIES)
    for _, part in parts:
        for at, span in enumerate(_spent(part, now)):
            spent[at] += span
    number = max(1, counts["received"] if organisation is None else len(parts))
    return FigureRow(
        name,
        {each: counts[each] for each in dict.fromkeys((*COUNTS, *FUNNEL, *ENDINGS))},
        counts["on_time"] / judged if judged else None,
        (_percentile(waits, 50), _percentile(waits, 90)) if waits else None,
        {party: round(span / 1000 / 3600, 1) / number for party, span in zip(PARTIES, spent, strict=True)},
    )


def _wait(case: CaseFacts) -> float:
    reached = case.contact_at(case.stood())
    assert reached is not None
    return (reached - case.received_at).total_seconds()


def _spent(part: SummedPart, now: datetime) -> list[int]:
    runs = 0 if part.turn is None else max(0, milliseconds(now) - part.since)
    return [span + runs * (at == part.turn) for at, span in enumerate(part.spent)]


def _percentile(ranked: list[float], percent: int) -> float:
    return round(ranked[max(0, -(-percent * len(ranked) // 100) - 1)] / 3600, 1)
