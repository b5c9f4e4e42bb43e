"""Delivery as a signaal: an HTTPS POST in the words of DDAS, in the style of Vindplaats Schulden and RIS.

It promises that all person data is in a JWE for the receiver's key and nothing in the body, address or
headers says more than a kenmerk and two dates; that nothing is sent to a peer whose certificate doesn't lead
to the configured authority, or to wherever a peer points; that the body is signed, and the same at every try
of one delivery. A receipt means that the peer has it, now or from an earlier try.

`poll` asks the peer what it did with its signalen, and `verify` tells whether a status is the peer's own.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx2
from joserfc.jwk import RSAKey
from pydantic import Field, ValidationError, model_validator

from adapters import base, signature
from adapters.base import Context, Parcel, Receipt, Refused, TryLater, utc_now, utc_text
from adapters.ddas import PARTNER, VERSIONS, Statusbericht
from adapters.hosts import Https
from adapters.httpspeer import ACCEPTED, WORD, HttpReason, HttpsPeer, private_file, receipt_text
from adapters.told import Polled, ToldBack
from adapters.trust import Pin

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
STATUS_LIMIT = 1024 * 1024
VERSION = "DDAS-Version"
"""The header that tells after which version the body was written; what we say is spelled alike in all."""


class SignaalOptions(base.Options):
    """Files are named from the working directory. `client_cert` and `client_key` are what we show, `ca_file`
    is the only authority we trust there, `pin` (SHA-256) one certificate. `signing_key` (RSA) signs what we
    send; `status_key` (RSA, public) is the one with which the receiver signs its statuses."""

    url: Https = Field(description="Write the address at which the receiver takes signalen")
    client_cert: Path = Field(description="Name the PEM file of the certificate that we show there")
    client_key: Path = Field(description="Name the PEM file of its private key (mode 0600)")
    ca_file: Path = Field(description="Name the PEM file of the authority that issued its certificate")
    signing_key: Path = Field(description="Name the file of our private RSA key, JWK or PEM (mode 0600)")
    pin: Pin | None = Field(None, description="Write the SHA-256 of its certificate, or leave it out")
    timeout: Annotated[float, Field(gt=0, le=60)] = Field(20.0, description="Use at most 60 seconds")
    status_key: Path | None = Field(None, description="Name the file of its public RSA key, JWK or PEM")
    status_url: Https | None = Field(
        None, description="Write where it tells what became of them, and set status_key too"
    )
    status_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(15, description="Use 1 to 1440 minutes")
    ddas: Literal["0.9", "1.0", "1.1", "1.2"] = Field(
        "1.2", description=f"Write the version of DDAS that the receiver reads: {', '.join(VERSIONS)}"
    )

    @model_validator(mode="after")
    def _polls_signed(self) -> "SignaalOptions":
        if self.status_url and not self.status_key:
            raise ValueError("status_url: needs status_key; a status that nobody signed is not believed")
        return self


class SignaalAdapter:
    """Posts parcels to one receiver."""

    name: ClassVar[str] = "signaal"
    Options: ClassVar[type[SignaalOptions]] = SignaalOptions
    formats: ClassVar[frozenset[str]] = frozenset({"jwe"})

    def __init__(
        self, options: SignaalOptions, context: Context, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._options = options
        self._context = context
        self._now = now
        self._signing_key: RSAKey | None = None
        self._peer = HttpsPeer(
            ca_file=self._path(options.ca_file),
            cert=self._path(options.client_cert),
            key=self._path(options.client_key),
            pin=options.pin,
            timeout=options.timeout,
        )

    @property
    def poll_every(self) -> timedelta | None:
        """How often the receiver wants to be asked; None if it calls us."""
        return timedelta(minutes=self._options.status_minutes) if self._options.status_url else None

    async def send(self, parcel: Parcel) -> Receipt:
        """Post the parcel; the receipt holds the peer's own id for it, if it gave one."""
        body = self.compose(parcel)
        headers = {
            "Content-Type": "application/json",
            VERSION: self._options.ddas,
            # A string of RFC 9651, as draft-ietf-httpapi-idempotency-key-header has it.
            "Idempotency-Key": f'"{parcel.delivery_id}"',
            signature.SIGNATURE: signature.sign(body, self._signer()),
            **signature.digests(body),
        }
        response, content, tls = await self._peer.ask("POST", self._options.url, headers, body)
        self._peer.check(response, self._now())
        peer = urlsplit(self._options.url).hostname or ""
        return Receipt(peer=peer, text=receipt_text(response.status_code, content, tls))

    async def probe(self) -> None:
        """Whether the peer is there, trusted, and lets us in; nothing is posted."""
        self._signer()
        response, _, _ = await self._peer.ask("HEAD", self._options.url)
        # Many endpoints answer 405 to anything but a POST: that they answer is enough.
        if response.status_code not in (204, 405):
            self._peer.check(response, self._now())

    async def close(self) -> None:
        """Give back connections, and read keys and certificates anew when next used."""
        self._signing_key = None
        await self._peer.close()

    def compose(self, parcel: Parcel) -> bytes:
        """The body: canonical JSON as `signaal.schema.json` says; Refused if the parcel isn't fit for it."""
        base.check_parcel(parcel, base.JOSE)
        made = (parcel.made_at or self._now()).astimezone(_AMSTERDAM)
        signaal = {
            "ID": parcel.delivery_id,
            "signaaldatum": made.date().isoformat(),
            "signaalpartner": {"type": PARTNER},
            "warmeOverdracht": True,
            "crisissignaal": parcel.urgent,
            "kenmerk": parcel.kenmerk,
            "uiterlijk": utc_text(parcel.due_at),
            "client": {"jwe": parcel.ciphertext.decode("ascii")},
        }
        return json.dumps(signaal, sort_keys=True, separators=(",", ":")).encode()

    def verify(self, body: bytes, value: str | None) -> None:
        """Return if the receiver signed these bytes; BadSignature if not, or if we have no key of it."""
        if self._options.status_key is None:
            raise signature.BadSignature
        try:
            key = signature.read_key(self._path(self._options.status_key).read_bytes(), private=False)
        except (OSError, ValueError):
            raise Refused(f"{WORD}_{HttpReason.FILES}") from None
        signature.verify(body, value, key)

    async def poll(self, since: datetime | None) -> Polled:
        """What the receiver tells of its signalen, at least what changed `since`; raises as `send` does."""
        if self._options.status_url is None:
            return Polled(())
        url = httpx2.URL(self._options.status_url)
        if since is not None:
            url = url.copy_merge_params({"sinds": utc_text(since)})
        response, content, _ = await self._peer.ask(
            "GET", url, {"Accept": "application/json"}, limit=STATUS_LIMIT
        )
        self._peer.check(response, self._now())
        if response.status_code not in ACCEPTED:
            raise TryLater(f"{WORD}_{HttpReason.PROTOCOL} {response.status_code}")
        if len(content) > STATUS_LIMIT:
            raise self._peer.trouble(HttpReason.TOO_LARGE)
        try:
            self.verify(content, response.headers.get(signature.SIGNATURE))
        except signature.BadSignature:
            raise self._peer.trouble(HttpReason.SIGNATURE) from None
        return _statuses(content)

    def _signer(self) -> RSAKey:
        if self._signing_key is None:
            try:
                content = private_file(self._path(self._options.signing_key)).read_bytes()
                self._signing_key = signature.read_key(content, private=True)
            except (OSError, ValueError):
                raise Refused(f"{WORD}_{HttpReason.FILES}") from None
        return self._signing_key

    def _path(self, path: Path) -> Path:
        return self._context.directory / path


def _statuses(content: bytes) -> Polled:
    try:
        found: Any = json.loads(content)["statussen"]
        items = list(found)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise TryLater(f"{WORD}_{HttpReason.PROTOCOL}") from None
    read: list[ToldBack] = []
    for item in items:
        try:
            read.append(Statusbericht.model_validate(item).told)
        except ValidationError:
            continue
    return Polled(tuple(read), len(items) - len(read))
