"""The worker role: it has the private keys, and listens nowhere."""

from datetime import timedelta
from functools import cached_property

from gateway.gate.authenticity import Client, Front, Strategy
from gateway.gate.caps import Caps
from gateway.gate.dns import Dns
from gateway.gate.marks import Marks
from gateway.gate.selfcheck import SelfCheck
from gateway.sandbox.pool import Readers
from gateway.schedule import Schedule
from gateway.sealing.gpg import PgpOpener, remove_leftovers
from gateway.sealing.opening import Opener
from gateway.sealing.smime import SmimeOpener
from gateway.steps.admit import Admit
from gateway.steps.alarms import Alarms
from gateway.steps.conversation import Conversation
from gateway.steps.deadlines import Deadlines
from gateway.steps.dispatch import Dispatch
from gateway.steps.incoming import Incoming
from gateway.steps.nudge import Nudges
from gateway.steps.oldkeys import OldKeys
from gateway.steps.orders import Orders
from gateway.steps.receive import Receive
from gateway.steps.reply import Reply
from gateway.steps.reports import Reports
from gateway.steps.retire import Retire
from gateway.steps.setaside import OWNER, SetAside
from gateway.steps.signalen import AskAround
from gateway.steps.twins import Twins
from gateway.store.worker import WorkerLock
from gateway.wiring.boardkey import KIND, BoardKey
from gateway.wiring.nudges import webhooks
from gateway.wiring.parts import Parts


class Worker(Parts):
    """What receives, dispatches, watches and retires."""

    @cached_property
    def proof(self) -> Strategy:
        """How a practice proves that a mail is its own."""
        match self.settings.gate.proof:
            case "front":
                return Front(self.settings.gate.front_id)
            case "client":
                return Client(self.senders)
            case "self":
                return SelfCheck(Dns(self.settings.gate.dns_servers))

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
    def board_key(self) -> BoardKey:
        """The same with the key that we sign with."""
        return BoardKey(self.settings, self.signers.jwe)

    @cached_property
    def lock(self) -> WorkerLock:
        """Tells whether this is the only worker; then what a killed one left behind is removed."""
        lock = WorkerLock(self.settings.data_dir / "worker.lock" if self.store.sqlite else None)
        if lock.acquire():
            remove_leftovers(self.settings.data_dir / "gpg")
        return lock

    def schedule(self) -> Schedule:
        """The worker: every step, and when it runs; raises `ConfigError` if it could not work at all."""
        self.keys.assure(entry.format for entry in self.settings.organisations)
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
        admit = Admit(
            store=self.store,
            casefile=self.casefile,
            handover=self.handover,
            marks=marks,
            neutral_subject=lambda kenmerk: known.wording.neutral_subject(kenmerk, language),
            twins=Twins(store=self.store, casefile=self.casefile, handover=self.handover, marks=marks),
            log=self.log,
        )
        receive = Receive(
            store=self.store,
            keychain=self.keys.keychain(),
            senders=self.senders,
            proof=self.proof,
            readers=self.readers,
            tokens=self.tokens,
            marks=marks,
            admit=admit,
            openers=self.openers,
            incoming=Incoming(
                store=self.store,
                marks=marks,
                caps=Caps(),
                domain=self.settings.gateway.domain,
                log=self.log,
            ),
            reports=Reports(
                store=self.store,
                settle=self.settle,
                tokens=self.tokens,
                domains={entry.id: entry.domains for entry in self.settings.organisations},
            ),
            conversation=Conversation(store=self.store),
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
            log=self.log,
            metrics=self.metrics,
        )
        days = known.default_pathway.retention.quarantine_days
        return Schedule(
            store=self.store,
            receive=receive,
            dispatch=dispatch,
            deadlines=Deadlines(store=self.store, reroute=self.reroute, log=self.log),
            mailbox=self.mailbox,
            orders=Orders(store=self.store, again=self.again, reroute=self.reroute, log=self.log),
            alarms=self.alarms if self.settings.alarm.to else None,
            old_keys=OldKeys(store=self.store, bound=self.bound_keys, wall=self.wall),
            retire=Retire(store=self.store, keep_quarantined=timedelta(days=days), wall=self.wall),
            set_aside=SetAside(
                store=self.store,
                keychain=self.keys.keychain(),
                openers=self.openers,
                readers=self.readers,
                senders=self.senders,
                key=self.board_key,
                log=self.log,
            ),
            ask=AskAround(store=self.store, signalen=self.signalen, tellers=self.tellers, log=self.log),
            log=self.log,
            metrics=self.metrics,
            lock=self.lock,
            now=self.now,
        )
