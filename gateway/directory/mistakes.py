"""What entries of the directory say about each other that can't be: checks that no single one can make.

They promise that what is wrong in one entry is told once: another that names it is not wrong because of it.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date

from gateway.directory.book import Book
from gateway.domain.pathway import Pathway
from gateway.domain.route import Absence, consultants
from gateway.errors import ConfigError
from gateway.reading.patient.wijken import Gazetteer
from gateway.settings import Settings
from gateway.settings.sections import OrganisationEntry

DEFAULT_PATHWAY = "almere"


class AnyName(Container[object]):
    """The names of a file that can't be read: nobody knows that one is not among them."""

    def __contains__(self, name: object) -> bool:
        return True


@dataclass(slots=True)
class WrittenNames:
    """The names that are written down somewhere, also of entries that are wrong and were told of."""

    organisations: Container[object] = frozenset()
    practices: Container[object] = frozenset()
    pathways: Container[object] = frozenset()
    places: Container[object] = frozenset()


def wrong_entry(
    entry: OrganisationEntry,
    gazetteer: Gazetteer,
    pathways: Mapping[str, Pathway],
    practices: Container[str],
    written: WrittenNames,
) -> list[ConfigError]:
    file, key = "config/organisations.toml", f"organisation {entry.id}"
    found = []
    for place, text in entry.contact_persons.items():
        try:
            consultants(text)
        except ValueError:
            remedy = 'Write "Anja de Vries", or "Anja de Vries: di ochtend; Kim Jansen: wo ochtend"'
            what = f"that of '{place}' is no name with parts of the week"
            found.append(ConfigError(file, f"{key}.contact_persons", what, remedy))
    placed = tuple(
        place for place in entry.contact_persons if place not in practices and place not in written.practices
    )
    for name, places in (("serves", entry.serves), ("contact_persons", placed)):
        for place in places:
            if place not in gazetteer.names and place not in written.places:
                remedy = "Use a name as it stands in config/wijken"
                found.append(ConfigError(file, f"{key}.{name}", f"'{place}' is not in the gazetteer", remedy))
    remedy = f"Known are {', '.join(sorted(pathways))}"
    found += [
        ConfigError(file, f"{key}.{name}", f"'{pathway}' is not in config/pathways", remedy)
        for name, named in (("pathway", (entry.pathway,)), ("also", entry.also))
        for pathway in named
        if pathway not in pathways and pathway != DEFAULT_PATHWAY and pathway not in written.pathways
    ]
    named = [pathways[name].theme.name for name in (entry.pathway, *entry.also) if name in pathways]
    if len(set(named)) != len(named):
        what = "has two pathways of one theme"
        found.append(ConfigError(file, f"{key}.also", what, "Name one pathway for each theme"))
    for person, text in entry.absences.items():
        try:
            absence_of(text)
        except ValueError:
            what = f"'{text.partition(' ')[0]}' are no two dates"
            found.append(
                ConfigError(file, f"{key}.absences {person}", what, "Write YYYY-MM-DD/YYYY-MM-DD NAME")
            )
    for day in entry.closed:
        try:
            date.fromisoformat(day)
        except ValueError:
            found.append(ConfigError(file, f"{key}.closed", f"'{day}' is not a date", "Write YYYY-MM-DD"))
    return found


def themes_apart(book: Book, pathways: Mapping[str, Pathway], settings: Settings) -> list[ConfigError]:
    """What two themes both claim, of those that organisations have: an address or a word is of one."""
    used = sorted(
        {name for entry in book.organisations for name in (entry.pathway, *entry.also)} & {*pathways}
    )
    owners: dict[tuple[str, str], str] = {}
    found = []
    reserved = {settings.smtp.tls_reports.partition("@")[0], "postmaster", "abuse"} - {""}
    for name in used:
        theme = pathways[name].theme
        for kind, values in (("addresses", theme.addresses), ("words", theme.words)):
            for value in values:
                file, key = f"config/pathways/{name}.toml", f"pathway {name}.theme.{kind}"
                owner = owners.setdefault((kind, value.casefold()), theme.name)
                if owner != theme.name:
                    what = f"'{value}' is of theme '{owner}' too"
                    found.append(ConfigError(file, key, what, "Give each theme its own"))
                if kind == "addresses" and value in reserved:
                    what = f"'{value}' is for mail about the gateway itself"
                    found.append(ConfigError(file, key, what, "Choose another"))
    return found


def absence_of(text: str) -> Absence:
    """An absence as it is written down; raises `ValueError`."""
    days, _, substitute = text.partition(" ")
    first, _, last = days.partition("/")
    return Absence(date.fromisoformat(first), date.fromisoformat(last) if last else None, substitute)
