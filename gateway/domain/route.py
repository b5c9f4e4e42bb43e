"""Which organisation takes a referral: the one that serves the most specific level of the gazetteer.

It promises to fail closed: no organisation, or two with an equal claim, is no route, and a person decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from gateway.errors import InbeeldError

NO_ROUTE: Final = "no_route"
AMBIGUOUS_ROUTE: Final = "ambiguous_route"


class NoRoute(InbeeldError):
    """No organisation can be chosen; `code` is `no_route` or `ambiguous_route`."""

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
    or who works in that practice and when (`consultants`).
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


def choose(
    ancestry: tuple[str, ...], organisations: Iterable[Organisation], today: date | None = None
) -> Route:
    """The route for a place, given as its names from the smallest to the largest.

    The first name of `ancestry` that any organisation serves decides; raises `NoRoute` if there is none, or
    if two organisations serve that same name. An organisation that is only a backup serves nothing.

    With `today`, one that is full then is passed over for its backup, unless that is full too: somebody must
    have the referral, and whoever serves the place is asked first.
    """
    known = tuple(organisations)
    for level in ancestry:
        takers = [each for each in known if _lists(each.serves, level)]
        if len(takers) > 1:
            raise NoRoute(AMBIGUOUS_ROUTE, tuple(sorted(each.id for each in takers)))
        if takers:
            (taker,) = takers
            second = backup_of(taker, known)
            if today and second and taker.capacity.is_full(today) and not second.capacity.is_full(today):
                third = backup_of(second, known)
                third = None if third is not None and third.id == taker.id else third
                return Route(second, level, contact_person(second, ancestry, today), third, taker)
            return Route(taker, level, contact_person(taker, ancestry, today), second)
    raise NoRoute(NO_ROUTE)


def backup_of(organisation: Organisation, organisations: Iterable[Organisation]) -> Organisation | None:
    """The organisation that takes over from this one; itself never counts, an unknown id is no backup."""
    named = (each for each in organisations if each.id == organisation.backup)
    return next((each for each in named if each.id != organisation.id), None)


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


def _lists(names: Iterable[str], level: str) -> bool:
    return _folded(level) in map(_folded, names)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
