"""The sealers of organisations, as `config/organisations.toml` is now: a running gateway follows it.

It promises that an imported key counts from the next message on, key file and fingerprint together, and that
a configuration which can't be read changes nothing. Everything else in it waits for a restart.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from gateway.errors import ConfigError, ConfigErrors, KeyUnusable
from gateway.sealing.keyring import KeyFacts, Sealed, Sealer
from gateway.settings import OrganisationEntry, Settings, load

Version = tuple[int, int, int]
Answer = TypeVar("Answer")


class Entries:
    """What the file says of each organisation, read anew when it was changed."""

    def __init__(self, settings: Settings) -> None:
        self._directory = settings.directory
        self._known = {entry.id: entry for entry in settings.organisations}
        self._version = self._look()
        self._turn = threading.Lock()

    def __getitem__(self, id_: str) -> OrganisationEntry:
        with self._turn:
            version = self._look()
            if version != self._version:
                self._version = version
                try:
                    fresh = load(self._directory).organisations
                except (ConfigError, ConfigErrors):
                    # Somebody is editing; 'inbeeld check' tells what is wrong.
                    fresh = ()
                # What is new, gone, or of another format is for a restart: the routes know nothing of it.
                self._known |= {
                    entry.id: entry
                    for entry in fresh
                    if entry.id in self._known and entry.format == self._known[entry.id].format
                }
            return self._known[id_]

    def _look(self) -> Version:
        try:
            facts = Path(self._directory, "config", "organisations.toml").stat()
        except OSError:
            return (0, 0, 0)
        return (facts.st_ino, facts.st_mtime_ns, facts.st_size)


class PresentSealer:
    """A `Sealer` for the key that is agreed now."""

    def __init__(self, id_: str, entries: Entries, make: Callable[[OrganisationEntry], Sealer]) -> None:
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


def _agreed(entry: OrganisationEntry) -> tuple[Path, str]:
    return entry.key, entry.fingerprint
