"""The OpenID provider's client: who really came from there, and every way in which they did not."""

import ssl
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from joserfc.jwk import ECKey

from gateway.accounts.oidc_discovery import ANSWER, ProviderError
from gateway.accounts.oidc_provider import Begun, OidcPerson, Provider
from tests.peers.provider.desk import CLIENT, SECRET, ProviderPeer, provider, trusting

BACK = "https://handover.example/inloggen/organisatie/terug"


@pytest.fixture
async def peer(papers: Path) -> AsyncIterator[ProviderPeer]:
    async with provider(papers / "cert.pem", papers / "key.pem") as running:
        yield running


@pytest.fixture
def client(peer: ProviderPeer, papers: Path) -> Provider:
    return made(peer, papers)


def made(peer: ProviderPeer, papers: Path, **other: Any) -> Provider:
    values: dict[str, Any] = {
        "issuer": peer.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uri": BACK,
        "two_factors": ["urn:sterk"],
        "organisations": ["de-schoor"],
        "beheerders": False,
        "context": trusting(papers / "ca.pem"),
        "now": lambda: datetime.now(UTC),
    }
    return Provider(**values | other)


async def visit(begun: Begun, papers: Path) -> str:
    """The query with which a browser comes back."""
    async with httpx2.AsyncClient(verify=trusting(papers / "ca.pem"), trust_env=False) as browser:
        answer = await browser.get(begun.url)
    return urlsplit(answer.headers["location"]).query


async def walk(client: Provider, papers: Path) -> OidcPerson:
    begun = await client.begin()
    return await client.finish(await visit(begun, papers), begun)


async def test_who_came_is_who_the_provider_says(peer: ProviderPeer, client: Provider, papers: Path) -> None:
    peer.claims = {"email": "Noor@Gemeente.example", "email_verified": True, "amr": ["pwd", "mfa"]}
    came = await walk(client, papers)
    assert came == OidcPerson(f"{peer.issuer}|sub-1", "noor@gemeente.example", True, came.at)
    asked = peer.asked[0]
    assert asked["max_age"] == "600"
    assert "prompt" not in asked
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == BACK
    assert asked["scope"] == "openid email"


@pytest.mark.parametrize(
    ("claims", "two"),
    [
        ({"amr": ["pwd"]}, False),
        ({}, False),
        ({"acr": "urn:sterk"}, True),
        ({"acr": "urn:zwak"}, False),
        ({"amr": [["mfa"], 7, "hwk"]}, False),
        ({"amr": [["pwd"], "mfa"]}, True),
        ({"acr": ["urn:sterk"]}, False),
        ({"acr": {"mfa": 1}, "amr": ["mfa"]}, True),
    ],
)
async def test_two_factors_are_what_was_agreed(
    peer: ProviderPeer, client: Provider, papers: Path, claims: dict[str, Any], two: bool
) -> None:
    peer.claims = claims
    assert (await walk(client, papers)).two_factors is two


@pytest.mark.parametrize("verified", [False, "true", None])
async def test_an_address_nobody_vouches_for_is_no_login(
    peer: ProviderPeer, client: Provider, papers: Path, verified: Any
) -> None:
    peer.claims = {"email": "noor@gemeente.example", "email_verified": verified}
    assert (await walk(client, papers)).login is None


@pytest.mark.parametrize("odd", ["\N{KELVIN SIGN}im@gemeente.example", "kim", 7, ["kim@gemeente.example"]])
async def test_an_address_that_is_no_login_is_none(
    peer: ProviderPeer, client: Provider, papers: Path, odd: Any
) -> None:
    # Small letters of the first would be somebody else's address.
    peer.claims = {"email": odd, "email_verified": True}
    assert (await walk(client, papers)).login is None


def test_a_provider_vouches_for_whom_it_was_told_to(peer: ProviderPeer, papers: Path) -> None:
    client = made(peer, papers)
    assert client.vouches_for("medewerker", "de-schoor")
    assert not client.vouches_for("medewerker", "wijkteam-haven")
    assert not client.vouches_for("medewerker", None)
    assert not client.vouches_for("beheerder", None)
    other = made(peer, papers, organisations=[], beheerders=True)
    assert other.vouches_for("beheerder", None)
    assert not other.vouches_for("medewerker", "de-schoor")
    assert not other.vouches_for("medewerker", None)


