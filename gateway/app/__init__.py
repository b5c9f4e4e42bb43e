"""Builds what runs: one builder a role, each with the keys that role may hold.

`Gateway` is for whoever sits at the machine itself and has all keys: the command line, and `serve` in one
process. Its roles share an `Installation`, in which there is no key. It promises that a role is loaded when
it is first asked for: a command starts without the code of pages that it does not serve.

An `Installation` is one working directory: its settings, its directory and its database. Each part
is made when it is first asked for, and once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from cryptography import x509

from adapters.base import Context
from gateway.app.boundkeys import BoardKey, BoundKeys
from gateway.app.keys import IntakeKeys, KeyFiles, WebKeys, WorkerKeys
from gateway.directory.editing import Editing
from gateway.directory.present import Derived, Present
from gateway.directory.snapshot import AdapterChoice
from gateway.errors import ConfigError, ConfigErrors
from gateway.files import FileTooLargeError, read_limited
from gateway.gate.senders import FREE_MAIL, Senders
from gateway.log import Log
from gateway.mailbox.bell import Bell
from gateway.metrics import Metrics
from gateway.pipeline.schedule import utc_now
from gateway.quarantine.allow import Allow, allowed
from gateway.settings import Settings, load
from gateway.settings.sections import OrganisationEntry
from gateway.store.engine import Store

if TYPE_CHECKING:
    from gateway.app.intake import IntakeRole
    from gateway.app.inventory import Inventory
    from gateway.app.records import DnsRecord
    from gateway.app.web import WebRole
    from gateway.app.worker import WorkerRole
    from gateway.pipeline.signalen import SigningTeller, Teller
    from gateway.sealing.keyfacts import Sealer
    from gateway.web.watchport import WatchPort


class Installation:
    """What the roles of one gateway share. `now` is the time it lives by."""

    def __init__(
        self, settings: Settings, *, log: Log | None = None, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.settings = settings
        self.log = log or Log()
        self.now = now
        self.wall: Callable[[], datetime] = utc_now
        """Sessions and codes count real time, also where `now` is another."""
        self.metrics = Metrics()
        self.role = "all"
        """What this process runs, for its figures."""
        self.timezone = ZoneInfo(settings.gateway.timezone)
        self.directory = Present(settings, lambda: self.store)
        """Who refers, who helps and where, at the moment of the call; what follows are views of it."""
        view = self.directory.view
        self.entries: Mapping[str, OrganisationEntry] = view(lambda known: known.entries)
        self.organisation_names: Mapping[str, str] = view(lambda known: known.organisation_names)
        self.practice_names: Mapping[str, str] = view(lambda known: known.practice_names)
        self.parties: Mapping[str, str] = view(lambda known: known.parties)
        """Those whose colleagues log in: organisations, and practices that read on a page."""

    @classmethod
    def at(cls, directory: Path, *, log: Log | None = None, now: Callable[[], datetime] = utc_now) -> Self:
        """The one in a working directory; raises `ConfigErrors` or `ConfigError`."""
        try:
            return cls(load(directory), log=log, now=now)
        except (ConfigError, ConfigErrors):
            # Where the database is what counts, nobody needs the files of practices and organisations.
            with suppress(ConfigError, ConfigErrors):
                base = cls(load(directory, entries=False), log=log, now=now)
                if base.directory.leads:
                    return base
                base.store_closed()
            raise

    @cached_property
    def store(self) -> Store:
        """The database; neither made nor migrated here. Raises `ConfigError` if SQLite's is not there."""
        url = self.settings.gateway.database_url
        return Store(url) if url else Store.found(self.settings.data_dir)

    @property
    def database_file(self) -> Path | None:
        """Where SQLite keeps everything; None with PostgreSQL."""
        return None if self.settings.gateway.database_url else self.settings.data_dir / "inbeeld.db"

    def only_look(self) -> None:
        """Open the database for reading alone; one that is not there is not made."""
        if (file := self.database_file) is not None:
            self.__dict__["store"] = Store.looking(file) if file.exists() else Store("sqlite://")

    @cached_property
    def editing(self) -> Editing:
        return Editing(
            store=self.store, present=self.directory, settings=self.settings, now=lambda: self.now()
        )

    @cached_property
    def senders(self) -> Senders:
        """Who may refer: the practices of the directory, and whom beheerders allowed beside them."""
        register = lambda: self.directory().senders  # noqa: E731
        return Senders(register, lambda address, domain: allowed(self.store, address, domain))

    @cached_property
    def allow(self) -> Allow:
        own = self.settings.gateway
        return Allow(
            store=self.store,
            senders=self.senders,
            closed=lambda: (self.directory().addressed | {own.domain, *own.other_domains}) - FREE_MAIL,
        )

    @cached_property
    def tellers(self) -> Derived[AdapterChoice, Teller]:
        """The receivers that tell of their signalen; they are given nothing to send with."""
        gateway = self.settings.gateway
        context = Context(gateway.domain, gateway.address, self.settings.directory)

        def make(_: str, chosen: AdapterChoice) -> Teller:
            kind, options = chosen
            return kind(options, context)  # type: ignore[call-arg, return-value]

        return Derived(self.directory.view(lambda known: known.telling), make)

    @property
    def signing_tellers(self) -> dict[str, SigningTeller]:
        """Those of them that call us, and sign what they say."""
        return {id_: one for id_, one in self.tellers.items() if hasattr(one, "verify")}  # type: ignore[misc]

    @cached_property
    def bell(self) -> Bell:
        """Wakes collectors that wait, of this process."""
        return Bell()

    @cached_property
    def board_key(self) -> BoardKey:
        """The key for which mails that were set aside are sealed."""
        return BoardKey(self.settings)

    @property
    def bound_keys(self) -> BoundKeys:
        """Which keys of browsers are bound."""
        return BoundKeys(self.entries, self.board_key, self.now)

    async def close(self) -> None:
        made = self.__dict__
        if "tellers" in made:
            for teller in self.tellers.all_made():
                await teller.close()
        self.store_closed()

    def store_closed(self) -> None:
        if "store" in self.__dict__:
            self.store.close()


