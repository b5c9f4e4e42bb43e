"""The sections of the configuration, key by key; a key's `description` is the remedy shown for it."""

import ipaddress
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from gateway.settings.formats import (
    Address,
    AddressOrNot,
    Domain,
    Identifier,
    Listen,
    ListenOrNot,
    Network,
    OrganisationId,
    Phone,
    PlainLine,
    Server,
    Sha256,
    Timezone,
)

AWAITED = "wacht op een sleutel van de pagina Sleutel"
"""Stands for the fingerprint of a key that nobody of an organisation has made yet; no key has it."""

COLLECTED = frozenset({"mailbox", "klantinteracties"})
"""The adapters whose organisations read in a browser, where they can make their key themselves."""

ABSENCE = r"^\d{4}-\d{2}-\d{2}/(\d{4}-\d{2}-\d{2})? \S.{0,99}$"


class SettingsSection(BaseModel):
    """Base of every section: unknown keys are refused, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GatewaySection(SettingsSection):
    """`[gateway]`: who we are and where things are kept."""

    domain: Domain = Field(description="Set it to the domain name of this gateway")
    address: Address = Field(description="Set it to the one address to which practices send, at `domain`")
    aliases: tuple[Address, ...] = Field(
        (), max_length=10, description="List addresses that practices used before this one"
    )
    data_dir: Path = Field(Path("data"), description="Name a folder below the working directory")
    database_url: str = Field(
        "",
        pattern=r"^(|postgresql\+psycopg://([^@\s]*@)?(\[[\da-fA-F:.]+\]|[^\[\]:/?@\s]*)(:\d{1,5})?([/?]\S*)?)$",
        description="Leave it empty for SQLite in data_dir, or write "
        "postgresql+psycopg://USER:PASSWORD@HOST:PORT/NAME (in a password @ is %40)",
    )
    keys_dir: Path = Field(Path("keys"), description="Name a folder below the working directory")
    language: Literal["nl", "en"] = Field("nl", description="Choose nl or en")
    timezone: Timezone = Field("Europe/Amsterdam", description="Use a name such as Europe/Amsterdam")

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address at which mail is taken, the present one first."""
        return tuple(dict.fromkeys((self.address, *self.aliases)))

    @property
    def other_domains(self) -> tuple[str, ...]:
        """The domains of addresses that were ours before."""
        found = dict.fromkeys(alias.rpartition("@")[2] for alias in self.aliases)
        return tuple(name for name in found if name != self.domain)


class SmtpSection(SettingsSection):
    """`[smtp]`: where mail comes in."""

    listen: Listen = Field("0.0.0.0:2525", description="Write HOST:PORT; port 0 takes any free port")
    tls_cert: Path = Field(description="Name the PEM file of our TLS certificate, with its chain")
    tls_key: Path = Field(description="Name the PEM file of its private key (mode 0600)")
    require_tls: bool = Field(True, description="Keep it true; false is for listening on loopback only")
    trusted_relays: tuple[Network, ...] = Field(
        (), description="List networks of our own front servers, such as 10.0.0.5/32; never 0.0.0.0/0"
    )
    mx: tuple[Domain, ...] = Field(
        (), description="List the host names of our MX records, or leave it empty for the domain itself"
    )
    tls_reports: AddressOrNot = Field(
        "", description="Write the address at our domain to which reports about TLS go, or leave it empty"
    )
    client_ca: Path | None = Field(
        None,
        description='With proof "client": name the PEM file of authorities whose certificates we ask for',
    )

    @model_validator(mode="after")
    def _plain_only_at_home(self) -> "SmtpSection":
        host = self.listen.rpartition(":")[0].strip("[]")
        if not self.require_tls and host not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("require_tls: is false while we listen beyond loopback")
        if any(net.prefixlen == 0 for net in self.trusted_relays):
            raise ValueError("trusted_relays: holds the whole internet")
        return self


