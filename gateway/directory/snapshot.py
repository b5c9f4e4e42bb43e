"""The directory as it is at one moment, from its book to what the domain works with: places, pathways,
wording, organisations, practices.

It promises that it never changes, and that everything which entries say about each other is checked here,
with file, key and remedy. A change makes another one.
"""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.metadata import EntryPoint, entry_points

from pydantic import BaseModel, ValidationError

from adapters.base import Adapter
from gateway.directory.book import AlarmEntry, Book
from gateway.directory.configtables import catalogues_of, pathways_of, toml_names
from gateway.directory.mistakes import (
    DEFAULT_PATHWAY,
    WrittenNames,
    absence_of,
    themes_apart,
    wrong_entry,
)
from gateway.directory.placefiles import gazetteer_of, places_of, postcodes_text, wijken_text
from gateway.domain.pathway import DEBTS, Pathway, Theme
from gateway.domain.route import Capacity, Organisation, desk, themes_at
from gateway.domain.wording import Wording
from gateway.errors import ConfigError, ConfigErrors
from gateway.gate.senders import Practice, Register, party_of
from gateway.reading.patient.wijken import Gazetteer
from gateway.settings import Settings, across, problems_of
from gateway.settings.formats import pipes
from gateway.settings.sections import OrganisationEntry, PracticeEntry

ADAPTERS = "inbeeld.adapters"
"""The entry-point group by which adapters are found."""

AdapterChoice = tuple[type[Adapter], BaseModel]
Adapters = dict[str, AdapterChoice]


