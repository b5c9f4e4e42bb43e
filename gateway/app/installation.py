"""One working directory: its settings, its directory and its database, with no key in it.

What every role shares. Each part is made when it is first asked for, and once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from adapters.base import Context
from gateway.app.boundkeys import BoardKey, BoundKeys
from gateway.directory.editing import Editing
from gateway.directory.present import Derived, Present
from gateway.directory.snapshot import AdapterChoice
from gateway.errors import ConfigError, ConfigErrors
from gateway.gate.senders import FREE_MAIL, Senders
from gateway.log import Log
from gateway.mailbox.bell import Bell
from gateway.metrics import Metrics
from gateway.pipeline.schedule import utc_now
from gateway.quarantine.allow import Allow, allowed
from gateway.settings import OrganisationEntry, Settings, load
from gateway.store.engine import Store

if TYPE_CHECKING:
    from gateway.pipeline.signalen import SigningTeller, Teller


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
        """Who refers, who helps and where, at the moment of the call."""

    @classmethod
    def at(cls, directory: Path, *, log: Log | None = None, now: Callable[[], datetime] = utc_now) -> Self:
        """The one in a working directory; raises `ConfigErrors` or `ConfigError`."""
        try:
            return cls(load(directory), log=log, now=now)
        except (ConfigError, ConfigErrors):
            # Where the database is what counts, nobody needs the files of practices and organisations.
            with contextlib.suppress(ConfigError, ConfigErrors):
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
    def entries(self) -> Mapping[str, OrganisationEntry]:
        """What was written down of each organisation, as it is now."""
        return self.directory.view(lambda known: known.entries)

    @cached_property
    def parties(self) -> Mapping[str, str]:
        """The names of those whose colleagues log in: organisations, and practices that read on a page."""
        return self.directory.view(lambda known: known.parties)

    @cached_property
    def organisation_names(self) -> Mapping[str, str]:
        """The organisations' names, by id, as they are now."""
        return self.directory.view(lambda known: known.organisation_names)

    @cached_property
    def practice_names(self) -> Mapping[str, str]:
        """The practices' names, by id, as they are now."""
        return self.directory.view(lambda known: known.practice_names)

    @cached_property
    def editing(self) -> Editing:
        """Changes the directory."""
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
