"""What a browser may send about keys: public points and wraps of exactly one form.

It promises that a private member, a point beside the curve, a weak derivation, or bytes that can't be a
wrapped P-256 key are refused, and that a refusal repeats nothing of what was sent.
"""

import base64
import hashlib
import json
from typing import Annotated, Any, Literal, Self, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request

from gateway.store.pairs import PairKind
from gateway.web import problems
from gateway.web.forms import body
from gateway.web.problems import Problem

LARGEST = 16_000
"""The largest body about keys, in bytes: twenty wraps."""

FEWEST_ITERATIONS = 600_000
MOST_ITERATIONS = 10_000_000
PKCS8 = 138
"""How long a P-256 private key with its public point is in PKCS#8 (RFC 5208, RFC 5915), in bytes."""

TAG = 16

M = TypeVar("M", bound=BaseModel)


def _bytes(size: int) -> Any:
    """base64url without padding of exactly so many bytes."""

    def exact(text: str) -> str:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(content) != size or base64.urlsafe_b64encode(content).rstrip(b"=").decode() != text:
            raise ValueError("wrong size")
        return text

    return Annotated[str, Field(max_length=2 * size, pattern=r"^[A-Za-z0-9_-]+$"), AfterValidator(exact)]


Thumbprint = _bytes(32)
UserId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Wrapped(_Shape):
    """A private key as ciphertext, with how its key was derived."""

    v: Literal[1]
    kdf: Literal["PBKDF2-SHA-256"]
    iterations: Annotated[int, Field(strict=True, ge=FEWEST_ITERATIONS, le=MOST_ITERATIONS)]
    salt: _bytes(32)  # type: ignore[valid-type]
    iv: _bytes(12)  # type: ignore[valid-type]
    ciphertext: _bytes(PKCS8 + TAG)  # type: ignore[valid-type]


class PublicJwk(_Shape):
    """A public point of P-256; a member `d` is as unknown here as any other."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: _bytes(32)  # type: ignore[valid-type]
    y: _bytes(32)  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _on_the_curve(self) -> Self:
        x, y = (int.from_bytes(base64.urlsafe_b64decode(part + "=")) for part in (self.x, self.y))
        ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        return self

    def thumbprint(self) -> str:
        """See RFC 7638."""
        canonical = json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


class Wrap(_Shape):
    """One wrap; `voor` names the colleague of a handing one."""

    soort: PairKind
    inhoud: Wrapped
    voor: UserId | None = None

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        if (self.voor is not None) != (self.soort is PairKind.HANDING):
            raise ValueError("only what is handed over is for somebody else")
        return self


class NewPair(_Shape):
    """A new pair with its first two wraps; `vervangt` is the newest pair there was, when there was one."""

    id: Thumbprint  # type: ignore[valid-type]
    openbaar: PublicJwk
    wikkels: Annotated[list[Wrap], Field(min_length=2, max_length=2)]
    vervangt: Thumbprint | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.id != self.openbaar.thumbprint():
            raise ValueError("the id is not the thumbprint")
        if {wrap.soort for wrap in self.wikkels} != {PairKind.PASSPHRASE, PairKind.RECOVERY}:
            raise ValueError("a pair begins with a passphrase and a recovery key")
        return self


class PairWraps(_Shape):
    """More wraps of one pair; `bewijs` is the answer that only its private key gives."""

    paar: Thumbprint  # type: ignore[valid-type]
    bewijs: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    wikkels: Annotated[list[Wrap], Field(min_length=1, max_length=20)]


class MoreWraps(_Shape):
    """More wraps of pairs that are there: kept together or not at all. Who keeps four may be handed four."""

    paren: Annotated[list[PairWraps], Field(min_length=1, max_length=8)]


LABEL = 192
"""How long a label is before it is sealed, in bytes: every one is padded to that."""


class Label(_Shape):
    """What a colleague calls a case, sealed in the browser; without a text it is taken away."""

    sleutel: Thumbprint | None = None  # type: ignore[valid-type]
    iv: _bytes(12) | None = None  # type: ignore[valid-type]
    tekst: _bytes(LABEL + TAG) | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len({part is None for part in (self.sleutel, self.iv, self.tekst)}) != 1:
            raise ValueError("all of it or nothing")
        return self

    @property
    def sealed(self) -> str:
        """As it is kept; nothing where it is taken away."""
        return self.model_dump_json() if self.tekst is not None else ""


def read(request: Request, shape: type[M]) -> M:
    """What was sent, in this shape; raises `Problem`. For an endpoint that runs in a thread."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(problems.WRONG_MEDIA_TYPE)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > LARGEST:
        raise Problem(problems.TOO_LARGE)
    content = body(request)
    if len(content) > LARGEST:
        raise Problem(problems.TOO_LARGE)
    try:
        return shape.model_validate_json(content)
    except (ValidationError, RecursionError):
        raise Problem(problems.INVALID) from None
