"""From the configuration to what the domain works with: places, pathways, wording, organisations, practices.

It promises that everything which the files say about each other is checked here, with file, key and remedy.
"""

from dataclasses import dataclass
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from adapters.base import Adapter
from gateway.domain.catalogue import Catalogue
from gateway.domain.pathway import Pathway
from gateway.domain.route import Organisation
from gateway.domain.wording import Wording
from gateway.errors import ConfigError, ConfigErrors
from gateway.gate.senders import Practice, Senders
from gateway.reading.patient.wijken import Gazetteer
from gateway.settings import OrganisationEntry, Settings, problems_of, read_toml

ADAPTERS = "inbeeld.adapters"
"""The entry-point group by which adapters are found."""

DEFAULT_PATHWAY = "almere"


@dataclass(frozen=True, slots=True)
class Agreements:
    """What was agreed with whom, checked as a whole."""

    gazetteer: Gazetteer
    wijken: tuple[str, ...]
    postcodes: tuple[str, ...]
    pathways: dict[str, Pathway]
    wording: Wording
    organisations: dict[str, Organisation]
    practices: dict[str, Practice]
    senders: Senders
    adapters: dict[str, tuple[type[Adapter], BaseModel]]

    @property
    def default_pathway(self) -> Pathway:
        """The agreement that holds before an organisation is chosen."""
        return self.pathways[DEFAULT_PATHWAY]


def agreements(settings: Settings) -> Agreements:
    """Read and check everything; raises `ConfigErrors` with every problem found."""
    problems: list[ConfigError] = []
    wijken = _texts(settings.config_dir, "wijken-*.csv")
    postcodes = _texts(settings.config_dir, "postcodes-*.csv")
    gazetteer = _gazetteer(wijken, postcodes)
    pathways = _tables(settings, "pathways", Pathway.parse, problems)
    catalogues = _tables(settings, "wording", Catalogue.parse, problems)
    for name, pathway in pathways.items():
        if pathway.name != name:
            what = f"is '{pathway.name}', which is not the file's own name"
            problems.append(ConfigError(f"config/pathways/{name}.toml", "name", what, "Make the two agree"))
    for name, table, key in (
        (DEFAULT_PATHWAY, pathways, "pathways"),
        (settings.gateway.language, catalogues, "wording"),
    ):
        # A file that is there and wrong has been told about already.
        if name not in table and not (settings.config_dir / key / f"{name}.toml").exists():
            remedy = "Copy it from a new 'inbeeld init' directory"
            problems.append(ConfigError(f"config/{key}/{name}.toml", "file", "is missing", remedy))
    adapters: dict[str, tuple[type[Adapter], BaseModel]] = {}
    for entry in settings.organisations:
        problems.extend(_wrong(entry, gazetteer, pathways))
        if found := _adapter(entry, problems):
            adapters[entry.id] = found
    if problems:
        raise ConfigErrors(problems)
    practices = {
        entry.id: Practice(
            id=entry.id,
            name=entry.name,
            domains=entry.domains,
            addresses=entry.addresses,
            phones=frozenset(entry.phones),
            certificates=frozenset(entry.certificates),
            login=entry.login,
            feedback=entry.feedback,
            dkim_required=entry.dkim == "required",
        )
        for entry in settings.practices
    }
    return Agreements(
        gazetteer,
        tuple(wijken.values()),
        tuple(postcodes.values()),
        pathways,
        Wording(catalogues, settings.gateway.timezone),
        {entry.id: _organisation(entry) for entry in settings.organisations},
        practices,
        Senders(practices.values()),
        adapters,
    )


def _texts(config: Path, pattern: str) -> dict[str, str]:
    """The texts of the files of that kind, by the name that a person is shown."""
    found = sorted((config / "wijken").glob(pattern))
    if not found:
        remedy = "Copy it from a new 'inbeeld init' directory"
        raise ConfigError(f"config/wijken/{pattern}", "file", "is missing", remedy)
    texts = {}
    for path in found:
        name = f"config/wijken/{path.name}"
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            what = f"can't be read ({type(error).__name__})"
            raise ConfigError(name, "file", what, "Make it a readable text file in UTF-8") from None
    return texts


def _gazetteer(wijken: dict[str, str], postcodes: dict[str, str]) -> Gazetteer:
    """The gazetteer; a mistake in one of its files is told with that file's name and line."""
    try:
        files = wijken
        Gazetteer.parse(wijken.values(), ())
        files = postcodes
        return Gazetteer.parse(wijken.values(), postcodes.values())
    except ValueError as error:
        # "file 2, line 7: the name is empty": files are counted in the order in which they were given.
        place, _, what = str(error).partition(": ")
        number, _, line = place.removeprefix("file ").partition(", ")
        raise ConfigError([*files][int(number) - 1], line, what, "Mend that line") from None


def _tables(settings: Settings, folder: str, parse: Any, problems: list[ConfigError]) -> dict[str, Any]:
    """Every TOML file of a folder, by its name."""
    found = {}
    for path in sorted((settings.config_dir / folder).glob("*.toml")):
        try:
            found[path.stem] = parse(
                f"config/{folder}/{path.name}", read_toml(settings.directory, f"{folder}/{path.name}")
            )
        except ConfigErrors as several:
            problems.extend(several.errors)
        except ConfigError as error:
            problems.append(error)
    return found


def _wrong(entry: OrganisationEntry, gazetteer: Gazetteer, pathways: dict[str, Pathway]) -> list[ConfigError]:
    file, key = "config/organisations.toml", f"organisation {entry.id}"
    found = []
    for name, places in (("serves", entry.serves), ("contact_persons", tuple(entry.contact_persons))):
        for place in places:
            if place not in gazetteer.names:
                remedy = "Use a name as it stands in config/wijken"
                found.append(ConfigError(file, f"{key}.{name}", f"'{place}' is not in the gazetteer", remedy))
    if entry.pathway not in pathways and entry.pathway != DEFAULT_PATHWAY:
        remedy = f"Known are {', '.join(sorted(pathways))}"
        found.append(
            ConfigError(file, f"{key}.pathway", f"'{entry.pathway}' is not in config/pathways", remedy)
        )
    for day in entry.closed:
        try:
            date.fromisoformat(day)
        except ValueError:
            found.append(ConfigError(file, f"{key}.closed", f"'{day}' is not a date", "Write YYYY-MM-DD"))
    return found


def _adapter(entry: OrganisationEntry, problems: list[ConfigError]) -> tuple[type[Adapter], BaseModel] | None:
    file, key = "config/organisations.toml", f"organisation {entry.id}"
    installed = {point.name: point for point in entry_points(group=ADAPTERS)}
    if entry.adapter not in installed:
        remedy = f"Installed are {', '.join(sorted(installed))}"
        problems.append(ConfigError(file, f"{key}.adapter", f"'{entry.adapter}' is not installed", remedy))
        return None
    kind = installed[entry.adapter].load()
    formats = getattr(kind, "formats", {entry.format})
    if entry.format not in formats:
        remedy = f"Adapter '{entry.adapter}' takes {', '.join(sorted(formats))}"
        problems.append(ConfigError(file, f"{key}.format", f"'{entry.format}' can't be sent so", remedy))
    try:
        return kind, kind.Options.model_validate(entry.options)
    except ValidationError as error:
        problems.extend(problems_of(error, kind.Options, file, f"{key}.options"))
        return None


def _organisation(entry: OrganisationEntry) -> Organisation:
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
    )
