"""The provider: description, keys, authorization and tokens."""

import hashlib
import ssl
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.web.server import WebServer

CLIENT, SECRET = "inbeeld", "een geheim van twintig tekens"


@dataclass
class ProviderPeer:
    """The provider. `claims` are added to every ID token, `without` left out; `lies` is a wrong key, its
    clock is `ahead` by so many seconds, and `meanwhile` happens before it answers with a token."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    description: dict[str, Any] = field(default_factory=dict)
    padding: int = 0
    ahead: int = 0
    meanwhile: Callable[[], object] = lambda: None
    lies: ECKey | None = None
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1"}))
    keys_given: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _describe(self, _: Request) -> Response:
        facts = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "padding": "x" * self.padding,
        }
        return JSONResponse(facts | self.description)

    async def _keys(self, _: Request) -> Response:
        self.keys_given += 1
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        given = dict(request.query_params)
        self.asked.append(given)
        code = f"code{len(self.codes)}"
        self.codes[code] = given
        back = urlencode({"code": code, "state": given["state"], "iss": self.issuer})
        return RedirectResponse(f"{given['redirect_uri']}?{back}", 303)

    def logout_token(self, **other: Any) -> str:
        """What is told where somebody logged out; a claim that is None is left out."""
        now = int(time.time()) + self.ahead
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 120,
            "jti": "j1",
            "sid": "sid-1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **other,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.lies or self.key
        header = {"alg": "ES256", "kid": key.kid, "typ": "logout+jwt"}
        return jwt.encode(header, claims, key, algorithms=["ES256"])

    async def _token(self, request: Request) -> Response:
        given = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        self.meanwhile()
        asked = self.codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        basic = request.headers.get("authorization", "").startswith("Basic ")
        if asked is None or asked["code_challenge"] != challenge or not basic:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time()) + self.ahead
        claims = {
            "iss": self.issuer,
            "sub": "sub-1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **({"auth_time": now} if "max_age" in asked else {}),
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if name not in self.without}
        key = self.lies or self.key
        token = jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})


@asynccontextmanager
async def provider(cert: Path, key: Path) -> AsyncIterator[ProviderPeer]:
    """A running provider on https://localhost with this certificate."""
    peer = ProviderPeer()
    server = WebServer(peer.app(), "127.0.0.1", 0, cert, key)
    peer.issuer = f"https://localhost:{(await server.start()).rpartition(':')[2]}"
    try:
        yield peer
    finally:
        await server.stop()


def trusting(ca: Path) -> ssl.SSLContext:
    """A context that trusts one authority."""
    return ssl.create_default_context(cafile=ca)
