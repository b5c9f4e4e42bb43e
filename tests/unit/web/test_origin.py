"""Whether a browser's request comes from our own pages."""

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from gateway.web.origin import OwnOrigin, foreign

Pairs = list[tuple[str, str]]


def headers(*pairs: tuple[str, str], host: str = "handover.example") -> Headers:
    given = [("host", host), *pairs]
    return Headers(raw=[(name.encode(), value.encode()) for name, value in given])


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], False),
        ([("sec-fetch-site", "same-origin")], False),
        ([("sec-fetch-site", "none")], False),
        ([("sec-fetch-site", "same-site")], True),
        ([("sec-fetch-site", "cross-site")], True),
        ([("sec-fetch-site", "")], True),
        ([("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], True),
        ([("sec-fetch-site", "same-origin"), ("origin", "https://elders.example")], False),
        ([("origin", "https://handover.example")], False),
        ([("origin", "https://HANDOVER.example:443")], False),
        ([("origin", "https://handover.example:8443")], True),
        ([("origin", "https://elders.example")], True),
        ([("origin", "https://handover.example.elders.example")], True),
        ([("origin", "null")], True),
        ([("origin", "https://[broken")], True),
        ([("origin", "https://handover.example:port")], True),
        ([("origin", "https://handover.example"), ("origin", "https://elders.example")], True),
    ],
)
def test_who_is_behind_a_request(pairs: Pairs, expected: bool) -> None:
    assert foreign(headers(*pairs)) is expected


def test_a_port_and_an_address_are_compared_as_written() -> None:
    assert not foreign(headers(("origin", "https://localhost:8443"), host="localhost:8443"))
    assert not foreign(headers(("origin", "https://[::1]:8443"), host="[::1]:8443"))
    assert foreign(headers(("origin", "https://[::1]:8443"), host="[::2]:8443"))


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("POST", 403), ("DELETE", 403)])
def test_what_changes_something_is_refused(method: str, status: int) -> None:
    async def show(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ours")

    routes = [Route("/", show, methods=["GET", "POST", "DELETE"])]
    client = TestClient(Starlette(routes=routes, middleware=[Middleware(OwnOrigin)]))
    assert client.request(method, "/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == status
    assert client.request(method, "/").status_code == 200