class ImapSection(SettingsSection):
    """`[imap]`: a mailbox from which mail is fetched, where none can be delivered to us."""

    server: str = Field(
        "",
        pattern=r"^(|[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?)$",
        description="Write HOST or HOST:PORT of the IMAP server (993, TLS), or leave it empty",
    )
    username: str = Field("", max_length=200, description="Write the name of the mailbox")
    password_file: Path | None = Field(
        None, description="Name a file (mode 0600) that holds the mailbox's password"
    )
    ca_file: Path | None = Field(
        None, description="Name the PEM file of the server's authority, where that is not a public one"
    )
    folder: str = Field("INBOX", pattern=r"^[ -~]{1,100}$", description="Name the folder to fetch from")
    aside_folder: str = Field(
        "InBeeld-geweigerd", pattern=r"^[ -~]{1,100}$", description="Name a folder for what is no mail for us"
    )
    done_folder: str = Field(
        "",
        pattern=r"^[ -~]{0,100}$",
        description="Name a folder for what was kept, or leave it empty: deleted",
    )
    seconds: int = Field(60, ge=10, le=3600, description="Write how often to look, 10 to 3600 seconds")

    @model_validator(mode="after")
    def _whole(self) -> "ImapSection":
        if self.server and not (self.username and self.password_file):
            raise ValueError("password_file: is missing beside server, or username is")
        return self


class Gate(SettingsSection):
    """`[gate]`: how a practice proves that a mail is its own."""

    proof: Literal["self", "front", "client"] = Field("self", description="Choose self, front or client")
    dns_servers: tuple[Server, ...] = Field(
        (), description="List addresses of validating DNS servers, or leave it empty for the system's own"
    )
    front_id: str = Field("", description='With proof "front": the authserv-id your front server writes')
    signature_days: int = Field(
        5, ge=1, le=30, description="Choose how many days old a DKIM signature may be, 1 to 30"
    )


class DeliverySection(SettingsSection):
    """`[delivery]`: how what we send leaves."""

    relay: ListenOrNot = Field(description="Write HOST:PORT of the mail relay, such as smtp.example:587")
    tls: str = Field(
        "verify",
        pattern=r"^(verify|dane|pinned:[0-9A-Fa-f:]{64,95})$",
        description="Choose verify, dane, or pinned:<SHA-256 of the relay's certificate>",
    )
    ca_file: Path | None = Field(None, description="Name a PEM file with the relay's certificate authority")
    username: str = Field("", description="Leave it empty where the relay asks no login")
    password_file: Path | None = Field(None, description="Name a file (mode 0600) that holds the password")
    dkim_selectors: tuple[Identifier, ...] = Field(
        (), description="List the names of our DKIM keys below keys/gateway/dkim: inbeeld keys generate dkim"
    )
    openpgp_engine: Literal["sequoia", "gnupg"] = Field(
        "sequoia", description="Choose sequoia (fast, in the process) or gnupg (a gpg process a message)"
    )
    nudge_networks: tuple[Network, ...] = Field(
        (), description="List networks of our own to which a nudge may go, such as 10.0.0.0/8, or none"
    )

    @model_validator(mode="after")
    def _some_way(self) -> "DeliverySection":
        if not self.relay and self.tls != "dane":
            raise ValueError('relay: is empty, which goes with tls = "dane" only')
        return self


