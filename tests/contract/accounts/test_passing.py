"""From one session to the next: each is gone through once, and its end is written down."""

import hashlib
import json
import threading
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from webauthn.helpers import bytes_to_base64url, encode_cbor

from gateway.accounts import factors
from gateway.web.auth import COOKIE
from tests.contract.accounts.house import URL, House, first, having, house
from tests.patience import PATIENCE_S

__all__ = ["house"]

ID = b"0123456789abcdef"


def shown(key: ec.EllipticCurvePrivateKey, challenge: str) -> dict[str, Any]:
    """What a browser answers to a challenge with this passkey."""
    device = hashlib.sha256(b"localhost").digest() + b"\x05" + bytes(4)
    about = json.dumps({"type": "webauthn.get", "challenge": challenge, "origin": URL}).encode()
    signature = key.sign(device + hashlib.sha256(about).digest(), ec.ECDSA(hashes.SHA256()))
    response = {
        "clientDataJSON": bytes_to_base64url(about),
        "authenticatorData": bytes_to_base64url(device),
        "signature": bytes_to_base64url(signature),
        "userHandle": None,
    }
    id_ = bytes_to_base64url(ID)
    return {"id": id_, "rawId": id_, "type": "public-key", "response": response}


def passkey(house: House) -> ec.EllipticCurvePrivateKey:
    """A passkey of Noor."""
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_numbers()
    public = encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
    with house.gateway.store.write() as session:
        factors.add_passkey(
            session,
            id_=bytes_to_base64url(ID),
            user_id="u1",
            public_key=public,
            sign_count=0,
            label="Telefoon",
            now=house.now,
        )
    return key


@pytest.mark.parametrize("act", ["log_out", "reset"])
async def test_who_was_put_out_is_not_in_by_a_login_under_way(
    house: House, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, begin = house.client(), house.gateway.web.entrance.begin
    first(client)

    def later(*args: Any, **more: Any) -> Any:
        getattr(house.gateway.web.people, act)("u1", "beheerder")
        return begin(*args, **more)

    monkeypatch.setattr(house.gateway.web.entrance, "begin", later)
    assert client.post("/inloggen/code", data={"code": house.later(seconds=30)}).status_code == 401
    assert client.get("/account").status_code == 303


async def test_one_answer_of_a_passkey_is_one_session(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    key, client = passkey(house), house.client()
    challenge = client.post("/inloggen/passkey/vraag").json()["challenge"]
    answer, both = shown(key, challenge), threading.Barrier(2, timeout=PATIENCE_S)
    leave = house.gateway.web.entrance.leave

    def together(request: Request) -> Any:
        both.wait()
        return leave(request)

    monkeypatch.setattr(house.gateway.web.entrance, "leave", together)
    statuses: list[int] = []

    def post() -> None:
        mine = having(house.client(), client.cookies[COOKIE])
        statuses.append(mine.post("/inloggen/passkey", json=answer).status_code)

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 401]
    assert [kind for kind, _ in house.events()] == ["login.succeeded"]


async def test_the_end_of_a_session_that_a_login_replaces_is_written_down(house: House) -> None:
    client = house.logged_in()
    assert client.post("/inloggen/passkey/vraag").status_code == 200
    assert client.get("/account").status_code == 303
    assert house.events() == [("login.ended", "user:u1")]
