"""An OpenID provider (OpenID Connect Core 1.0), such as a municipality's own login: who came from there, and
which role they have here by what it says of their groups.

It promises that a login is bound to the browser that began it (state, nonce, PKCE), that only an ID token
which this provider signed for us counts, of somebody who logged in there a short while ago, that nothing of
it is read but who somebody is, which role they have and how and when they proved it, that a log-out counts
only if this provider signed it for us just now, and that it raises nothing but `ProviderError` with a closed
code. Only a value which the configuration names stands for a role, and a list which the provider left out for
its length is never taken for an empty one.
"""

import asyncio
import json
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError

from gateway.accounts.oidc_discovery import SECONDS, Discovery, ProviderError
from gateway.gate.passwords import login_of, name_of
from gateway.web.auth import BEHEERDERS, Role

MOST = 1_000
"""So many values of the claim are looked at."""


@dataclass(frozen=True, slots=True)
class Post:
    """A role, and for a medewerker the organisation."""

    role: str
    organisation_id: str | None


class ClaimedRoles:
    """Reads one claim. `claim` is its name, or a path with dots, such as "realm_access.roles"; `values` are
    what it may hold, each with the organisation for which it stands, or "beheerders"."""

    def __init__(self, claim: str, values: Mapping[str, str]) -> None:
        self._claim = claim
        self._posts = {value: _post(name) for value, name in values.items()}

    def of(self, claims: Mapping[str, Any]) -> frozenset[Post] | None:
        """The posts of whoever has these claims; None where the configuration asks no claim. Raises
        `ProviderError`."""
        if not self._claim:
            return None
        left_out = claims.get("_claim_names")
        if isinstance(left_out, Mapping) and self._claim in left_out:
            # Core 1.0, section 5.6.2; Entra does so for whoever is in more than 200 groups.
            raise ProviderError("too_many_groups")
        found = _at(claims, self._claim)
        values = found if isinstance(found, list) else [found]
        if len(values) > MOST:
            raise ProviderError("too_many_groups")
        return frozenset(
            self._posts[each] for each in values if isinstance(each, str) and each in self._posts
        )


