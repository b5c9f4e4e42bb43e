"""The worker role: it has the private keys, and listens nowhere."""

import asyncio
import functools
from collections.abc import Callable
from contextlib import closing, nullcontext
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock

from adapters.base import Adapter, Context
from adapters.relay import WayOut
from gateway.accounts.rows import Expiry
from gateway.app.boundkeys import KIND, BoardKey
from gateway.app.inventory import OWN, Inventory
from gateway.app.mailreading import MailReading
from gateway.app.network import way_out
from gateway.app.nudges import alarm_webhook, wanted, webhook, webhooks
from gateway.directory.present import Derived
from gateway.directory.snapshot import AdapterChoice
from gateway.domain.outgoing import Alert, Digest
from gateway.gate.tokens import Marks
from gateway.mailbox.oldkeys import OldKeys
from gateway.mailbox.shelf import StoreShelf
from gateway.pipeline.alarms import Alarms
from gateway.pipeline.alert import Alerts
from gateway.pipeline.clockwatch import shorten_waits
from gateway.pipeline.deadlines import Deadlines
from gateway.pipeline.dispatch import Dispatch
from gateway.pipeline.heads import Heads
from gateway.pipeline.nudge import Nudges
from gateway.pipeline.probing import Probing
from gateway.pipeline.receipts import Receipts
from gateway.pipeline.retire import EMPTY_EVERY, Erase, Retire
from gateway.pipeline.schedule import HOUR, MINUTE, Chore, Schedule, Step
from gateway.pipeline.signalen import AskAround
from gateway.pipeline.troubles import CLOCK_LEAPT, DNS_AWAY, Troubles
from gateway.pipeline.watch import Escalate
from gateway.quarantine.copies import OWNER, SetAside
from gateway.quarantine.decide import Quarantine
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sandbox.tasks import to_find_sender
from gateway.sealing.headkey import HeadSigner
from gateway.sealing.mailsigner import MailSigner
from gateway.statistics.counting import Counting
from gateway.statistics.quarterly import QuarterlyFigures
from gateway.store import conditions
from gateway.store.worker import BEAT_EVERY


