"""Whose account a login at a provider opens: only one that is bound, or that an invitation makes."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pyotp
import pytest
from sqlmodel import Session
from starlette.requests import Request

from gateway.accounts import rows as accounts
from gateway.app import Gateway
from gateway.gate.passwords import Passwords
from gateway.store.pagetables import UserRow
from gateway.web import sessions
from gateway.web.auth import COOKIE
from tests.contract.accounts.test_elsewhere import (
    LOGIN,
    browser,
    events,
    gateway,
    invite,
    peer,
    there,
    users,
    walk,
)
from tests.peers.provider.desk import ProviderPeer

__all__ = ["browser", "gateway", "peer"]

PASSWORD = "vier paarden in het bad"
HASH = Passwords().hash(PASSWORD)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SCHOOR, HAVEN = "de-schoor", "wijkteam-haven"


def account(gateway: Gateway, login: str = LOGIN, organisation: str | None = None, **more: str) -> UserRow:
    """An account with a password and an app."""
    with gateway.store.write() as session:
        user = accounts.make(
            session,
            id_=accounts.new_id(),
            login=login,
            name="Noor Voorbeeld",
            role="medewerker" if organisation else "beheerder",
            organisation_id=organisation,
            now=datetime.now(UTC),
        )
        user.password_hash = HASH
        user.totp = gateway.web.secret.seal("totp", user.id, SECRET.encode())
        user.subject = more.get("subject")
        session.add(user)
    return user


async def set_up(browser: httpx2.AsyncClient, link: str) -> httpx2.Response:
    """Behind the link of an invitation: a password and an app."""
    choice = {"wachtwoord": PASSWORD, "nogmaals": PASSWORD}
    if (chosen := await browser.post(f"{link}/wachtwoord", data=choice)).status_code != 303:
        return chosen
    shown = re.search(r'id="sleutel">([^<]+)', (await browser.get(f"{link}/app")).text)
    assert shown
    code = pyotp.TOTP(shown[1].replace(" ", "")).now()
    return await browser.post(f"{link}/app", data={"code": code})


@pytest.mark.parametrize("organisation", [None, SCHOOR])
async def test_an_address_opens_nobodys_account(
    gateway: Gateway, browser: httpx2.AsyncClient, papers: Path, organisation: str | None
) -> None:
    account(gateway, organisation=organisation)
    refused = await walk(browser, papers)
    assert refused.status_code == 403
    assert LOGIN not in refused.text
    assert (await browser.get("/account")).headers["location"].startswith("/inloggen?")
    assert [user.subject for user in users(gateway)] == [None]
    assert events(gateway)[-1] == ("login.failed", {"code": "not_invited", "failures": 1, "method": "oidc"})


async def test_an_invitation_of_another_organisation_is_not_used_up(
    gateway: Gateway, browser: httpx2.AsyncClient, papers: Path
) -> None:
    link = invite(gateway, organisation=HAVEN)
    assert (await walk(browser, papers)).status_code == 403
    assert users(gateway) == []
    assert (await browser.get(link)).status_code == 200


async def test_a_medewerker_of_a_named_organisation_comes_in(
    gateway: Gateway, browser: httpx2.AsyncClient, papers: Path
) -> None:
    link = invite(gateway, organisation=SCHOOR)
    assert (await walk(browser, papers)).headers["location"] == "/postvak"
    assert [user.organisation_id for user in users(gateway)] == [SCHOOR]
    assert (await browser.get(link)).status_code == 404


@pytest.mark.parametrize("claims", [{"amr": ["mfa"]}, {}])
async def test_whom_the_provider_no_longer_vouches_for_is_out(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path, claims: dict[str, object]
) -> None:
    account(gateway, organisation=HAVEN, subject=f"{peer.issuer}|sub-1")
    peer.claims = claims
    assert (await walk(browser, papers)).status_code == 403
    told = {"code": "not_vouched_for", "failures": 1, "method": "oidc"}
    assert events(gateway)[-1] == ("login.failed", told)


async def test_failures_at_the_provider_are_one_event_a_minute(
    gateway: Gateway, browser: httpx2.AsyncClient
) -> None:
    for _ in range(5):
        assert (await browser.get("/inloggen/organisatie/terug")).status_code == 403
    told = {"code": "other_browser", "failures": 1, "method": "oidc"}
    assert events(gateway) == [("login.failed", told)]


async def test_of_two_invitations_the_one_counts_that_the_provider_vouches_for(
    gateway: Gateway, browser: httpx2.AsyncClient, papers: Path
) -> None:
    invite(gateway, organisation=SCHOOR)
    given = {"login": LOGIN, "name": "N", "role": "medewerker", "by": "user:m1"}
    gateway.web.people.invite(**given, organisation=HAVEN, colleague=True)
    assert (await walk(browser, papers)).headers["location"] == "/postvak"
    assert [user.organisation_id for user in users(gateway)] == [SCHOOR]


async def test_a_login_there_that_was_ended_here_is_none(
    gateway: Gateway, browser: httpx2.AsyncClient, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(gateway, subject=f"{gateway.settings.oidc.issuer}|sub-1")
    back, begin = await there(browser, papers), gateway.web.entrance.begin_in

    def later(session: Session, request: Request, *args: Any, **more: Any) -> Any:
        # Somebody was first with the same answer of the provider.
        assert sessions.end(session, sessions.digest(request.cookies[COOKIE]), datetime.now(UTC))
        return begin(session, request, *args, **more)

    monkeypatch.setattr(gateway.web.entrance, "begin_in", later)
    assert (await browser.get(back)).status_code == 401
    assert (await browser.get("/account")).status_code == 303


async def test_a_look_alike_address_uses_nobodys_invitation(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway, "kim@gemeente.example")
    peer.claims["email"] = "\N{KELVIN SIGN}im@gemeente.example"
    assert (await walk(browser, papers)).status_code == 403
    assert users(gateway) == []


async def test_one_factor_there_leaves_the_invitation_as_it_was(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    link = invite(gateway)
    del peer.claims["amr"]
    told = await walk(browser, papers)
    assert told.status_code == 403
    assert "link van uw uitnodiging" in told.text
    assert users(gateway) == []
    assert (await set_up(browser, link)).status_code == 303
    assert [(user.login, user.subject) for user in users(gateway)] == [(LOGIN, None)]


async def test_after_a_reset_only_the_link_opens_the_account(
    gateway: Gateway, browser: httpx2.AsyncClient, papers: Path
) -> None:
    invite(gateway)
    await walk(browser, papers)
    (user,) = users(gateway)
    link = f"/uitnodiging/{gateway.web.people.reset(user.id, 'test').rpartition('/')[2]}"
    told = await walk(browser, papers)
    assert told.status_code == 403
    assert "link van uw uitnodiging" in told.text
    assert [user.subject for user in users(gateway)] == [None]
    assert (await set_up(browser, link)).status_code == 303
    assert (await browser.get("/account")).status_code == 200
    browser.cookies.clear()
    assert (await walk(browser, papers)).status_code == 403


async def test_a_link_opens_no_account_that_has_a_way_in(
    gateway: Gateway, browser: httpx2.AsyncClient, papers: Path
) -> None:
    invite(gateway)
    await walk(browser, papers)
    (user,) = users(gateway)
    link = f"/uitnodiging/{gateway.web.people.reset(user.id, 'test').rpartition('/')[2]}"
    with gateway.store.write() as session:
        assert accounts.bind(session, user, "https://elders.example|sub-1")
    browser.cookies.clear()
    assert (await set_up(browser, link)).status_code == 404
    assert [user.password_hash for user in users(gateway)] == [None]
