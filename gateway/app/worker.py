"""The worker role: it has the private keys, and listens nowhere."""

from datetime import timedelta
from functools import cached_property

from gateway.accounts.expiry import Expiry
from gateway.app.boardkey import KIND
from gateway.app.nudges import webhooks
from gateway.app.parts import Parts
from gateway.gate.authenticity import Client
from gateway.gate.caps import Caps
from gateway.gate.dns import Dns
from gateway.gate.examination import Rules
from gateway.gate.marks import Marks
from gateway.mailbox.oldkeys import OldKeys
from gateway.pipeline.admit import Admit
from gateway.pipeline.alarms import Alarms
from gateway.pipeline.conversation import Conversation
from gateway.pipeline.deadlines import Deadlines
from gateway.pipeline.dispatch import Dispatch
from gateway.pipeline.duplicates import Duplicates
from gateway.pipeline.incoming import Incoming
from gateway.pipeline.measure import Measure
from gateway.pipeline.nudge import Nudges
from gateway.pipeline.orders import Orders
from gateway.pipeline.receipts import Receipts
from gateway.pipeline.receive import Receive
from gateway.pipeline.reply import Reply
from gateway.pipeline.reports import Reports
from gateway.pipeline.retire import Retire
from gateway.pipeline.schedule import Schedule
from gateway.pipeline.signalen import AskAround
from gateway.pipeline.step import HOUR, Chore, Step
from gateway.quarantine.copies import OWNER, SetAside
from gateway.sandbox.examiner import Examiner
from gateway.sandbox.pool import Readers
from gateway.sealing.gpghome import remove_leftovers
from gateway.sealing.openers import Opener, PgpOpener, SmimeOpener
from gateway.store.worker import Presence


