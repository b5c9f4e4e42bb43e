"""Who is asking: an organisation, by its bearer token (RFC 6750) or its pinned client certificate.

It promises that nobody is told why they were not recognised, that a token opens only what it was made for and
a certificate only the API, and that nobody asks more often than was agreed.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from starlette.requests import Request

from gateway.log import Log
from gateway.store import tokens
from gateway.store.engine import Store
from gateway.store.tokens import TokenOwner
from gateway.web import problems
from gateway.web.problems import Problem
from gateway.web.rate import Rate

FAILURES_PER_MINUTE = 30
"""How often one address may fail before it is only told to wait."""

API, SCIM = "api", "scim"
"""What a token opens: the API with the FHIR face, or the accounts of its organisation."""

CERTIFICATE = "client_certificate"
"""Where the connection's state holds the SHA-256 fingerprint of the client's certificate."""


class Access:
    """Recognises organisations. `certificates` maps SHA-256 fingerprints (hex) to organisations."""

    def __init__(
        self,
        *,
        store: Store,
        organisations: Collection[str],
        certificates: Mapping[str, str],
        per_minute: int,
        now: Callable[[], datetime],
        log: Log,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._organisations, self._certificates = store, organisations, certificates
        self._now, self._log, self._tick = now, log, tick
        self._rate, self._failures = Rate(per_minute), Rate(FAILURES_PER_MINUTE)

    async def organisation(self, request: Request, scope: str = API) -> str:
        """The organisation that asks for this; raises `Problem`."""
        found = await self._found(request, scope)
        if found is None:
            address = request.client.host if request.client else ""
            if wait := self._failures.wait(address, self._tick()):
                self._log.web_refused("failures")
                raise Problem(problems.TOO_OFTEN, headers={"Retry-After": str(wait)})
            self._log.web_refused("unknown")
            raise Problem(problems.NOT_SIGNED_IN, headers={"WWW-Authenticate": "Bearer"})
        organisation, credential = found
        if wait := self._rate.wait(credential, self._tick()):
            self._log.web_refused("rate")
            raise Problem(problems.TOO_OFTEN, headers={"Retry-After": str(wait)})
        return organisation

    async def _found(self, request: Request, scope: str) -> tuple[str, str] | None:
        """The organisation with what it showed; a token goes before a certificate."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind:
            bearer = kind.lower() == "bearer"
            found = await self._of_token(token.strip(), scope) if bearer else None
        else:
            fingerprint = request.scope.get("state", {}).get(CERTIFICATE, "")
            owner = self._certificates.get(fingerprint) if scope == API else None
            found = (owner, fingerprint) if owner else None
        return found if found and found[0] in self._organisations else None

    async def _of_token(self, token: str, scope: str) -> tuple[str, str] | None:
        now = self._now()
        # A row of a file is found sooner than a thread is asked to find it, and waits for no writer.
        row = self._owner(token) if self._store.sqlite else await asyncio.to_thread(self._owner, token)
        if row is None or row.scope != scope:
            return None
        if tokens.is_stale(row, now):
            await asyncio.to_thread(self._used, row, now)
        return row.organisation_id, row.id

    def _owner(self, token: str) -> TokenOwner | None:
        with self._store.engine.connect() as connection:
            return tokens.owner(connection, token)

    def _used(self, row: TokenOwner, now: datetime) -> None:
        with self._store.write() as session:
            tokens.used(session, row, now)