class Gateway:
    """One working directory with its keys; each role is made when it is first asked for."""

    def __init__(self, base: Installation) -> None:
        self.base = base
        self.keys = KeyFiles(base.settings.path(base.settings.gateway.keys_dir))

    @classmethod
    def at(cls, directory: Path, *, log: Log | None = None, now: Callable[[], datetime] = utc_now) -> Self:
        """The gateway of a working directory; raises `ConfigErrors` or `ConfigError`."""
        return cls(Installation.at(directory, log=log, now=now))

    @property
    def settings(self) -> Settings:
        return self.base.settings

    @property
    def store(self) -> Store:
        return self.base.store

    @property
    def timezone(self) -> ZoneInfo:
        return self.base.timezone

    def now(self) -> datetime:
        return self.base.now()

    @cached_property
    def worker(self) -> WorkerRole:
        """The worker role; raises `ConfigError`."""
        from gateway.app.worker import WorkerRole

        return WorkerRole(self.base, WorkerKeys.of(self.keys))

    @cached_property
    def web(self) -> WebRole:
        """The web role; raises `ConfigError`."""
        from gateway.app.web import WebRole

        return WebRole(self.base, WebKeys.of(self.keys))

    @cached_property
    def checkers(self) -> Mapping[str, Sealer]:
        """What checks the key of each organisation, and can seal nothing."""
        from gateway.app.casework import sealers_of
        from gateway.sealing.keyring import Signers

        return sealers_of(self.base, Signers())

    @cached_property
    def inventory(self) -> Inventory:
        """Every key there is, to be shown and watched."""
        from gateway.app.inventory import Inventory

        return Inventory(self.base, self.keys.own, self.checkers)

    def records(self) -> Iterator[DnsRecord]:
        """Every DNS record that the domain needs; a certificate that can't be read tells nothing."""
        from gateway.app.records import mx_hosts, records
        from gateway.web.public.wellknown import policy_id, sts_policy

        path = self.settings.path(self.settings.smtp.tls_cert)
        try:
            certificate = x509.load_pem_x509_certificate(read_limited(path))
        except (OSError, ValueError, FileTooLargeError):
            certificate = None
        dkim: dict[str, str] = {}
        for selector in self.settings.delivery.dkim_selectors:
            # A key that can't be read is told of by itself.
            with suppress(ConfigError):
                (key,) = self.keys.dkim_keys([selector])
                dkim[selector] = key.record
        policy = sts_policy(self.settings.web.mta_sts, mx_hosts(self.settings))
        reports = next(iter(self.base.directory().alarms), "")
        return records(self.settings, certificate, dkim, policy_id(policy), reports)

    def watch_port(self, role: str) -> WatchPort | None:
        """What tells of a role that has no pages; None unless the configuration asks for it."""
        listen = getattr(self.settings.metrics, role, "")
        if not listen:
            return None
        from gateway.app.inventory import Inventory
        from gateway.app.watch import Watch, keys_of

        if role == "worker":
            watch = Watch(self.base, keys_of(self.inventory, all=True))
            return watch.port(listen, watch.ready(own=self.worker.presence.id))
        watch = Watch(self.base, keys_of(Inventory(self.base, self.keys.own, {}), all=False))
        return watch.port(listen, watch.ready(worker=False))

    def intake(self, on_kept: Callable[[], None]) -> IntakeRole:
        """The intake role; `on_kept` is called after each commit. Raises `ConfigError`."""
        from gateway.app.intake import build_intake

        return build_intake(self.base, IntakeKeys.of(self.keys), on_kept)

    async def close(self) -> None:
        """Give back everything that was made; an intake is closed by who asked for it."""
        if "worker" in self.__dict__:
            await self.worker.close()
        await self.base.close()
