"""The configuration as one typed object: what stands in `config/*.toml` of a working directory.

It promises that a wrong file gives errors which name the file, the key and the remedy, that
unknown keys are refused, and that nothing is read but the files named here. The remedy of a key is its
`description` in `sections`. What needs more (gazetteer, adapters, keys) is checked in `wiring`.
"""

import ipaddress
import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.errors import ConfigError, ConfigErrors
from gateway.settings.formats import REMEDY, is_special, pipes
from gateway.settings.oidc import Oidc
from gateway.settings.sections import (
    Alarm,
    BoardSection,
    DeliverySection,
    Gate,
    GatewaySection,
    ImapSection,
    LimitsSection,
    MetricsSection,
    OrganisationEntry,
    PracticeEntry,
    SettingsSection,
    SmtpSection,
    Web,
)

CONFIG_BYTES = 1_000_000
"""The largest configuration file that is read, in bytes."""

S = TypeVar("S", bound=SettingsSection)


class Settings(SettingsSection):
    """Everything that is configured, with the working directory it came from.

    `organisations`, `practices` and `alarm` are what the files say. What counts is the directory, which takes
    these in: see `gateway.directory`.
    """

    directory: Path
    gateway: GatewaySection
    smtp: SmtpSection
    imap: ImapSection
    gate: Gate
    delivery: DeliverySection
    web: Web
    metrics: MetricsSection
    oidc: Oidc
    alarm: Alarm
    board: BoardSection
    limits: LimitsSection
    organisations: tuple[OrganisationEntry, ...]
    practices: tuple[PracticeEntry, ...]

    def path(self, name: Path) -> Path:
        """Where a configured path is: relative ones are below the working directory."""
        return name if name.is_absolute() else self.directory / name

    def key_path(self, name: Path) -> Path:
        """Where a configured key is: relative ones are below `keys_dir`."""
        return name if name.is_absolute() else self.path(self.gateway.keys_dir) / name

    @property
    def config_dir(self) -> Path:
        """The folder of the configuration files."""
        return self.directory / "config"

    @property
    def data_dir(self) -> Path:
        """The folder of what is kept."""
        return self.path(self.gateway.data_dir)


SECTIONS: Mapping[str, type[SettingsSection]] = {
    "gateway": GatewaySection,
    "smtp": SmtpSection,
    "imap": ImapSection,
    "gate": Gate,
    "delivery": DeliverySection,
    "web": Web,
    "metrics": MetricsSection,
    "oidc": Oidc,
    "alarm": Alarm,
    "board": BoardSection,
    "limits": LimitsSection,
}


ENTRIES: tuple[tuple[str, str, type[SettingsSection]], ...] = (
    ("organisations.toml", "organisation", OrganisationEntry),
    ("practices.toml", "practice", PracticeEntry),
)
"""The files of entries, what an entry is called there, and its form."""


def load(directory: Path, *, entries: bool = True) -> Settings:
    """The settings of a working directory; raises `ConfigErrors` with every problem found.

    Without `entries` the files of organisations and practices are not looked at: the database rules.
    """
    directory = directory.resolve()
    problems: list[ConfigError] = []
    main = read_toml(directory, "inbeeld.toml")
    for name in main.keys() - SECTIONS.keys():
        problems.append(
            ConfigError("config/inbeeld.toml", name, "is not known", f"Known are {_known(SECTIONS)}")
        )
    values: dict[str, Any] = {
        name: _section(kind, main.get(name, {}), "config/inbeeld.toml", name, problems)
        for name, kind in SECTIONS.items()
    }
    for file, noun, kind in ENTRIES:
        values[noun + "s"] = (
            entries_of(kind, read_toml(directory, file), f"config/{file}", noun, problems) if entries else ()
        )
    if not problems:
        settings = Settings(directory=directory, **values)
        problems.extend(_across(settings))
        if entries:
            problems.extend(across(settings.organisations, settings.practices, settings.oidc))
    if problems:
        raise ConfigErrors(problems)
    return settings


