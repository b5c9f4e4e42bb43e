"""The intake role: it has the public intake key, and can only insert."""

import functools
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.accounts import strangers
from gateway.app import Installation
from gateway.app.keys import IntakeKeys
from gateway.app.network import imap_place, limits_of, server_tls
from gateway.gate.passwords import Passwords
from gateway.gate.tokens import ReturnPaths, has_return_form
from gateway.intake.committer import Committer, Events, Keeper
from gateway.intake.guessing import Guessing
from gateway.intake.imap import ImapFetcher
from gateway.intake.limits import Limits, MailRoom, free_bytes
from gateway.intake.listener import Listener
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.sealing import box
from gateway.store import inbox

TELL_AGAIN = 60.0
"""How many seconds the log is spared another line of the same trouble."""


@dataclass(frozen=True, slots=True)
class IntakeRole:
    """What takes mail in."""

    listener: Listener
    committer: Committer
    keys: IntakeKeys
    fetcher: ImapFetcher | None = None

    @property
    def contexts(self) -> tuple[ssl.SSLContext, ...]:
        tls = self.listener.reception.tls
        return (tls,) if tls else ()

    def change(self, limits: Limits) -> None:
        """Let these limits hold from the next connection on."""
        self.listener.change(limits)
        if self.fetcher:
            self.fetcher.change(limits)

    async def close(self) -> None:
        await self.committer.close()


def build_intake(base: Installation, keys: IntakeKeys, on_kept: Callable[[], None]) -> IntakeRole:
    """The SMTP listener and what writes its mails; `on_kept` is called after each commit."""
    settings, limits = base.settings, limits_of(base.settings)
    own = settings.gateway.addresses
    returns = ReturnPaths(keys.returns, settings.gateway.address, aliases=own)
    committer = Committer(functools.partial(inbox.insert, base.store))
    events = IntakeEvents(base.log, base.metrics)
    keeper = Keeper(
        committer=committer,
        seal=lambda content, context: box.seal(content, keys.seal_to(), context),
        digest_key=keys.digest,
        now=base.now,
        events=events,
        on_kept=on_kept,
    )
    host, _, port = settings.smtp.listen.rpartition(":")
    logins = base.directory.view(lambda known: known.logins)
    listener = Listener(
        host=host.strip("[]"),
        port=int(port),
        hostname=settings.gateway.domain,
        accepts=lambda recipient: (
            any(is_ours(address, recipient) for address in own)
            or is_of_theme(base, recipient)
            or recipient.lower() == settings.smtp.tls_reports
        ),
        is_return_address=lambda recipient: returns.delivery(recipient) is not None,
        keeper=keeper,
        events=events,
        limits=limits,
        tls=server_tls(settings),
        require_tls=settings.smtp.require_tls,
        trusted_relays=[str(network) for network in settings.smtp.trusted_relays],
        guessing=_guessing(base, logins) if logins else None,
        room=MailRoom(
            limits,
            key=keys.digest,
            free=functools.partial(free_bytes, settings.data_dir) if base.store.sqlite else None,
            unproven=functools.partial(inbox.unproven, base.store),
            known=functools.partial(inbox.known_networks, base.store),
        ),
    )
    return IntakeRole(listener, committer, keys, _fetcher(base, listener, keeper, events, limits))


def _fetcher(
    base: Installation, listener: Listener, keeper: Keeper, events: Events, limits: Limits
) -> ImapFetcher | None:
    """What fetches mail from the mailbox of `[imap]`, if there is one."""
    found = imap_place(base.settings)
    if found is None:
        return None
    place, tls = found
    return ImapFetcher(
        place,
        tls,
        keeper=keeper,
        room=listener.room,
        limits=limits,
        events=events,
        address=base.settings.gateway.address,
        accepts=lambda recipient: is_of_theme(base, recipient),
        # The provider that stamps what comes into the mailbox is the front, if there is one.
        trusted=base.settings.gate.proof == "front",
    )


def is_of_theme(base: Installation, recipient: str) -> bool:
    """Whether it is the address of a theme that somebody takes now."""
    local, _, domain = recipient.lower().rpartition("@")
    return domain == base.settings.gateway.domain and local in base.directory().theme_addresses


def is_ours(own_address: str, recipient: str) -> bool:
    """Whether a recipient is ours: the one address, or that address with a report token. A return address
    that we did not make is nobody's."""
    if has_return_form(recipient, own_address):
        return False
    local, _, domain = recipient.lower().rpartition("@")
    own, _, own_domain = own_address.rpartition("@")
    return domain == own_domain and (local == own or local.startswith(f"{own}+"))


class IntakeEvents:
    """See `gateway.intake.committer.Events`."""

    def __init__(self, log: Log, metrics: Metrics, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._metrics, self._clock = log, metrics, clock
        self._told: dict[tuple[str, str], float] = {}

    def accepted(self, mails: Sequence[tuple[str, int]]) -> None:
        """Mails are committed."""
        self._metrics.accepted.inc(len(mails))
        self._log.accepted(mails)

    def refused(self, code: int, reason: str) -> None:
        """A client got a 4xx or 5xx."""
        self._metrics.refused.labels(reason).inc()
        self._log.refused(code, reason)

    def limit(self, name: str) -> None:
        """A limit was hit."""
        self._log.limit(name)

    def failed(self, step: str, kind: str) -> None:
        """Our own trouble. While a database is away every mail meets it: a line now and then says as much."""
        self._metrics.alarms.labels("intake").inc()
        now = self._clock()
        if now - self._told.get((step, kind), -TELL_AGAIN) >= TELL_AGAIN:
            self._told[step, kind] = now
            self._log.alarm("intake", step=step, kind=kind)

    def abuse(self, peer_ip: str, reason: str) -> None:
        """A client did what no mail server does."""
        self._log.abuse(peer_ip, reason)


def _guessing(base: Installation, hashes: Mapping[str, str | None]) -> Guessing:
    """Judges SMTP AUTH; failures are counted in the audit trail with those of the pages."""
    passwords = Passwords()

    def tell() -> None:
        with base.store.write() as session:
            strangers.failed(session, wall=base.wall(), now=base.now(), method="smtp")

    return Guessing(lambda login, password: passwords.matches(hashes.get(login), password), tell)
