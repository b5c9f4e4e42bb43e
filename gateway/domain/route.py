"""Which organisation takes a referral, the one with its theme at the most specific level of the gazetteer;
and the person to ask for there: who works in the practice, on which parts of the week, or who is of the
place.

Pure. It promises to fail closed: no organisation, or two with an equal claim, is no route, and a person
decides; where several themes are taken and none was named, nobody guesses which is meant. Of several who work
in a practice the one is named who is there first after a moment; who is away is replaced as any contact
person is; and without hours one name holds always.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from gateway.domain.codes import DayPart
from gateway.domain.pathway import DEBTS, EVERYTHING, WEEKDAYS, Pathway
from gateway.errors import InbeeldError

NO_ROUTE: Final = "no_route"
AMBIGUOUS_ROUTE: Final = "ambiguous_route"
MISSING_THEME: Final = "missing_theme"

_DAYS: Final = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_HOUR: Final = re.compile(rf"({'|'.join(WEEKDAYS)}) ({'|'.join(DayPart)})")
_ENDS: Final[Mapping[str, time]] = MappingProxyType(
    {DayPart.OCHTEND: time(12), DayPart.MIDDAG: time(17, 30), DayPart.AVOND: time(22)}
)


class NoRoute(InbeeldError):
    """No organisation can be chosen; `code` is `no_route`, `ambiguous_route` or `missing_theme`."""

    def __init__(self, code: str, organisations: tuple[str, ...] = ()) -> None:
        among = f" between {', '.join(organisations)}" if organisations else ""
        super().__init__(f"{code}{among}")
        self.code = code
        self.organisations = organisations


@dataclass(frozen=True, slots=True)
class Capacity:
    """Whether there is room: at once, after a waiting list of so many weeks, or not before a day."""

    weeks: int = 0
    full: bool = False
    until: date | None = None

    def is_full(self, today: date) -> bool:
        """Whether nobody can be taken on that day."""
        return self.full and (self.until is None or today < self.until)


@dataclass(frozen=True, slots=True)
class Absence:
    """Who stands in for a contact person, from the first day to the last, or for good."""

    first: date
    last: date | None
    substitute: str

    def holds(self, today: date) -> bool:
        """Whether it is so on that day."""
        return self.first <= today and (self.last is None or today <= self.last)


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who takes referrals. `serves` are names of the gazetteer, at any level; `closed_days` are its own;
    `phones` is where it is called.

    `contact_persons` gives, for a name of the gazetteer or the id of a practice, the person to ask for there,
    or who works in that practice and when (`consultants`); `themes` is what it takes referrals about, with
    the pathway of each.
    """

    id: str
    name: str
    serves: tuple[str, ...]
    adapter: str = "mail"
    format: str = "openpgp"
    pathway: str = "almere"
    backup: str | None = None
    public_phone: str | None = None
    """Where patients may call it; anybody can read this number on the verwijskaart."""
    contact_persons: Mapping[str, str] = field(default_factory=dict, hash=False)
    closed_days: frozenset[date] = frozenset()
    phones: tuple[str, ...] = ()
    capacity: Capacity = Capacity()
    absences: Mapping[str, Absence] = field(default_factory=dict, hash=False)
    themes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def takes(self) -> frozenset[str]:
        """The themes of its referrals."""
        return frozenset(self.themes) or frozenset({DEBTS})

    @property
    def pathways(self) -> tuple[str, ...]:
        """The names of all its pathways."""
        return tuple(self.themes.values()) or (self.pathway,)

    def agreed(self, theme: str | None) -> str:
        """The name of the pathway that holds for a referral with a theme."""
        return self.themes.get(theme or "") or self.themes.get(EVERYTHING) or self.pathway


@dataclass(frozen=True, slots=True)
class Route:
    """The choice: who, at which `level` of the gazetteer, the person to ask for, and who comes after.

    `passed_over` is who serves that level and is full.
    """

    organisation: Organisation
    level: str
    contact_person: str | None = None
    backup: Organisation | None = None
    passed_over: Organisation | None = None


def themes_at(ancestry: tuple[str, ...], organisations: Iterable[Organisation]) -> frozenset[str]:
    """Every theme that somebody takes from a place."""
    levels = set(map(_folded, ancestry))
    takers = (each for each in organisations if not levels.isdisjoint(_places(each.serves)))
    return frozenset().union(*(each.takes for each in takers))


def theme_of(
    ancestry: tuple[str, ...], organisations: Iterable[Organisation], theme: str | None
) -> str | None:
    """The theme by which a route is chosen: the one that was named, or else the desk's for everything, or the
    only one there is. Raises `NoRoute` where it must be asked; None where nobody takes anything."""
    there = themes_at(ancestry, organisations)
    if theme is not None or not there:
        return theme
    if EVERYTHING in there:
        return EVERYTHING
    if len(there) > 1:
        raise NoRoute(MISSING_THEME)
    return next(iter(there))


def desk(
    ancestry: tuple[str, ...],
    organisations: Iterable[Organisation],
    pathways: Mapping[str, Pathway],
    theme: str,
) -> str | None:
    """The organisation that takes a theme from a place and agreed that the gemeente's name is enough."""
    try:
        taker = choose(ancestry, organisations, theme=theme).organisation
    except NoRoute:
        return None
    return taker.id if pathways[taker.agreed(theme)].needs == "gemeente" else None


