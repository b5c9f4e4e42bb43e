"""Which key of a browser is bound: what the configuration says at this moment."""

from collections.abc import Callable
from datetime import datetime

from gateway.app.boardkey import BoardKey
from gateway.app.sealers import Entries
from gateway.sealing.keyfacts import plain
from gateway.web.auth import BEHEERDERS


class BoundKeys:
    """Gives the thumbprint of the JWK that is sealed for now, of an organisation or of the beheerders."""

    def __init__(self, entries: Entries, board: BoardKey, now: Callable[[], datetime]) -> None:
        self._entries, self._board, self._now = entries, board, now

    def __call__(self, owner: str) -> str | None:
        """The thumbprint; None where the owner has no JWK, or does not exist any more."""
        if owner == BEHEERDERS:
            known = next(self._board.known(self._now()), None)
            return plain(known.fingerprint) if known else None
        try:
            entry = self._entries[owner]
        except KeyError:
            return None
        return plain(entry.fingerprint) if entry.format == "jwe" else None
