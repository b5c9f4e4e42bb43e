"""JWE towards an organisation: ECDH-ES+A256KW and A256GCM on P-256, which browsers open natively.

It promises that `alg` and `enc` are these two in both directions, whatever a header asks for, and that
the key file is one public JWK (RFC 7517). The fingerprint is the JWK's SHA-256 thumbprint (RFC 7638).
A JWK knows no dates of its own: we honour the members `nbf` and `exp` (seconds since 1970, as in RFC
7519) and `revoked` (any value but null and false).
"""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from gateway.errors import OpenError
from gateway.sealing.keyfacts import (
    KeyFacts,
    PinnedFile,
    Problem,
    ReadKey,
    Sealed,
    assure_sealed,
    failed,
    unusable,
)

MEDIA_TYPE = "application/jose"
ALG = "ECDH-ES+A256KW"
ENC = "A256GCM"
_CURVE = "P-256"
# joserfc opens no more than 64 kB of base64url; what the other side could not open is not sealed.
_LARGEST = 48 * 1024
# Private members of EC, RSA and symmetric keys (RFC 7518 section 6).
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_DERIVING = frozenset({"deriveKey", "deriveBits"})


class JweSealer:
    """A `Sealer` on joserfc."""

    def __init__(self, key_file: Path, fingerprint: str | None) -> None:
        self._key = PinnedFile(key_file, fingerprint, read_jwk)

    def check(self, now: datetime) -> KeyFacts:
        """See `Sealer.check`."""
        return self._key.current(now).facts

    def seal(self, entity: bytes, now: datetime) -> Sealed:
        """A JWE in compact serialisation (RFC 7516 section 7.1). See `Sealer.seal`."""
        key = self._key.current(now)
        if len(entity) > _LARGEST:
            raise failed()
        header = {"alg": ALG, "enc": ENC, "kid": key.facts.fingerprint, "cty": "json"}
        try:
            token = jwe.encrypt_compact(header, entity, key.material, registry=_registry()).encode("ascii")
        # A library failing while it holds plaintext: its own text must go no further.
        except (JoseError, ValueError, TypeError):
            raise failed() from None
        if not _is_for(token, key.facts.fingerprint):
            raise failed()
        assure_sealed(entity, token)
        return Sealed(MEDIA_TYPE, token)

    def close(self) -> None:
        """Nothing is held between two calls."""


def read_jwk(content: bytes) -> ReadKey[ECKey]:
    """Read a key file: one public JWK, alone or as the only one of a JWK Set. Raises `KeyUnusable`."""
    member = _only_member(content)
    if not _PRIVATE.isdisjoint(member):
        raise unusable(Problem.PRIVATE_KEY_PRESENT)
    if member.get("kty") != "EC" or member.get("crv") != _CURVE:
        raise unusable(Problem.UNREADABLE)
    try:
        key = ECKey.import_key({name: member[name] for name in ("kty", "crv", "x", "y")})
        facts = KeyFacts("jwe", key.thumbprint(), _CURVE, _date(member, "exp"), (key.thumbprint(),))
        starts = _date(member, "nbf")
    except (JoseError, ValueError, TypeError, KeyError, OverflowError, OSError):
        raise unusable(Problem.UNREADABLE) from None
    return ReadKey(facts, starts, _problem(member), key)


def generate(expires: datetime | None = None) -> tuple[bytes, bytes, str]:
    """A new pair for trials: public JWK, private JWK (both JSON), thumbprint."""
    key = ECKey.generate_key(_CURVE, private=True)
    thumbprint = key.thumbprint()
    extra: dict[str, Any] = {"use": "enc", "alg": ALG, "kid": thumbprint}
    if expires is not None:
        extra["exp"] = int(expires.timestamp())
    public, private = key.as_dict(private=False), key.as_dict(private=True)
    return _document(public | extra), _document(private | extra), thumbprint


def ask_compact(question: str, public_jwk: str) -> str:
    """A short text that only who has the private part of this JWK can say back; raises `KeyUnusable`."""
    key = read_jwk(public_jwk.encode())
    header = {"alg": ALG, "enc": ENC, "kid": key.facts.fingerprint}
    return jwe.encrypt_compact(header, question.encode(), key.material, registry=_registry())


def open_compact(token: bytes, private_jwk: bytes) -> bytes:
    """The content of a JWE, for the organisation's side; `OpenError` if it does not open with this key."""
    try:
        key = ECKey.import_key(json.loads(private_jwk))
    except (JoseError, ValueError, TypeError, KeyError):
        raise OpenError("the key file is no JWK") from None
    if not key.is_private or key.curve_name != _CURVE:
        raise OpenError(f"the key file holds no private JWK for {_CURVE}")
    try:
        content = jwe.decrypt_compact(token, key, registry=_registry()).plaintext
    except (JoseError, ValueError, TypeError, KeyError):
        raise OpenError("the message is damaged or was sealed for another key") from None
    if content is None:
        raise OpenError("the message is empty")
    return content


def _registry() -> jwe.JWERegistry:
    return jwe.JWERegistry(algorithms=[ALG, ENC])


def _only_member(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise unusable(Problem.UNREADABLE) from None
    if isinstance(document, dict) and isinstance(document.get("keys"), list):
        members = document["keys"]
        if len(members) > 1:
            raise unusable(Problem.SEVERAL_KEYS)
        document = members[0] if members else None
    if not isinstance(document, dict):
        raise unusable(Problem.UNREADABLE)
    return document


def _problem(member: dict[str, Any]) -> Problem | None:
    if member.get("revoked") not in (None, False):
        return Problem.REVOKED
    operations = member.get("key_ops")
    if operations is not None and _DERIVING.isdisjoint(operations if isinstance(operations, list) else ()):
        return Problem.SIGN_ONLY
    if member.get("use", "enc") != "enc" or member.get("alg", ALG) != ALG:
        return Problem.SIGN_ONLY
    return None


def _date(member: dict[str, Any], name: str) -> datetime | None:
    value = member.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(name)
    return datetime.fromtimestamp(value, UTC)


def _is_for(token: bytes, thumbprint: str) -> bool:
    parts = token.split(b".")
    if len(parts) != 5 or not all(parts):
        return False
    try:
        header = json.loads(base64.urlsafe_b64decode(parts[0] + b"=" * (-len(parts[0]) % 4)))
    except ValueError:
        return False
    return (header.get("alg"), header.get("enc"), header.get("kid")) == (ALG, ENC, thumbprint)


def _document(members: dict[str, Any]) -> bytes:
    return json.dumps(members, indent=2).encode() + b"\n"
