"""The worker role: it has the private keys, and listens nowhere."""

import asyncio
import functools
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import timedelta
from functools import cached_property

from adapters.base import Adapter, Context
from adapters.relay import WayOut
from gateway.accounts.expiry import Expiry
from gateway.app.boundkeys import KIND, BoardKey
from gateway.app.casework import Casework
from gateway.app.installation import Installation
from gateway.app.inventory import Inventory
from gateway.app.keys import WorkerKeys
from gateway.app.network import way_out
from gateway.app.nudges import alarm_webhook, nudged, webhooks
from gateway.domain.outgoing import Alert, Digest
from gateway.gate.authenticity import Client
from gateway.gate.caps import Caps
from gateway.gate.dns import Dns
from gateway.gate.examination import Rules
from gateway.gate.marks import Marks
from gateway.gate.returnpath import ReturnPaths
from gateway.mailbox.oldkeys import OldKeys
from gateway.mailbox.shelf import StoreShelf
from gateway.pipeline.admit import Admit
from gateway.pipeline.alarms import Alarms
from gateway.pipeline.alert import Alerts
from gateway.pipeline.batch import Outcomes
from gateway.pipeline.clockwatch import ClockWatch
from gateway.pipeline.correspondence import Correspondence
from gateway.pipeline.deadlines import Deadlines
from gateway.pipeline.dispatch import Dispatch
from gateway.pipeline.duplicates import Duplicates
from gateway.pipeline.heads import Heads
from gateway.pipeline.incoming import Incoming
from gateway.pipeline.nudge import Nudges
from gateway.pipeline.orders import Orders
from gateway.pipeline.receipts import Receipts
from gateway.pipeline.receive import LANES, Receive
from gateway.pipeline.reports import Reports
from gateway.pipeline.retire import EMPTY_EVERY, Erase, Retire
from gateway.pipeline.schedule import BEAT_EVERY, Schedule
from gateway.pipeline.setback import shorten_waits
from gateway.pipeline.signalen import AskAround
from gateway.pipeline.step import HOUR, MINUTE, Chore, Step
from gateway.pipeline.troubles import CLOCK_LEAPT, DNS_AWAY, Troubles
from gateway.pipeline.understand import Understanding
from gateway.pipeline.watch import Watch
from gateway.quarantine.copies import OWNER, SetAside
from gateway.quarantine.decide import Quarantine
from gateway.reading.letters.tlsreport import TlsReport
from gateway.sandbox.examiner import Examiner
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sandbox.tasks import to_find_sender
from gateway.sealing.gpg import PgpOpener, remove_leftovers
from gateway.sealing.headkey import HeadSigner
from gateway.sealing.mailsigner import MailSigner
from gateway.sealing.opening import Opener
from gateway.sealing.smime import SmimeOpener
from gateway.settings import OrganisationEntry
from gateway.statistics.counting import Counting
from gateway.store import conditions
from gateway.store.worker import Presence


