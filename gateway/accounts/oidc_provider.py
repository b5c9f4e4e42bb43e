"""An OpenID provider (OpenID Connect Core 1.0), such as a municipality's own login: who came from there.

It promises that a login is bound to the browser that began it (state, nonce, PKCE), that only an ID token
which this provider signed for us counts, of somebody who logged in there a short while ago, that nothing of
it is read but who somebody is and how and when they proved it, and that it raises nothing but `ProviderError`
with a closed code.
"""

import asyncio
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError

from gateway.accounts.oidc_discovery import SECONDS, Discovery, ProviderError
from gateway.gate.choosing import login_of
from gateway.web.auth import Role

BACK = "/inloggen/organisatie/terug"
"""Where the provider sends people back to."""

ALGORITHMS = ["RS256", "PS256", "ES256"]
QUERY = 4_000
"""The longest query with which somebody comes back, in characters."""


LATELY = timedelta(minutes=10)
"""Whoever showed their factors at the provider longer ago is asked again there."""

LEEWAY = timedelta(minutes=1)
"""So far its clock and ours may be apart."""

SUBJECT = 255
"""The longest name that somebody has at a provider, in characters (Core 1.0, section 2)."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that began: where the browser goes, and what must come back with it."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class OidcPerson:
    """Who came: their lasting name at the provider, their address if the provider vouches for it, whether
    they showed two factors there, and when they logged in there."""

    subject: str
    login: str | None
    two_factors: bool
    at: datetime


class Provider:
    """One provider. `issuer` is its URL; `two_factors` are the values of `acr` or `amr` that stand for two
    factors, beside "mfa" (RFC 8176); `redirect_uri` is where it sends people back to. It vouches for
    medewerkers of these `organisations`, and for `beheerders` or not."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        two_factors: Collection[str],
        organisations: Collection[str],
        beheerders: bool,
        context: ssl.SSLContext,
        now: Callable[[], datetime],
    ) -> None:
        self._issuer, self._client_id, self._client_secret = issuer, client_id, client_secret
        self._redirect_uri, self._two_factors = redirect_uri, {"mfa", *two_factors}
        self._organisations, self._beheerders = organisations, beheerders
        self._discovery, self._now = Discovery(issuer=issuer, context=context, now=now), now

    def vouches_for(self, role: str, organisation_id: str | None) -> bool:
        """Whether somebody of this role and organisation may come in from there."""
        if role == Role.BEHEERDER:
            return self._beheerders
        return organisation_id in self._organisations

    async def begin(self, *, anew: bool = False) -> Begun:
        """Where to send a browser; `anew` asks also who logged in there just now. Raises `ProviderError`."""
        facts = (await self._discovery.told()).facts
        nonce, verifier = generate_token(32), generate_token(64)
        async with self._client() as client:
            url, state = client.create_authorization_url(
                facts["authorization_endpoint"],
                nonce=nonce,
                code_verifier=verifier,
                # With it a provider must tell when somebody logged in (Core 1.0, section 3.1.2.1).
                max_age=int(LATELY.total_seconds()),
                **({"prompt": "login"} if anew else {}),
            )
        return Begun(url, state, nonce, verifier)

    async def finish(self, query: str, begun: Begun) -> OidcPerson:
        """Who came back with this query; raises `ProviderError`."""
        if len(query) > QUERY:
            raise ProviderError("no_answer")
        given = {name: values[0] for name, values in parse_qs(query, max_num_fields=20).items()}
        if given.get("state") != begun.state:
            raise ProviderError("other_browser")
        # RFC 9207: an answer of another provider is not taken for ours.
        if given.get("iss", self._issuer) != self._issuer or "code" not in given:
            raise ProviderError("refused_there")
        facts = (await self._discovery.told()).facts
        answer = await self._exchange(facts["token_endpoint"], given["code"], begun.verifier)
        return await self._person(answer, begun.nonce)

    async def _exchange(self, endpoint: str, code: str, verifier: str) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(SECONDS), self._client() as client:
                found: Mapping[str, Any] = await client.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, code_verifier=verifier
                )
                return found
        except Exception:  # noqa: BLE001 - whatever its answer broke, its text is nothing for us
            raise ProviderError("no_token") from None

    async def _person(self, answer: Mapping[str, Any], nonce: str) -> OidcPerson:
        try:
            token = await self._opened(str(answer["id_token"]))
            claims = CodeIDToken(
                token.claims,
                token.header,
                {"iss": {"value": self._issuer}, "aud": {"value": self._client_id}},
                {"nonce": nonce, "client_id": self._client_id, "access_token": answer.get("access_token")},
            )
            now = self._now()
            claims.validate(now=int(now.timestamp()), leeway=int(LEEWAY.total_seconds()))
            person = self._read(claims)
        except ProviderError:
            raise
        except Exception:  # noqa: BLE001 - every way in which a token can be wrong ends the same
            raise ProviderError("wrong_token") from None
        # Not every provider heeds what it was asked.
        if not now - LATELY - LEEWAY <= person.at <= now + LEEWAY:
            raise ProviderError("not_lately")
        return replace(person, at=min(person.at, now))

    async def _opened(self, signed: str) -> jwt.Token:
        """An ID token with one of the provider's signatures."""
        try:
            return jwt.decode(signed, (await self._discovery.told()).keys, algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            # A provider changes its keys when it likes.
            return jwt.decode(signed, (await self._discovery.told_anew()).keys, algorithms=ALGORITHMS)

    def _read(self, claims: Mapping[str, Any]) -> OidcPerson:
        subject, email, amr = claims["sub"], claims.get("email"), claims.get("amr")
        if not isinstance(subject, str) or len(subject) > SUBJECT:
            raise ProviderError("wrong_token")
        vouched = claims.get("email_verified") is True and isinstance(email, str)
        shown = [claims.get("acr"), *(amr if isinstance(amr, list) else ())]
        return OidcPerson(
            # A subject is unique within its provider only (Core 1.0, section 5.7).
            f"{self._issuer}|{subject}",
            login_of(str(email)) if vouched else None,
            any(isinstance(each, str) and each in self._two_factors for each in shown),
            datetime.fromtimestamp(claims["auth_time"], UTC),
        )

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            scope="openid email",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            **self._discovery.options(),
        )
