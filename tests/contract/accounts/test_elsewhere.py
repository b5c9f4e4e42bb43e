"""Logging in with an account of elsewhere: from our login page to a real provider, and back."""

import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from sqlmodel import select

from gateway.accounts import rows as accounts
from gateway.app import Gateway
from gateway.log import Log
from gateway.store.migrate import migrate
from gateway.store.pagetables import UserRow
from gateway.store.tables import EventRow
from gateway.web.app import web
from tests.peers.provider.desk import SECRET, ProviderPeer, provider, trusting
from tests.story.place import Place

BASE = "https://handover.example"
LOGIN = "noor@gemeente.example"
HTML = {"Accept": "text/html"}


@pytest.fixture
async def peer(papers: Path) -> AsyncIterator[ProviderPeer]:
    async with provider(papers / "cert.pem", papers / "key.pem") as running:
        running.claims = {"email": LOGIN, "email_verified": True, "amr": ["mfa"]}
        yield running


@pytest.fixture
async def gateway(
    place: Place, peer: ProviderPeer, papers: Path, told: io.StringIO
) -> AsyncIterator[Gateway]:
    """A gateway that takes logins of the provider; whatever a test does, it logs nobody's address."""
    place.replace("inbeeld.toml", 'public_url = ""', f'public_url = "{BASE}"')
    place.replace("inbeeld.toml", 'issuer = ""', f'issuer = "{peer.issuer}"')
    place.replace("inbeeld.toml", 'client_id = ""', 'client_id = "inbeeld"')
    place.replace("inbeeld.toml", '# client_secret_file = "keys/oidc', 'client_secret_file = "keys/oidc')
    place.replace("inbeeld.toml", 'calls it.\nname = ""', 'calls it.\nname = "Gemeente <Voorbeeld>"')
    place.replace("inbeeld.toml", "organisations = []", 'organisations = ["de-schoor"]')
    place.replace("inbeeld.toml", "beheerders = false", "beheerders = true")
    place.replace("inbeeld.toml", "two_factors = []", 'two_factors = []\nca_file = "ca.pem"')
    (place.directory / "ca.pem").write_bytes((papers / "ca.pem").read_bytes())
    secret = place.directory / "keys" / "oidc-secret"
    secret.touch(mode=0o600)
    secret.write_text(SECRET)
    made = Gateway.at(place.directory, log=Log(told))
    made.base.wall = lambda: datetime.now(UTC) + timedelta(seconds=peer.ahead)
    migrate(made.store)
    yield made
    await made.close()
    for address in ("@gemeente.example", "sub-1"):
        assert address not in told.getvalue()


@pytest.fixture
async def browser(gateway: Gateway) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(web(gateway.web.routes(), gateway.base.log, gateway.web.pages))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, headers=HTML) as client:
        yield client


def invite(gateway: Gateway, login: str = LOGIN, organisation: str | None = None) -> str:
    """Invite a beheerder, or a medewerker; gives the path of the link."""
    role = "medewerker" if organisation else "beheerder"
    given: dict[str, Any] = {
        "login": login,
        "name": "Noor Voorbeeld",
        "role": role,
        "organisation": organisation,
    }
    return f"/uitnodiging/{gateway.web.people.invite(**given, by='test').rpartition('/')[2]}"


def users(gateway: Gateway) -> list[UserRow]:
    with gateway.store.read() as session:
        return list(session.exec(select(UserRow)))


def events(gateway: Gateway) -> list[tuple[str, dict[str, str]]]:
    with gateway.store.read() as session:
        return [(row.kind, json.loads(row.data)) for row in session.exec(select(EventRow))]


async def there(browser: httpx2.AsyncClient, papers: Path, wanted: str = "") -> str:
    """From our login to the provider; gives the address with which it sends the browser back."""
    begun = await browser.get("/inloggen/organisatie", params={"naar": wanted})
    assert begun.status_code == 303
    return await visit(begun.headers["location"], papers)


async def visit(url: str, papers: Path) -> str:
    """Log in at the provider; gives the address with which it sends the browser back."""
    async with httpx2.AsyncClient(verify=trusting(papers / "ca.pem"), trust_env=False) as outside:
        return str((await outside.get(url)).headers["location"])


async def walk(browser: httpx2.AsyncClient, papers: Path, wanted: str = "") -> httpx2.Response:
    return await browser.get(await there(browser, papers, wanted))


