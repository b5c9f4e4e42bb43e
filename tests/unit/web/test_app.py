"""What is answered when something breaks that nobody foresaw: a page for people, a problem for programs."""

import io
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from gateway.log import Log
from gateway.web.app import BODY, web
from gateway.web.pages import Pages

SECRET = "Jan Voorbeeld"


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def client(said: io.StringIO) -> TestClient:
    async def breaks(_: Request) -> Response:
        raise RuntimeError(SECRET)

    async def reads(request: Request) -> Response:
        return Response(str(len(await request.body())))

    routes = [Route("/stuk", breaks), Route("/v1/stuk", breaks), Route("/lees", reads, methods=["POST"])]
    pages = Pages(language="nl", timezone=ZoneInfo("Europe/Amsterdam"), date=str, word=str)
    return TestClient(web(routes, Log(said), pages))


def test_people_get_a_page(client: TestClient, said: io.StringIO) -> None:
    answer = client.get("/stuk", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert "Er ging iets mis" in answer.text
    assert "<h1>" in answer.text
    assert SECRET not in answer.text + said.getvalue()


@pytest.mark.parametrize(("path", "accept"), [("/stuk", "*/*"), ("/v1/stuk", "text/html")])
def test_programs_get_a_problem(client: TestClient, said: io.StringIO, path: str, accept: str) -> None:
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Er ging iets mis"
    assert SECRET not in answer.text + said.getvalue()


def pieces(size: int) -> Iterator[bytes]:
    """A body that does not say how long it is."""
    for at in range(0, size, 65_536):
        yield b"a" * min(65_536, size - at)


def test_a_body_is_counted_as_it_comes_in(client: TestClient) -> None:
    for size, status in ((BODY, 200), (BODY + 1, 413)):
        assert client.post("/lees", content=b"a" * size).status_code == status
        assert client.post("/lees", content=pieces(size)).status_code == status
