"""What stands between one organisation and everybody else."""

import hashlib
import ssl
import uuid
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from sqlalchemy import text

from gateway.cli.trial import Authority
from gateway.store import tokens
from gateway.web import rate
from gateway.web.api.openapi import VERSION
from tests.contract.mailbox.harbour import HAVEN, POORT, Harbour, add_organisation
from tests.invented import PATIENT
from tests.moments import MONDAY
from tests.peers.mail import MailPeer
from tests.story.place import Place, Town

LEASE = "a" * 32


def told(answer: httpx2.Response) -> tuple[int, Any, dict[str, str]]:
    """All of an answer but the moment."""
    return answer.status_code, answer.json(), {k: v for k, v in answer.headers.items() if k != "date"}


async def test_anothers_items_are_answered_like_those_that_never_were(harbour: Harbour) -> None:
    await harbour.refer()
    item = await harbour.leased()
    bodies: dict[str, dict[str, Any]] = {
        "ontvangstbevestigingen": {},
        "verlengingen": {"seconden": 60},
        "teruggaven": {},
        "weigeringen": {"reden": "vol"},
    }
    for what, more in bodies.items():
        theirs = await harbour.settle(item, what, who=POORT, **more)
        never = await harbour.settle({**item, "berichtId": uuid.uuid4().hex}, what, who=POORT, **more)
        odd = await harbour.settle({**item, "berichtId": "%00%2e%2e"}, what, who=POORT, **more)
        assert told(theirs) == told(never) == told(odd)
        assert theirs.status_code == 404
    assert told(await harbour.report(item["kenmerk"], who=POORT, status="in_beeld")) == told(
        await harbour.report("IB-0000-0000", who=POORT, status="in_beeld")
    )
    assert harbour.town.the_case()["state"] == "delivered"


async def test_anothers_items_are_not_seen_or_counted(harbour: Harbour) -> None:
    empty = await harbour.ask("/v1/wachtrij", who=POORT, method="GET")
    await harbour.refer()
    assert await harbour.collect(who=POORT, maximum=100) == []
    assert told(await harbour.ask("/v1/wachtrij", who=POORT, method="GET")) == told(empty)
    assert len(await harbour.collect()) == 1


async def test_a_lease_token_alone_opens_nothing_else(harbour: Harbour) -> None:
    await harbour.refer()
    await harbour.refer()
    first, second = await harbour.collect()
    swapped = {**first, "leaseToken": second["leaseToken"]}
    assert (await harbour.settle(swapped, "ontvangstbevestigingen")).status_code == 409
    assert (await harbour.settle({**first, "leaseToken": LEASE}, "teruggaven")).status_code == 409


@pytest.mark.parametrize("token", [None, "inbeeld_0123456789ab_" + "x" * 43, "nonsense", "é", "a" * 5000])
async def test_nobody_is_told_why_they_are_not_known(harbour: Harbour, token: str | None) -> None:
    async with harbour.client() as client:
        headers = [] if token is None else [(b"authorization", b"Bearer " + token.encode())]
        answer = await client.get("/v1/wachtrij", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["type"] == "urn:inbeeld:probleem:niet-aangemeld"


async def test_a_revoked_token_ends_at_once(harbour: Harbour) -> None:
    assert (await harbour.ask("/v1/wachtrij", method="GET")).status_code == 200
    with harbour.town.gateway.store.write() as session:
        tokens.revoke(session, tokens.all_of(session, HAVEN)[0].id, MONDAY)
    assert (await harbour.ask("/v1/wachtrij", method="GET")).status_code == 401
    assert (await harbour.ask("/v1/wachtrij", who=POORT, method="GET")).status_code == 200


async def test_the_store_holds_no_token_and_no_lease(harbour: Harbour) -> None:
    patient = await harbour.refer()
    item = await harbour.leased()
    harbour.town.gateway.store.truncate_log()
    kept = (harbour.town.place.directory / "data" / "inbeeld.db").read_bytes()
    _, id_, secret = harbour.tokens[HAVEN].split("_", 2)
    assert id_.encode() in kept, "what is not secret is found: the search would have found the rest"
    for one in (secret, item["leaseToken"], patient.name):
        assert len(one) > 10
        assert one.encode() not in kept


async def test_haste_is_told_to_wait_and_costs_nobody_else(harbour: Harbour) -> None:
    access = harbour.town.gateway.web.access
    access._rate = rate.Rate(3)
    access._tick = lambda: 100.0
    assert [(await harbour.ask("/v1/wachtrij", method="GET")).status_code for _ in range(4)] == [
        200,
        200,
        200,
        429,
    ]
    slow = await harbour.ask("/v1/wachtrij", method="GET")
    assert (slow.headers["retry-after"], slow.json()["title"]) == ("20", "Te veel verzoeken")
    assert (await harbour.ask("/v1/wachtrij", who=POORT, method="GET")).status_code == 200
    access._tick = lambda: 120.0
    assert (await harbour.ask("/v1/wachtrij", method="GET")).status_code == 200


async def test_guessing_ends_and_does_not_lock_anybody_out(harbour: Harbour) -> None:
    harbour.town.gateway.web.access._tick = lambda: 100.0
    found = [(await harbour.ask("/v1/wachtrij", who="guess", method="GET")).status_code for _ in range(31)]
    assert found == [401] * 30 + [429]
    assert (await harbour.ask("/v1/wachtrij", method="GET")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"content-type": "text/plain"}, b"{}", 415),
        ({}, b"{}", 415),
        ({"content-type": "application/json"}, b"{", 400),
        ({"content-type": "application/json"}, b"\xff\xfe", 400),
        ({"content-type": "application/json"}, b"[" * 9000, 400),
        ({"content-type": "application/json"}, b"[]", 422),
        ({"content-type": "application/json"}, b'{"maximum": 0}', 422),
        ({"content-type": "application/json"}, b'{"maximum": "5"}', 422),
        ({"content-type": "application/json"}, b'{"maximum": true}', 422),
        ({"content-type": "application/json"}, b'{"wachtSeconden": 21}', 422),
        ({"content-type": "application/json"}, b" " * 16385, 413),
        ({"content-type": "application/json; charset=utf-8"}, b'{"maximum": 1}', 200),
    ],
)
async def test_bodies_are_held_to_their_kind_size_and_shape(
    harbour: Harbour, headers: dict[str, str], content: bytes, status: int
) -> None:
    async with harbour.client(harbour.tokens[HAVEN]) as client:
        answer = await client.post("/v1/afhalingen", content=content, headers=headers)
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json().keys() >= {"type", "title", "status", "watTeDoen"}


