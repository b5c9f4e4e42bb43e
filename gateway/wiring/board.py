"""The board: its page, its stream, and the keys it warns about."""

import os
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

from starlette.routing import BaseRoute

from gateway.web.board.keywatch import Key, KeyWatch
from gateway.web.board.screen import Board
from gateway.web.board.stream import Stream
from gateway.wiring.inventory import MAIL_OPENPGP, MAIL_SMIME, SIGNER, SIGNER_JWE, SIGNER_OPENPGP, TLS
from gateway.wiring.parts import Parts

OWN = {
    TLS: "TLS-certificaat van de gateway",
    SIGNER: "Certificaat waarmee de gateway ondertekent",
    SIGNER_OPENPGP: "OpenPGP-sleutel waarmee de gateway ondertekent",
    SIGNER_JWE: "JWK waarmee de gateway ondertekent",
    MAIL_OPENPGP: "OpenPGP-sleutel voor mail aan de gateway",
    MAIL_SMIME: "S/MIME-certificaat voor mail aan de gateway",
}
"""What our own keys are called."""


class BoardPages(Parts):
    """The beheerders' first page."""

    @cached_property
    def stream(self) -> Stream:
        """Tells open boards that something happened."""
        return Stream(store=self.store, auth=self.auth, log=self.log)

    @cached_property
    def keywatch(self) -> KeyWatch:
        """Looks at the keys now and then."""
        return KeyWatch(self._keys_now)

    def board_routes(self) -> list[BaseRoute]:
        """The routes."""
        wijken = {name.casefold(): name for name in self.agreements.gazetteer.names}
        board = Board(
            store=self.store,
            auth=self.auth,
            pages=self.pages,
            organisations={entry.id: entry.name for entry in self.settings.organisations},
            practices={entry.id: entry.name for entry in self.settings.practices},
            wijk=lambda text: wijken.get(text.casefold()),
            keys=self.keywatch,
            now=self.now,
        )
        return [*board.routes(), *self.stream.routes()]

    def _keys_now(self, now: datetime) -> Iterator[Key]:
        """Every key that can end; the intake's has no end and is the worker's."""
        names = {entry.id: entry.name for entry in self.settings.organisations}
        for known in self.inventory.organisations(now):
            name = names.get(known.owner, known.owner)
            yield Key(f"sleutel-{known.owner}", name, known.expires_at, known.problem)
        for known in self.inventory.own(now):
            # The file holds the private key too: a web role of its own may not be able to read it.
            if known.kind != SIGNER or os.access(self.keys.smime, os.R_OK):
                name = self.pages.say(OWN[known.kind])
                yield Key(f"eigen-{known.kind}", name, known.expires_at, known.problem, own=True)
