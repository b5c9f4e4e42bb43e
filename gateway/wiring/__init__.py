"""Puts the running gateway together from its settings, and names every part.

It promises that a part gets what its role may hold and no more: the intake has the public intake key and can
only insert, the worker has the private keys and listens nowhere.
"""

import asyncio
import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.routing import Route

from adapters.base import Adapter, Context
from adapters.relay import Relay
from gateway.domain.states import State
from gateway.gate.authenticity import Client, Front, Strategy
from gateway.gate.caps import Caps
from gateway.gate.dns import Dns
from gateway.gate.marks import Marks
from gateway.gate.passwords import Passwords
from gateway.gate.selfcheck import SelfCheck
from gateway.gate.tokens import Tokens
from gateway.intake.committer import Committer
from gateway.intake.keeper import Keeper
from gateway.intake.listener import Listener
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.schedule import Schedule, utc_now
from gateway.sealing import box
from gateway.sealing.gpghome import remove_leftovers
from gateway.sealing.keyring import Sealer, sealer_for
from gateway.sealing.openers import Opener, PgpOpener, SmimeOpener
from gateway.sealing.present import PresentKey
from gateway.sealing.smimesigner import SmimeSigner
from gateway.settings import OrganisationEntry, Settings, load
from gateway.steps.admit import Admit
from gateway.steps.again import Again
from gateway.steps.alarms import Alarms
from gateway.steps.bell import Bell
from gateway.steps.casefile import CaseFile
from gateway.steps.conversation import Conversation
from gateway.steps.deadlines import Deadlines
from gateway.steps.dispatch import Dispatch
from gateway.steps.handover import Handover
from gateway.steps.mailbox import Mailbox
from gateway.steps.quarantine import Quarantine
from gateway.steps.readers import Readers
from gateway.steps.receive import Receive
from gateway.steps.reply import Reply
from gateway.steps.reports import Reports
from gateway.steps.reroute import Reroute
from gateway.steps.retire import Retire
from gateway.steps.settle import Settle
from gateway.steps.shelf import Shelf
from gateway.steps.signalen import AskAround, Signalen, Teller
from gateway.steps.twins import Twins
from gateway.store import inbox
from gateway.store.engine import Store
from gateway.store.worker import WorkerLock
from gateway.web.access import Access
from gateway.web.api import Api
from gateway.web.app import api_routes, web
from gateway.web.confirm import Confirm
from gateway.web.health import health_routes
from gateway.web.operations import Operation
from gateway.web.server import WebServer
from gateway.web.signalen import SignaalApi
from gateway.web.status import StatusPage
from gateway.wiring.agreements import Agreements, agreements
from gateway.wiring.events import IntakeEvents
from gateway.wiring.inventory import Inventory
from gateway.wiring.keys import Keys
from gateway.wiring.network import limits_of, relay_options, server_tls
from gateway.wiring.sealers import Entries, PresentSealer


