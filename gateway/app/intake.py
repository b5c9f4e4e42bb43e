"""The intake role: it has the public intake key, and can only insert."""

import asyncio
import functools
from collections.abc import Callable
from functools import cached_property

from gateway.app.events import IntakeEvents
from gateway.app.network import limits_of, server_tls
from gateway.app.parts import Parts
from gateway.gate.passwords import Passwords
from gateway.intake.committer import Committer
from gateway.intake.keeper import Keeper
from gateway.intake.listener import Listener
from gateway.sealing import box
from gateway.store import inbox


class Intake(Parts):
    """What takes mail in."""

    @cached_property
    def committer(self) -> Committer:
        """Many mails, one transaction."""
        return Committer(functools.partial(inbox.insert, self.store))

    def listener(self, on_kept: Callable[[], None]) -> Listener:
        """The SMTP listener; `on_kept` is called after each commit."""
        settings = self.settings
        events = IntakeEvents(self.log, self.metrics)
        public = self.present
        keeper = Keeper(
            committer=self.committer,
            seal=lambda content, context: box.seal(content, public(), context),
            digest_key=self.keys.secret("digest"),
            now=self.now,
            events=events,
            on_kept=on_kept,
        )
        host, _, port = settings.smtp.listen.rpartition(":")
        logins = {entry.login: entry.password_hash for entry in settings.practices if entry.login}
        return Listener(
            host=host.strip("[]"),
            port=int(port),
            hostname=settings.gateway.domain,
            accepts=self.accepts,
            keeper=keeper,
            events=events,
            limits=limits_of(settings),
            tls=server_tls(settings),
            require_tls=settings.smtp.require_tls,
            trusted_relays=[str(network) for network in settings.smtp.trusted_relays],
            check_login=_logins(logins) if logins else None,
        )

    def accepts(self, address: str) -> bool:
        """Whether a recipient is ours: the one address, or that address with a report token."""
        local, _, domain = address.lower().rpartition("@")
        own, _, own_domain = self.settings.gateway.address.rpartition("@")
        return domain == own_domain and (local == own or local.startswith(f"{own}+"))


def _logins(hashes: dict[str, str | None]) -> Callable[[str, str], "asyncio.Future[bool]"]:
    """Checks a login and password of SMTP AUTH, in a thread because the hash is slow on purpose."""
    passwords = Passwords()

    def check(login: str, password: str) -> "asyncio.Future[bool]":
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(None, passwords.matches, hashes.get(login), password)

    return check
