"""Delivery as FHIR R4: one transaction with a ServiceRequest and a Task, and the Task's status as the answer.

It promises that all person data is in a JWE for the receiver's key (`adapters.fhirtask` says where), unless
the receiver asked for resources in clear and both sides show a certificate (`adapters.inclear`); that the
same delivery makes one Task however often it is tried, that no answer leads us elsewhere, and that what comes
back is read within limits. The receiver is known by its certificate, we by ours or by a token.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

import httpx2
from pydantic import Field, model_validator

from adapters import base
from adapters.base import Context, Parcel, Receipt, utc_now
from adapters.fhirtask import CATEGORY, CODE, DELIVERY, SERVICE, NoTask, bundle, told_by
from adapters.hosts import Https
from adapters.httpspeer import HttpReason, HttpsPeer
from adapters.inclear import IN_CLEAR, ClearOptions, InClear
from adapters.told import Polled, ToldBack
from adapters.trust import Pin

WORD = "fhir"
FHIR_JSON = "application/fhir+json"
ANSWER_LIMIT = 1024 * 1024
MOST_PAGES = 20
_LOCATION = re.compile(r"(?:.*/)?(Task/[A-Za-z0-9.-]{1,64})(?:/_history/.*)?")


class FhirOptions(ClearOptions):
    """Files are named from the working directory. Either `client_cert` and `client_key` say who we are, or
    the token in `token_file`, or both."""

    url: Https = Field(description="Write the base address of the receiver's FHIR server")
    ca_file: Path | None = Field(
        None, description="Name the PEM file of the authority that issued its certificate"
    )
    client_cert: Path | None = Field(None, description="Name the PEM file of the certificate that we show")
    client_key: Path | None = Field(None, description="Name the PEM file of its private key (mode 0600)")
    pin: Pin | None = Field(None, description="Write the SHA-256 of its certificate, or leave it out")
    token_file: Path | None = Field(None, description="Name the file with our bearer token (mode 0600)")
    service: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        SERVICE, description="Write what is asked for, in the words of ServiceRequest.code"
    )
    code: Annotated[str, Field(pattern=r"^(https?://[!-{}~]{1,200}\|[!-{}~]{1,64}|)$")] = Field(
        CODE, description='Write its code as system|code, or "" for none'
    )
    category: Annotated[str, Field(pattern=r"^[a-z-]{0,64}$")] = Field(
        CATEGORY, description='Write its category of Gravity, or "" for none'
    )
    timeout: Annotated[float, Field(gt=0, le=60)] = Field(20.0, description="Use at most 60 seconds")
    poll: bool = Field(True, description="Write false if the receiver calls us (PUT /fhir/Task)")
    status_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(15, description="Use 1 to 1440 minutes")

    @model_validator(mode="after")
    def _known_there(self) -> "FhirOptions":
        if (self.client_cert is None) != (self.client_key is None):
            raise ValueError("client_cert: needs client_key, and the other way round")
        if self.client_cert is not None and self.ca_file is None:
            raise ValueError("client_cert: needs ca_file, the only authority that is trusted then")
        if self.client_cert is None and self.token_file is None:
            raise ValueError("token_file: must be set, or client_cert and client_key")
        if self.pin is not None and self.client_cert is None:
            raise ValueError("pin: needs client_cert and client_key")
        if self.clear_key is not None and self.client_cert is None:
            raise ValueError("clear_key: needs client_cert and client_key: in clear only over mutual TLS")
        return self


class FhirAdapter:
    """Posts parcels to one FHIR server, and asks it for its Tasks."""

    name: ClassVar[str] = "fhir"
    channel: ClassVar[str] = "fhir"
    Options: ClassVar[type[FhirOptions]] = FhirOptions
    formats: ClassVar[frozenset[str]] = frozenset({"jwe"})

    def __init__(
        self, options: FhirOptions, context: Context, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._options, self._context, self._now = options, context, now
        self._base = options.url.rstrip("/")
        self._peer = HttpsPeer(
            ca_file=self._path(options.ca_file),
            cert=self._path(options.client_cert),
            key=self._path(options.client_key),
            pin=options.pin,
            token_file=self._path(options.token_file),
            timeout=options.timeout,
            word=WORD,
        )
        self._clear = InClear(options, options.url, context, WORD, now)

    @property
    def poll_every(self) -> timedelta | None:
        """How often the receiver is asked; None if it calls us."""
        return timedelta(minutes=self._options.status_minutes) if self._options.poll else None

    async def send(self, parcel: Parcel) -> Receipt:
        """Post the transaction; the receipt holds the id of the Task, if the answer names it."""
        body = self.compose(parcel)
        headers = {"Content-Type": FHIR_JSON, "Accept": FHIR_JSON}
        response, content, tls = await self._peer.ask("POST", self._base, headers, body, limit=ANSWER_LIMIT)
        self._peer.check(response, self._now())
        task = _made(content) or await self._there(parcel, content)
        if task is None:
            # Success that names no Task may be a proxy's, or a page of somebody else's.
            raise self._peer.trouble(HttpReason.PROTOCOL)
        said = [str(response.status_code), task, tls, IN_CLEAR if self._clear.wanted else ""]
        return Receipt(self._host, " ".join(filter(None, said)))

    async def _there(self, parcel: Parcel, content: bytes) -> str | None:
        """The Task that the server has, where its answer names none: some do so when it was there already."""
        if _object(content).get("resourceType") != "Bundle":
            return None
        query = {"identifier": f"{DELIVERY}|{parcel.delivery_id}"}
        page = await self._page(str(httpx2.URL(f"{self._base}/Task").copy_merge_params(query)))
        for entry in _list(page.get("entry")):
            resource = entry.get("resource") if isinstance(entry, dict) else None
            with suppress(NoTask):
                found = _LOCATION.fullmatch(
                    f"Task/{resource.get('id')}" if isinstance(resource, dict) else ""
                )
                # A server that does not know the filter shows those of others.
                if found is not None and told_by(resource).delivery_id == parcel.delivery_id:
                    return found[1]
        return None

    async def probe(self) -> None:
        """Whether the server is there, trusted, and lets us in."""
        self._clear.ready()
        headers = {"Accept": FHIR_JSON}
        response, _, _ = await self._peer.ask("GET", f"{self._base}/Task?_count=1", headers)
        self._peer.check(response, self._now())

    async def close(self) -> None:
        await self._peer.close()

    def compose(self, parcel: Parcel) -> bytes:
        """The transaction as JSON, the same at every try; Refused if the parcel isn't fit for it."""
        base.check_parcel(parcel, base.JOSE)
        shown = self._clear.opened(parcel)
        made = bundle(
            parcel,
            self._context.domain,
            parcel.made_at or self._now(),
            shown,
            service=self._options.service,
            code=self._options.code,
            category=self._options.category,
        )
        return json.dumps(made, sort_keys=True, separators=(",", ":")).encode()

    async def poll(self, since: datetime | None) -> Polled:
        """The Tasks of ours that changed `since`, page by page; raises as `send` does."""
        # The newest first: of more than we read, the oldest are left.
        query = {"identifier": f"{DELIVERY}|", "_count": "100", "_sort": "-_lastUpdated"}
        if since is not None:
            query["_lastUpdated"] = f"ge{since.astimezone(UTC).isoformat(timespec='seconds')}"
        url = str(httpx2.URL(f"{self._base}/Task").copy_merge_params(query))
        told: list[ToldBack] = []
        not_understood = 0
        for _ in range(MOST_PAGES):
            page = await self._page(url)
            for entry in _list(page.get("entry")):
                resource = entry.get("resource") if isinstance(entry, dict) else None
                if isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome":
                    continue
                try:
                    told.append(told_by(resource))
                except NoTask:
                    not_understood += 1
            following = _next(page)
            if following is None:
                return Polled(tuple(told), not_understood)
            url = self._peer.following(url, following)
        # Somebody hears that there was more.
        return Polled(tuple(told), not_understood + 1)

    async def _page(self, url: str) -> dict[str, Any]:
        found = await self._peer.get(url, FHIR_JSON, self._now(), ANSWER_LIMIT)
        if found.get("resourceType") != "Bundle":
            raise self._peer.trouble(HttpReason.PROTOCOL)
        return found

    @property
    def _host(self) -> str:
        return urlsplit(self._base).hostname or ""

    def _path(self, path: Path | None) -> Path | None:
        return None if path is None else self._context.directory / path


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _next(page: dict[str, Any]) -> str | None:
    for link in _list(page.get("link")):
        if isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str):
            return str(link["url"])
    return None


def _made(content: bytes) -> str | None:
    """`Task/123`, from the answer to a transaction."""
    for entry in _list(_object(content).get("entry")):
        response = entry.get("response") if isinstance(entry, dict) else None
        location = response.get("location") if isinstance(response, dict) else None
        found = _LOCATION.fullmatch(location) if isinstance(location, str) else None
        if found is not None:
            return found[1]
    return None
