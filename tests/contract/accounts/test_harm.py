"""What somebody tries who means harm: a colleague elsewhere, whoever holds a link, whoever was reset."""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.routing import Route
from webauthn.helpers import bytes_to_base64url, encode_cbor

from gateway.store import accounts
from gateway.store.migrate import migrate
from gateway.wiring import Gateway
from tests.contract.accounts.test_entrance import LOGIN, PASSWORD, URL, House, first, house
from tests.story.place import Place

__all__ = ["house"]

HAVEN, SCHOOR = "wijkteam-haven", "de-schoor"


@pytest.fixture
async def on_postgresql(place: Place, database_url: str) -> AsyncIterator[House]:
    """The same house on the database that takes NUL for an error."""
    place.database(database_url)
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    made = House(gateway)
    made.account()
    made.account("m1", "sam@haven.example", HAVEN)
    yield made
    await gateway.close()


def link_of(house: House) -> str:
    """The path of an invitation of De Schoor for Kim."""
    given = {"login": "kim@deschoor.example", "name": "Kim", "role": "medewerker", "by": "user:o1"}
    link = house.gateway.people.invite(**given, organisation=SCHOOR)
    return "/uitnodiging/" + link.rpartition("/")[2]


async def test_nobody_takes_back_the_invitation_of_another_organisation(house: House) -> None:
    house.account("m1", "sam@haven.example", HAVEN)
    house.account("o1", "jo@deschoor.example", SCHOOR)
    path = link_of(house)
    again = {"naam": "Kim", "login": "kim@deschoor.example"}
    assert house.logged_in("m1").post("/collegas/uitnodigen", data=again).status_code == 422
    assert house.client().get(path).status_code == 200
    # Their own colleagues may make a newer link, which ends the older one.
    assert house.logged_in("o1").post("/collegas/uitnodigen", data=again).status_code == 200
    assert house.client().get(path).status_code == 404


async def test_a_reset_account_belongs_to_nobody_at_the_provider(house: House) -> None:
    with house.gateway.store.write() as session:
        user = accounts.find(session, "u1")
        assert user is not None
        assert accounts.bind(session, user, "https://provider.example|7")
    house.account("u2", "bo@handover.example")
    assert house.logged_in("u2").post("/gebruikers/u1/herstellen").status_code == 200
    with house.gateway.store.read() as session:
        assert accounts.of_subject(session, "https://provider.example|7") is None


def made_by_hand(challenge: str) -> dict[str, object]:
    """A passkey for a challenge, without any device: nobody vouches for one."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    key = encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
    id_ = b"0123456789abcdef"
    device = hashlib.sha256(b"localhost").digest() + b"\x45" + bytes(20) + len(id_).to_bytes(2) + id_ + key
    about = {"type": "webauthn.create", "challenge": challenge, "origin": URL}
    response = {
        "clientDataJSON": bytes_to_base64url(json.dumps(about).encode()),
        "attestationObject": bytes_to_base64url(
            encode_cbor({"fmt": "none", "attStmt": {}, "authData": device})
        ),
    }
    return {
        "id": bytes_to_base64url(id_),
        "rawId": bytes_to_base64url(id_),
        "type": "public-key",
        "response": response,
    }


async def test_a_passkey_that_nobody_asked_for_is_refused(house: House) -> None:
    client, path = house.client(), link_of(house)
    assert client.post(f"{path}/passkey", json=made_by_hand("")).status_code == 401
    choice = {"wachtwoord": "negen groene fietsen", "nogmaals": "negen groene fietsen"}
    assert client.post(f"{path}/wachtwoord", data=choice).status_code == 303
    assert client.post(f"{path}/passkey", json=made_by_hand("")).status_code == 401
    # The same answer to a question that was asked is right: what is tested is the question.
    challenge = client.post(f"{path}/passkey/vraag").json()["challenge"]
    assert client.post(f"{path}/passkey", json=made_by_hand("")).status_code == 401
    assert client.post(f"{path}/passkey", json=made_by_hand(challenge)).status_code == 200
    assert "step.failed" not in house.told.getvalue()


async def test_nul_is_the_name_of_nothing(on_postgresql: House) -> None:
    house, tried = on_postgresql, 0
    for odd in ("\0", "a\0b"):
        for who in ("", "u1", "m1"):
            for route in house.gateway.routes():
                if not isinstance(route, Route) or "/stroom" in route.path:
                    continue
                for method in sorted((route.methods or set()) - {"HEAD"}):
                    client = house.logged_in(who) if who else house.client()
                    path = re.sub(r"{[^}]*}", quote(odd, safe=""), route.path)
                    given = dict.fromkeys(("login", "wachtwoord", "code", "naam", "passkey", "afzender"), odd)
                    form = {"data": given | {"zeker": "ja"}} if method == "POST" else {"params": given}
                    assert client.request(method, path, **form).status_code < 500, (who, method, route.path)  # type: ignore[arg-type]
                    tried += 1
    assert tried > 300
    assert "step.failed" not in house.told.getvalue()
    client = house.client()
    client.post("/inloggen/passkey/vraag")
    nul = {"id": "\0", "response": {"clientDataJSON": "", "authenticatorData": "", "signature": ""}}
    assert client.post("/inloggen/passkey", json=nul).status_code == 401
    assert first(house.client(), LOGIN, PASSWORD).status_code == 303
