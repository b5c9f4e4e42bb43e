"""When people work: open days, opening hours and holidays of one pathway and one organisation.

It promises moments in aware UTC. Local times that DST skips count as the moment just as long after the gap
("02:30" becomes 03:30), local times that come twice as the first of the two.
"""

import importlib
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import holidays

from gateway.domain.pathway import WEEKDAYS, Closed, Pathway

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Workdays:
    """The open days and hours of `pathway`."""

    pathway: Pathway

    def is_open(self, day: date) -> bool:
        """Whether people work on this local date."""
        rules = self.pathway.closed
        if WEEKDAYS[day.weekday()] not in self.pathway.hours.days:
            return False
        return day not in rules.days and day not in holidays_of(day.year, rules)

    def local(self, moment: datetime) -> datetime:
        """The moment on the clock of the place."""
        return moment.astimezone(ZoneInfo(self.pathway.timezone))

    def at(self, day: date, wall: time) -> datetime:
        """The moment, in UTC, at which the clock of the place shows `wall` on that day (rule: see above)."""
        return _moment(day, wall, self.pathway.timezone)

    def opening(self, day: date) -> datetime:
        """When work starts on that day, if it is an open one."""
        return self.at(day, self.pathway.hours.opens)

    def closing(self, day: date) -> datetime:
        """When work ends on that day, if it is an open one; that moment itself is no longer work."""
        return self.at(day, self.pathway.hours.closes)

    def next_moment(self, moment: datetime) -> datetime:
        """The moment itself if people work then, else the next opening."""
        day = self.local(moment).date()
        if self.is_open(day) and moment < self.closing(day):
            return max(moment, self.opening(day))
        return self.opening(self.open_day_after(day))

    def open_day_after(self, day: date, number: int = 1) -> date:
        """The `number`-th open day after `day`."""
        while number:
            day += _DAY
            number -= self.is_open(day)
        return day

    @property
    def length(self) -> timedelta:
        """How long a working day is."""
        hours = self.pathway.hours
        return datetime.combine(date.min, hours.closes) - datetime.combine(date.min, hours.opens)

    def work_between(self, begin: datetime, end: datetime) -> timedelta:
        """How long people work between two moments."""
        day, last, total = self.local(begin).date(), self.local(end).date(), timedelta(0)
        while day <= last:
            if self.is_open(day):
                total += max(timedelta(0), min(end, self.closing(day)) - max(begin, self.opening(day)))
            day += _DAY
        return total

    def forward(self, begin: datetime, work: timedelta) -> datetime:
        """The moment, in working time, when people have worked so long since `begin`."""
        moment = self.next_moment(begin)
        while (left := self.closing(self.local(moment).date()) - moment) <= work:
            work -= left
            moment = self.next_moment(moment + left)
        return moment + work

    def back(self, end: datetime, work: timedelta) -> datetime:
        """The last moment, in working time, after which people still work so long before `end`."""
        day = self.local(end).date()
        while True:
            if self.is_open(day):
                stop = min(end, self.closing(day))
                left = max(timedelta(0), stop - self.opening(day))
                if left and left >= work:
                    return stop - work
                work -= left
            day -= _DAY

    def by_day(self, moment: datetime) -> datetime:
        """The moment itself in the hours in which people work on other days, else when those begin."""
        day, hours = self.local(moment).date(), self.pathway.hours
        opens, closes = self.at(day, hours.opens), self.at(day, hours.closes)
        return max(moment, opens) if moment < closes else self.at(day + _DAY, hours.opens)

    def days_between(self, begin: datetime, end: datetime) -> int:
        """How many whole working days lie between two moments."""
        first, last = self.local(self.next_moment(begin)).date(), self.local(end).date()
        days = sum(self.is_open(first + n * _DAY) for n in range(1, (last - first).days + 1))
        return days - (days > 0 and end < self.after(begin, days))

    def after(self, start: datetime, days: int) -> datetime:
        """`days` working days after `start`, at the same time of day.

        Counting begins when people next work: mail that comes after hours counts as come at the opening of
        the next open day. The day on which counting begins is not itself counted.
        """
        begin = self.next_moment(start)
        wall = self.local(begin)
        return self.at(self.open_day_after(wall.date(), days), wall.time())


@lru_cache(maxsize=4096)
def _moment(day: date, wall: time, timezone: str) -> datetime:
    plain = wall.replace(tzinfo=None, fold=0)
    return datetime.combine(day, plain, ZoneInfo(timezone)).astimezone(UTC)


def _netherlands() -> "type[HolidayBase]":
    """The library's calendar of this country. Its package would load those of all others, which takes 8 MiB:
    an empty one stands in its place for a moment."""
    name, place = "holidays.countries", Path(holidays.__file__).with_name("countries")
    if name in sys.modules:
        return importlib.import_module(f"{name}.netherlands").Netherlands  # type: ignore[no-any-return]
    sys.modules[name] = package = ModuleType(name)
    package.__path__ = [str(place)]
    try:
        return importlib.import_module(f"{name}.netherlands").Netherlands  # type: ignore[no-any-return]
    finally:
        sys.modules.pop(name, None)


@lru_cache(maxsize=64)
def holidays_of(year: int, rules: Closed) -> frozenset[date]:
    """The public holidays of the Netherlands in a year under these rules (Bevrijdingsdag: 5 May)."""
    if not rules.public:
        found: dict[date, str] = {}
    else:
        found = dict(_netherlands()(years=year, language="nl"))
    skipped = {name.casefold() for name in rules.without}
    kept = {day for day, name in found.items() if name.casefold() not in skipped}
    liberation = date(year, 5, 5)
    if rules.bevrijdingsdag == "always" or (rules.bevrijdingsdag == "lustrum" and year % 5 == 0):
        kept.add(liberation)
    elif rules.bevrijdingsdag == "never":
        kept.discard(liberation)
    return frozenset(kept)


def later(moment: datetime, days: int, workdays: Workdays) -> datetime:
    """`days` calendar days later at the same local time of day (so 71 or 73 hours over a DST change)."""
    wall = workdays.local(moment)
    return workdays.at(wall.date() + timedelta(days=days), wall.time())