class WorkerRole(Casework):
    """What receives, dispatches, watches and retires."""

    def __init__(self, base: Installation, keys: WorkerKeys) -> None:
        super().__init__(
            base, seal_to=keys.seal_to, keychain=keys.keychain, tokens=keys.tokens, signers=keys.signers
        )
        self._keys = keys

    @cached_property
    def dns(self) -> Dns:
        """The look-ups of the gate."""
        return Dns(self.base.settings.gate.dns_servers)

    @cached_property
    def clock(self) -> ClockWatch:
        """The look at the machine's clock."""
        return ClockWatch()

    @cached_property
    def troubles(self) -> Troubles:
        """What ails the house itself."""
        looks: dict[str, Callable[[], bool]] = {CLOCK_LEAPT: lambda: self.clock.in_doubt}
        if self.base.settings.gate.proof == "self":
            looks[DNS_AWAY] = lambda: self.dns.away
        return Troubles(store=self.base.store, log=self.base.log, metrics=self.base.metrics, looks=looks)

    @cached_property
    def examiner(self) -> Examiner:
        """Examines mails and proves their senders."""
        gate, own = self.base.settings.gate, self.base.settings.gateway
        return Examiner(
            self.readers,
            Rules(gate.proof, own.domain, gate.front_id, gate.signature_days, own.other_domains),
            dns=self.dns if gate.proof == "self" else None,
            # A slow name keeps a batch waiting; a mail whose proof is not there then waits by itself.
            seconds=2.0,
            client=Client(self.base.senders) if gate.proof == "client" else None,
        )

    @cached_property
    def openers(self) -> list[Opener]:
        """The private keys that open mail which practices encrypted to us, for as far as there are any."""
        home = self.base.settings.data_dir / "gpg"
        found: list[Opener] = []
        if self._keys.files.mail_openpgp.exists():
            found.append(PgpOpener(self._keys.files.mail_openpgp, home))
        certificate, key = self._keys.files.mail_smime
        if key.exists():
            found.append(SmimeOpener(certificate, key))
        return found

    @cached_property
    def readers(self) -> Readers:
        """The pool of processes that read mails."""
        known = self.base.agreements
        urgent = frozenset(word for pathway in known.pathways.values() for word in pathway.urgent_words)
        return Readers(known.wijken, known.postcodes, urgent_words=urgent)

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
        with closing(Readers(self.base.agreements.wijken, self.base.agreements.postcodes, workers=1)) as pool:
            (sender,) = pool.run([to_find_sender(raw)])
        return None if isinstance(sender, Unreadable) else sender

    @cached_property
    def alarms(self) -> Alarms:
        """Tells the administrators what needs them."""
        known = self.base.agreements
        names = self.base.organisation_names | self.base.practice_names
        own = Inventory(self.base.settings, self._keys.files.own, self.sealers).own_ends() | {
            KIND: self.base.board_key.ends
        }
        return Alarms(
            store=self.base.store,
            sealers=self.sealers,
            names=names | {kind: f"InBeeld ({kind})" for kind in (*own, OWNER)},
            pathway=known.default_pathway,
            own=own,
            ways=self.alarm_ways,
        )

    @property
    def alarm_ways(self) -> tuple[type[Digest] | type[Alert], ...]:
        """How the administrators are told."""
        alarm = self.base.settings.alarm
        return (*([Digest] if alarm.to else []), *([Alert] if alarm.webhook else []))

    @cached_property
    def presence(self) -> Presence:
        """This worker among the others; if it is the only one, what a killed one left behind is removed."""
        presence = Presence(self.base.store, self.base.settings.data_dir / "worker.lock")
        if presence.alone():
            remove_leftovers(self.base.settings.data_dir / "gpg")
        return presence

    @cached_property
    def returns(self) -> ReturnPaths:
        """The return addresses of our mails, to which bounces come."""
        own = self.base.settings.gateway
        return ReturnPaths(self._keys.returns, own.address, aliases=own.aliases)

    @cached_property
    def relay(self) -> WayOut:
        """The way out for mail."""
        return way_out(self.base.settings, self.sign)

    @cached_property
    def sign(self) -> Callable[[bytes], bytes]:
        """What signs the mails that leave; raises `ConfigError`."""
        settings = self.base.settings
        keys = self._keys.files.dkim_keys(settings.delivery.dkim_selectors)
        # A signature has the real time: whoever reads it compares with a clock on the wall.
        return MailSigner(settings.gateway.domain, keys, self.base.wall) if keys else lambda message: message

    @cached_property
    def adapters(self) -> dict[str, Adapter]:
        """The adapter of every organisation."""
        gateway = self.base.settings.gateway
        context = Context(
            domain=gateway.domain,
            sender=f"InBeeld <{gateway.address}>",
            directory=self.base.settings.directory,
            parts={
                "relay": self.relay,
                "return_path": self.returns.address,
                "mailbox": StoreShelf(
                    store=self.base.store,
                    bell=self.base.bell,
                    now=self.base.now,
                    nudged=nudged(self.base.agreements.adapters),
                ),
            },
        )
        made: dict[str, Adapter] = {}
        for id_, (kind, options) in self.base.agreements.adapters.items():
            made[id_] = kind(options, context)  # type: ignore[call-arg]
        return made

    def schedule(self) -> Schedule:
        """The worker: every step, and when it runs; raises `ConfigError` if it could not work at all."""
        self._keys.files.assure(entry.format for entry in self.base.settings.organisations)
        known = self.base.agreements
        language = self.base.settings.gateway.language
        marks = Marks(self._keys.marks)
        duplicates = Duplicates(casefile=self.casefile, handover=self.handover, marks=marks)
        admit = Admit(
            casefile=self.casefile,
            handover=self.handover,
            marks=marks,
            neutral_subject=lambda kenmerk: known.wording.neutral_subject(kenmerk, language),
            duplicates=duplicates,
            log=self.base.log,
        )
        correspondence = Correspondence(
            store=self.base.store,
            casefile=self.casefile,
            handover=self.handover,
            reroute=self.reroute,
            admit=admit,
            log=self.base.log,
        )
        incoming = Incoming(
            marks=marks, caps=Caps(), returns=self.returns, log=self.base.log, metrics=self.base.metrics
        )
        reports = Reports(
            store=self.base.store,
            settle=self.settle,
            tokens=self.tokens,
            marks=marks,
            domains={entry.id: entry.domains for entry in self.base.settings.organisations},
            log=self.base.log,
        )
        outcomes = Outcomes(store=self.base.store, marks=marks, log=self.base.log)
        understanding = Understanding(
            store=self.base.store,
            keychain=self._keys.keychain,
            senders=self.base.senders,
            examiner=self.examiner,
            readers=self.readers,
            tokens=self.tokens,
            marks=marks,
            admit=admit,
            openers=self.openers,
            incoming=incoming,
            reports=reports,
            domains=(self.base.settings.gateway.domain, *self.base.settings.gateway.other_domains),
            outcomes=outcomes,
            tls_reports=self.base.settings.smtp.tls_reports,
            tls_reported=self._tls_reported,
        )
        receive = [
            Receive(
                name=name,
                store=self.base.store,
                lease=f"{self.presence.id} {name}",
                understanding=understanding,
                outcomes=outcomes,
                admit=admit,
                duplicates=duplicates,
                incoming=incoming,
                reports=reports,
                correspondence=correspondence,
                log=self.base.log,
                metrics=self.base.metrics,
                in_doubt=lambda: self.clock.in_doubt,
            )
            for name in LANES
        ]
        alerted = alarm_webhook(self.base.settings)
        dispatch = Dispatch(
            store=self.base.store,
            adapters=self.adapters,
            relay=self.relay,
            reply=self.reply(self.links),
            handover=self.handover,
            casefile=self.casefile,
            nudges=Nudges(store=self.base.store, webhooks=webhooks(self.base.settings, known.adapters)),
            alerts=Alerts(webhook=alerted, links=self.links) if alerted else None,
            notices={entry.id: entry.team for entry in self.base.settings.organisations if entry.team},
            leads={entry.id: entry.lead for entry in self.base.settings.organisations if entry.lead},
            administrators=self.base.settings.alarm.to,
            receipts=Receipts(
                store=self.base.store,
                log=self.base.log,
                metrics=self.base.metrics,
                announced=announced(self.base.settings.organisations),
            ),
            log=self.base.log,
            lease=self.presence.id,
            return_path=self.returns.address,
            in_doubt=lambda: self.clock.in_doubt,
        )
        days = known.default_pathway.retention.quarantine_days
        retire = Retire(store=self.base.store, keep_quarantined=timedelta(days=days))
        heads = self._heads()
        erase = Erase(store=self.base.store, log=self.base.log, metrics=self.base.metrics)
        set_aside = SetAside(
            store=self.base.store,
            keychain=self._keys.keychain,
            openers=self.openers,
            readers=self.readers,
            senders=self.base.senders,
            key=BoardKey(self.base.settings, self._keys.signers.jwe),
            log=self.base.log,
        )
        orders = Orders(store=self.base.store, again=self.retry, reroute=self.reroute, log=self.base.log)
        teams = {entry.id for entry in self.base.settings.organisations if entry.team}
        watch = Watch(
            store=self.base.store,
            default=known.default_pathway,
            log=self.base.log,
            reachable=teams.__contains__,
        )
        deadlines = Deadlines(
            store=self.base.store,
            reroute=self.reroute,
            watch=watch,
            log=self.base.log,
            reachable=teams.__contains__,
        )
        old_keys = OldKeys(store=self.base.store, bound=self.base.bound_keys, wall=self.base.wall)
        expiry = Expiry(store=self.base.store, wall=self.base.wall)
        telling = self.alarm_ways
        steps: tuple[Step, ...] = (
            *receive,
            Chore("orders", orders.run),
            Chore("deadlines", deadlines.run, irrevocable=True),
            Chore("watch", watch.run, MINUTE),
            Chore("mailbox.leases", self.mailbox.sweep),
            Chore("set_aside", set_aside.run),
            AskAround(
                store=self.base.store, signalen=self.signalen, tellers=self.base.tellers, log=self.base.log
            ),
            *([Chore("alarms", self.alarms.run)] if telling else []),
            dispatch,
            Chore("figures", Counting(self.base.store, self.base.timezone).run),
            Chore("troubles", self.troubles.run, BEAT_EVERY),
            Chore("mailbox.expiry", self.mailbox.expire, HOUR, irrevocable=True),
            Chore("set_aside.missing", set_aside.sweep, HOUR),
            Chore("accounts.expiry", expiry.run, HOUR, irrevocable=True),
            Chore("old_keys", old_keys.run, HOUR, irrevocable=True),
            *([Chore("heads", heads.run, HOUR)] if heads else []),
            *([Chore("alarms.keys", self.alarms.check_keys, HOUR, irrevocable=True)] if telling else []),
            Chore("retire", retire.run, HOUR, irrevocable=True),
            *([Chore("erase", erase.run, EMPTY_EVERY)] if self.base.store.sqlite else []),
        )
        return Schedule(
            steps,
            presence=self.presence,
            log=self.base.log,
            metrics=self.base.metrics,
            now=self.base.now,
            wall=self.base.wall,
            paused=lambda: conditions.paused(self.base.store) is not None,
            clock=self.clock,
            set_back=functools.partial(shorten_waits, self.base.store),
            trouble=self.troubles.now,
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
            by_mail=bool(settings.alarm.to),
            by_webhook=bool(settings.alarm.webhook),
        )

    def _tls_reported(self, report: TlsReport) -> None:
        """Count what another server reports of TLS to us."""
        sessions = self.base.metrics.tls_sessions
        sessions.labels("well").inc(report.well)
        sessions.labels("failed").inc(report.failed)
        self.base.log.tls_reported(report.well, report.failed, report.results)

    async def close(self) -> None:
        """Give back what was made."""
        made = self.__dict__
        if "readers" in made:
            await asyncio.to_thread(self.readers.close)
        if "dns" in made:
            await asyncio.to_thread(self.dns.close)
        if "adapters" in made:
            for adapter in self.adapters.values():
                await adapter.close()
        if "relay" in made:
            await self.relay.close()
        if "openers" in made:
            for opener in self.openers:
                await asyncio.to_thread(opener.close)


def announced(organisations: Iterable[OrganisationEntry]) -> set[str]:
    """The organisations whose team is told by mail that a referral arrived."""
    return {
        entry.id
        for entry in organisations
        if entry.team and (entry.adapter == "mailbox" if entry.arrival is None else entry.arrival)
    }


def build_worker(base: Installation, keys: WorkerKeys) -> WorkerRole:
    """The worker, nothing of it made yet."""
    return WorkerRole(base, keys)
