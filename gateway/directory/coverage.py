"""Who serves which place and takes what: the table of all places, and the answer for one.

Pure: it looks at a directory as it is and says what a referral from there would meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from gateway.directory.snapshot import Directory
from gateway.domain.pathway import EVERYTHING, Pathway
from gateway.domain.route import NoRoute, Organisation, choose, theme_of


@dataclass(frozen=True, slots=True)
class Served:
    """One place: who gets its referrals and who comes after; `problem` where nobody does.

    A gemeente that `asks` is not enough by its name: the referrer is asked for the wijk first.
    """

    place: str
    level: str
    depth: int
    organisation: Organisation | None = None
    because: str = ""
    backup: Organisation | None = None
    contact_person: str | None = None
    pathway: Pathway | None = None
    problem: str = ""
    passed_over: Organisation | None = None
    theme: str = ""
    asks: bool = False


PER_WIJK = "per_wijk"
"""The problem of a gemeente that is none: nobody serves the whole of it, and somebody a part."""


def served(directory: Directory, place: str, today: date, theme: str | None = None) -> Served:
    """What a referral from a place of the gazetteer would meet, about a theme or without one."""
    ancestry = directory.gazetteer.ancestry(place)
    own, depth = directory.gazetteer.places[place].level, len(ancestry) - 1
    level, asks = own.replace("geheel", "gemeente"), own == "gemeente"
    try:
        route = choose(ancestry, directory.organisations.values(), today, theme)
        theme = theme_of(ancestry, directory.organisations.values(), theme)
    except NoRoute as error:
        return Served(place, level, depth, problem=error.code, theme=theme or "", asks=asks)
    return Served(
        place,
        level,
        depth,
        route.organisation,
        route.level,
        route.backup,
        route.contact_person,
        directory.pathways[route.organisation.agreed(theme)],
        passed_over=route.passed_over,
        theme=theme or "",
        asks=asks,
    )


def themes(directory: Directory) -> list[str]:
    """The themes that a referral can have here: one for a table of each."""
    found = sorted(directory.themes)
    return [name for name in found if name != EVERYTHING] or found


def table(directory: Directory, today: date, theme: str | None = None) -> Iterator[Served]:
    """Every place, each below the one it lies in, and who takes a theme there."""
    places = directory.gazetteer.places
    below: dict[str | None, list[str]] = {}
    for name, place in sorted(places.items()):
        below.setdefault(place.parent, []).append(name)

    def walk(parent: str | None) -> Iterator[Served]:
        for name in below.get(parent, ()):
            own, inner = served(directory, name, today, theme), list(walk(name))
            if own.asks and own.problem == "no_route" and any(each.organisation for each in inner):
                own = replace(own, problem=PER_WIJK)
            yield own
            yield from inner

    return walk(None)


def found(directory: Directory, typed: str) -> str | None:
    """The one place that somebody means: by name, other name, slip of the pen or postcode."""
    gazetteer = directory.gazetteer
    if place := gazetteer.postcode(typed.strip()[:4]):
        return place
    mention = gazetteer.exact(typed) or gazetteer.misspelt(typed)
    return mention.names[0] if mention and len(mention.names) == 1 else None