def read_toml(directory: Path, name: str) -> dict[str, Any]:
    """One file of `config/` as plain values; raises `ConfigError`."""
    path, shown = directory / "config" / name, f"config/{name}"
    try:
        if is_special(path):
            raise ConfigError(shown, "file", "is a pipe or a device, and no file", REMEDY)
        if path.stat().st_size > CONFIG_BYTES:
            raise ConfigError(shown, "file", "is larger than 1 MB", "Split or shorten it")
        return deepcopy(_parsed(path.read_bytes().decode()))
    except FileNotFoundError:
        remedy = (
            f"Run 'inbeeld init DIR' for a complete set, or name the directory with --dir (now {directory})"
        )
        raise ConfigError(shown, "file", "is missing", remedy) from None
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Make it a readable text file in UTF-8"
        raise ConfigError(shown, "file", f"can't be read ({type(error).__name__})", remedy) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(shown, "file", f"is not TOML: {error}", "Mend that line") from None


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    """A file whose text was read before: the directory asks for all of them at each of its changes."""
    return tomllib.loads(text)


def problems_of(error: ValidationError, kind: type[BaseModel], file: str, prefix: str) -> list[ConfigError]:
    """A pydantic error as problems; the remedy is the description of the key."""
    found = []
    for item in error.errors():
        names = [f"entry {part + 1}" if isinstance(part, int) else part for part in item["loc"]]
        what = _in_words(item)
        if not names and ": " in what:
            name, _, what = what.partition(": ")
            names = [name]
        field = kind.model_fields.get(names[0]) if names else None
        match item["type"]:
            case "extra_forbidden":
                remedy = f"Known are {_known(kind.model_fields)}"
            case "model_type":
                remedy = f"Write it as a section of its own: [{prefix}]"
            case _:
                remedy = (field and field.description) or "See the comments in a new 'inbeeld init' directory"
        found.append(ConfigError(file, ".".join([prefix, *names]).replace(".entry", " entry"), what, remedy))
    return found


_WORDS = {
    "extra_forbidden": "is not known",
    "missing": "is missing",
    "model_type": "is not a section",
    "string_pattern_mismatch": "is not of the right form",
    "string_type": "is not a text in quotes",
    "string_too_short": "is empty",
    "path_type": "is not a text in quotes",
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
    "tuple_type": "is not a list in brackets",
    "dict_type": "is not a table in braces",
    "too_short": "is empty",
}
"""What pydantic's kinds of error say about a key; the others have their own text."""


