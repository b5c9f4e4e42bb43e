"""SCIM: a municipality's identity system makes, shuts and ends the accounts of its own medewerkers."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from sqlmodel import col, select

from gateway.app import Gateway
from gateway.store import tokens
from gateway.store.migrate import migrate
from gateway.store.pagetables import UserRow
from gateway.store.tables import EventRow
from gateway.web.app import web
from tests.contract.accounts.test_elsewhere import (
    LOGIN,
    browser,
    gateway,
    invite,
    peer,
    walk,
)
from tests.peers.provider.desk import ProviderPeer
from tests.story.place import Place

__all__ = ["browser", "gateway", "peer"]

USERS = "/scim/v2/Users"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTRA = {
    "schemas": [SCHEMA, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    "externalId": "noor",
    "userName": LOGIN,
    "active": True,
    "emails": [{"primary": True, "type": "work", "value": LOGIN}],
    "name": {"formatted": "Noor Voorbeeld", "familyName": "Voorbeeld", "givenName": "Noor"},
    "meta": {"resourceType": "User"},
}


def token(gateway: Gateway, organisation: str = "de-schoor", scope: str = "scim") -> dict[str, str]:
    """The header of somebody with a new token."""
    with gateway.store.write() as session:
        _, made = tokens.make(session, organisation, datetime.now(UTC), scope)
    return {"Authorization": f"Bearer {made}", "Content-Type": "application/scim+json", "Accept": "*/*"}


class Directory:
    """The identity system of an organisation, as it asks."""

    def __init__(self, client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> httpx2.Response:
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.request(
            method, path, content=content, params=query or None, headers=self.headers
        )

    async def patch(self, id_: str, *operations: dict[str, Any]) -> httpx2.Response:
        return await self.ask("PATCH", f"{USERS}/{id_}", {"schemas": [PATCH], "Operations": list(operations)})


@pytest.fixture
async def quiet(place: Place) -> AsyncIterator[Gateway]:
    """A gateway without a provider."""
    made = Gateway.at(place.directory)
    migrate(made.store)
    yield made
    await made.close()


@pytest.fixture
async def directory(quiet: Gateway) -> AsyncIterator[Directory]:
    transport = httpx2.ASGITransport(web(quiet.web.routes(), quiet.base.log, quiet.web.pages))
    async with httpx2.AsyncClient(transport=transport, base_url="https://handover.example") as client:
        yield Directory(client, token(quiet))


def kinds(gateway: Gateway) -> list[tuple[str, str]]:
    with gateway.store.read() as session:
        found = session.exec(select(EventRow).order_by(col(EventRow.seq)))
        return [(row.kind, row.actor) for row in found if row.kind.startswith("account.")]


async def test_an_account_is_made_used_shut_opened_and_ended(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Any
) -> None:
    """From the municipality's list to the inbox, and out of it at once."""
    scim = Directory(browser, token(gateway))
    link = invite(gateway, organisation="de-schoor")
    made = await scim.ask("POST", USERS, ENTRA)
    assert made.status_code == 201
    assert made.headers["content-type"] == "application/scim+json"
    user = made.json()
    assert made.headers["location"] == user["meta"]["location"]
    assert (user["userName"], user["displayName"], user["active"]) == (LOGIN, "Noor Voorbeeld", True)
    # A link that lies about somewhere opens the account no more.
    assert (await browser.get(link)).status_code == 404

    assert (await walk(browser, papers)).headers["location"] == "/postvak"
    assert (await browser.get("/postvak")).status_code == 200
    # As Entra writes it.
    shut = await scim.patch(user["id"], {"op": "Replace", "path": "active", "value": "False"})
    assert (shut.status_code, shut.json()["active"]) == (200, False)
    assert (await browser.get("/postvak")).status_code == 303
    kept_out = await walk(browser, papers)
    assert (kept_out.status_code, "dichtgezet" in kept_out.text) == (403, True)
    opened = await scim.patch(user["id"], {"op": "replace", "value": {"active": True}})
    assert opened.json()["active"] is True
    assert (await walk(browser, papers)).headers["location"] == "/postvak"

    assert (await scim.ask("DELETE", f"{USERS}/{user['id']}")).status_code == 204
    assert (await browser.get("/postvak")).status_code == 303
    assert (await scim.ask("GET", f"{USERS}/{user['id']}")).status_code == 404
    assert (await walk(browser, papers)).status_code == 403
    by = "organisation:de-schoor"
    assert kinds(gateway)[1:] == [
        ("account.provisioned", by),
        ("account.bound", f"user:{user['id']}"),
        ("account.disabled", by),
        ("account.enabled", by),
        ("account.removed", by),
    ]


async def test_an_account_that_waits_is_opened_by_its_own_address_and_role_only(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Any
) -> None:
    scim = Directory(browser, token(gateway))
    user = (await scim.ask("POST", USERS, ENTRA | {"active": False})).json()
    assert (await walk(browser, papers)).status_code == 403
    await scim.patch(user["id"], {"op": "replace", "path": "active", "value": True})
    peer.claims = {"email": LOGIN, "email_verified": False, "amr": ["mfa"]}
    assert (await walk(browser, papers)).status_code == 403
    peer.claims = {"email": LOGIN, "email_verified": True}
    told = await walk(browser, papers)
    assert (told.status_code, "twee stappen" in told.text) == (403, True)
    # After a reset a link opens it, and nothing else.
    gateway.web.people.reset(user["id"], "test")
    peer.claims = {"email": LOGIN, "email_verified": True, "amr": ["mfa"]}
    assert (await walk(browser, papers)).status_code == 403


