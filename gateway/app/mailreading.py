"""What the worker reads mail with: the processes that parse it, what proves its sender, and what opens it."""

from functools import cached_property

from gateway.app.casework import Casework
from gateway.app.installation import Installation
from gateway.app.keys import WorkerKeys
from gateway.gate.authenticity import Client, Rules
from gateway.gate.dns import Dns
from gateway.sandbox.examiner import Examiner, Opener
from gateway.sandbox.nursery import Knowledge
from gateway.sandbox.pool import Readers
from gateway.sealing.gpg import PgpOpener
from gateway.sealing.smime import SmimeOpener


class MailReading(Casework):
    """Everything between a sealed mail and what was read in it."""

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