async def test_the_login_page_offers_it_by_name(browser: httpx2.AsyncClient) -> None:
    shown = await browser.get("/inloggen")
    assert "Inloggen via Gemeente &lt;Voorbeeld&gt;" in shown.text


async def test_who_was_invited_comes_in_and_stays_the_same_person(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway)
    first = await walk(browser, papers, "/account")
    assert (first.status_code, first.headers["location"]) == (303, "/account")
    assert (await browser.get("/account")).status_code == 200
    (user,) = users(gateway)
    assert (user.login, user.role, user.subject) == (LOGIN, "beheerder", f"{peer.issuer}|sub-1")
    kinds = [kind for kind, _ in events(gateway)]
    assert [kind for kind in kinds if kind.startswith(("account.", "login."))] == [
        "account.invited",
        "account.enrolled",
        "account.bound",
        "login.succeeded",
    ]
    # A new address at the provider changes nothing: the subject is who they are.
    peer.claims = {"email": "nieuw@gemeente.example", "email_verified": True, "amr": ["mfa"]}
    browser.cookies.clear()
    again = await walk(browser, papers)
    assert again.headers["location"] == "/bord"
    assert len(users(gateway)) == 1


async def test_nobody_comes_in_uninvited(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path, told: io.StringIO
) -> None:
    refused = await walk(browser, papers)
    assert refused.status_code == 403
    assert "not_invited" in told.getvalue()
    assert "uitnodiging" in refused.text
    assert LOGIN not in refused.text
    assert users(gateway) == []
    assert events(gateway)[-1] == (
        "login.failed",
        {"code": "not_invited", "failures": 1, "method": "oidc"},
    )
    # Nor does an invited address that the provider does not vouch for.
    invite(gateway)
    peer.claims = {"email": LOGIN, "email_verified": False, "amr": ["mfa"]}
    assert (await walk(browser, papers)).status_code == 403
    assert users(gateway) == []


async def test_another_person_with_the_same_address_is_not_let_in(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway)
    assert (await walk(browser, papers)).status_code == 303
    browser.cookies.clear()
    peer.claims |= {"sub": "sub-2"}
    assert (await walk(browser, papers)).status_code == 403


async def test_one_factor_there_asks_ours(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway)
    await walk(browser, papers)
    browser.cookies.clear()
    peer.claims = {"email": LOGIN, "email_verified": True}
    refused = await walk(browser, papers)
    assert refused.status_code == 403
    assert "twee stappen" in refused.text
    (user,) = users(gateway)
    with gateway.store.write() as session:
        row = accounts.find(session, user.id)
        assert row is not None
        row.totp = gateway.web.secret.seal("totp", user.id, b"JBSWY3DPEHPK3PXP")
        session.add(row)
    asked = await walk(browser, papers)
    assert asked.headers["location"] == "/inloggen/code"
    assert (await browser.get("/account")).headers["location"].startswith("/inloggen?")


async def test_an_answer_counts_in_the_browser_that_asked_and_once(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer, papers: Path
) -> None:
    invite(gateway)
    back = await there(browser, papers)
    cookie = dict(browser.cookies)
    browser.cookies.clear()
    assert (await browser.get(back)).status_code == 403
    assert (await browser.get(f"{urlsplit(back).path}?{'x' * 5_000}")).status_code == 403
    browser.cookies.update(cookie)
    assert (await browser.get(back)).status_code == 303
    assert (await browser.get(back)).status_code == 403


async def test_a_provider_that_is_away_is_told(
    gateway: Gateway, browser: httpx2.AsyncClient, peer: ProviderPeer
) -> None:
    peer.description = {"issuer": "https://elders.example"}
    assert (await browser.get("/inloggen/organisatie")).status_code == 403
    peer.description, peer.padding = {}, 1_000_000
    away = await browser.get("/inloggen/organisatie")
    assert away.status_code == 503
    assert "niet bereikbaar" in away.text


async def test_a_link_of_another_site_ends_nobodys_session(
    gateway: Gateway, browser: httpx2.AsyncClient, papers: Path
) -> None:
    invite(gateway)
    await walk(browser, papers)
    # Links of other sites bring the cookie along: nothing that a link leads to may end what it stands for.
    begun = await browser.get("/inloggen/organisatie", params={"naar": "/account"})
    assert begun.headers["location"] == "/account"
    assert (await browser.get("/inloggen/organisatie/terug", params={"state": "x"})).status_code == 403
    assert (await browser.get("/account")).status_code == 200
