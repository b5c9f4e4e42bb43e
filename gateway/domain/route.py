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
class Organisation:
    """Who takes referrals. `serves` are names of the gazetteer, at any level; `closed_days` are its own.

    `contact_persons` gives, for a name of the gazetteer, the one person to ask for there.
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


@dataclass(frozen=True, slots=True)
class Route:
    """The choice: who, at which `level` of the gazetteer, the person to ask for, and who comes after."""

    organisation: Organisation
    level: str
    contact_person: str | None = None
    backup: Organisation | None = None


def choose(ancestry: tuple[str, ...], organisations: Iterable[Organisation]) -> Route:
    """The route for a place, given as its names from the smallest to the largest.

    The first name of `ancestry` that any organisation serves decides; raises `NoRoute` if there is none, or
    if two organisations serve that same name. An organisation that is only a backup serves nothing.
    """
    known = tuple(organisations)
    for level in ancestry:
        takers = [each for each in known if _lists(each.serves, level)]
        if len(takers) > 1:
            raise NoRoute(AMBIGUOUS_ROUTE, tuple(sorted(each.id for each in takers)))
        if takers:
            (taker,) = takers
            return Route(taker, level, contact_person(taker, ancestry), backup_of(taker, known))
    raise NoRoute(NO_ROUTE)


def backup_of(organisation: Organisation, organisations: Iterable[Organisation]) -> Organisation | None:
    """The organisation that takes over from this one; itself never counts, an unknown id is no backup."""
    named = (each for each in organisations if each.id == organisation.backup)
    return next((each for each in named if each.id != organisation.id), None)


def contact_person(organisation: Organisation, ancestry: tuple[str, ...]) -> str | None:
    """The organisation's person for this place: the most specific name it lists wins."""
    persons = {_folded(name): person for name, person in organisation.contact_persons.items()}
    return next((persons[_folded(level)] for level in ancestry if _folded(level) in persons), None)


def _lists(names: Iterable[str], level: str) -> bool:
    return _folded(level) in map(_folded, names)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
