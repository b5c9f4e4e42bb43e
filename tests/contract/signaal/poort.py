"""A whole gateway with its HTTPS listener, a municipality that takes signalen, and what it may tell back."""

import asyncio
import functools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import httpx2
from joserfc.jwk import RSAKey

from gateway.sandbox.pool import Readers
from gateway.store import tokens
from tests.invented import PATIENT, make_mail
from tests.moments import AMSTERDAM
from tests.peers.mail import MailPeer
from tests.peers.municipality.desk import Desk, Kept
from tests.peers.municipality.endpoint import Municipality
from tests.peers.municipality.reporting import tell
from tests.story.place import Place, Town

RESIDENT = replace(PATIENT, wijk="Columbuskwartier")
URL = "https://localhost:9443/signalen"
IMPORT_KEY = RSAKey.import_key


@dataclass
class Poort:
    """The gateway, the municipality, and where the gateway listens."""

    town: Town
    peer: Municipality
    web: str
    keys: Path
    token: str

    @property
    def today(self) -> str:
        """The day in Amsterdam, as the story's clock has it."""
        return self.town.now.astimezone(AMSTERDAM).date().isoformat()

    @property
    def status_key(self) -> RSAKey:
        """With which the municipality signs."""
        return RSAKey.import_key(json.loads((self.keys / "status.private.jwk").read_bytes()))

    async def refer(self) -> Kept:
        """A referral comes in and is handed over; gives what the municipality has."""
        await self.town.post(make_mail(RESIDENT))
        (kept,) = self.peer.desk.kept.values()
        return kept

    def attempt(self, soort: str = "Telefoon", bereikt: bool = False, **more: Any) -> dict[str, Any]:
        """A contact attempt of today."""
        return {"soort": soort, "bereikt": bereikt, "datum": self.today, **more}

    async def tell(self, ID: str, **status: Any) -> httpx2.Response:  # noqa: N803 - DDAS's own name
        """The municipality calls the gateway."""
        return await self.post({"ID": ID, **status})

    async def post(self, status: dict[str, Any], **how: Any) -> httpx2.Response:
        """As `tell`, with another key or token."""
        key = how.pop("key", self.status_key)
        how = {"token": self.token} | how
        return await asyncio.to_thread(tell, self.web, status, key, self.keys / "ca.pem", **how)


@asynccontextmanager
async def make_poort(place: Place, mail: MailPeer, readers: Readers) -> AsyncIterator[Poort]:
    keys = place.directory / "keys" / "trial" / "gemeente-poort"
    with mock.patch.object(RSAKey, "import_key", _read_once):
        async with _open_poort(place, mail, readers, keys) as poort:
            yield poort


@functools.cache
def _key_of(content: str) -> RSAKey:
    return IMPORT_KEY(json.loads(content))


def _read_once(value: Any, *more: Any) -> RSAKey:
    """A private key is looked at for a tenth of a second each time it is read, several times a test."""
    if not isinstance(value, dict) or more:
        return IMPORT_KEY(value, *more)
    return _key_of(json.dumps(value, sort_keys=True))


@asynccontextmanager
async def _open_poort(place: Place, mail: MailPeer, readers: Readers, keys: Path) -> AsyncIterator[Poort]:
    desk = Desk(keys / "private.jwk", keys / "gateway.jwk")
    key = RSAKey.import_key(json.loads((keys / "status.private.jwk").read_bytes()))
    async with Municipality(
        desk, keys / "server.pem", keys / "server.key", keys / "ca.pem", status_key=key
    ) as peer:
        place.replace("organisations.toml", URL, peer.url)
        place.replace("inbeeld.toml", '# client_ca = "keys/tls/ca.pem"\n', 'client_ca = "keys/tls/ca.pem"\n')
        town = Town(place, mail, readers)
        await town.open()
        server = town.gateway.web.server()
        try:
            web = (await server.start()).replace("127.0.0.1", "localhost")
            with town.gateway.store.write() as session:
                _, token = tokens.make(session, "gemeente-poort", town.now)
            yield Poort(town, peer, web, keys, token)
        finally:
            await server.stop()
            await town.close()