WRONG: dict[str, Callable[[ProviderPeer], None]] = {
    "of another provider": lambda peer: peer.claims.update(iss="https://elders.example"),
    "for somebody else": lambda peer: peer.claims.update(aud="ander"),
    "for many, not authorised": lambda peer: peer.claims.update(aud=[CLIENT, "ander"]),
    "of another login": lambda peer: peer.claims.update(nonce="oud"),
    "without nonce": lambda peer: peer.without.add("nonce"),
    "without subject": lambda peer: peer.without.add("sub"),
    "with an endless subject": lambda peer: peer.claims.update(sub="x" * 256),
    "without when": lambda peer: peer.without.add("auth_time"),
    "with a word for when": lambda peer: peer.claims.update(auth_time="zojuist"),
    "without end": lambda peer: peer.without.add("exp"),
    "expired": lambda peer: peer.claims.update(exp=int(time.time()) - 3600),
    "signed by another": lambda peer: setattr(peer, "lies", ECKey.generate_key("P-256", {"kid": "k1"})),
}


@pytest.mark.parametrize("lie", WRONG)
async def test_a_wrong_token_is_refused(peer: ProviderPeer, client: Provider, papers: Path, lie: str) -> None:
    WRONG[lie](peer)
    with pytest.raises(ProviderError) as told:
        await walk(client, papers)
    assert told.value.code == "wrong_token"


async def test_another_browser_and_another_provider_are_refused(
    peer: ProviderPeer, client: Provider, papers: Path
) -> None:
    begun = await client.begin()
    query = await visit(begun, papers)
    other = await client.begin()
    for answer, code in (
        (query, "other_browser"),
        (f"state={other.state}&error=access_denied", "refused_there"),
        (f"state={other.state}&code=x&iss=https://elders.example", "refused_there"),
        (f"state={other.state}&code=geraden", "no_token"),
        ("x" * 5_000, "no_answer"),
        ("", "other_browser"),
    ):
        with pytest.raises(ProviderError) as told:
            await client.finish(answer, other)
        assert told.value.code == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(-9 * 3600, "not_lately"), (-700, "not_lately"), (-590, ""), (30, ""), (700, "not_lately")],
)
async def test_factors_count_for_a_short_while(
    peer: ProviderPeer, papers: Path, seconds: int, code: str
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    client = made(peer, papers, now=lambda: now)
    peer.claims["auth_time"] = int(now.timestamp()) + seconds
    if code:
        with pytest.raises(ProviderError, match=code):
            await walk(client, papers)
    else:
        # Nobody is fresher than now.
        assert (await walk(client, papers)).at == now + timedelta(seconds=min(seconds, 0))


async def test_who_is_asked_anew_logs_in_there_again(
    peer: ProviderPeer, client: Provider, papers: Path
) -> None:
    await visit(await client.begin(anew=True), papers)
    assert peer.asked[0]["prompt"] == "login"


async def test_a_new_key_of_the_provider_is_fetched(
    peer: ProviderPeer, client: Provider, papers: Path
) -> None:
    await walk(client, papers)
    peer.key = ECKey.generate_key("P-256", {"kid": "k2"})
    await walk(client, papers)
    assert peer.keys_given == 2


async def test_a_key_that_nobody_knows_is_looked_for_once_a_minute(peer: ProviderPeer, papers: Path) -> None:
    now = datetime.now(UTC)
    client = made(peer, papers, now=lambda: now)
    peer.lies = ECKey.generate_key("P-256", {"kid": "k9"})
    for later, given in ((0, 2), (0, 2), (59, 2), (1, 3), (0, 3)):
        now += timedelta(seconds=later)
        with pytest.raises(ProviderError, match="wrong_token"):
            await walk(client, papers)
        assert peer.keys_given == given


async def test_a_code_counts_once(peer: ProviderPeer, client: Provider, papers: Path) -> None:
    begun = await client.begin()
    query = await visit(begun, papers)
    await client.finish(query, begun)
    with pytest.raises(ProviderError, match="no_token"):
        await client.finish(query, begun)


@pytest.mark.parametrize(
    ("description", "padding", "code"),
    [
        ({"issuer": "https://elders.example"}, 0, "other_provider"),
        ({"token_endpoint": "http://localhost/token"}, 0, "other_provider"),
        ({"jwks_uri": None}, 0, "other_provider"),
        ({"authorization_endpoint": 7}, 0, "other_provider"),
        ({}, ANSWER, "away"),
    ],
)
async def test_a_wrong_description_is_not_believed(
    peer: ProviderPeer, client: Provider, description: dict[str, Any], padding: int, code: str
) -> None:
    peer.description, peer.padding = description, padding
    with pytest.raises(ProviderError) as told:
        await client.begin()
    assert told.value.code == code


async def test_a_provider_with_another_certificate_is_away(peer: ProviderPeer, papers: Path) -> None:
    with pytest.raises(ProviderError, match="away"):
        await made(peer, papers, context=ssl.create_default_context()).begin()