def _in_words(item: ErrorDetails) -> str:
    if item["type"] == "literal_error":
        return f"can't be '{item['input']}'"
    plain = item["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return _WORDS.get(item["type"], plain)


def _known(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _section(kind: type[S], value: Any, file: str, key: str, problems: list[ConfigError]) -> S | None:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        problems.extend(problems_of(error, kind, file, key))
        return None


def entries_of(
    kind: type[S], table: dict[str, Any], file: str, noun: str, problems: list[ConfigError]
) -> tuple[S, ...]:
    """The entries of a parsed file; what is wrong with them is added to `problems`."""
    for name in table.keys() - {noun}:
        problems.append(ConfigError(file, name, "is not known", f"Every entry starts with [[{noun}]]"))
    rows = table.get(noun, [])
    if not isinstance(rows, list):
        problems.append(ConfigError(file, noun, "is not a list", f"Write [[{noun}]] with double brackets"))
        return ()
    found = [
        _section(kind, row, file, f"{noun} {_name(row, number)}", problems)
        for number, row in enumerate(rows, 1)
    ]
    return tuple(entry for entry in found if entry is not None)


def _name(row: Any, number: int) -> str:
    return str(row["id"]) if isinstance(row, dict) and "id" in row else f"number {number}"


def _resolver(settings: Settings) -> list[ConfigError]:
    """With DANE, a resolver that is believed when it says that DNSSEC vouches for an answer."""
    if settings.delivery.tls != "dane":
        return []
    servers = [ipaddress.ip_address(address) for address, _ in settings.gate.dns_servers]
    if servers and all(address.is_loopback or address.is_private for address in servers):
        return []
    what = "names none on this machine or a private network" if servers else "is empty"
    remedy = 'delivery.tls = "dane" needs a resolver that validates DNSSEC, best on this machine'
    return [ConfigError("config/inbeeld.toml", "gate.dns_servers", what, remedy)]


def _across(settings: Settings) -> list[ConfigError]:
    """What no single section can see."""
    found = []
    if settings.gateway.address.rpartition("@")[2] != settings.gateway.domain:
        found.append(
            ConfigError(
                "config/inbeeld.toml", "gateway.address", "is not at gateway.domain", "Make the two agree"
            )
        )
    if settings.gate.proof == "front" and not (settings.gate.front_id and settings.smtp.trusted_relays):
        remedy = "Set gate.front_id and smtp.trusted_relays, or choose another proof"
        found.append(
            ConfigError("config/inbeeld.toml", "gate.proof", "is front without a front server", remedy)
        )
    for name in SECTIONS:
        below = settings.key_path if name == "board" else settings.path
        found.extend(pipes("inbeeld.toml", name, getattr(settings, name), below))
    found.extend(_resolver(settings))
    reports = settings.smtp.tls_reports
    if reports and (
        reports.rpartition("@")[2] != settings.gateway.domain or reports == settings.gateway.address
    ):
        what, remedy = "is not an address of its own at gateway.domain", "Such as tls-reports@ and our domain"
        found.append(ConfigError("config/inbeeld.toml", "smtp.tls_reports", what, remedy))
    if settings.oidc.issuer and not settings.web.public_url:
        remedy = "Set web.public_url: the provider sends people back there"
        what = "is set without web.public_url"
        found.append(ConfigError("config/inbeeld.toml", "oidc.issuer", what, remedy))
    return found


def across(
    entries: Sequence[OrganisationEntry],
    practices: Sequence[PracticeEntry],
    oidc: Oidc,
    written: Container[object] = (),
) -> list[ConfigError]:
    """What no single entry can see: names that are used twice, or nowhere. `written` are ids of
    organisations that are wrong and were told of."""
    found = []
    organisations = {organisation.id for organisation in entries}
    for name in oidc.organisations:
        if name not in organisations and name not in written:
            remedy = "Use an id of config/organisations.toml"
            found.append(
                ConfigError("config/inbeeld.toml", "oidc.organisations", f"'{name}' is not known", remedy)
            )
    for entry in entries:
        unknown = entry.backup not in organisations and entry.backup not in written
        if entry.backup and (unknown or entry.backup == entry.id):
            key = f"organisation {entry.id}.backup"
            found.append(
                ConfigError(
                    "config/organisations.toml", key, "names no other organisation", "Use another's id"
                )
            )
    for file, noun, names in (
        ("organisations.toml", "organisation", [entry.id for entry in entries]),
        ("practices.toml", "practice", [entry.id for entry in practices]),
        (
            "practices.toml",
            "practice domain",
            [name for entry in practices for name in entry.domains],
        ),
        (
            "practices.toml",
            "practice address",
            [name for entry in practices for name in entry.addresses],
        ),
        ("practices.toml", "practice login", [entry.login for entry in practices if entry.login]),
        (
            "practices.toml",
            "practice certificate",
            [name for entry in practices for name in entry.certificates],
        ),
        (
            "organisations.toml",
            "organisation certificate",
            [name for entry in entries for name in entry.client_certificates],
        ),
    ):
        for name in sorted({name for name in names if names.count(name) > 1}):
            found.append(
                ConfigError(f"config/{file}", f"{noun} {name}", "stands there twice", "Remove one of the two")
            )
    return found
