"""What whoever logs in may send, and how often: at each limit, and one over it."""

import pytest
from starlette.testclient import TestClient

from gateway.accounts.login import TRIES_PER_MINUTE
from gateway.accounts.passkeys import ANSWER
from gateway.mailbox.shapes import LARGEST
from gateway.web.forms import FIELDS, FORM
from tests.contract.accounts.device import Device
from tests.contract.accounts.house import LOGIN, PASSWORD, URL, House, first, house
from tests.contract.accounts.test_harm import link_of

__all__ = ["house"]

FORM_KIND = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_a_form_has_so_many_bytes_and_fields(house: House) -> None:
    client = house.client()
    empty = client.build_request("POST", "/", data={"login": LOGIN, "wachtwoord": PASSWORD, "x": ""})
    room = FORM - len(empty.read())
    assert first(client, x="y" * room).status_code == 303
    assert first(client, x="y" * (room + 1)).status_code == 422
    more = {f"x{number}": "y" for number in range(FIELDS - 2)}
    assert first(client, **more).status_code == 303
    assert first(client, **more, one="y").status_code == 422


async def test_a_form_that_does_not_say_how_long_it_is_says_nothing(house: House) -> None:
    pieces = iter([f"login={LOGIN}&wachtwoord={PASSWORD}".replace(" ", "+").encode()])
    assert house.client().post("/inloggen", content=pieces, headers=FORM_KIND).status_code == 422


@pytest.mark.parametrize(("size", "status"), [(LARGEST, 422), (LARGEST + 1, 413)])
@pytest.mark.parametrize("path", ["/sleutel/paren", "/sleutel/wikkels"])
async def test_what_is_sent_of_keys_has_so_many_bytes(
    house: House, path: str, size: int, status: int
) -> None:
    client, kind = house.logged_in(), {"Content-Type": "application/json"}
    body = b"{}".ljust(size)
    assert client.post(path, content=body, headers=kind).status_code == status
    # Without a length it is counted as it comes in.
    pieces = (body[at : at + 4_096] for at in range(0, size, 4_096))
    assert client.post(path, content=pieces, headers=kind).status_code == status


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 401)])
async def test_the_answer_of_a_device_has_so_many_bytes(house: House, more: int, status: int) -> None:
    client, path = house.client(), link_of(house)
    challenge = client.post(f"{path}/passkey/vraag").json()["challenge"]
    answer = Device(URL).makes(challenge)
    empty = len(client.build_request("POST", "/", json=answer | {"x": ""}).read())
    answer["x"] = "y" * (ANSWER - empty + more)
    assert client.post(f"{path}/passkey", json=answer).status_code == status


def app_of(house: House, client: TestClient) -> str:
    """Where somebody who was invited proves that their app works."""
    path, new = link_of(house), "negen groene fietsen"
    assert client.post(f"{path}/wachtwoord", data={"wachtwoord": new, "nogmaals": new}).status_code == 303
    return f"{path}/app"


@pytest.mark.parametrize(
    "path",
    [
        "/inloggen",
        "/inloggen/code",
        "/inloggen/passkey/vraag",
        "/inloggen/passkey",
        "/uitnodiging/x",
        "/uitnodiging/{code}/app",
        "/account/app",
        "/account/opnieuw",
        "/account/opnieuw/passkey",
    ],
)
async def test_whatever_can_be_guessed_is_tried_so_often(house: House, path: str) -> None:
    client = house.logged_in() if path.startswith("/account") else house.client()
    where = app_of(house, client) if "{code}" in path else path
    method = "GET" if path == "/uitnodiging/x" else "POST"
    # Whatever somebody tries from one address counts together, so that nearly all may be the cheapest.
    for _ in range(TRIES_PER_MINUTE - 1):
        assert client.post("/inloggen/code").status_code == 303
    assert client.request(method, where).status_code != 429
    assert client.request(method, where).status_code == 429