class Gateway:
    """One gateway of one working directory. Parts are made when they are first asked for, and once."""

    def __init__(
        self, settings: Settings, *, log: Log | None = None, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.settings = settings
        self.log = log or Log()
        self.now = now
        self.metrics = Metrics()
        self.keys = Keys(settings.path(settings.gateway.keys_dir))
        self.timezone = ZoneInfo(settings.gateway.timezone)
        self.entries = Entries(settings)

    @classmethod
    def at(
        cls, directory: Path, *, log: Log | None = None, now: Callable[[], datetime] = utc_now
    ) -> "Gateway":
        """The gateway of a working directory; raises `ConfigErrors` or `ConfigError`."""
        return cls(load(directory), log=log, now=now)

    @cached_property
    def agreements(self) -> Agreements:
        """What the configuration says, checked as a whole."""
        return agreements(self.settings)

    @cached_property
    def store(self) -> Store:
        """The database; it is not migrated here."""
        url = self.settings.gateway.database_url
        return Store(url) if url else Store.at(self.settings.data_dir)

    @cached_property
    def present(self) -> PresentKey:
        """The intake's public key, also after a rotation."""
        return PresentKey(self.keys.intake_public)

    # Intake

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

    def web_server(self) -> WebServer:
        """The HTTPS listener."""
        settings = self.settings
        host, _, port = settings.web.listen.rpartition(":")
        client_ca = settings.web.client_ca
        routes = [
            *health_routes(self.store, self.metrics, settings.web.metrics_from),
            *api_routes(self._operations(), self.access),
            *self._pages(),
        ]
        return WebServer(
            web(routes, self.log),
            host.strip("[]"),
            int(port),
            settings.path(settings.smtp.tls_cert),
            settings.path(settings.smtp.tls_key),
            client_ca=settings.path(client_ca) if client_ca else None,
            on_stop=self.bell.silence,
        )

    def _pages(self) -> list[Route]:
        """The public pages behind the links in our mails."""
        known, language = self.agreements, self.settings.gateway.language

        def date(moment: datetime) -> str:
            return known.wording.date(moment, language)

        def word(state: State) -> str:
            return known.wording.word(state, language)

        confirm = Confirm(
            store=self.store,
            settle=self.settle,
            tokens=self.tokens,
            organisations=known.organisations.keys(),
            date=date,
            now=self.now,
        )
        status = StatusPage(store=self.store, tokens=self.tokens, date=date, word=word, now=self.now)
        return [*confirm.routes(), *status.routes()]

    def _operations(self) -> tuple[Operation, ...]:
        """What organisations may do over HTTP."""
        return (
            *Api(self.mailbox, self.now).operations(),
            *SignaalApi(self.signalen, self.tellers, self.now, self.log).operations(),
        )

    @cached_property
    def signalen(self) -> Signalen:
        """Takes what receivers tell of their signalen."""
        return Signalen(store=self.store, settle=self.settle, timezone=self.timezone)

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

    @cached_property
    def access(self) -> Access:
        """Recognises organisations that use the API."""
        entries = self.settings.organisations
        return Access(
            store=self.store,
            organisations=frozenset(entry.id for entry in entries),
            certificates={sha256: entry.id for entry in entries for sha256 in entry.client_certificates},
            per_minute=self.settings.web.requests_per_minute,
            now=self.now,
            log=self.log,
        )

    @cached_property
    def bell(self) -> Bell:
        """Wakes collectors that wait."""
        return Bell()

    @cached_property
    def mailbox(self) -> Mailbox:
        """What organisations do with their mailbox."""
        return Mailbox(
            store=self.store, settle=self.settle, bell=self.bell, log=self.log, metrics=self.metrics
        )

    # Worker

    @cached_property
    def casefile(self) -> CaseFile:
        """What must stay readable of a case for a while; the web role has no key that opens it."""
        readable = self.keys.intake_private.exists()
        return CaseFile(self.present, self.keys.keychain() if readable else box.Keychain(()))

    @cached_property
    def tokens(self) -> Tokens:
        """Tokens in addresses, threads and links."""
        return Tokens(self.keys.secret("tokens"))

    @cached_property
    def signer(self) -> SmimeSigner | None:
        """What we sign S/MIME with; checking an RSA key takes half a second, so it is read once."""
        return self.keys.signer()

    @cached_property
    def sealers(self) -> dict[str, Sealer]:
        """The sealer of every organisation."""

        def make(entry: OrganisationEntry) -> Sealer:
            return sealer_for(
                entry.format,
                self.settings.key_path(entry.key),
                entry.fingerprint,
                gpg_home_root=self.settings.data_dir / "gpg",
                signer=self.signer if entry.format == "smime" else None,
            )

        return {
            entry.id: PresentSealer(entry.id, self.entries, make) for entry in self.settings.organisations
        }

    @cached_property
    def inventory(self) -> Inventory:
        """Every key there is, to be shown and watched."""
        return Inventory(self.settings, self.keys, self.sealers)

    @cached_property
    def handover(self) -> Handover:
        """Routes and seals."""
        known = self.agreements
        return Handover(
            known.organisations,
            self.sealers,
            known.pathways,
            known.gazetteer,
            known.practices,
            self.timezone,
            known.default_pathway,
        )

    @cached_property
    def reroute(self) -> Reroute:
        """Gives a case to another organisation."""
        return Reroute(casefile=self.casefile, handover=self.handover, log=self.log)

    @cached_property
    def settle(self) -> Settle:
        """Takes reports."""
        # Without the keys to what is kept, the worker finds the next organisation.
        reroute = self.reroute if self.keys.intake_private.exists() else None
        return Settle(store=self.store, reroute=reroute, log=self.log)

    @cached_property
    def again(self) -> Again:
        """Tries again what was held."""
        return Again(store=self.store, casefile=self.casefile, handover=self.handover)

    @cached_property
    def quarantine(self) -> Quarantine:
        """What a person does with a mail that was set aside."""
        return Quarantine(store=self.store, keychain=self.keys.keychain(), senders=self.agreements.senders)

    @cached_property
    def proof(self) -> Strategy:
        """How a practice proves that a mail is its own."""
        match self.settings.gate.proof:
            case "front":
                return Front(self.settings.gate.front_id)
            case "client":
                return Client(self.agreements.senders)
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
    def relay(self) -> Relay:
        """The way out for mail."""
        return Relay(relay_options(self.settings))

    @cached_property
    def adapters(self) -> dict[str, Adapter]:
        """The adapter of every organisation."""
        gateway = self.settings.gateway
        context = Context(
            domain=gateway.domain,
            sender=f"InBeeld <{gateway.address}>",
            directory=self.settings.directory,
            parts={
                "relay": self.relay,
                "mailbox": Shelf(store=self.store, bell=self.bell, now=self.now),
            },
        )
        made: dict[str, Adapter] = {}
        for id_, (kind, options) in self.agreements.adapters.items():
            made[id_] = kind(options, context)  # type: ignore[call-arg]
        return made

    @cached_property
    def alarms(self) -> Alarms:
        """Tells the administrators what needs them."""
        known = self.agreements
        names = {entry.id: entry.name for entry in self.settings.organisations}
        names |= {entry.id: entry.name for entry in self.settings.practices}
        own = self.inventory.own_ends()
        return Alarms(
            store=self.store,
            sealers=self.sealers,
            names=names | {kind: f"InBeeld ({kind})" for kind in own},
            pathway=known.default_pathway,
            own=own,
        )

    @cached_property
    def lock(self) -> WorkerLock:
        """Tells whether this is the only worker; then what a killed one left behind is removed."""
        lock = WorkerLock(self.settings.data_dir / "worker.lock" if self.store.sqlite else None)
        if lock.acquire():
            remove_leftovers(self.settings.data_dir / "gpg")
        return lock

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
            base_url=self.settings.web.public_url,
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
            senders=known.senders,
            proof=self.proof,
            readers=self.readers,
            tokens=self.tokens,
            marks=marks,
            admit=admit,
            openers=self.openers,
            caps=Caps(),
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
            alarms=self.alarms if self.settings.alarm.to else None,
            retire=Retire(store=self.store, keep_quarantined=timedelta(days=days)),
            ask=AskAround(signalen=self.signalen, tellers=self.tellers, log=self.log),
            log=self.log,
            metrics=self.metrics,
            lock=self.lock,
            now=self.now,
        )

    async def close(self) -> None:
        """Give back everything that was made."""
        made = self.__dict__
        if "committer" in made:
            await self.committer.close()
        if "readers" in made:
            await asyncio.to_thread(self.readers.close)
        if "adapters" in made:
            for adapter in self.adapters.values():
                await adapter.close()
        if "tellers" in made:
            for teller in self.tellers.values():
                await teller.close()
        if "relay" in made:
            await self.relay.close()
        if "openers" in made:
            for opener in self.openers:
                await asyncio.to_thread(opener.close)
        if "store" in made:
            self.store.close()


def _logins(hashes: dict[str, str | None]) -> Callable[[str, str], "asyncio.Future[bool]"]:
    """Checks a login and password of SMTP AUTH, in a thread because the hash is slow on purpose."""
    passwords = Passwords()

    def check(login: str, password: str) -> "asyncio.Future[bool]":
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(None, passwords.matches, hashes.get(login), password)

    return check
