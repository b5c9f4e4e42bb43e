"""The parts that more than one role needs, each made when it is first asked for, and once."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from adapters.base import Adapter, Context
from adapters.relay import Relay
from gateway.gate.senders import FREE_MAIL, Senders
from gateway.gate.tokens import Tokens
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.schedule import utc_now
from gateway.sealing import box
from gateway.sealing.box import PresentKey
from gateway.sealing.keyring import Sealer, Signers, sealer_for
from gateway.settings import OrganisationEntry, Settings, load
from gateway.steps.again import Again
from gateway.steps.allow import Allow, allowed
from gateway.steps.bell import Bell
from gateway.steps.casefile import CaseFile
from gateway.steps.handover import Handover
from gateway.steps.links import Links
from gateway.steps.mailbox import Mailbox
from gateway.steps.quarantine import Quarantine
from gateway.steps.reroute import Reroute
from gateway.steps.settle import Settle
from gateway.steps.shelf import Shelf
from gateway.steps.signalen import Signalen, Teller
from gateway.store.engine import Store
from gateway.web.auth import Auth
from gateway.web.pages import Pages
from gateway.wiring.agreements import Agreements, agreements
from gateway.wiring.boardkey import BoardKey
from gateway.wiring.boundkeys import BoundKeys
from gateway.wiring.inventory import Inventory
from gateway.wiring.keys import Keys
from gateway.wiring.network import relay_options
from gateway.wiring.nudges import nudged
from gateway.wiring.sealers import Entries, PresentSealer


class Parts:
    """One gateway of one working directory, as far as its roles share it."""

    def __init__(
        self, settings: Settings, *, log: Log | None = None, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.settings = settings
        self.log = log or Log()
        self.now = now
        self.wall: Callable[[], datetime] = utc_now
        """Sessions and codes count real time, also where `now` is another."""
        self.metrics = Metrics()
        self.keys = Keys(settings.path(settings.gateway.keys_dir))
        self.timezone = ZoneInfo(settings.gateway.timezone)
        self.entries = Entries(settings)

    @classmethod
    def at(cls, directory: Path, *, log: Log | None = None, now: Callable[[], datetime] = utc_now) -> Self:
        """The gateway of a working directory; raises `ConfigErrors` or `ConfigError`."""
        return cls(load(directory), log=log, now=now)

    @cached_property
    def agreements(self) -> Agreements:
        """What the configuration says, checked as a whole."""
        return agreements(self.settings)

    @cached_property
    def store(self) -> Store:
        """The database; it is not migrated here."""
        url = self.settings.gateway.database_url
        return Store(url) if url else Store.at(self.settings.data_dir)

    @cached_property
    def pages(self) -> Pages:
        """The pages, in the language of this gateway."""
        wording, language = self.agreements.wording, self.settings.gateway.language
        return Pages(
            language=language,
            timezone=self.timezone,
            date=lambda moment: wording.date(moment, language),
            word=lambda state: wording.word(state, language),
            verifier=self.keys.verifier,
        )

    @cached_property
    def auth(self) -> Auth:
        """Finds out who looks at a page."""
        organisations = frozenset(entry.id for entry in self.settings.organisations)
        return Auth(store=self.store, now=self.wall, organisations=organisations)

    @cached_property
    def present(self) -> PresentKey:
        """The intake's public key, also after a rotation."""
        return PresentKey(self.keys.intake_public)

    @cached_property
    def signalen(self) -> Signalen:
        """Takes what receivers tell of their signalen."""
        return Signalen(store=self.store, settle=self.settle, timezone=self.timezone)

    @cached_property
    def tellers(self) -> dict[str, Teller]:
        """The receivers that tell of their signalen; they are given nothing to send with."""
        gateway = self.settings.gateway
        context = Context(gateway.domain, gateway.address, self.settings.directory)
        found: dict[str, Teller] = {}
        for id_, (kind, options) in self.agreements.adapters.items():
            if hasattr(kind, "poll"):
                found[id_] = kind(options, context)  # type: ignore[call-arg, assignment]
        return found

    @cached_property
    def bell(self) -> Bell:
        """Wakes collectors that wait."""
        return Bell()

    @cached_property
    def mailbox(self) -> Mailbox:
        """What organisations do with their mailbox."""
        return Mailbox(
            store=self.store, settle=self.settle, bell=self.bell, log=self.log, metrics=self.metrics
        )

    @cached_property
    def casefile(self) -> CaseFile:
        """What must stay readable of a case for a while; the web role has no key that opens it."""
        readable = self.keys.intake_private.exists()
        return CaseFile(self.present, self.keys.keychain() if readable else box.Keychain(()))

    @cached_property
    def tokens(self) -> Tokens:
        """Tokens in addresses, threads and links."""
        return Tokens(self.keys.secret("tokens"))

    @cached_property
    def signers(self) -> Signers:
        """What we sign with; checking an RSA key takes half a second, so they are read once."""
        return self.keys.signers()

    @cached_property
    def sealers(self) -> dict[str, Sealer]:
        """The sealer of every organisation."""

        def make(entry: OrganisationEntry) -> Sealer:
            return sealer_for(
                entry.format,
                self.settings.key_path(entry.key),
                entry.fingerprint,
                gpg_home_root=self.settings.data_dir / "gpg",
                signers=self.signers,
                engine=self.settings.delivery.openpgp_engine,
            )

        return {
            entry.id: PresentSealer(entry.id, self.entries, make) for entry in self.settings.organisations
        }

    @cached_property
    def inventory(self) -> Inventory:
        """Every key there is, to be shown and watched."""
        return Inventory(self.settings, self.keys, self.sealers)

    @cached_property
    def links(self) -> Links:
        """The links in our mails."""
        return Links(self.tokens, self.settings.web.public_url)

    @cached_property
    def handover(self) -> Handover:
        """Routes and seals."""
        known = self.agreements
        return Handover(
            known.organisations,
            self.sealers,
            known.pathways,
            known.gazetteer,
            known.practices,
            self.timezone,
            known.default_pathway,
            self.links.report,
        )

    @cached_property
    def reroute(self) -> Reroute:
        """Gives a case to another organisation."""
        return Reroute(casefile=self.casefile, handover=self.handover, log=self.log)

    @cached_property
    def settle(self) -> Settle:
        """Takes reports."""
        # Without the keys to what is kept, the worker finds the next organisation.
        reroute = self.reroute if self.keys.intake_private.exists() else None
        return Settle(store=self.store, reroute=reroute, log=self.log)

    @cached_property
    def again(self) -> Again:
        """Tries again what was held."""
        return Again(store=self.store, casefile=self.casefile, handover=self.handover)

    @cached_property
    def senders(self) -> Senders:
        """Who may refer: the practices of the configuration, and whom beheerders allowed beside them."""
        practices = self.agreements.practices.values()
        return Senders(practices, lambda address, domain: allowed(self.store, address, domain))

    @cached_property
    def allow(self) -> Allow:
        """Allows further senders."""
        entries = self.settings.organisations
        people = {
            (address or "").rpartition("@")[2] for entry in entries for address in (entry.team, entry.lead)
        }
        closed = {self.settings.gateway.domain, *(domain for entry in entries for domain in entry.domains)}
        return Allow(store=self.store, senders=self.senders, closed=(closed | people) - FREE_MAIL - {""})

    @cached_property
    def board_key(self) -> BoardKey:
        """The key for which mails that were set aside are sealed."""
        return BoardKey(self.settings)

    @property
    def bound_keys(self) -> BoundKeys:
        """Which keys of browsers are bound."""
        return BoundKeys(self.entries, self.board_key, self.now)

    @cached_property
    def quarantine(self) -> Quarantine:
        """What a person does with a mail that was set aside; the web role has no key that opens it."""
        readable = self.keys.intake_private.exists()
        keychain = self.keys.keychain() if readable else box.Keychain(())
        return Quarantine(store=self.store, keychain=keychain, senders=self.senders, allow=self.allow)

    @cached_property
    def relay(self) -> Relay:
        """The way out for mail."""
        return Relay(relay_options(self.settings))

    @cached_property
    def adapters(self) -> dict[str, Adapter]:
        """The adapter of every organisation."""
        gateway = self.settings.gateway
        context = Context(
            domain=gateway.domain,
            sender=f"InBeeld <{gateway.address}>",
            directory=self.settings.directory,
            parts={
                "relay": self.relay,
                "mailbox": Shelf(
                    store=self.store, bell=self.bell, now=self.now, nudged=nudged(self.agreements.adapters)
                ),
            },
        )
        made: dict[str, Adapter] = {}
        for id_, (kind, options) in self.agreements.adapters.items():
            made[id_] = kind(options, context)  # type: ignore[call-arg]
        return made
