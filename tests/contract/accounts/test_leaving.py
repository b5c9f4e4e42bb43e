"""Out here and out there, and in no longer: a log-out at the provider, and a role that it takes away."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pyotp
import pytest
from joserfc.jwk import ECKey
from sqlmodel import select

from gateway.app import Gateway
from gateway.store.pagetables import SessionRow
from tests.contract.accounts.test_elsewhere import LOGIN, browser, events, gateway, invite, peer, users, walk
from tests.contract.accounts.test_vouching import SECRET, account
from tests.peers.provider.desk import ProviderPeer
from tests.story.place import Place

__all__ = ["browser", "gateway", "peer"]

OUT = "/inloggen/organisatie/uitloggen"


async def out(browser: httpx2.AsyncClient, token: str) -> httpx2.Response:
    """What the provider asks of us, in whose name it says so."""
    return await browser.post(OUT, data={"logout_token": token})


@pytest.fixture
def by_role(place: Place) -> None:
    """The provider says which role somebody has. To be asked for before the gateway, which reads it."""
    place.replace("inbeeld.toml", 'role_claim = ""', 'role_claim = "groups"')
    place.replace("inbeeld.toml", "roles = {}", 'roles = { "beheer" = "beheerders", "schoor" = "de-schoor" }')


@pytest.fixture
def made_by_role(place: Place, by_role: None) -> None:
    """The same, where an account is made for whoever has a role."""
    place.replace("inbeeld.toml", "create = false", "create = true")


async def test_a_log_out_there_ends_what_came_from_there_and_nothing_else(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway)
    peer.claims["sid"] = "sid-1"
    await walk(browser, papers)
    assert (await browser.get("/account")).status_code == 200
    for token in (
        peer.logout_token(sid="sid-2"),
        peer.logout_token(sub="sub-2", sid=None),
        peer.logout_token(sub="sub-2"),
    ):
        assert (await out(browser, token)).status_code == 200
        assert (await browser.get("/account")).status_code == 200
    told = await out(browser, peer.logout_token())
    assert (told.status_code, told.content, told.headers["cache-control"]) == (200, b"", "no-store")
    assert (await browser.get("/account")).status_code == 303
    assert events(gateway)[-1][0] == "login.ended"
    before = len(events(gateway))
    assert (await out(browser, peer.logout_token())).status_code == 200
    assert len(events(gateway)) == before

    # By way of the browser, as Entra ID tells it: by the session's name, whoever's browser it is.
    await walk(browser, papers)
    issuer = peer.issuer
    for said in ({}, {"sid": "sid-1"}, {"iss": issuer}, {"iss": f"{issuer}/", "sid": "sid-1"}):
        assert (await browser.get(OUT, params=said)).status_code == 400, said
    for other in ({"iss": issuer, "sid": "sid-2"}, {"iss": issuer, "sid": "x" * 4000}):
        await browser.get(OUT, params=other)
    assert (await browser.get("/account")).status_code == 200
    here = dict(browser.cookies)
    browser.cookies.clear()
    assert (await browser.get(OUT, params={"iss": issuer, "sid": "sid-1"})).status_code == 200
    browser.cookies.update(here)
    assert (await browser.get("/account")).status_code == 303

    # Without a session of theirs in it: all that somebody has from there.
    await walk(browser, papers)
    assert (await out(browser, peer.logout_token(sub="sub-1", sid=None))).status_code == 200
    assert (await browser.get("/account")).status_code == 303


async def test_a_session_with_our_second_factor_ends_too_and_one_of_our_own_does_not(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    account(gateway, subject=f"{peer.issuer}|sub-1")
    peer.claims = {"sid": "sid-1", "email_verified": True}
    assert (await walk(browser, papers)).headers["location"] == "/inloggen/code"
    code = pyotp.TOTP(SECRET).at(gateway.base.wall())
    assert (await browser.post("/inloggen/code", data={"code": code})).status_code == 303
    assert (await browser.get("/account")).status_code == 200
    with gateway.store.read() as session:
        full = [row for row in session.exec(select(SessionRow)) if row.stage == "full"]
    assert [row.method for row in full] == ["oidc+totp"]
    assert (await out(browser, peer.logout_token())).status_code == 200
    assert (await browser.get("/account")).status_code == 303


WRONG: dict[str, Callable[[ProviderPeer], str]] = {
    "no token": lambda peer: "",
    "no logout token": lambda peer: peer.logout_token(events={}),
    "an event that is none": lambda peer: peer.logout_token(
        events={"http://schemas.openid.net/event/backchannel-logout": True}
    ),
    "with a nonce": lambda peer: peer.logout_token(nonce="n"),
    "of another provider": lambda peer: peer.logout_token(iss="https://elders.example"),
    "for somebody else": lambda peer: peer.logout_token(aud=["ander"]),
    "of nobody": lambda peer: peer.logout_token(sid=None),
    "of a number": lambda peer: peer.logout_token(sid=7),
    "without a name of its own": lambda peer: peer.logout_token(jti=None),
    "old": lambda peer: peer.logout_token(iat=int(time.time()) - 3600),
    "expired": lambda peer: peer.logout_token(exp=int(time.time()) - 600),
    "of tomorrow": lambda peer: peer.logout_token(iat=int(time.time()) + 86_400),
}


async def test_a_log_out_that_the_provider_did_not_tell_ends_nothing(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway)
    peer.claims["sid"] = "sid-1"
    await walk(browser, papers)
    for name, made in WRONG.items():
        told = await out(browser, made(peer))
        assert (told.status_code, told.json()) == (400, {"error": "invalid_request"}), name
    peer.lies = ECKey.generate_key("P-256", {"kid": "k1"})
    assert (await out(browser, peer.logout_token())).status_code == 400
    assert (await browser.get("/account")).status_code == 200


async def test_who_leaves_here_is_shown_the_way_out_there(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    peer.description = {"end_session_endpoint": f"{peer.issuer}/uit?x=1"}
    invite(gateway)
    await walk(browser, papers)
    left = await browser.post("/uitloggen")
    assert left.status_code == 200
    assert f'href="{peer.issuer}/uit?x=1&amp;client_id=inbeeld' in left.text
    assert "id_token_hint=ey" in left.text
    assert "Max-Age=0" in left.headers["set-cookie"]
    # Whoever is in by our own factors, or in no more, is of no provider.
    assert (await browser.post("/uitloggen")).headers["location"] == "/inloggen"


async def test_a_role_that_was_taken_away_lets_nobody_in(
    by_role: None, gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway)
    others = ((["schoor"], "andere rol"), (["iets"], "nog geen rol"), (None, "nog geen rol"))
    for groups, said in others:
        peer.claims["groups"] = groups
        refused = await walk(browser, papers)
        assert (refused.status_code, said in refused.text, users(gateway)) == (403, True, [])
    peer.claims["groups"] = ["beheer"]
    assert (await walk(browser, papers)).headers["location"] == "/bord"
    browser.cookies.clear()
    for groups, said in others:
        peer.claims["groups"] = groups
        assert said in (await walk(browser, papers)).text


async def test_an_account_is_made_for_a_role_where_that_is_wanted(
    made_by_role: None,
    gateway: Gateway,
    browser: httpx2.AsyncClient,
    peer: ProviderPeer,
    papers: Path,
) -> None:
    peer.claims |= {"groups": ["schoor", "beheer"], "name": "Noor\nVoorbeeld"}
    assert "meer dan één rol" in (await walk(browser, papers)).text
    peer.claims["groups"] = ["schoor"]
    # Whoever has an account, or was invited as somebody else, gets no second one.
    invite(gateway)
    assert "andere rol" in (await walk(browser, papers)).text
    gateway.web.people.withdraw(LOGIN, "test")
    assert (await walk(browser, papers)).headers["location"] == "/postvak"
    (user,) = users(gateway)
    assert (user.name, user.organisation_id) == ("Noor Voorbeeld", "de-schoor")
    assert ("account.created", "medewerker") in [(kind, data.get("role")) for kind, data in events(gateway)]
    browser.cookies.clear()
    peer.claims["sub"] = "sub-2"
    assert (await walk(browser, papers)).status_code == 403
    assert len(users(gateway)) == 1