async def test_what_was_sent_is_not_repeated(harbour: Harbour) -> None:
    sent = {"status": PATIENT.name, PATIENT.phone: 1, "reden": {PATIENT.phone: PATIENT.name}}
    answer = await harbour.ask("/v1/aanmeldingen/IB-0000-0000/statussen", sent)
    assert answer.status_code == 422
    assert not any(one in answer.text for one in (PATIENT.name, PATIENT.phone))
    assert "contacted" in answer.json()["fouten"][0]["toegestaan"]


async def test_every_answer_carries_the_strict_headers(harbour: Harbour) -> None:
    async with harbour.client(harbour.tokens[HAVEN]) as client:
        answers = [
            await client.get(path)
            for path in ("/healthz", "/v1/wachtrij", "/v1/openapi.json", "/nergens", "/v1/")
        ]
        answers.append(await client.delete("/v1/wachtrij"))
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 404, 405]
    for answer in answers:
        assert "server" not in answer.headers
        assert "max-age" in answer.headers["strict-transport-security"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    assert answers[1].headers["api-version"] == VERSION


async def test_a_store_that_is_away_is_told_as_such_and_logs_no_content(harbour: Harbour) -> None:
    await harbour.refer()
    item = await harbour.leased()
    with harbour.town.gateway.store.write() as session:
        session.execute(text("ALTER TABLE mailbox RENAME TO elsewhere"))
    answer = await harbour.settle(item, "ontvangstbevestigingen")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert item["leaseToken"] not in harbour.town.journal.getvalue()
    assert "step.failed" in harbour.town.journal.getvalue()


async def test_figures_are_for_allowed_networks_only(place: Place, peer: MailPeer, readers: Any) -> None:
    add_organisation(place, HAVEN, "De Werven")
    add_organisation(place, POORT, "De Hoven")
    place.replace(
        "inbeeld.toml", 'metrics_from = ["127.0.0.0/8", "::1/128"]', 'metrics_from = ["10.9.8.7/32"]'
    )
    town = Town(place, peer, readers)
    await town.open()
    harbour = Harbour(town)
    await harbour.open()
    async with harbour.client() as client:
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.get("/healthz")).status_code == 200
    await harbour.close()
    await town.close()


async def test_a_pinned_certificate_is_an_organisation_and_its_authority_is_none(
    place: Place, peer: MailPeer, readers: Any, tmp_path: Path
) -> None:
    ca = place.directory / "keys" / "tls"
    authority = _authority(ca)
    pinned, stranger = (_client(authority, tmp_path / name) for name in ("pinned.pem", "stranger.pem"))
    add_organisation(place, HAVEN, "De Werven", certificates=(_sha256(pinned),))
    add_organisation(place, POORT, "De Hoven")
    line = 'client_ca = "keys/tls/ca.pem"\n# How many'
    place.replace("inbeeld.toml", f"# {line}", line)
    town = Town(place, peer, readers)
    await town.open()
    harbour = Harbour(town)
    await harbour.open()
    await harbour.refer()
    found = []
    for certificate in (pinned, stranger, None):
        async with harbour.client(certificate=certificate) as client:
            answer = await client.get("/v1/wachtrij")
            found.append((answer.status_code, answer.json().get("aantal")))
    assert found == [(200, 1), (401, None), (401, None)]
    await harbour.close()
    await town.close()


def _authority(folder: Path) -> Authority:
    key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    return Authority(x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes()), key)  # type: ignore[arg-type]


def _client(authority: Authority, path: Path) -> Path:
    certificate, key = authority.issue((path.stem,), client=True)
    path.write_bytes(certificate + key)
    return path


def _sha256(path: Path) -> str:
    return hashlib.sha256(
        ssl.PEM_cert_to_DER_cert(path.read_text().partition("-----BEGIN PRIVATE")[0])
    ).hexdigest()
