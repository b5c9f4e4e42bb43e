"""One working directory: its settings, its agreements and its database, with no key in it.

What every role shares. Each part is made when it is first asked for, and once.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from adapters.base import Context
from gateway.app.agreements import Agreements, agreements
from gateway.app.boundkeys import BoardKey, BoundKeys
from gateway.app.sealers import Entries
from gateway.gate.senders import FREE_MAIL, Senders
from gateway.log import Log
from gateway.mailbox.bell import Bell
from gateway.metrics import Metrics
from gateway.pipeline.schedule import utc_now
from gateway.pipeline.signalen import SigningTeller, Teller
from gateway.quarantine.allow import Allow, allowed
from gateway.settings import Settings, load
from gateway.store.engine import Store


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
        self.entries = Entries(settings)

    @classmethod
    def at(cls, directory: Path, *, log: Log | None = None, now: Callable[[], datetime] = utc_now) -> Self:
        """The one in a working directory; raises `ConfigErrors` or `ConfigError`."""
        return cls(load(directory), log=log, now=now)

    @cached_property
    def agreements(self) -> Agreements:
        """What the configuration says, checked as a whole."""
        return agreements(self.settings)

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
    def organisation_names(self) -> dict[str, str]:
        """The organisations' names, by id."""
        return {entry.id: entry.name for entry in self.settings.organisations}

    @cached_property
    def practice_names(self) -> dict[str, str]:
        """The practices' names, by id."""
        return {entry.id: entry.name for entry in self.settings.practices}

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
        own = self.settings.gateway
        closed = {own.domain, *own.other_domains, *(domain for entry in entries for domain in entry.domains)}
        return Allow(store=self.store, senders=self.senders, closed=(closed | people) - FREE_MAIL - {""})

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
        """Give back what was made."""
        made = self.__dict__
        if "tellers" in made:
            for teller in self.tellers.values():
                await teller.close()
        if "store" in made:
            self.store.close()
