"""Every route is guarded, or named public: walked on the gateway as it is served."""

import itertools
import re
from collections.abc import AsyncIterator

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from gateway.app import Gateway
from gateway.web.api.operations import ApiRoute
from gateway.web.app import PUBLIC, web
from gateway.web.auth import STAFF, GuardedRoute, Role
from tests.story.place import Place

ROLES = {
    "account": set(Role),
    "sleutel": set(STAFF),
    "hulp": set(Role),
    "overleg": set(STAFF),
    "berichten": {Role.VERWIJZER},
    "postvak": {Role.MEDEWERKER},
    "ruimte": {Role.MEDEWERKER},
    "balie": {Role.MEDEWERKER},
    "collegas": {Role.MEDEWERKER},
}
"""Who reaches the pages below these paths; all others are a beheerder's."""


@pytest.fixture
async def gateway(place: Place) -> Gateway:
    return Gateway.at(place.directory)


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[TestClient]:
    with TestClient(
        web(gateway.web.routes(), gateway.base.log, gateway.web.pages), base_url="https://handover.example"
    ) as client:
        yield client


async def test_what_is_not_guarded_is_named_public(gateway: Gateway) -> None:
    open_ = {
        getattr(route, "path", "")
        for route in gateway.web.routes()
        if not isinstance(route, GuardedRoute | ApiRoute)
    }
    assert open_ == PUBLIC


async def test_nothing_guarded_answers_a_stranger(gateway: Gateway, visitor: TestClient) -> None:
    tried = 0
    # A stranger who fails often is only told to wait; this one has all the time in the world.
    moments = itertools.count(0, 60)
    gateway.web.access._tick = lambda: float(next(moments))
    for route in gateway.web.routes():
        if not isinstance(route, Route) or route.path in PUBLIC:
            continue
        path = re.sub(r"{[^}]*}", "x", route.path)
        for method in sorted(route.methods or ()):
            tried += 1
            plain = visitor.request(method, path, follow_redirects=False)
            assert plain.status_code == 401, (method, path)
            page = visitor.request(method, path, headers={"Accept": "text/html"}, follow_redirects=False)
            assert page.status_code in (303, 401), (method, path)
            assert "set-cookie" not in page.headers
    assert tried > 5


async def test_every_guarded_route_is_for_the_roles_of_its_folder(gateway: Gateway) -> None:
    tried = set()
    for route in gateway.web.routes():
        if isinstance(route, GuardedRoute):
            folder = route.path.split("/")[1].partition(".")[0]
            assert set(route.roles) == ROLES.get(folder, {Role.BEHEERDER}), route.path
            tried.add(folder)
    assert tried > set(ROLES)
    assert not [
        route for route in gateway.web.routes() if isinstance(route, Mount) and route.path not in PUBLIC
    ]