@dataclass(frozen=True)
class Directory:
    """Who refers, who helps, where, and what was agreed, checked as a whole."""

    book: Book
    gazetteer: Gazetteer
    wijken: tuple[str, ...]
    postcodes: tuple[str, ...]
    pathways: dict[str, Pathway]
    wording: Wording
    organisations: dict[str, Organisation]
    practices: dict[str, Practice]
    senders: Register
    adapters: Adapters

    @cached_property
    def default_pathway(self) -> Pathway:
        """The agreement that holds before an organisation is chosen. A mail in quarantine may be for any of
        them: it is kept as long as whichever keeps one longest."""
        default = self.pathways[DEFAULT_PATHWAY]
        used = [self.pathways[name] for each in self.organisations.values() for name in each.pathways]
        longest = max(
            (each.retention.quarantine_days for each in used), default=default.retention.quarantine_days
        )
        retention = default.retention.model_copy(update={"quarantine_days": longest})
        return default.model_copy(update={"retention": retention})

    @cached_property
    def entries(self) -> dict[str, OrganisationEntry]:
        """What was written down of each organisation."""
        return {entry.id: entry for entry in self.book.organisations}

    @cached_property
    def organisation_names(self) -> dict[str, str]:
        """The organisations' names, by id."""
        return {entry.id: entry.name for entry in self.book.organisations}

    @cached_property
    def practice_names(self) -> dict[str, str]:
        """The practices' names, by id."""
        return {entry.id: entry.name for entry in self.book.practices}

    @cached_property
    def readers(self) -> dict[str, str]:
        """The practices whose colleagues log in to read, by the party they are of, with their names."""
        return {party_of(entry.id): entry.name for entry in self.book.practices if entry.page}

    @cached_property
    def parties(self) -> dict[str, str]:
        """Of whom somebody who logs in may be: an organisation, or a practice that reads on a page."""
        return self.organisation_names | self.readers

    @cached_property
    def names(self) -> dict[str, str]:
        return self.organisation_names | self.practice_names

    @cached_property
    def feedback(self) -> dict[str, str]:
        """What each practice hears, "" where its pathway says so."""
        return {entry.id: entry.feedback or "" for entry in self.book.practices}

    @cached_property
    def phones(self) -> dict[str, tuple[str, ...]]:
        """The numbers of each practice."""
        return {entry.id: tuple(sorted(entry.phones)) for entry in self.book.practices}

    @cached_property
    def figures_to(self) -> dict[str, str]:
        """Who gets figures each quarter, by practice."""
        return {entry.id: entry.figures_to for entry in self.book.practices if entry.figures_to}

    @cached_property
    def organisation_phones(self) -> dict[str, tuple[str, ...]]:
        """The numbers at which each organisation is called: its own desk's, or else the one for patients."""
        each = ((entry, entry.phones or [entry.public_phone]) for entry in self.book.organisations)
        return {entry.id: tuple(sorted(filter(None, phones))) for entry, phones in each}

    @cached_property
    def logins(self) -> dict[str, str | None]:
        """The hash of each practice that logs in, by its name there."""
        return {entry.login: entry.password_hash for entry in self.book.practices if entry.login}

    @cached_property
    def domains(self) -> dict[str, frozenset[str]]:
        """From where each organisation answers by mail."""
        return {entry.id: frozenset(entry.domains) for entry in self.book.organisations}

    @cached_property
    def teams(self) -> dict[str, str]:
        """Who reads notices, for each organisation with somebody who does."""
        return {entry.id: entry.team for entry in self.book.organisations if entry.team}

    @cached_property
    def announced(self) -> frozenset[str]:
        """The organisations whose team is told by mail that a referral arrived."""
        return frozenset(
            entry.id
            for entry in self.book.organisations
            if entry.team and (entry.adapter == "mailbox" if entry.arrival is None else entry.arrival)
        )

    @cached_property
    def leads(self) -> dict[str, str]:
        """The leaders of teams that have one."""
        return {entry.id: entry.lead for entry in self.book.organisations if entry.lead}

    @cached_property
    def channels(self) -> dict[str, tuple[str, str]]:
        """The name and the adapter of each organisation."""
        return {entry.id: (entry.name, entry.adapter) for entry in self.book.organisations}

    @cached_property
    def certificates(self) -> dict[str, str]:
        """Which organisation shows a client certificate, by its SHA-256 fingerprint."""
        return {sha256: entry.id for entry in self.book.organisations for sha256 in entry.client_certificates}

    @cached_property
    def addressed(self) -> frozenset[str]:
        """The domains of organisations and of their people, which are never a practice's."""
        people = {
            (address or "").rpartition("@")[2]
            for entry in self.book.organisations
            for address in (entry.team, entry.lead)
        }
        return frozenset(people.union(*self.domains.values()) - {""})

    @cached_property
    def alarms(self) -> tuple[str, ...]:
        """Who is told when something needs a person."""
        return tuple(entry.to for entry in self.book.alarms)

    @cached_property
    def folded(self) -> dict[str, str]:
        """The names of places, by the same in small letters."""
        return {name.casefold(): name for name in self.gazetteer.names}

    @cached_property
    def gemeenten(self) -> dict[str, str]:
        """In which gemeente each place lies; a gemeente lies in itself."""
        return {name: self.gazetteer.ancestry(name)[-1] for name in self.gazetteer.places}

    @cached_property
    def telling(self) -> Adapters:
        """The adapters that tell of what they took."""
        return {id_: chosen for id_, chosen in self.adapters.items() if hasattr(chosen[0], "poll")}

    @cached_property
    def themes(self) -> dict[str, Theme]:
        """What referrals are about here, with the addresses and words of all pathways of a theme that some
        organisation has."""
        found: dict[str, Theme] = {}
        for name in sorted({name for each in self.organisations.values() for name in each.pathways}):
            theme = self.pathways[name].theme
            known = found.get(theme.name, theme)
            found[theme.name] = Theme(
                name=theme.name,
                title=known.title or theme.title,
                addresses=tuple(dict.fromkeys((*known.addresses, *theme.addresses))),
                words=tuple(dict.fromkeys((*known.words, *theme.words))),
            )
        return found

    @cached_property
    def theme_addresses(self) -> dict[str, str]:
        """The themes that have an address of their own, by what stands before its @."""
        return {local: theme.name for theme in self.themes.values() for local in theme.addresses}

    @cached_property
    def theme_reach(self) -> dict[str, str]:
        """How patients are reached, for each theme of which all pathways in use say the same."""
        found: dict[str, set[str]] = {}
        for name in {name for each in self.organisations.values() for name in each.pathways}:
            found.setdefault(self.pathways[name].theme.name, set()).add(self.pathways[name].reach)
        return {theme: next(iter(ways)) for theme, ways in found.items() if len(ways) == 1}

    @cached_property
    def theme_words(self) -> dict[str, str]:
        """The words that say what a mail is about, by the theme of each."""
        return {word.casefold(): theme.name for theme in self.themes.values() for word in theme.words}

    @cached_property
    def theme_names(self) -> dict[str, str]:
        """The names and titles by which an answer chooses a theme: in a first mail "werk" says little."""
        named = (
            (name.casefold(), theme.name)
            for theme in self.themes.values()
            for name in (theme.name.replace("-", " "), theme.title)
        )
        return {name: theme for name, theme in named if name}

    @cached_property
    def knowledge(self) -> tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]:
        """What readers are to know: the texts of the gazetteer, and the words that make a referral urgent."""
        urgent = frozenset(word for pathway in self.pathways.values() for word in pathway.urgent_words)
        return self.wijken, self.postcodes, urgent


