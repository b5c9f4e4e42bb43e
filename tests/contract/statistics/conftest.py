"""A gateway with cases in its store, and who looks at it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from gateway.app import Gateway
from gateway.store.migrate import migrate
from gateway.store.pagetables import UserRow
from gateway.web import sessions
from gateway.web.app import web
from gateway.web.auth import COOKIE, Role
from gateway.web.sessions import SessionStage
from tests.contract.cases.conftest import desk
from tests.moments import MONDAY
from tests.store.trail import make_trails
from tests.story.place import Place

__all__ = ["desk"]


def opened(place: Place) -> Gateway:
    """A gateway with twenty cases of two practices."""
    made = Gateway.at(place.directory, now=lambda: MONDAY)
    migrate(made.store)
    make_trails(made.store, 20, MONDAY, ("filmwijk", "stedenwijk"))
    return made


@pytest.fixture
def gateway(place: Place) -> Iterator[Gateway]:
    """On SQLite, or in a test that asks for `engine` on each database."""
    made = opened(place)
    yield made
    made.store.close()


@pytest.fixture
def overall(place: Place) -> Iterator[Gateway]:
    """One of whose practices agreed to overall figures only."""
    path = place.directory / "config" / "practices.toml"
    path.write_text(re.sub("(?m)^feedback = .*$", 'feedback = "geaggregeerd"', path.read_text()))
    made = opened(place)
    yield made
    made.store.close()


@pytest.fixture
def beheerder(gateway: Gateway) -> Iterator[TestClient]:
    """Somebody who may see them."""
    with visitor(gateway, Role.BEHEERDER) as client:
        yield client


@pytest.fixture
def beheerder_of_overall(overall: Gateway) -> Iterator[TestClient]:
    """The same of `overall`."""
    with visitor(overall, Role.BEHEERDER) as client:
        yield client


def visitor(gateway: Gateway, role: Role) -> TestClient:
    """A browser of somebody of that role, logged in with both factors."""
    user = UserRow(
        id=f"u-{role}",
        login=f"{role}@handover.example",
        name="Noor Beheer",
        role=role,
        organisation_id="wijkteam-haven" if role is Role.MEDEWERKER else None,
        created_at=datetime(2026, 1, 5, tzinfo=UTC),
    )
    with gateway.store.write() as session:
        session.add(user)
        secret = sessions.start(session, gateway.base.wall(), user_id=user.id, stage=SessionStage.FULL)
    app = web(gateway.web.routes(), gateway.base.log, gateway.web.pages)
    client = TestClient(app, base_url="https://handover.example", cookies={COOKIE: secret})
    client.headers["Accept"] = "text/html"
    return client
