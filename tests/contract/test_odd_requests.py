"""What no browser sends: odd bytes, dates, numbers and depths, to every page and API path, on both databases.

A page answers, or refuses; it never fails. What failed would be told as a fault of ours, fill the log, and
leave somebody outside to find out what else it does.
"""

import itertools
import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from gateway.app import Gateway
from gateway.log import Log
from gateway.store import tokens
from gateway.store.migrate import migrate
from gateway.web.app import web
from gateway.web.auth import Role
from tests.contract.statistics.conftest import visitor
from tests.moments import MONDAY
from tests.postgres import ON_BOTH
from tests.store.trail import make_trails
from tests.story.journal import Journal
from tests.story.place import Place

ODD = (
    *("%00", "a%00b", "%ED%A0%80", "%FF%FE", "%C0%AF", "..%2F..%2Fetc%2Fpasswd", "%2e%2e/%2e%2e/config"),
    *("9" * 400, "-1", "1e400", "0", "%D9%A3", "%EF%BC%91", "%0d%0aX-Odd:%20y", "%F0%9F%92%A9", "%27%22%3C"),
    *("0001-01-01", "9999-12-31", "2026-02-30", "a" * 3000, "%", "%zz", "%25%30%30", "true", "[]", "{{7*7}}"),
)
NAMES = (
    *("periode", "per", "stap", "van", "tot", "organisatie", "praktijk", "te_laat", "status", "zoek", "blad"),
    *("gedaan", "gemeld", "klaar", "naar", "kenmerk", "t", "code", "state", "wijk", "na", "vanaf", "lang"),
)
DEEP = (
    b"[" * 8_000,
    b'{"a":' * 3_000,
    b'{"wachttijd":' + b"9" * 6_000 + b"}",
    b'{"max":1e400}',
    b'{"max":NaN}',
    b'{"a":"\\ud800"}',
    b'{"a":"\\u0000"}',
    b'\xef\xbb\xbf{"max":1}',
    '{"max":1}'.encode("utf-16"),
    b'{"max":1,"max":2}',
    b"\xff\xfe\x00",
    json.dumps({"statussen": [{}] * 2_000}).encode(),
)


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def gateway(engine: str, place: Place, journal: Journal) -> Iterator[Gateway]:
    """With some cases; in it nothing may fail."""
    made = Gateway.at(place.directory, log=Log(journal), now=lambda: MONDAY)
    migrate(made.store)
    make_trails(made.store, 3, MONDAY, ("filmwijk",))
    yield made
    made.store.close()


def odd_paths(gateway: Gateway) -> Iterator[tuple[str, str]]:
    """Each route with every second odd word in its place, by turns, and each with each odd word asked."""
    turns = itertools.cycle((ODD[::2], ODD[1::2]))
    for route in gateway.web.routes():
        if isinstance(route, Mount) or not isinstance(route, Route):
            continue
        for method in sorted((route.methods or set()) - {"HEAD"}):
            if "{" in route.path:
                yield from ((method, re.sub(r"{[^}]*}", odd, route.path)) for odd in next(turns))
            elif method == "GET" and route.path not in ("/readyz", "/bord/stroom"):
                yield (
                    method,
                    route.path
                    + "?"
                    + "&".join(f"{name}={odd}" for name, odd in zip(NAMES, ODD, strict=False)),
                )


@pytest.mark.parametrize(
    ("engine", "role"),
    [("sqlite", Role.BEHEERDER), ("postgresql", Role.MEDEWERKER)],
    indirect=["engine"],
)
def test_no_path_makes_a_page_fail(gateway: Gateway, journal: Journal, role: Role) -> None:
    failed, tried = [], 0
    with visitor(gateway, role) as client:
        for method, path in odd_paths(gateway):
            failed += _asked(client, method, path)
            tried += 1
    assert tried > 300
    assert failed == []
    assert journal.events("step.failed") == []


@ON_BOTH
def test_no_question_makes_a_page_fail(gateway: Gateway, journal: Journal) -> None:
    pages = (
        "/bord",
        "/bord/lijst",
        "/cijfers",
        "/quarantaine",
        "/inloggen",
        "/melden",
        "/status",
        "/gebruikers",
    )
    failed = []
    with visitor(gateway, Role.BEHEERDER) as client:
        for page, odd in product(pages, ODD):
            failed += _asked(client, "GET", f"{page}?" + "&".join(f"{name}={odd[:300]}" for name in NAMES))
    assert failed == []
    assert journal.events("step.failed") == []


@ON_BOTH
def test_no_body_makes_the_api_fail(gateway: Gateway, journal: Journal) -> None:
    with gateway.store.write() as session:
        _, token = tokens.make(session, "wijkteam-haven", MONDAY)
    app = web(gateway.web.routes(), gateway.base.log, gateway.web.pages)
    ticks = iter(range(0, 10**9, 60))
    gateway.web.access._tick = lambda: float(next(ticks))
    failed, tried = [], 0
    with TestClient(app, base_url="https://handover.example", raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        client.headers["Content-Type"] = "application/json"
        for route in gateway.web.routes():
            if not isinstance(route, Route) or not route.path.startswith("/v1/"):
                continue
            path = re.sub(r"{[^}]*}", "0" * 32, route.path)
            for method in sorted((route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
                for body in DEEP:
                    answer = client.request(method, path, content=body)
                    tried += 1
                    if answer.status_code >= 500 or b"Traceback" in answer.content:
                        failed.append((method, path, body[:30], answer.status_code))
    assert tried > 40
    assert failed == []
    assert journal.events("step.failed") == []


def _asked(client: TestClient, method: str, path: str) -> list[Any]:
    client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    answer = client.request(method, path, follow_redirects=False)
    split = "x-odd" in answer.headers
    return [(method, path[:80], answer.status_code)] if answer.status_code >= 500 or split else []
