"""What acts on cases, for the worker and for the pages: the same parts, with the keys that each may hold.

It promises that parts with an empty keychain and no signers open and sign nothing: the pages leave
to the worker what needs keys, as an order; that an organisation's key which was taken in counts from the next
message on, key file and fingerprint together; and that nothing is sealed for one of which none was bound yet.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from gateway.app import Installation
from gateway.directory.present import Derived
from gateway.errors import KeyUnusable
from gateway.gate.tokens import Marks, Tokens
from gateway.mailbox.queue import Mailbox
from gateway.pipeline.casefile import CaseFile
from gateway.pipeline.duplicates import Duplicates
from gateway.pipeline.handover import Handovers
from gateway.pipeline.orders import Orders
from gateway.pipeline.reply import Composer, Links
from gateway.pipeline.reroute import Reroute
from gateway.pipeline.retry import Again
from gateway.pipeline.settle import Settle
from gateway.pipeline.signalen import Signalen
from gateway.pipeline.themes import Themes
from gateway.quarantine.decide import Quarantine
from gateway.quarantine.letters import Letters
from gateway.sealing.box import Keychain, PublicKey
from gateway.sealing.keyfacts import KeyFacts, KeyFlaw, Sealed, Sealer, unusable
from gateway.sealing.keyring import Signers, sealer_for
from gateway.settings.sections import AWAITED, OrganisationEntry
from gateway.store.tables import CaseRow

Answer = TypeVar("Answer")


class PresentSealer:
    """A `Sealer` for the key that is agreed now."""

    def __init__(
        self, id_: str, entries: Mapping[str, OrganisationEntry], make: Callable[[OrganisationEntry], Sealer]
    ) -> None:
        self._id, self._entries, self._make = id_, entries, make
        entry = entries[id_]
        self._current = (_agreed(entry), make(entry))

    def check(self, now: datetime) -> KeyFacts:
        return self._asked(lambda sealer: sealer.check(now))

    def seal(self, entity: bytes, now: datetime) -> Sealed:
        return self._asked(lambda sealer: sealer.seal(entity, now))

    def close(self) -> None:
        self._current[1].close()

    def _asked(self, ask: Callable[[Sealer], Answer]) -> Answer:
        if self._entries[self._id].fingerprint == AWAITED:
            raise unusable(KeyFlaw.AWAITED)
        sealer = self._sealer()
        try:
            return ask(sealer)
        except KeyUnusable:
            fresh = self._sealer()
            if fresh is sealer:
                raise
            # The key was replaced while we looked at it.
            return ask(fresh)

    def _sealer(self) -> Sealer:
        entry = self._entries[self._id]
        agreed, sealer = self._current
        if agreed != _agreed(entry):
            # The one before may be at work in another thread; it holds nothing that must be given back now.
            sealer = self._make(entry)
            self._current = (_agreed(entry), sealer)
        return sealer


def _agreed(entry: OrganisationEntry) -> tuple[Path, str, str]:
    return entry.key, entry.fingerprint, entry.format


class Casework:
    """The parts. With an empty keychain nothing that was kept of a case can be read."""

    def __init__(
        self,
        base: Installation,
        *,
        seal_to: Callable[[], PublicKey],
        keychain: Keychain,
        tokens: bytes,
        signers: Signers,
    ) -> None:
        self.base, self.tokens, self._seal_to = base, Tokens(tokens), seal_to
        self._keychain, self._signers = keychain, signers

    @cached_property
    def casefile(self) -> CaseFile:
        """What must stay readable of a case for a while."""
        return CaseFile(self._seal_to, self._keychain)

    def orders(self, marks: Marks) -> Orders:
        """What carries out what people ask for on pages."""
        duplicates = Duplicates(casefile=self.casefile, handover=self.handover, marks=marks)
        return Orders(
            store=self.base.store,
            again=self.retry,
            reroute=self.reroute,
            log=self.base.log,
            entered=duplicates.entered,
        )

    @cached_property
    def links(self) -> Links:
        return Links(self.tokens, self.base.settings.web.public_url)

    @cached_property
    def sealers(self) -> Mapping[str, Sealer]:
        """The sealer of every organisation; without signers they check keys, and sign nothing."""
        return sealers_of(self.base, self._signers)

    @cached_property
    def handover(self) -> Handovers:
        directory = self.base.directory
        return Handovers(
            directory.view(lambda known: known.organisations),
            self.sealers,
            directory.view(lambda known: known.pathways),
            directory.part(lambda known: known.gazetteer),
            directory.view(lambda known: known.practices),
            self.base.timezone,
            directory.part(lambda known: known.default_pathway),
            self.links.report,
            directory().wording.corrected_marker(self.base.settings.gateway.language),
        )

    @cached_property
    def themes(self) -> Themes:
        directory, gateway = self.base.directory, self.base.settings.gateway
        return Themes(
            directory.view(lambda known: known.theme_addresses),
            directory.view(lambda known: known.theme_words),
            directory.view(lambda known: known.theme_names),
            directory.view(lambda known: known.theme_reach),
            gateway.domain,
            gateway.addresses,
            self.handover,
        )

    @cached_property
    def reroute(self) -> Reroute:
        return Reroute(casefile=self.casefile, handover=self.handover, log=self.base.log)

    @cached_property
    def settle(self) -> Settle:
        # Without the keys to what is kept, the worker finds the next organisation.
        return Settle(
            store=self.base.store, reroute=self.reroute if self._keychain.key_ids else None, log=self.base.log
        )

    @cached_property
    def retry(self) -> Again:
        return Again(casefile=self.casefile, handover=self.handover)

    @cached_property
    def mailbox(self) -> Mailbox:
        """What organisations do with their mailbox."""
        base = self.base
        return Mailbox(
            store=base.store, settle=self.settle, bell=base.bell, log=base.log, metrics=base.metrics
        )

    @cached_property
    def signalen(self) -> Signalen:
        """Takes what receivers tell of their signalen."""
        return Signalen(store=self.base.store, settle=self.settle, timezone=self.base.timezone)

    @cached_property
    def quarantine(self) -> Quarantine:
        """What a person does with a mail that was set aside."""
        base = self.base
        return Quarantine(store=base.store, keychain=self._keychain, senders=base.senders, allow=base.allow)

    @cached_property
    def letters(self) -> Letters:
        """What a person does with a letter that must be read."""
        return Letters(store=self.base.store, keychain=self._keychain)

    def reply(self, links: Links) -> Composer:
        """What says something from the catalogue, with these links in it."""
        directory, gateway = self.base.directory, self.base.settings.gateway
        return Composer(
            casefile=self.casefile,
            wording=directory().wording,
            language=gateway.language,
            tokens=self.tokens,
            address=gateway.address,
            organisations=directory.view(lambda known: known.organisations),
            practices=directory.view(lambda known: known.practices),
            links=links,
            themes=self.titles,
        )

    def titles(self, case: CaseRow) -> tuple[str, ...]:
        """What the themes that are taken from the place of a case are called."""
        known = self.base.directory().themes
        offered = self.handover.themes(case.wijk) & known.keys()
        return tuple(sorted(known[name].called for name in offered))


def sealers_of(base: Installation, signers: Signers) -> Mapping[str, Sealer]:
    """The sealer of every organisation, for the key that is agreed now."""
    settings = base.settings

    def make(entry: OrganisationEntry) -> Sealer:
        return sealer_for(
            entry.format,
            settings.key_path(entry.key),
            entry.fingerprint,
            gpg_home_root=settings.data_dir / "gpg",
            signers=signers,
            engine=settings.delivery.openpgp_engine,
        )

    # An organisation that comes back under its id is the same to its sealer, which follows its entry.
    ids = base.directory.view(lambda known: {id_: id_ for id_ in known.entries})
    return Derived(ids, lambda id_, _: PresentSealer(id_, base.entries, make))