def _post(name: str) -> Post:
    return Post(Role.BEHEERDER, None) if name == BEHEERDERS else Post(Role.MEDEWERKER, name)


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """The value of a claim, or further down in one; names of claims may hold dots themselves."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

BACK = "/inloggen/organisatie/terug"
"""Where the provider sends people back to."""

ALGORITHMS = ["RS256", "PS256", "ES256"]
QUERY = 4_000
"""The longest query with which somebody comes back, in characters."""


LATELY = timedelta(minutes=10)
"""Whoever showed their factors at the provider longer ago is asked again there."""

LEEWAY = timedelta(minutes=1)
"""So far its clock and ours may be apart."""

LOGGED_OUT = "http://schemas.openid.net/event/backchannel-logout"
"""What a logout token is about (Back-Channel Logout 1.0, section 2.4)."""

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
    they showed two factors there, and when they logged in there.

    `posts` are the roles that the provider gives them, None where it is not asked; `session` is theirs there,
    and `token` what was signed of them.
    """

    subject: str
    login: str | None
    two_factors: bool
    at: datetime
    name: str | None = None
    posts: frozenset[Post] | None = None
    session: str | None = None
    token: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Somebody, or one session of theirs, that ended at the provider; at least one of the two is there."""

    subject: str | None
    session: str | None


class Provider:
    """One provider. `issuer` is its URL; `two_factors` are the values of `acr` or `amr` that stand for two
    factors, beside "mfa" (RFC 8176); `redirect_uri` is where it sends people back to. It vouches for
    medewerkers of these `organisations`, and for `beheerders` or not; `roles` reads which role it gives.
    With `creates` whoever it gives one gets an account. `context_class` is what Entra calls an authentication
    context, and is asked for; `scopes` are asked beside ours."""

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
        roles: ClaimedRoles | None = None,
        creates: bool = False,
        scopes: Collection[str] = (),
        context_class: str = "",
    ) -> None:
        self._issuer, self._client_id, self._client_secret = issuer, client_id, client_secret
        self._redirect_uri, self._asked = redirect_uri, tuple(two_factors)
        self._two_factors, self._context_class = {"mfa", *two_factors}, context_class
        self._roles, self.creates = roles or ClaimedRoles("", {}), creates
        self._scope = " ".join(
            dict.fromkeys(("openid", "email", *(("profile",) if creates else ()), *scopes))
        )
        self._organisations, self._beheerders = organisations, beheerders
        self._discovery, self._now = Discovery(issuer=issuer, context=context, now=now), now

    def vouches_for(self, role: str, organisation_id: str | None) -> bool:
        """Whether somebody of this role and organisation may come in from there."""
        if role == Role.BEHEERDER:
            return self._beheerders
        return organisation_id in self._organisations

    def check(self, person: OidcPerson, role: str, organisation_id: str | None) -> None:
        """Raises `ProviderError` where it vouches for no such account, or gave this person no such role."""
        if not self.vouches_for(role, organisation_id):
            raise ProviderError("not_vouched_for")
        if person.posts is not None and Post(role, organisation_id) not in person.posts:
            raise ProviderError("other_role" if person.posts else "no_role")

    def post_of(self, person: OidcPerson) -> Post | None:
        """The one role that it gives somebody, of those for which it vouches; raises `ProviderError`."""
        found = [each for each in person.posts or () if self.vouches_for(each.role, each.organisation_id)]
        if len(found) > 1:
            raise ProviderError("several_roles")
        return found[0] if found else None

    async def begin(self, *, anew: bool = False) -> Begun:
        """Where to send a browser; `anew` asks also who logged in there just now. Raises `ProviderError`."""
        facts = (await self._discovery.told()).facts
        # Here and below: it is a hundred modules, of which a gateway without a provider needs none.
        from authlib.common.security import generate_token

        nonce, verifier = generate_token(32), generate_token(64)
        async with self._client() as client:
            url, state = client.create_authorization_url(
                facts["authorization_endpoint"],
                nonce=nonce,
                code_verifier=verifier,
                # With it a provider must tell when somebody logged in (Core 1.0, section 3.1.2.1).
                max_age=int(LATELY.total_seconds()),
                **({"prompt": "login"} if anew else {}),
                **({"acr_values": " ".join(self._asked)} if self._asked else {}),
                **({"claims": _essential("acrs", self._context_class)} if self._context_class else {}),
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

    async def farewell(self, token: str, back: str) -> str | None:
        """Where a browser logs out at the provider (RP-Initiated Logout 1.0); None where it can't. `token` is
        what was signed of the person, `back` where the browser comes back to."""
        end = (await self._discovery.told()).facts.get("end_session_endpoint")
        if not isinstance(end, str) or not end.startswith("https://"):
            return None
        asked = {"client_id": self._client_id, "post_logout_redirect_uri": back}
        joint = "&" if "?" in end else "?"
        return f"{end}{joint}{urlencode(asked | ({'id_token_hint': token} if token else {}))}"

    async def logged_out(self, token: str) -> LoggedOut:
        """Who was logged out there (Back-Channel Logout 1.0, section 2.6); raises `ProviderError`."""
        now = self._now()
        try:
            found = await self._opened(token)
            claims = found.claims
            audience, events, at = claims["aud"], claims["events"], datetime.fromtimestamp(claims["iat"], UTC)
            good = (
                claims["iss"] == self._issuer
                and self._client_id in (audience if isinstance(audience, list) else [audience])
                and isinstance(events[LOGGED_OUT], dict)
                # An ID token has a nonce: it must never pass for one of these.
                and "nonce" not in claims
                and str(found.header.get("typ", "logout+jwt")).lower() in ("logout+jwt", "jwt")
                and isinstance(claims["jti"], str)
                and now - LATELY - LEEWAY <= at <= now + LEEWAY
                and ("exp" not in claims or datetime.fromtimestamp(claims["exp"], UTC) > now - LEEWAY)
            )
            subject, session = claims.get("sub"), claims.get("sid")
            names = [each for each in (subject, session) if each is not None]
            if not good or not names or not all(isinstance(each, str) and each for each in names):
                raise ProviderError("wrong_token")
        except ProviderError:
            raise
        except Exception:  # noqa: BLE001 - every way in which a token can be wrong ends the same
            raise ProviderError("wrong_token") from None
        return LoggedOut(self._named(subject) if subject else None, self._named(session) if session else None)

    def left(self, issuer: str, session: str) -> LoggedOut:
        """Which session the provider says by way of the browser to have ended (Front-Channel Logout 1.0,
        section 3); raises `ProviderError`. Nothing is signed: whoever knows the session's name may end it."""
        if issuer != self._issuer or not 0 < len(session) <= SUBJECT:
            raise ProviderError("wrong_token")
        return LoggedOut(None, self._named(session))

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
        from authlib.oidc.core import CodeIDToken

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
            person = replace(person, token=str(answer["id_token"]))
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
        # Entra says it in a claim of its own, as true or 1; what else it tells of an address anybody can set.
        checked = claims.get("email_verified") is True or claims.get("xms_edov") in (True, "1", "true")
        shown = [claims.get("acr"), *(amr if isinstance(amr, list) else ())]
        acrs, name, session = claims.get("acrs"), claims.get("name"), claims.get("sid")
        in_context = isinstance(acrs, list) and bool(self._context_class) and self._context_class in acrs
        return OidcPerson(
            subject=self._named(subject),
            login=login_of(email) if checked and isinstance(email, str) else None,
            two_factors=in_context
            or any(isinstance(each, str) and each in self._two_factors for each in shown),
            at=datetime.fromtimestamp(claims["auth_time"], UTC),
            name=name_of(name[: 4 * SUBJECT]) if isinstance(name, str) else None,
            posts=self._roles.of(claims),
            session=self._named(session) if isinstance(session, str) and session else None,
        )

    def _named(self, name: str) -> str:
        """A subject or session is unique within its provider only (Core 1.0, section 5.7)."""
        return f"{self._issuer}|{name}"

    def _client(self) -> "AsyncOAuth2Client":
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            scope=self._scope,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            **self._discovery.options(),
        )


def _essential(claim: str, value: str) -> str:
    """A claim of the ID token that must have this value (Core 1.0, section 5.5)."""
    return json.dumps({"id_token": {claim: {"essential": True, "value": value}}})