def of_files(settings: Settings) -> Directory:
    """What the files of `config/` say; raises `ConfigErrors` with every problem found."""
    problems: list[ConfigError] = []
    places = places_of(settings.config_dir)
    pathways = pathways_of(settings.directory, problems)
    written = WrittenNames(pathways=toml_names(settings.directory, "pathways"))
    book = Book(
        settings.practices,
        settings.organisations,
        tuple(pathways.values()),
        places,
        tuple(AlarmEntry(to=address) for address in settings.alarm.to),
    )
    return build(book, settings, pathways=pathways, problems=problems, written=written)


def build(
    book: Book,
    settings: Settings,
    *,
    pathways: dict[str, Pathway] | None = None,
    problems: list[ConfigError] | None = None,
    written: WrittenNames | None = None,
) -> Directory:
    """Make it of a book; raises `ConfigErrors` with every problem found, beside the `problems` so far. What
    these were about is not in the book, but its names are `written`."""
    problems, written = list(problems or ()), written or WrittenNames()
    if pathways is None:
        pathways = {pathway.name: pathway for pathway in book.pathways}
        problems += across(book.organisations, book.practices, settings.oidc, written.organisations)
    wijken, postcodes = wijken_text(book.places), postcodes_text(book.places)
    gazetteer = gazetteer_of(book.places, wijken, postcodes)
    catalogues = catalogues_of(settings.directory, problems)
    language = settings.gateway.language
    for name, key, told in (
        # A file that is there and wrong has been told about already.
        (DEFAULT_PATHWAY, "pathways", DEFAULT_PATHWAY in pathways or DEFAULT_PATHWAY in written.pathways),
        (
            language,
            "wording",
            language in catalogues or (settings.config_dir / "wording" / f"{language}.toml").exists(),
        ),
    ):
        if not told:
            remedy = "Copy it from a new 'inbeeld init' directory"
            problems.append(ConfigError(f"config/{key}/{name}.toml", "file", "is missing", remedy))
    adapters: Adapters = {}
    practices = {entry.id: _practice(entry) for entry in book.practices}
    for entry in book.organisations:
        problems.extend(wrong_entry(entry, gazetteer, pathways, practices, written))
        if one := _adapter(entry, problems):
            adapters[entry.id] = one
            problems += pipes("organisations.toml", f"organisation {entry.id}.options", one[1], settings.path)
    problems.extend(themes_apart(book, pathways, settings))
    senders = Register((), {}, {})
    try:
        senders = Register.of(practices.values())
    except ConfigErrors as several:
        problems.extend(several.errors)
    if problems:
        raise ConfigErrors(problems)
    organisations = {entry.id: _organisation(entry, pathways) for entry in book.organisations}
    if whole := _one_desk(gazetteer, organisations.values(), pathways):
        wijken = wijken_text(book.places, whole)
        gazetteer = gazetteer_of(book.places, wijken, postcodes)
    return Directory(
        book,
        gazetteer,
        (wijken,),
        (postcodes,),
        pathways,
        Wording(catalogues, settings.gateway.timezone),
        organisations,
        practices,
        senders,
        adapters,
    )


