"""Binding one's own account to the one at a provider, and being asked again there."""

import re
from html import unescape
from pathlib import Path

import httpx2
import pytest

from gateway.accounts import rows as accounts
from gateway.app import Gateway
from gateway.store.pagetables import UserRow
from gateway.web import sessions
from gateway.web.auth import COOKIE
from gateway.web.sessions import SessionStage
from tests.contract.accounts.test_elsewhere import (
    browser,
    events,
    gateway,
    invite,
    peer,
    users,
    visit,
    walk,
)
from tests.contract.accounts.test_vouching import HAVEN, SCHOOR, account
from tests.peers.provider.desk import ProviderPeer

__all__ = ["browser", "gateway", "peer"]

MINUTE = 60
PASSWORD_PAGE = "/account/wachtwoord"


def log_in(gateway: Gateway, browser: httpx2.AsyncClient, user: UserRow) -> None:
    """Let somebody in with a passkey."""
    with gateway.store.write() as session:
        token = sessions.start(
            session, gateway.base.wall(), user_id=user.id, stage=SessionStage.FULL, method="passkey"
        )
    browser.cookies.set(COOKIE, token)


async def to_bind(browser: httpx2.AsyncClient, papers: Path) -> str:
    """From the page of one's account to the provider; gives the address to come back with."""
    assert 'href="/account/organisatie"' in (await browser.get("/account")).text
    shown = re.search(r'href="(https://localhost[^"]+)"', (await browser.get("/account/organisatie")).text)
    assert shown
    return await visit(unescape(shown[1]), papers)


async def is_fresh(browser: httpx2.AsyncClient) -> bool:
    return (await browser.get(PASSWORD_PAGE)).status_code == 200


@pytest.mark.parametrize(("amr", "where"), [(["mfa"], "/postvak"), (["pwd"], "/inloggen/code")])
async def test_an_account_is_bound_from_its_own_session(
    gateway: Gateway,
    browser: httpx2.AsyncClient,
    peer: ProviderPeer,
    papers: Path,
    amr: list[str],
    where: str,
) -> None:
    peer.claims = {"amr": amr}
    user = account(gateway, organisation=SCHOOR)
    log_in(gateway, browser, user)
    bound = await browser.get(await to_bind(browser, papers))
    assert (bound.status_code, bound.headers["location"]) == (303, "/account?klaar=gekoppeld")
    assert peer.asked[-1]["prompt"] == "login"
    assert [row.subject for row in users(gateway)] == [f"{peer.issuer}|sub-1"]
    assert events(gateway)[-1][0] == "account.bound"
    assert "Uw account is gekoppeld" in (await browser.get("/account")).text
    browser.cookies.clear()
    assert (await walk(browser, papers)).headers["location"] == where


async def test_it_is_asked_of_who_showed_a_factor_a_short_while_ago(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    log_in(gateway, browser, account(gateway))
    back = await to_bind(browser, papers)
    peer.ahead += 11 * MINUTE
    # An address that lay about in the browser, used by whoever found it.
    assert (await browser.get(back)).status_code == 403
    asked = await browser.get("/account/organisatie")
    assert asked.headers["location"] == "/account/opnieuw?naar=%2Faccount%2Forganisatie"
    assert [user.subject for user in users(gateway)] == [None]


async def test_an_answer_that_nobody_asked_for_binds_nothing(
    gateway: Gateway, browser: httpx2.AsyncClient, papers: Path
) -> None:
    user = account(gateway)
    log_in(gateway, browser, user)
    back = await to_bind(browser, papers)
    # Another session of the same person did not ask, and this one asked something else since.
    log_in(gateway, browser, user)
    assert (await browser.get(back)).status_code == 403
    await to_bind(browser, papers)
    assert (await browser.get(back)).status_code == 403
    assert [user.subject for user in users(gateway)] == [None]


async def test_nobody_there_has_two_accounts(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    account(gateway, "bo@deschoor.example", SCHOOR, subject=f"{peer.issuer}|sub-1")
    log_in(gateway, browser, account(gateway))
    told = await browser.get(await to_bind(browser, papers))
    assert told.status_code == 403
    assert "al aan een account" in told.text
    assert (await browser.get("/account")).status_code == 200


async def test_who_is_reset_meanwhile_is_not_bound(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    user = account(gateway)
    log_in(gateway, browser, user)
    back = await to_bind(browser, papers)
    peer.meanwhile = lambda: gateway.web.people.reset(user.id, "test")
    await browser.get(back)
    with gateway.store.read() as session:
        row = accounts.find(session, user.id)
    assert row is not None
    assert (row.subject, row.password_hash) == (None, None)


async def test_it_is_offered_to_nobody_else(gateway: Gateway, browser: httpx2.AsyncClient) -> None:
    log_in(gateway, browser, account(gateway, organisation=HAVEN))
    assert "koppel" not in (await browser.get("/account")).text
    assert (await browser.get("/account/organisatie")).status_code == 404
    assert (await browser.get("/account/opnieuw/organisatie")).status_code == 404


async def test_a_login_there_is_as_fresh_as_it_is_there(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway)
    peer.claims["auth_time"] = int(gateway.base.wall().timestamp()) - 9 * MINUTE
    await walk(browser, papers)
    assert await is_fresh(browser)
    peer.ahead += 2 * MINUTE
    assert not await is_fresh(browser)


async def test_who_has_no_other_factor_is_asked_again_there(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway)
    await walk(browser, papers)
    peer.ahead += 11 * MINUTE
    sent = await browser.get(PASSWORD_PAGE)
    asked = await browser.get(sent.headers["location"])
    assert "Log uit en log opnieuw in" not in asked.text
    link = re.search(r'href="(/account/opnieuw/organisatie[^"]*)"', asked.text)
    assert link
    begun = await browser.get(unescape(link[1]))
    back = await browser.get(await visit(begun.headers["location"], papers))
    assert peer.asked[-1]["prompt"] == "login"
    assert (back.status_code, back.headers["location"]) == (303, PASSWORD_PAGE)
    assert await is_fresh(browser)


async def test_being_asked_again_counts_for_the_same_person(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway)
    await walk(browser, papers)
    peer.ahead += 11 * MINUTE
    peer.claims["sub"] = "sub-2"
    again = {"naar": "/account/opnieuw/organisatie"}
    begun = await browser.get("/account/opnieuw/organisatie", params=again)
    told = await browser.get(await visit(begun.headers["location"], papers))
    assert told.status_code == 403
    assert "als iemand anders" in told.text
    assert not await is_fresh(browser)
    peer.claims["sub"] = "sub-1"
    begun = await browser.get("/account/opnieuw/organisatie", params=again)
    # Nobody is sent round and round.
    back = await browser.get(await visit(begun.headers["location"], papers))
    assert back.headers["location"] == "/account"
