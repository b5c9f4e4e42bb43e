"""Colleagues of two organisations, each with a browser's cookie, before the harbour's gateway."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.demo.config import wrap_private_jwk
from gateway.sealing import jwe
from gateway.store import audit
from gateway.store.pagetables import UserRow
from gateway.store.pairs import PairKind
from gateway.store.tables import EventRow
from gateway.web import sessions
from gateway.web.auth import COOKIE
from gateway.web.sessions import SessionStage
from tests.contract.mailbox.harbour import HAVEN, Harbour

FEWEST = 600_000
PASSPHRASE = "vier paarse olifanten fluiten"
CODE = "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is logged in."""

    user: UserRow
    client: httpx2.AsyncClient

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        """Look at something, as a browser does."""
        return await self.client.get(path, headers={"Accept": "text/html", **headers})

    async def send(self, path: str, body: Any) -> httpx2.Response:
        """Send JSON, as a script does."""
        return await self.client.post(path, json=body, headers={"Accept": "application/json"})

    async def report(self, kenmerk: str, melding: str, **more: str) -> httpx2.Response:
        """Press a button."""
        return await self.client.post(f"/postvak/{kenmerk}/melden", data={"melding": melding, **more})


@dataclass
class Office:
    """Lets people log in."""

    harbour: Harbour
    _clients: list[httpx2.AsyncClient] = field(default_factory=list)

    async def close(self) -> None:
        """Everybody goes home."""
        for client in self._clients:
            await client.aclose()

    def person(self, name: str = "Sam", organisation: str | None = HAVEN) -> Person:
        """A medewerker of an organisation; for None a beheerder."""
        gateway = self.harbour.town.gateway
        owner = organisation or "beheer"
        row = UserRow(
            id=f"{name.lower()}-{owner}",
            login=f"{name.lower()}@{owner}.example",
            name=name,
            role="medewerker" if organisation else "beheerder",
            organisation_id=organisation,
            created_at=datetime(2026, 1, 5, tzinfo=UTC),
        )
        with gateway.store.write() as session:
            session.add(row)
            token = sessions.start(session, gateway.base.wall(), user_id=row.id, stage=SessionStage.FULL)
        client = self.stranger()
        client.headers["Cookie"] = f"{COOKIE}={token}"
        return Person(row, client)

    def stranger(self) -> httpx2.AsyncClient:
        """The browser of somebody who is not logged in."""
        self._clients.append(self.harbour.client())
        return self._clients[-1]

    def events(self, *kinds: str) -> list[EventRow]:
        """The events of these kinds, oldest first."""
        with self.harbour.town.gateway.store.read() as session:
            return [row for row in audit.export(session) if row.kind in kinds]

    async def refer(self) -> str:
        """A referral for De Haven; gives its kenmerk."""
        before = {row.kenmerk for row in self.harbour.rows()}
        await self.harbour.refer()
        (kenmerk,) = {row.kenmerk for row in self.harbour.rows()} - before
        return str(kenmerk)


@dataclass(frozen=True, slots=True)
class MadePair:
    """A pair as a browser makes it."""

    private: bytes
    id: str

    @classmethod
    def make(cls) -> "MadePair":
        """A new one."""
        _, private, thumbprint = jwe.generate()
        return cls(private, thumbprint)

    @property
    def jwk(self) -> dict[str, str]:
        """The public part."""
        return {name: json.loads(self.private)[name] for name in ("kty", "crv", "x", "y")}

    def wrap(self, kind: PairKind, user: str, secret: str = PASSPHRASE) -> dict[str, Any]:
        """One wrap as it is sent. The gateway can open none: nothing here needs the derivation it tells."""
        inside = wrap_private_jwk(self.private, secret, kind=kind, user=user, iterations=1)
        return {"soort": str(kind), "inhoud": {**inside, "iterations": FEWEST}}

    def body(self, person: Person) -> dict[str, Any]:
        """What makes it the key of somebody's mailbox."""
        owner = person.user.organisation_id or "beheerders"
        wraps = [self.wrap(PairKind.PASSPHRASE, person.user.id), self.wrap(PairKind.RECOVERY, owner, CODE)]
        return {"id": self.id, "openbaar": self.jwk, "wikkels": wraps}


async def adding(person: Person, pair: MadePair, *wraps: dict[str, Any]) -> dict[str, Any]:
    """What adds wraps to a pair, with the answer that a browser with its private key gives."""
    found = (await person.client.get("/sleutel/wikkels")).json()["paren"]
    (asked,) = [each["proef"] for each in found if each["id"] == pair.id] or [None]
    answer = jwe.open_compact(asked.encode(), pair.private).decode() if asked else "0" * 64
    return {"paren": [{"paar": pair.id, "bewijs": answer, "wikkels": list(wraps)}]}


def beside_the_curve() -> dict[str, str]:
    """A point whose x fits and whose y does not."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    wrong = (numbers.y ^ 1).to_bytes(32)
    return {"kty": "EC", "crv": "P-256", "x": base64url(numbers.x.to_bytes(32)), "y": base64url(wrong)}


def base64url(content: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def noise(size: int) -> str:
    """So many random bytes in base64url."""
    return base64url(secrets.token_bytes(size))