class Web(SettingsSection):
    """`[web]`: where pages, API, health and metrics are served."""

    listen: Listen = Field("127.0.0.1:8443", description="Write HOST:PORT; port 0 takes any free port")
    public_url: str = Field(
        "",
        pattern=r"^(|https://[A-Za-z0-9.:\[\]-]{1,200})$",
        description="Write where people find our pages, such as https://handover.example, or leave it empty",
    )
    security_contact: str = Field(
        "",
        pattern=r"^(|mailto:[^\s@<>]{1,64}@[A-Za-z0-9.-]{1,253}|https://[A-Za-z0-9.-]{1,253}(:\d{1,5})?(/[!-~]{0,200})?)$",
        description="Write mailto:ADDRESS or an https:// page for who finds a weakness, or leave it empty",
    )
    mta_sts: Literal["", "testing", "enforce"] = Field(
        "", description="Choose testing or enforce to serve a policy for mail to us, or leave it empty"
    )
    client_ca: Path | None = Field(
        None, description="Name the PEM file of authorities whose client certificates organisations may show"
    )
    requests_per_minute: int = Field(
        300, ge=1, le=100_000, description="Write how many requests one token or certificate may make"
    )
    connections: int = Field(
        1000, ge=1, le=100_000, description="Write how many connections to the pages and the API may be open"
    )
    connections_per_address: int = Field(
        250, ge=1, le=100_000, description="Write how many of them may come from one address"
    )
    metrics_from: tuple[Network, ...] = Field(
        (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128")),
        description="List the networks that may read /metrics, such as 10.0.0.5/32",
    )


class MetricsSection(SettingsSection):
    """`[metrics]`: where roles without pages tell of themselves."""

    intake: ListenOrNot = Field("", description="Write HOST:PORT, or leave it empty for no port")
    worker: ListenOrNot = Field("", description="Write HOST:PORT, or leave it empty for no port")


class Alarm(SettingsSection):
    """`[alarm]`: who is told when something needs a person."""

    to: tuple[Address, ...] = Field((), description="List the administrators' mail addresses")
    webhook: str = Field(
        "",
        pattern=r"^(|https://[^\s@#]{1,300})$",
        description="Write the https:// address of your own system for alarms, or leave it empty",
    )
    webhook_secret_file: Path | None = Field(
        None, description="Name a file (mode 0600) that holds whsec_ and 32 random bytes in base64"
    )
    webhook_ca_file: Path | None = Field(
        None, description="Name a PEM file with that system's certificate authority, if it is no public one"
    )

    @model_validator(mode="after")
    def _signed(self) -> "Alarm":
        if self.webhook and self.webhook_secret_file is None:
            raise ValueError("webhook_secret_file: is missing beside the webhook")
        return self


class BoardSection(SettingsSection):
    """`[board]`: the beheerders' own mailbox key, for which mails that were set aside are sealed."""

    key: Path | None = Field(
        None, description="Name the beheerders' public key file below keys_dir: inbeeld keys adopt beheerders"
    )
    fingerprint: str | None = Field(
        None,
        pattern=r"^[0-9A-Za-z_ -]{43,60}$",
        description="Write the whole fingerprint that the page Sleutel shows: inbeeld keys adopt beheerders",
    )

    @model_validator(mode="after")
    def _both(self) -> "BoardSection":
        if (self.key is None) != (self.fingerprint is None):
            missing, there = ("key", "fingerprint") if self.key is None else ("fingerprint", "key")
            raise ValueError(f"{missing}: is missing beside the {there}")
        return self


class LimitsSection(SettingsSection):
    """`[limits]`: what is refused; the names are those of `gateway.intake.limits`."""

    model_config = ConfigDict(extra="allow", frozen=True)


class OrganisationEntry(SettingsSection):
    """`[[organisation]]`: one that takes handovers."""

    id: OrganisationId = Field(
        description="Use small letters, digits and dashes, at most 40; not: beheerders"
    )
    name: PlainLine = Field(
        min_length=1, max_length=100, description="Write the name as the referrer knows it"
    )
    serves: tuple[str, ...] = Field(
        min_length=1, description="List names from the gazetteer in config/wijken"
    )
    adapter: str = Field(description="Name an installed adapter, such as mail")
    format: Literal["openpgp", "smime", "jwe"] = Field(description="Choose openpgp, smime or jwe")
    key: Path = Field(
        description="Name the organisation's public key file below keys_dir; leave it and fingerprint out "
        "for a mailbox whose team has none yet"
    )
    fingerprint: str = Field(
        pattern=r"^[0-9A-Za-z:_ -]{32,120}$",
        description="Write the whole fingerprint, compared with the organisation by telephone",
    )
    pathway: Identifier = Field("almere", description="Name a file of config/pathways without .toml")
    also: tuple[Identifier, ...] = Field(
        (), description="List further files of config/pathways, each of another theme"
    )
    backup: Identifier | None = Field(
        None, description="Name the id of another organisation, or leave it out"
    )
    phones: tuple[Phone, ...] = Field((), description="List the numbers at which people call it")
    domains: tuple[Domain, ...] = Field((), description="List the domains from which it answers by mail")
    team: Address | None = Field(None, description="Write the address that reads notices about its referrals")
    lead: Address | None = Field(None, description="Write the team leader's address, told when it gets late")
    public_phone: Phone | None = Field(None, description="Write the number at which patients may call it")
    arrival: bool | None = Field(
        None, description="Write true to mail the team when a referral arrives; without it a mailbox team is"
    )
    client_certificates: tuple[Sha256, ...] = Field(
        (), description="List the SHA-256 fingerprints of the certificates with which it uses the API"
    )
    closed: tuple[str, ...] = Field((), description="List its own closed days as YYYY-MM-DD")
    contact_persons: dict[PlainLine, PlainLine] = Field(
        default_factory=dict,
        description='Write wijk = "name of the contact person", or the id of a practice = who works in it: '
        '"Anja de Vries: di ochtend, do middag; Kim Jansen: wo ochtend"',
    )
    absences: dict[PlainLine, Annotated[PlainLine, Field(pattern=ABSENCE)]] = Field(
        default_factory=dict,
        description='Write a contact person = "first day/last day substitute": "2026-07-01/2026-07-21 Kim"',
    )
    waiting_weeks: int = Field(0, ge=0, le=104, description="Write how many weeks its waiting list is long")
    full: bool = Field(False, description="Write true while it can take nobody")
    full_until: date | None = Field(None, description="With full: write the day on which there is room again")
    options: dict[str, Any] = Field(default_factory=dict, description="See the adapter's own options")

    @model_validator(mode="before")
    @classmethod
    def _awaited(cls, given: Any) -> Any:
        """Whoever reads in a browser may have no key yet: until one is bound, referrals are held."""
        if not isinstance(given, dict) or given.keys() & {"key", "fingerprint"}:
            return given
        if given.get("adapter") not in COLLECTED or given.get("format", "jwe") != "jwe":
            return given
        return given | {
            "format": "jwe",
            "key": f"organisations/{given.get('id')}.jwk",
            "fingerprint": AWAITED,
        }


class PracticeEntry(SettingsSection):
    """`[[practice]]`: one that may refer."""

    id: Identifier = Field(description="Use small letters, digits and dashes, at most 40")
    name: PlainLine = Field(
        min_length=1, max_length=100, description="Write the name as organisations know it"
    )
    domains: tuple[Domain, ...] = Field((), description="List the practice's own mail domains")
    addresses: tuple[Address, ...] = Field(
        (), validate_default=True, description="List single addresses at shared mail domains"
    )
    phones: tuple[Phone, ...] = Field((), description="List its own numbers, such as 036-5300000")
    feedback: Literal["in_beeld", "dat_en_stop", "vervolgstap", "uitkomst", "geaggregeerd"] | None = Field(
        None, description="Choose a feedback profile, or leave it to the pathway"
    )
    figures_to: Address | None = Field(
        None, description="Write the address that gets figures each quarter, or leave it out"
    )
    dkim: Literal["", "required"] = Field(
        "", description='Write "required" if no mail of it counts on SPF alone, or leave it empty'
    )
    page: bool = Field(
        False,
        description="Write true if its answers are read on a page, behind two factors, and not in the mail",
    )
    certificates: tuple[Sha256, ...] = Field(
        (), description='With proof "client": SHA-256 fingerprints of its client certificates'
    )
    login: str | None = Field(None, description='With proof "client": its SMTP AUTH user name')
    password_hash: str | None = Field(
        None,
        pattern=r"^\$argon2id\$",
        validate_default=True,
        description="Make it with: inbeeld practices password",
    )

    @field_validator("addresses")
    @classmethod
    def _reachable(cls, addresses: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not addresses and info.data.get("domains") == ():
            raise ValueError("names no address, and domains no domain")
        return addresses

    @field_validator("password_hash")
    @classmethod
    def _logs_in(cls, password_hash: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("login") and not password_hash:
            raise ValueError("is missing beside the login")
        return password_hash
