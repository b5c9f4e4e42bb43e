"""A gateway that a client without a browser asks: what the tests of logging in share."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from starlette.testclient import TestClient

from gateway.accounts import rows as accounts
from gateway.accounts.login import Tries
from gateway.accounts.proof import TOTP
from gateway.app import Gateway
from gateway.gate.passwords import Passwords
from gateway.log import Log
from gateway.store import audit
from gateway.store.migrate import migrate
from gateway.web import sessions
from gateway.web.app import web
from gateway.web.auth import COOKIE
from gateway.web.sessions import SessionStage
from tests.story.place import Place

LOGIN, PASSWORD = "noor@handover.example", "vier paarden in het bad"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URL = "https://localhost:8443"


@dataclass
class House:
    """A gateway with one beheerder, a clock that a test sets, and clients of several addresses."""

    gateway: Gateway
    now: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    told: io.StringIO = field(default_factory=io.StringIO)
    addresses: int = 0

    def client(self, url: str = URL) -> TestClient:
        """Somebody at an address of their own."""
        self.addresses += 1
        client = TestClient(
            self.app, base_url=url, follow_redirects=False, client=(f"10.0.0.{self.addresses}", 1)
        )
        client.headers["accept"] = "text/html"
        return client

    def later(self, **time: float) -> str:
        """Let time pass; gives the code of the app."""
        self.now += timedelta(**time)
        return pyotp.TOTP(SECRET).at(self.now)

    def account(self, id_: str = "u1", login: str = LOGIN, organisation: str | None = None) -> None:
        gateway = self.gateway
        with gateway.store.write() as session:
            user = accounts.make(
                session,
                id_=id_,
                login=login,
                name="Noor Beheer",
                role="medewerker" if organisation else "beheerder",
                organisation_id=organisation,
                now=self.now,
            )
            user.password_hash = HASH
            user.totp = gateway.web.secret.seal(TOTP, id_, SECRET.encode())
            session.add(user)

    def logged_in(self, user_id: str = "u1") -> TestClient:
        client = self.client()
        with self.gateway.store.write() as session:
            token = sessions.start(
                session, self.now, user_id=user_id, stage=SessionStage.FULL, method="passkey"
            )
        return having(client, token)

    def events(self) -> list[tuple[str, str]]:
        with self.gateway.store.read() as session:
            return [(row.kind, row.actor) for row in audit.export(session)]

    def __post_init__(self) -> None:
        self.gateway.base.wall = lambda: self.now
        self.gateway.base.log = Log(self.told)
        self.gateway.web.tries = Tries(self.gateway.base.log, tick=lambda: self.now.timestamp())
        self.app = web(self.gateway.web.routes(), self.gateway.base.log, self.gateway.web.pages)


HASH = Passwords().hash(PASSWORD)


@pytest.fixture
async def house(place: Place) -> AsyncIterator[House]:
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    made = House(gateway)
    made.account()
    yield made
    await gateway.close()


def having(client: TestClient, token: str) -> TestClient:
    """The client with this cookie and no other."""
    client.cookies.clear()
    client.cookies.set(COOKIE, token)
    return client


def first(client: TestClient, login: str = LOGIN, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/inloggen", data={"login": login, "wachtwoord": password, **more})
