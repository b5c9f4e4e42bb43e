"""Who wrote a body and that it is whole: a detached PS256 signature and a digest, each in a header.

It promises that a signature speaks for exactly these bytes and this key: the algorithm is PS256 whatever a
header asks for, and a signature that carries a payload of its own (and would be valid for that) is refused.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

SIGNATURE = "Signaal-Signature"
ALG = "PS256"
_BITS = 2048


class BadSignature(ValueError):
    """It is missing, not PS256 by the expected key, or over other bytes."""


def read_key(content: bytes, *, private: bool) -> RSAKey:
    """An RSA key of at least 2048 bits, as PEM or as one JWK; ValueError otherwise, without its content."""
    try:
        key = RSAKey.import_key(json.loads(content) if content.lstrip().startswith(b"{") else content)
    except (JoseError, ValueError, TypeError, KeyError):
        raise ValueError("holds no RSA key") from None
    if private and not key.is_private:
        raise ValueError("holds no private key")
    if key.raw_value.key_size < _BITS:
        raise ValueError(f"holds a key of less than {_BITS} bits")
    return key


def sign(body: bytes, key: RSAKey) -> str:
    """The value of the header: a compact JWS without its payload (RFC 7515 appendix F)."""
    header = {"alg": ALG, "typ": "JOSE", "kid": key.thumbprint()}
    return jws.detach_content(jws.serialize_compact(header, body, key, algorithms=[ALG]))


def verify(body: bytes, value: str | None, key: RSAKey) -> None:
    """Return if the header's value is a signature over these bytes by this key; BadSignature if not."""
    # Joserfc would rather check a payload that came along than ours.
    parts = (value or "").split(".")
    if len(parts) != 3 or parts[1] or not body:
        raise BadSignature
    try:
        jws.deserialize_compact(value or "", key, algorithms=[ALG], payload=body)
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadSignature from None


def digests(body: bytes) -> dict[str, str]:
    """`Content-Digest` (RFC 9530), and the older `Digest` (RFC 3230) because DDAS asks for that one."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return {"Content-Digest": f"sha-256=:{digest}:", "Digest": f"SHA-256={digest}"}


def digest_fits(body: bytes, headers: Mapping[str, Any]) -> bool:
    """Whether each of the two digests that is there fits the body; other algorithms count as not fitting."""
    expected = {name.lower(): value for name, value in digests(body).items()}
    given = {name.lower(): str(value) for name, value in headers.items() if name.lower() in expected}
    return all(hmac.compare_digest(value.encode(), expected[name].encode()) for name, value in given.items())
