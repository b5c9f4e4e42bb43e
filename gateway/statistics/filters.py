"""Which figures are asked for: the period, the grouping and the choices in the address of a page.

It promises that every address gives the same question again, and that a value that is not one of ours is
told in words and never guessed at.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
LONGEST = 200
"""No value in an address of ours is longer, in characters."""

WEEKS = 106
"""A period of more weeks than this is shown by month: two years of weeks fit on a page."""


class Period(StrEnum):
    """The periods that have a name."""

    MONTH = "maand"
    QUARTER = "kwartaal"
    YEAR = "jaar"
    ALL = "alles"


class Grouping(StrEnum):
    """What the cases are grouped by."""

    ORGANISATION = "organisatie"
    WIJK = "wijk"
    PRACTICE = "praktijk"
    PATHWAY = "zorgpad"
    GEMEENTE = "gemeente"
    THEME = "onderwerp"


class Interval(StrEnum):
    """How time is cut up."""

    MONTH = "maand"
    WEEK = "week"


ATTRIBUTE = {
    Grouping.ORGANISATION: "organisation",
    Grouping.WIJK: "wijk",
    Grouping.PRACTICE: "practice",
    Grouping.PATHWAY: "pathway",
    Grouping.THEME: "theme",
}
"""What each is called in a tally; of a gemeente it has the wijken."""

_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Filters:
    """One question. `first` and `last` are whole local days, both included; None where there is no limit.

    `period` is None where somebody chose the days; `only` holds what the cases are limited to.
    """

    period: Period | None
    first: date | None
    last: date | None
    by: Grouping
    step: Interval
    only: Mapping[Grouping, str]
    few: bool

    def bounds(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """From which moment, and before which."""
        end = self.last + timedelta(days=1) if self.last else None
        return (midnight(self.first, zone) if self.first else None, midnight(end, zone) if end else None)

    def before(self) -> "Filters | None":
        """The same question about the period before, just as long; None without a first and a last day."""
        if self.first is None or self.last is None:
            return None
        last = self.first - timedelta(days=1)
        whole = self.first.day == 1 and (self.last + timedelta(days=1)).day == 1
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        first = _later(self.first, -months) if whole else last - (self.last - self.first)
        return replace(self, period=None, first=first, last=last) if first >= EARLIEST else None

    def query(self, **changes: str) -> str:
        """The address of this question with these changes; an empty value takes a choice away."""
        found: dict[str, str] = {}
        if self.period:
            found["periode"] = self.period
        else:
            found |= {"van": _iso(self.first), "tot": _iso(self.last)}
        found |= {"per": self.by, "stap": self.step}
        found |= {str(by): value for by, value in self.only.items()} | ({"klein": "1"} if self.few else {})
        if "periode" in changes:
            found = {name: value for name, value in found.items() if name not in ("van", "tot")}
        changed = found | changes
        return "?" + urlencode({name: value for name, value in changed.items() if value or name == "van"})


def filters(
    given: Mapping[str, str], today: date, known: Mapping[Grouping, Collection[str]], say: Callable[..., str]
) -> tuple[Filters, dict[str, str]]:
    """The question in the values of an address, and what is wrong with them, by field, in words."""
    wrong: dict[str, str] = {}
    long = {name for name, value in given.items() if len(value) > LONGEST}
    given = {name: value.strip() for name, value in given.items() if name not in long}

    def choice(name: str, kind: type[_Choice], standard: _Choice) -> _Choice:
        try:
            return kind(given.get(name) or standard)
        except ValueError:
            wrong[name] = say("Kies een van de mogelijkheden uit de lijst.")
            return standard

    def day(name: str) -> date | None:
        if not given.get(name):
            return None
        try:
            found = date.fromisoformat(given[name])
        except ValueError:
            found = date.min
        if not EARLIEST <= found <= LATEST:
            wrong[name] = say("Schrijf een datum tussen 2000 en 2099, als jaar-maand-dag: 2026-12-31.")
            return None
        return found

    period = None if "van" in given or "tot" in given else choice("periode", Period, Period.YEAR)
    first, last = (day("van"), day("tot")) if period is None else _named(period, today)
    if first and last and first > last:
        wrong["tot"] = say("De laatste dag ligt voor de eerste. Verbeter een van de twee.")
    only: dict[Grouping, str] = {}
    for by in Grouping:
        value = given.get(by, "")
        if by in long or (value and value not in known[by]):
            wrong[by] = say("Deze keuze kennen we niet. Kies een uit de lijst.")
        elif value:
            only[by] = value
    by, step = choice("per", Grouping, Grouping.ORGANISATION), choice("stap", Interval, Interval.MONTH)
    return Filters(period, first, last, by, step, only, given.get("klein") == "1"), wrong


def _named(period: Period, today: date) -> tuple[date | None, date | None]:
    match period:
        case Period.MONTH:
            first, months = today.replace(day=1), 1
        case Period.QUARTER:
            first, months = today.replace(month=today.month - (today.month - 1) % 3, day=1), 3
        case Period.YEAR:
            first, months = today.replace(month=1, day=1), 12
        case Period.ALL:
            return None, None
    return first, _later(first, months) - timedelta(days=1)


def steps(first: date, last: date, step: Interval) -> tuple[Interval, list[date]]:
    """The first days of the weeks or months from that of `first` to that of `last`, and of the one after.

    Weeks that are too many become months: which of the two they are is given too.
    """
    if step is Interval.WEEK:
        at = begin(first, step)
        found = [at + timedelta(weeks=number) for number in range((last - at).days // 7 + 2)]
        if len(found) <= WEEKS + 1:
            return step, found
    at = begin(first, Interval.MONTH)
    months = (last.year - at.year) * 12 + last.month - at.month
    return Interval.MONTH, [_later(at, number) for number in range(months + 2)]


def begin(day: date, step: Interval) -> date:
    """The first day of the week or month of a day."""
    return day.replace(day=1) if step is Interval.MONTH else day - timedelta(days=day.weekday())


def after(first: date, step: Interval) -> date:
    """The first day of the week or month after the one that begins with this day."""
    return _later(first, 1) if step is Interval.MONTH else first + timedelta(weeks=1)


def _later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins there, in UTC: many moments are compared with it, and that is slow between zones."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