def _one_desk(
    gazetteer: Gazetteer, organisations: Collection[Organisation], pathways: Mapping[str, Pathway]
) -> set[str]:
    """The gemeenten whose name alone is enough, whatever a referral is about: of each theme one organisation
    serves all of it, and agreed so."""
    takers: dict[tuple[str, str], set[str]] = {}
    for name in gazetteer.places:
        ancestry = gazetteer.ancestry(name)
        for theme in themes_at(ancestry, organisations) or {DEBTS}:
            takers.setdefault((ancestry[-1], theme), set()).add(
                desk(ancestry, organisations, pathways, theme) or ""
            )
    found: dict[str, bool] = {}
    for (gemeente, _), ids in takers.items():
        found[gemeente] = found.get(gemeente, True) and len(ids) == 1 and ids != {""}
    return {gemeente for gemeente, enough in found.items() if enough}


def _practice(entry: PracticeEntry) -> Practice:
    return Practice(
        id=entry.id,
        name=entry.name,
        domains=entry.domains,
        addresses=entry.addresses,
        phones=frozenset(entry.phones),
        certificates=frozenset(entry.certificates),
        login=entry.login,
        feedback=entry.feedback,
        dkim_required=entry.dkim == "required",
        page=entry.page,
    )


def _adapter(entry: OrganisationEntry, problems: list[ConfigError]) -> tuple[type[Adapter], BaseModel] | None:
    file, key = "config/organisations.toml", f"organisation {entry.id}"
    there = _installed(tuple(sys.path))
    if entry.adapter not in there:
        remedy = f"Installed are {', '.join(sorted(there))}"
        problems.append(ConfigError(file, f"{key}.adapter", f"'{entry.adapter}' is not installed", remedy))
        return None
    kind = there[entry.adapter].load()
    formats = getattr(kind, "formats", {entry.format})
    if entry.format not in formats:
        remedy = f"Adapter '{entry.adapter}' takes {', '.join(sorted(formats))}"
        problems.append(ConfigError(file, f"{key}.format", f"'{entry.format}' can't be sent so", remedy))
    try:
        return kind, kind.Options.model_validate(entry.options)
    except ValidationError as error:
        problems.extend(problems_of(error, kind.Options, file, f"{key}.options"))
        return None


def installed() -> frozenset[str]:
    """The names of the adapters there are."""
    return frozenset(_installed(tuple(sys.path)))


@cache
def _installed(_: tuple[str, ...]) -> Mapping[str, EntryPoint]:
    """The adapters there are in these folders, by name: the facts of every package there are read for it."""
    return {point.name: point for point in entry_points(group=ADAPTERS)}


def _organisation(entry: OrganisationEntry, pathways: Mapping[str, Pathway]) -> Organisation:
    return Organisation(
        id=entry.id,
        name=entry.name,
        serves=entry.serves,
        adapter=entry.adapter,
        format=entry.format,
        pathway=entry.pathway,
        backup=entry.backup,
        public_phone=entry.public_phone,
        contact_persons=entry.contact_persons,
        closed_days=frozenset(date.fromisoformat(day) for day in entry.closed),
        phones=entry.phones,
        capacity=Capacity(entry.waiting_weeks, entry.full, entry.full_until),
        absences={person: absence_of(text) for person, text in entry.absences.items()},
        themes={pathways[name].theme.name: name for name in (entry.pathway, *entry.also)},
    )
