"""A provider that others made, with the claims of Entra ID and of Keycloak: in by role, and out both ways."""

import asyncio
import io
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from sqlmodel import select

from gateway.accounts import oidc_discovery, oidc_provider
from gateway.app import Gateway
from gateway.log import Log
from gateway.store.migrate import migrate
from gateway.store.pagetables import SessionRow, UserRow
from gateway.web.app import web
from tests.patience import PATIENCE_S
from tests.peers.openidprovider import ENTRA, KEYCLOAK, SECRET, running
from tests.peers.provider.desk import trusting
from tests.story.place import Place

HTML = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no provider that is away."""
    for module in (oidc_discovery, oidc_provider):
        monkeypatch.setattr(module, "SECONDS", PATIENCE_S)


@asynccontextmanager
async def house(
    place: Place, papers: Path, claims: Mapping[str, Any], oidc: Mapping[str, str]
) -> AsyncIterator[tuple[Gateway, httpx2.AsyncClient, str]]:
    """A gateway on a real port that takes logins of such a provider, and a browser that trusts both."""
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"https://localhost:{listener.getsockname()[1]}"
    with closing(listener), running(papers, base, claims) as issuer:
        secret = place.directory / "keys" / "oidc-secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET)
        place.replace("inbeeld.toml", 'public_url = ""', f'public_url = "{base}"')
        place.replace("inbeeld.toml", 'issuer = ""', f'issuer = "{issuer}"')
        place.replace("inbeeld.toml", 'client_id = ""', 'client_id = "inbeeld"')
        place.replace("inbeeld.toml", '# client_secret_file = "keys/oidc', 'client_secret_file = "keys/oidc')
        place.replace("inbeeld.toml", 'calls it.\nname = ""', 'calls it.\nname = "Gemeente Voorbeeld"')
        place.replace("inbeeld.toml", "organisations = []", 'organisations = ["de-schoor"]')
        place.replace("inbeeld.toml", '# ca_file = "keys/oidc-ca.pem"', f'ca_file = "{papers / "ca.pem"}"')
        for before, after in oidc.items():
            place.replace("inbeeld.toml", before, after)
        gateway = Gateway.at(place.directory, log=Log(io.StringIO()))
        gateway.base.wall = lambda: datetime.now(UTC)
        migrate(gateway.store)
        app = web(gateway.web.routes(), gateway.base.log, gateway.web.pages)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                ssl_certfile=papers / "cert.pem",
                ssl_keyfile=papers / "key.pem",
                log_config=None,
                lifespan="off",
                ws="none",
            )
        )
        task = asyncio.create_task(server._serve(sockets=[listener]))
        try:
            async with httpx2.AsyncClient(
                verify=trusting(papers / "ca.pem"),
                base_url=base,
                trust_env=False,
                headers=HTML,
                timeout=PATIENCE_S,
            ) as browser:
                yield gateway, browser, issuer
        finally:
            server.should_exit = True
            await task
            await gateway.close()


async def come_in(browser: httpx2.AsyncClient) -> httpx2.Response:
    """From our login page to the provider and back, as a browser goes."""
    return await browser.get("/inloggen/organisatie", follow_redirects=True)


async def confirm(browser: httpx2.AsyncClient, asked: httpx2.Response) -> httpx2.Response:
    """Say yes on the provider's page that asks whether one wants to log out."""
    (action,) = re.findall(r'action="([^"]+)"', asked.text)
    (xsrf,) = re.findall(r'name="xsrf" value="([^"]+)"', asked.text)
    return await browser.post(action, data={"xsrf": xsrf, "logout": "yes"}, follow_redirects=True)


def rows(gateway: Gateway) -> tuple[list[UserRow], list[SessionRow]]:
    with gateway.store.read() as session:
        return list(session.exec(select(UserRow))), list(session.exec(select(SessionRow)))


async def test_keycloak_gives_a_role_makes_the_account_and_logs_out(place: Place, papers: Path) -> None:
    oidc = {
        "two_factors = []": 'two_factors = ["2"]',
        'role_claim = ""': 'role_claim = "realm_access.roles"',
        "roles = {}": 'roles = { "inbeeld-medewerker" = "de-schoor" }',
        "create = false": "create = true",
    }
    async with house(place, papers, KEYCLOAK, oidc) as (gateway, browser, issuer):
        inside = await come_in(browser)
        assert inside.status_code == 200, inside.text
        assert inside.url.path == "/postvak"
        ((user,), _) = rows(gateway)
        assert (user.login, user.name, user.role) == (
            "noor@gemeente.example",
            "Noor Voorbeeld",
            "medewerker",
        )
        assert (user.organisation_id, user.subject) == ("de-schoor", f"{issuer}|noor")
        # What the provider signed lies sealed.
        assert not [row for row in rows(gateway)[1] if "gemeente" in row.data or "eyJ" in row.data]

        # Out there, and out here with it: the provider tells us behind the browser's back.
        gone = await confirm(browser, await browser.get(f"{issuer}/session/end"))
        assert gone.status_code == 200
        assert (await browser.get("/postvak")).status_code == 303

        # Out here, and then there.
        assert (await come_in(browser)).url.path == "/postvak"
        left = await browser.post("/uitloggen")
        assert "Ook uitloggen bij Gemeente Voorbeeld" in left.text
        assert (await browser.get("/postvak")).status_code == 303
        (link,) = re.findall(r'href="(https://[^"]+)"', left.text)
        back = await confirm(browser, await browser.get(unescape(link)))
        assert (str(back.url), back.status_code) == (f"{browser.base_url}/inloggen", 200)


async def test_entra_tells_two_factors_and_an_owned_address_in_its_own_claims(
    place: Place, papers: Path
) -> None:
    oidc = {
        'authentication_context = ""': 'authentication_context = "c1"',
        'role_claim = ""': 'role_claim = "groups"',
        "roles = {}": f'roles = {{ "{ENTRA["groups"][1]}" = "de-schoor" }}',
        "create = false": "create = true",
    }
    async with house(place, papers, ENTRA, oidc) as (gateway, browser, _):
        inside = await come_in(browser)
        assert inside.url.path == "/postvak"
        ((user,), _) = rows(gateway)
        assert (user.login, user.organisation_id) == ("noor@gemeente.example", "de-schoor")