def choose(
    ancestry: tuple[str, ...],
    organisations: Iterable[Organisation],
    today: date | None = None,
    theme: str | None = None,
) -> Route:
    """The route for a place, given as its names from the smallest to the largest, and for what it is about.

    The first name of `ancestry` at which any organisation takes the theme decides, and of those at one name
    whoever takes that theme goes before a desk for everything. Raises `NoRoute` if there is none, if two have
    an equal claim, or if a theme must be named first. An organisation that is only a backup serves nothing.

    With `today`, one that is full then is passed over for its backup, unless that is full too or does not
    take the theme: somebody must have the referral, and whoever serves the place is asked first.
    """
    known = tuple(organisations)
    wanted = theme_of(ancestry, known, theme)
    for level in ancestry:
        there = [each for each in known if _folded(level) in _places(each.serves)]
        takers = [each for each in there if wanted in each.takes]
        takers = takers or [each for each in there if EVERYTHING in each.takes]
        if len(takers) > 1:
            raise NoRoute(AMBIGUOUS_ROUTE, tuple(sorted(each.id for each in takers)))
        if takers:
            (taker,) = takers
            second = backup_of(taker, known, wanted)
            if today and second and taker.capacity.is_full(today) and not second.capacity.is_full(today):
                third = backup_of(second, known, wanted)
                third = None if third is not None and third.id == taker.id else third
                return Route(second, level, contact_person(second, ancestry, today), third, taker)
            return Route(taker, level, contact_person(taker, ancestry, today), second)
    raise NoRoute(NO_ROUTE)


def backup_of(
    organisation: Organisation, organisations: Iterable[Organisation], theme: str | None = None
) -> Organisation | None:
    """The organisation that takes over from this one; itself never counts, an unknown id is no backup, nor is
    for a theme whoever does not take it."""
    named = (each for each in organisations if each.id == organisation.backup)
    found = next((each for each in named if each.id != organisation.id), None)
    return found if found is None or theme is None or found.takes & {theme, EVERYTHING} else None


def contact_person(
    organisation: Organisation, ancestry: tuple[str, ...], today: date | None = None
) -> str | None:
    """The organisation's person for this place: the most specific name it lists wins.

    With `today`, whoever is away then is replaced by their substitute.
    """
    persons = {_folded(name): person for name, person in organisation.contact_persons.items()}
    person = next((persons[_folded(level)] for level in ancestry if _folded(level) in persons), None)
    return substitute_of(organisation, person, today) if today and person is not None else person


def substitute_of(organisation: Organisation, person: str, today: date) -> str:
    """Who stands in for a person on that day: themselves, unless they are away."""
    seen: set[str] = set()
    while person not in seen:
        absence = organisation.absences.get(person)
        if absence is None or not absence.holds(today):
            break
        seen.add(person)
        person = absence.substitute
    return person


@lru_cache(maxsize=4096)
def _places(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_folded, names))


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


@dataclass(frozen=True, slots=True)
class Consultant:
    """Somebody who works in a practice; `hours` are a day of the week (Monday is 0) and a part of it."""

    name: str
    hours: tuple[tuple[int, DayPart], ...] = ()


def consultants(text: str) -> tuple[Consultant, ...]:
    """Who works somewhere: "Anja de Vries: di ochtend, do middag; Kim Jansen: wo ochtend", or a name alone.

    Raises ValueError if it is neither.
    """
    found = []
    for part in text.split(";"):
        name, colon, listed = (each.strip() for each in part.partition(":"))
        hours = [_HOUR.fullmatch(" ".join(one.split())) for one in listed.split(",")] if colon else []
        if not name or None in hours:
            raise ValueError("no consultants")
        known = tuple((WEEKDAYS.index(one[1]), DayPart(one[2])) for one in hours if one)
        found.append(Consultant(name, known))
    return tuple(found)


def person_for(
    organisation: Organisation, ancestry: tuple[str, ...], practice_id: str, local: datetime
) -> str | None:
    """The person to ask for, with the part of the week where there is one; `local` is the time of the place.

    Who works in the practice goes before the person of the place.
    """
    today = local.date()
    text = organisation.contact_persons.get(practice_id)
    if text is None:
        text = contact_person(organisation, ancestry)
    if text is None:
        return None
    known = consultants(text)
    coming = (
        min((_next(hour, local), one.name, hour) for one in known for hour in one.hours)
        if any(one.hours for one in known)
        else None
    )
    if coming is None:
        return substitute_of(organisation, known[0].name, today)
    ends, name, (day, part) = coming
    return f"{substitute_of(organisation, name, ends.date())} ({_DAYS[day]}{part} in de praktijk)"


def _next(hour: tuple[int, DayPart], local: datetime) -> datetime:
    """When that part of the week ends next."""
    day, part = hour
    plain = local.replace(tzinfo=None)
    ends = datetime.combine(plain.date() + timedelta(days=(day - plain.weekday()) % 7), _ENDS[part])
    return ends if ends > plain else ends + timedelta(days=7)