class WorkerRole(MailReading):
    """What receives, dispatches, watches and retires."""

    @cached_property
    def troubles(self) -> Troubles:
        """What ails the house itself."""
        looks: dict[str, Callable[[], bool]] = {CLOCK_LEAPT: lambda: self.clock.in_doubt}
        if self.base.settings.gate.proof == "self":
            looks[DNS_AWAY] = lambda: self.dns.away
        return Troubles(store=self.base.store, log=self.base.log, metrics=self.base.metrics, looks=looks)

    @cached_property
    def quarantine(self) -> Quarantine:
        """What a person does with a mail that was set aside, who need not say whose it is."""
        base = self.base
        return Quarantine(
            store=base.store,
            keychain=self._keychain,
            senders=base.senders,
            allow=base.allow,
            sender=self._sender_of,
        )

    def _sender_of(self, raw: bytes) -> str | None:
        """The one address in From of a mail; a command asks it once, so the process ends with it."""
        known, kept = self.base.directory(), self.__dict__.get("readers")
        made = kept or Readers(known.wijken, known.postcodes, workers=1)
        with nullcontext(made) if kept else closing(made) as pool:
            (sender,) = pool.run([to_find_sender(raw)])
        return None if isinstance(sender, Unreadable) else sender

    @cached_property
    def alarms(self) -> Alarms:
        """Tells the administrators what needs them."""
        directory = self.base.directory
        inventory = Inventory(self.base, self._keys.files.own, self.sealers)
        return Alarms(
            store=self.base.store,
            sealers=self.sealers,
            names=directory.view(
                lambda known: known.names | {kind: f"InBeeld ({kind})" for kind in (*OWN, KIND, OWNER)}
            ),
            pathway=directory.part(lambda known: known.default_pathway),
            ends=lambda now: (*inventory.ends(now), (KIND, self.base.board_key.ends(now))),
            ways=lambda: self.alarm_ways,
        )

    @property
    def alarm_ways(self) -> tuple[type[Digest] | type[Alert], ...]:
        """How the administrators are told."""
        by_webhook = self.base.settings.alarm.webhook
        return (*([Digest] if self.base.directory().alarms else []), *([Alert] if by_webhook else []))

    def _check_keys(self, now: datetime) -> None:
        if self.alarm_ways:
            self.alarms.check_keys(now)

    @cached_property
    def relay(self) -> WayOut:
        return way_out(self.base.settings, self.sign)

    @cached_property
    def sign(self) -> Callable[[bytes], bytes]:
        """What signs the mails that leave; raises `ConfigError`."""
        settings = self.base.settings
        keys = self._keys.files.dkim_keys(settings.delivery.dkim_selectors)
        # A signature has the real time: whoever reads it compares with a clock on the wall.
        return MailSigner(settings.gateway.domain, keys, self.base.wall) if keys else lambda message: message

    @cached_property
    def adapters(self) -> Derived[AdapterChoice, Adapter]:
        """The adapter of every organisation, as it is now."""
        gateway, directory = self.base.settings.gateway, self.base.directory
        context = Context(
            domain=gateway.domain,
            sender=f"InBeeld <{gateway.address}>",
            directory=self.base.settings.directory,
            parts={
                "relay": self.relay,
                "return_path": self.returns.address,
                "opener": self._keys.opened,
                "mailbox": StoreShelf(
                    store=self.base.store,
                    bell=self.base.bell,
                    now=self.base.now,
                    nudged=directory.view(lambda known: wanted(known.adapters)),
                ),
            },
        )

        def make(_: str, chosen: AdapterChoice) -> Adapter:
            kind, options = chosen
            return kind(options, context)  # type: ignore[call-arg]

        return Derived(directory.view(lambda known: known.adapters), make)

    def schedule(self) -> Schedule:
        """The worker: every step, and when it runs; raises `ConfigError` if it could not work at all."""
        self._keys.assure(entry.format for entry in self.base.entries.values())
        base, store, log, directory = self.base, self.base.store, self.base.log, self.base.directory
        # What can't work is told at the start; what is agreed on later is told when it is tried.
        webhooks(base.settings, directory().adapters)
        marks = Marks(self._keys.marks)
        # Python computes in one thread at a time; threads that don't take turns spend a quarter more.
        turn = Lock()
        retire = Retire(
            store=store,
            keep_quarantined=lambda: timedelta(days=directory().default_pathway.retention.quarantine_days),
        )
        heads, set_aside = self._heads(), self._set_aside()
        erase = Erase(store=store, log=log, metrics=base.metrics)
        default = directory.part(lambda known: known.default_pathway)
        reachable = directory.view(lambda known: known.teams).__contains__
        watch = Escalate(store=store, default=default, log=log, reachable=reachable)
        deadlines = Deadlines(store=store, reroute=self.reroute, watch=watch, log=log, reachable=reachable)
        keys = OldKeys(store=store, bound=base.bound_keys, wall=base.wall)
        steps: tuple[Step, ...] = (
            *self.receiving(marks, turn),
            Chore("orders", self.orders(marks).run),
            Probing(store=store, relay=lambda: self.relay, adapters=self.adapters, log=log),
            Chore("deadlines", deadlines.run, irrevocable=True),
            Chore("watch", watch.run, MINUTE),
            Chore("mailbox.leases", self.mailbox.sweep),
            Chore("set_aside", set_aside.run),
            AskAround(store=store, signalen=self.signalen, tellers=base.tellers, log=log),
            Chore("alarms", self.alarms.run),
            self._dispatching(turn),
            Chore("figures", Counting(store, base.timezone).run),
            Chore("troubles", self.troubles.run, BEAT_EVERY),
            Chore("mailbox.expiry", self.mailbox.expire, HOUR, irrevocable=True),
            Chore("set_aside.missing", set_aside.sweep, HOUR),
            Chore("accounts.expiry", Expiry(store=store, wall=base.wall).run, HOUR, irrevocable=True),
            Chore("old_keys", keys.run, HOUR, irrevocable=True),
            *([Chore("heads", heads.run, HOUR)] if heads else []),
            Chore("figures.mail", QuarterlyFigures(store, base.timezone, directory).run, HOUR),
            Chore("alarms.keys", self._check_keys, HOUR, irrevocable=True),
            Chore("retire", retire.run, HOUR, irrevocable=True),
            *([Chore("erase", erase.run, EMPTY_EVERY)] if store.sqlite else []),
        )
        return Schedule(
            steps,
            presence=self.presence,
            log=log,
            metrics=base.metrics,
            now=base.now,
            wall=base.wall,
            paused=lambda: conditions.paused(store) is not None,
            clock=self.clock,
            set_back=functools.partial(shorten_waits, store),
            trouble=self.troubles.now,
        )

    def _dispatching(self, turn: Lock) -> Dispatch:
        """The step that sends, with every way out."""
        directory = self.base.directory
        rung = Derived(
            directory.view(lambda known: wanted(known.adapters)),
            lambda id_, options: webhook(self.base.settings, id_, options),
        )
        alerted = alarm_webhook(self.base.settings)
        return Dispatch(
            store=self.base.store,
            adapters=self.adapters,
            relay=self.relay,
            reply=self.reply(self.links),
            handover=self.handover,
            casefile=self.casefile,
            nudges=Nudges(store=self.base.store, webhooks=rung),
            alerts=Alerts(webhook=alerted, links=self.links) if alerted else None,
            notices=directory.view(lambda known: known.teams),
            leads=directory.view(lambda known: known.leads),
            figures_to=directory.view(lambda known: known.figures_to),
            administrators=lambda: directory().alarms,
            receipts=Receipts(
                store=self.base.store,
                log=self.base.log,
                metrics=self.base.metrics,
                turn=turn,
                announced=lambda: directory().announced,
            ),
            turn=turn,
            log=self.base.log,
            lease=self.presence.id,
            return_path=self.returns.address,
            in_doubt=lambda: self.clock.in_doubt,
        )

    def _set_aside(self) -> SetAside:
        """What seals copies of quarantined mails for the beheerders."""
        return SetAside(
            store=self.base.store,
            keychain=self._keys.keychain,
            openers=self.openers,
            readers=self.readers,
            senders=self.base.senders,
            key=BoardKey(self.base.settings, self._keys.signers.jwe),
            log=self.base.log,
        )

    def _heads(self) -> Heads | None:
        """What signs the end of the audit trail, if there is a key for it."""
        path = self._keys.files.heads
        if not path.exists():
            return None
        settings = self.base.settings
        return Heads(
            store=self.base.store,
            signer=HeadSigner.load(path),
            domain=settings.gateway.domain,
            by_mail=lambda: bool(self.base.directory().alarms),
            by_webhook=bool(settings.alarm.webhook),
        )

    async def close(self) -> None:
        made = self.__dict__
        if "readers" in made:
            await asyncio.to_thread(self.readers.close)
        if "dns" in made:
            await asyncio.to_thread(self.dns.close)
        if "adapters" in made:
            for adapter in self.adapters.all_made():
                await adapter.close()
        if "relay" in made:
            await self.relay.close()
        if "openers" in made:
            for opener in self.openers:
                await asyncio.to_thread(opener.close)
