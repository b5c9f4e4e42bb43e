"""The sealers of organisations, as the directory is now.

It promises that a key which was taken in counts from the next message on, key file and fingerprint together,
and that nothing is sealed for an organisation of which none was bound yet.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from gateway.errors import KeyUnusable
from gateway.sealing.keyfacts import KeyFlaw, unusable
from gateway.sealing.keyring import KeyFacts, Sealed, Sealer
from gateway.settings import OrganisationEntry
from gateway.settings.sections import AWAITED

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
        """See `Sealer.check`."""
        return self._asked(lambda sealer: sealer.check(now))

    def seal(self, entity: bytes, now: datetime) -> Sealed:
        """See `Sealer.seal`."""
        return self._asked(lambda sealer: sealer.seal(entity, now))

    def close(self) -> None:
        """See `Sealer.close`."""
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
