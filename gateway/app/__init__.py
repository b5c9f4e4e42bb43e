"""Builds what runs: one builder a role, each with the keys that role may hold.

`Gateway` is for whoever sits at the machine itself and has all keys: the command line, and `serve` in one
process. Its roles share an `Installation`, in which there is no key. It promises that a role is loaded when
it is first asked for: a command starts without the code of pages that it does not serve.
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

from gateway.app.installation import Installation
from gateway.app.keys import IntakeKeys, KeyFiles, WebKeys, WorkerKeys
from gateway.errors import ConfigError
from gateway.log import Log
from gateway.pipeline.schedule import utc_now
from gateway.sealing.keyfacts import FileTooLargeError, read_limited
from gateway.settings import Settings
from gateway.store.engine import Store

if TYPE_CHECKING:
    from gateway.app.intake import IntakeRole
    from gateway.app.inventory import Inventory
    from gateway.app.records import DnsRecord
    from gateway.app.web import WebRole
    from gateway.app.worker import WorkerRole
    from gateway.sealing.keyring import Sealer
    from gateway.web.watchport import WatchPort


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
        from gateway.app.worker import build_worker

        return build_worker(self.base, WorkerKeys.of(self.keys))

    @cached_property
    def web(self) -> WebRole:
        """The web role; raises `ConfigError`."""
        from gateway.app.web import build_web

        return build_web(self.base, WebKeys.of(self.keys))

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