async def test_whoever_asks_finds_and_changes_only_their_own(quiet: Gateway, directory: Directory) -> None:
    other = Directory(directory.client, token(quiet, "wijkteam-haven"))
    first = (await directory.ask("POST", USERS, ENTRA)).json()
    second = (await directory.ask("POST", USERS, ENTRA | {"userName": "kim@gemeente.example"})).json()
    assert (await other.ask("GET", USERS)).json()["totalResults"] == 0
    for method, body in (("GET", None), ("PUT", ENTRA), ("DELETE", None)):
        assert (await other.ask(method, f"{USERS}/{first['id']}", body)).status_code == 404
    assert (
        await other.patch(first["id"], {"op": "replace", "path": "active", "value": False})
    ).status_code == 404
    taken = await other.ask("POST", USERS, ENTRA)
    assert (taken.status_code, taken.json()["scimType"], taken.json()["status"]) == (409, "uniqueness", "409")

    # What the router refuses is told as SCIM tells it, too.
    wrong, nothing = await directory.ask("DELETE", USERS), await directory.ask("GET", f"{USERS}/a/b")
    assert (wrong.status_code, wrong.headers["allow"], nothing.status_code) == (405, "GET, HEAD, POST", 404)
    assert {one.headers["content-type"] for one in (wrong, nothing)} == {"application/scim+json"}
    assert (wrong.json()["status"], nothing.json()["status"]) == ("405", "404")

    page = (await directory.ask("GET", USERS, startIndex="2", count="1")).json()
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (2, 2, 1)
    assert [each["id"] for each in page["Resources"]] == [second["id"]]
    for text, ids in (
        (f'userName eq "{LOGIN.upper()}"', [first["id"]]),
        ('externalId eq "noor"', [first["id"], second["id"]]),
        (f'id eq "{second["id"]}"', [second["id"]]),
        ('userName eq "niemand@gemeente.example"', []),
    ):
        found = (await directory.ask("GET", USERS, filter=text)).json()
        assert sorted(each["id"] for each in found["Resources"]) == sorted(ids)


async def test_a_name_changes_and_what_we_keep_nothing_of_is_let_be(directory: Directory) -> None:
    made = (await directory.ask("POST", USERS, ENTRA)).json()
    changed = await directory.patch(
        made["id"],
        {"op": "Replace", "path": "name.familyName", "value": "Ander"},
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "x@gemeente.example"},
        {"op": "Replace", "path": f"{SCHEMA}:externalId", "value": "nieuw"},
        {"op": "Replace", "value": {"title": "Consulent", "name.givenName": "Noortje"}},
    )
    assert changed.status_code == 200
    assert (changed.json()["displayName"], changed.json()["externalId"]) == ("Noortje Ander", "nieuw")
    assert changed.json()["userName"] == LOGIN
    whole = await directory.ask(
        "PUT", f"{USERS}/{made['id']}", {"schemas": [SCHEMA], "userName": "n@gemeente.example"}
    )
    assert whole.json()["userName"] == "n@gemeente.example"
    assert "externalId" not in whole.json()
    removed = await directory.patch(made["id"], {"op": "remove", "path": "externalId"})
    assert removed.status_code == 200


NO_USER: list[tuple[Any, str]] = [
    (b"{", "invalidSyntax"),
    ([], "invalidSyntax"),
    ({"userName": "geen adres"}, "invalidValue"),
    ({"userName": 7}, "invalidValue"),
    ({"userName": LOGIN, "active": "misschien"}, "invalidValue"),
    ({"userName": LOGIN, "externalId": "x\0"}, "invalidValue"),
    ({"userName": LOGIN, "externalId": ["x"]}, "invalidValue"),
]


async def test_what_is_no_user_makes_none(directory: Directory) -> None:
    for body, kind in NO_USER:
        told = await directory.ask("POST", USERS, body)
        assert (told.status_code, told.json()["scimType"]) == (400, kind), body
        assert told.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert (await directory.ask("GET", USERS)).json()["totalResults"] == 0


async def test_wrong_questions_are_answered_as_scim_asks(quiet: Gateway, directory: Directory) -> None:
    made = (await directory.ask("POST", USERS, ENTRA)).json()
    for operations in ([], [7], [{"op": "move"}], [{"op": "replace", "value": 1}], [{"op": "add"}] * 51):
        assert (await directory.patch(made["id"], *operations)).status_code == 400
    for path in ("userName", "active", None):
        gone = await directory.patch(made["id"], {"op": "remove", "path": path})
        assert (gone.status_code, gone.json()["scimType"]) == (400, "mutability")
    for query in ({"filter": 'title eq "x"'}, {"count": "veel"}, {"startIndex": "٣"}):
        assert (await directory.ask("GET", USERS, **query)).status_code == 400
    assert (await directory.ask("POST", USERS, {"userName": "x" * 70_000})).status_code == 413
    assert (await directory.ask("GET", f"{USERS}/nul%00")).status_code == 404
    for name in ("ServiceProviderConfig", "ResourceTypes", "Schemas"):
        assert (await directory.ask("GET", f"/scim/v2/{name}")).status_code == 200
    # A token opens what it was made for; a beheerder is nobody's medewerker.
    for scope, path in (("api", USERS), ("scim", "/v1/wachtrij"), ("scim", "/fhir/Task")):
        stranger = Directory(directory.client, token(quiet, scope=scope))
        assert (await stranger.ask("GET", path)).status_code == 401
    with quiet.store.write() as session:
        row = UserRow(id="b", login="b@x.example", name="B", role="beheerder", created_at=datetime.now(UTC))
        session.add(row)
    assert (await directory.ask("DELETE", f"{USERS}/b")).status_code == 404