class Worker(Parts):
    """What receives, dispatches, watches and retires."""

    @cached_property
    def dns(self) -> Dns:
        """The look-ups of the gate."""
        return Dns(self.settings.gate.dns_servers)

    @cached_property
    def examiner(self) -> Examiner:
        """Examines mails and proves their senders."""
        gate = self.settings.gate
        return Examiner(
            self.readers,
            Rules(gate.proof, self.settings.gateway.domain, gate.front_id),
            dns=self.dns if gate.proof == "self" else None,
            # A slow name keeps a batch waiting; a mail whose proof is not there then waits by itself.
            seconds=2.0,
            client=Client(self.senders) if gate.proof == "client" else None,
        )

    @cached_property
    def openers(self) -> list[Opener]:
        """The private keys that open mail which practices encrypted to us, for as far as there are any."""
        home = self.settings.data_dir / "gpg"
        found: list[Opener] = []
        if self.keys.mail_openpgp.exists():
            found.append(PgpOpener(self.keys.mail_openpgp, home))
        certificate, key = self.keys.mail_smime
        if key.exists():
            found.append(SmimeOpener(certificate, key))
        return found

    @cached_property
    def readers(self) -> Readers:
        """The pool of processes that read mails."""
        known = self.agreements
        urgent = frozenset(word for pathway in known.pathways.values() for word in pathway.urgent_words)
        return Readers(known.wijken, known.postcodes, urgent_words=urgent)

    @cached_property
    def alarms(self) -> Alarms:
        """Tells the administrators what needs them."""
        known = self.agreements
        names = {entry.id: entry.name for entry in self.settings.organisations}
        names |= {entry.id: entry.name for entry in self.settings.practices}
        own = self.inventory.own_ends() | {KIND: self.board_key.ends}
        return Alarms(
            store=self.store,
            sealers=self.sealers,
            names=names | {kind: f"InBeeld ({kind})" for kind in (*own, OWNER)},
            pathway=known.default_pathway,
            own=own,
        )

    @cached_property
    def presence(self) -> Presence:
        """This worker among the others; if it is the only one, what a killed one left behind is removed."""
        presence = Presence(self.store, self.settings.data_dir / "worker.lock")
        if presence.alone():
            remove_leftovers(self.settings.data_dir / "gpg")
        return presence

    def schedule(self) -> Schedule:
        """The worker: every step, and when it runs."""
        known = self.agreements
        language = self.settings.gateway.language
        reply = Reply(
            casefile=self.casefile,
            wording=known.wording,
            language=language,
            tokens=self.tokens,
            address=self.settings.gateway.address,
            organisations=known.organisations,
            practices=known.practices,
            links=self.links,
        )
        marks = Marks(self.keys.secret("marks"))
        duplicates = Duplicates(casefile=self.casefile, handover=self.handover, marks=marks)
        receive = Receive(
            store=self.store,
            lease=self.presence.id,
            keychain=self.keys.keychain(),
            senders=self.senders,
            examiner=self.examiner,
            readers=self.readers,
            tokens=self.tokens,
            marks=marks,
            admit=Admit(
                casefile=self.casefile,
                handover=self.handover,
                marks=marks,
                neutral_subject=lambda kenmerk: known.wording.neutral_subject(kenmerk, language),
                duplicates=duplicates,
                log=self.log,
            ),
            duplicates=duplicates,
            openers=self.openers,
            incoming=Incoming(marks=marks, caps=Caps(), log=self.log),
            reports=Reports(
                store=self.store,
                settle=self.settle,
                tokens=self.tokens,
                domains={entry.id: entry.domains for entry in self.settings.organisations},
            ),
            conversation=Conversation(store=self.store),
            domain=self.settings.gateway.domain,
            log=self.log,
            metrics=self.metrics,
        )
        dispatch = Dispatch(
            store=self.store,
            adapters=self.adapters,
            relay=self.relay,
            reply=reply,
            handover=self.handover,
            casefile=self.casefile,
            nudges=Nudges(store=self.store, webhooks=webhooks(self.settings, known.adapters)),
            notices={entry.id: entry.team for entry in self.settings.organisations if entry.team},
            leads={entry.id: entry.lead for entry in self.settings.organisations if entry.lead},
            administrators=self.settings.alarm.to,
            receipts=Receipts(store=self.store, log=self.log, metrics=self.metrics),
            log=self.log,
            lease=self.presence.id,
        )
        days = known.default_pathway.retention.quarantine_days
        retire = Retire(store=self.store, keep_quarantined=timedelta(days=days))
        set_aside = SetAside(
            store=self.store,
            keychain=self.keys.keychain(),
            openers=self.openers,
            readers=self.readers,
            senders=self.senders,
            key=self.board_key,
            log=self.log,
        )
        orders = Orders(store=self.store, again=self.again, reroute=self.reroute, log=self.log)
        deadlines = Deadlines(store=self.store, reroute=self.reroute, log=self.log)
        old_keys = OldKeys(store=self.store, bound=self.bound_keys, wall=self.wall)
        expiry = Expiry(store=self.store, wall=self.wall)
        telling = self.settings.alarm.to
        steps: tuple[Step, ...] = (
            receive,
            Chore("orders", orders.run),
            Chore("deadlines", deadlines.run),
            Chore("mailbox.leases", self.mailbox.sweep),
            Chore("set_aside", set_aside.run),
            AskAround(store=self.store, signalen=self.signalen, tellers=self.tellers, log=self.log),
            *([Chore("alarms", self.alarms.run)] if telling else []),
            dispatch,
            Chore("measure", Measure(store=self.store, metrics=self.metrics).run),
            Chore("mailbox.expiry", self.mailbox.expire, HOUR),
            Chore("set_aside.missing", set_aside.sweep, HOUR),
            Chore("accounts.expiry", expiry.run, HOUR),
            Chore("old_keys", old_keys.run, HOUR),
            *([Chore("alarms.keys", self.alarms.check_keys, HOUR)] if telling else []),
            Chore("retire", retire.run, HOUR),
        )
        return Schedule(
            steps,
            presence=self.presence,
            log=self.log,
            metrics=self.metrics,
            now=self.now,
            wall=self.wall,
        )
