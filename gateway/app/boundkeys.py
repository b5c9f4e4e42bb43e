"""The keys that were made in browsers and are bound: the beheerders' own, and those of organisations.

They stand in the configuration. It promises that a running gateway follows the file, so that a key which was
adopted counts from the next mail on, key file and fingerprint together, and that a configuration which can't
be read changes nothing.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from gateway.app.inventory import KnownKey
from gateway.errors import ConfigError, ConfigErrors, KeyUnusable
from gateway.sealing.jwe import JweSealer, JwsSigner
from gateway.sealing.keyfacts import Sealer, plain
from gateway.settings import Settings, load
from gateway.settings.sections import BoardSection, OrganisationEntry
from gateway.store.takings import BEHEERDERS

KIND = "board"
"""What the list of keys calls it."""

Version = tuple[int, int, int]


class BoardKey:
    """Gives the sealer for the beheerders at every call, or None when no key is bound.

    Without a `signer` the sealer can check the key, but not seal.
    """

    def __init__(self, settings: Settings, signer: JwsSigner | None = None) -> None:
        self._settings, self._signer = settings, signer
        self._version = self._look()
        self._bound = settings.board
        self._sealer = self._made(settings.board)
        self._turn = threading.Lock()

    def __call__(self) -> Sealer | None:
        """The sealer for the key that is bound now."""
        with self._turn:
            version = self._look()
            if version != self._version:
                self._version = version
                self._follow()
            return self._sealer

    def known(self, now: datetime) -> Iterator[KnownKey]:
        """One line for the list of keys, if a key is bound."""
        sealer = self()
        if sealer is None:
            return
        try:
            facts = sealer.check(now)
        except KeyUnusable as error:
            yield KnownKey(KIND, BEHEERDERS, "jwe", self._bound.fingerprint or "", problem=error.code)
            return
        yield KnownKey(KIND, BEHEERDERS, "jwe", facts.fingerprint, facts.algorithm, facts.expires_at)

    def ends(self, now: datetime) -> datetime | None:
        """When it expires, if it does."""
        return next((key.expires_at for key in self.known(now)), None)

    def _follow(self) -> None:
        try:
            fresh = load(self._settings.directory).board
        except (ConfigError, ConfigErrors):
            # Somebody is editing; 'inbeeld check' tells what is wrong.
            return
        if fresh != self._bound:
            self._bound, self._sealer = fresh, self._made(fresh)

    def _made(self, board: BoardSection) -> Sealer | None:
        if board.key is None or board.fingerprint is None:
            return None
        return JweSealer(self._settings.key_path(board.key), board.fingerprint, self._signer)

    def _look(self) -> Version:
        try:
            facts = (self._settings.config_dir / "inbeeld.toml").stat()
        except OSError:
            return (0, 0, 0)
        return (facts.st_ino, facts.st_mtime_ns, facts.st_size)


class BoundKeys:
    """Gives the thumbprint of the JWK that is sealed for now, of an organisation or of the beheerders."""

    def __init__(
        self, entries: Mapping[str, OrganisationEntry], board: BoardKey, now: Callable[[], datetime]
    ) -> None:
        self._entries, self._board, self._now = entries, board, now

    def __call__(self, owner: str) -> str | None:
        """The thumbprint; None where the owner has no JWK, or does not exist any more."""
        if owner == BEHEERDERS:
            known = next(self._board.known(self._now()), None)
            return plain(known.fingerprint) if known else None
        entry = self._entries.get(owner)
        return plain(entry.fingerprint) if entry is not None and entry.format == "jwe" else None
