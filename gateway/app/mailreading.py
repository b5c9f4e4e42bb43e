"""What the worker receives mail with: the processes that parse it, what proves its sender, what opens it, and
the steps in which that becomes a case."""

import functools
from functools import cached_property
from threading import Lock

from gateway.app import Installation
from gateway.app.casework import Casework
from gateway.app.keys import WorkerKeys
from gateway.gate.authenticity import Client, Rules
from gateway.gate.dns import Dns
from gateway.gate.tokens import Marks, ReturnPaths
from gateway.pipeline.admit import Admit
from gateway.pipeline.batch import Outcomes
from gateway.pipeline.clockwatch import ClockWatch
from gateway.pipeline.correspondence import Correspondence
from gateway.pipeline.duplicates import Duplicates
from gateway.pipeline.incoming import Incoming
from gateway.pipeline.receive import LANES, Receive
from gateway.pipeline.reports import Reports
from gateway.pipeline.understand import Understanding
from gateway.reading.letters.tlsreport import TlsReport
from gateway.sandbox.examiner import Examiner, Opener
from gateway.sandbox.nursery import Knowledge
from gateway.sandbox.pool import Readers
from gateway.sealing.gpg import PgpOpener, remove_leftovers
from gateway.sealing.smime import SmimeOpener
from gateway.store import threads
from gateway.store.worker import Presence


class MailReading(Casework):
    """Everything between a sealed mail and the case that it becomes."""

    def __init__(self, base: Installation, keys: WorkerKeys) -> None:
        super().__init__(
            base, seal_to=keys.seal_to, keychain=keys.keychain, tokens=keys.tokens, signers=keys.signers
        )
        self._keys = keys

    @cached_property
    def dns(self) -> Dns:
        return Dns(self.base.settings.gate.dns_servers)

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

        def follow() -> Knowledge:
            return self.base.directory().knowledge

        wijken, postcodes, urgent = follow()
        return Readers(wijken, postcodes, urgent_words=urgent, follow=follow)

    @cached_property
    def clock(self) -> ClockWatch:
        """The look at the machine's clock."""
        return ClockWatch()

    @cached_property
    def presence(self) -> Presence:
        """This worker among the others; if it is the only one, what a killed one left behind is removed.

        Raises `ConfigError`."""
        presence = Presence(self.base.store, self.base.settings.data_dir / "worker.lock")
        if presence.alone():
            remove_leftovers(self.base.settings.data_dir / "gpg")
        return presence

    @cached_property
    def returns(self) -> ReturnPaths:
        """The return addresses of our mails, to which bounces come."""
        own = self.base.settings.gateway
        return ReturnPaths(self._keys.returns, own.address, aliases=own.aliases)

    def receiving(self, marks: Marks, turn: Lock) -> list[Receive]:
        """The steps that receive, and all that they decide with; they share a `turn`."""
        directory, language = self.base.directory, self.base.settings.gateway.language
        store, log, metrics = self.base.store, self.base.log, self.base.metrics
        duplicates = Duplicates(casefile=self.casefile, handover=self.handover, marks=marks)
        admit = Admit(
            casefile=self.casefile,
            handover=self.handover,
            marks=marks,
            neutral_subject=lambda kenmerk: directory().wording.neutral_subject(kenmerk, language),
            duplicates=duplicates,
            themes=self.themes,
            history=functools.partial(threads.history, store),
            log=log,
        )
        correspondence = Correspondence(
            store=store,
            casefile=self.casefile,
            handover=self.handover,
            reroute=self.reroute,
            admit=admit,
            log=log,
        )
        incoming = Incoming(marks=marks, returns=self.returns, log=log, metrics=metrics)
        reports = Reports(
            store=store,
            settle=self.settle,
            tokens=self.tokens,
            marks=marks,
            domains=directory.view(lambda known: known.domains),
            log=log,
        )
        outcomes = Outcomes(store=store, marks=marks, log=log)
        understanding = self._understanding(marks, admit, incoming, reports, outcomes)
        return [
            Receive(
                name=name,
                store=store,
                lease=f"{self.presence.id} {name}",
                understanding=understanding,
                outcomes=outcomes,
                admit=admit,
                duplicates=duplicates,
                incoming=incoming,
                reports=reports,
                correspondence=correspondence,
                log=log,
                metrics=metrics,
                turn=turn,
                in_doubt=lambda: self.clock.in_doubt,
            )
            for name in LANES
        ]

    def _understanding(
        self, marks: Marks, admit: Admit, incoming: Incoming, reports: Reports, outcomes: Outcomes
    ) -> Understanding:
        settings = self.base.settings
        return Understanding(
            store=self.base.store,
            keychain=self._keys.keychain,
            senders=self.base.senders,
            alarmed=lambda: self.base.directory().alarms,
            examiner=self.examiner,
            readers=self.readers,
            tokens=self.tokens,
            marks=marks,
            admit=admit,
            openers=self.openers,
            incoming=incoming,
            reports=reports,
            domains=(settings.gateway.domain, *settings.gateway.other_domains),
            outcomes=outcomes,
            themes=self.themes,
            tls_reports=settings.smtp.tls_reports,
            tls_reported=self._tls_reported,
        )

    def _tls_reported(self, report: TlsReport) -> None:
        """Count what another server reports of TLS to us."""
        sessions = self.base.metrics.tls_sessions
        sessions.labels("well").inc(report.well)
        sessions.labels("failed").inc(report.failed)
        self.base.log.tls_reported(report.well, report.failed, report.results)
