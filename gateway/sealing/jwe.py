"""JWE towards an organisation: a JWS (RFC 7515) of the gateway inside a JWE (RFC 7516), both compact.

The JWE is ECDH-ES+A256KW with A256GCM, the JWS is ES256, both on P-256, which browsers know natively. The JWS
says in its header for which key it was made (`aud`), so that whoever received it can't pass it on as ours.
It promises that the algorithms are these in both directions, whatever a header asks for, and that
the key file is one public JWK (RFC 7517). The fingerprint is the JWK's SHA-256 thumbprint (RFC 7638).
A JWK knows no dates of its own: we honour the members `nbf` and `exp` (seconds since 1970, as in RFC
7519) and `revoked` (any value but null and false).
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from gateway.errors import ConfigError, Forged, OpenError, SealError
from gateway.files import read_private
from gateway.sealing.keyfacts import (
    KeyFacts,
    KeyFlaw,
    PinnedFile,
    ReadKey,
    Sealed,
    assure_sealed,
    failed,
    unusable,
)

MEDIA_TYPE = "application/jose"
ALG = "ECDH-ES+A256KW"
ENC = "A256GCM"
SIGNING = "ES256"
SIGNED = "jose"
"""What `cty` says of the content: a JWS or JWE (RFC 7515 section 4.1.10, without "application/")."""

_CURVE = "P-256"
# What the other side could not open is not sealed. Signed and sealed (base64url twice) it takes 16/9 of this.
_LARGEST = 48 * 1024
_LONGEST = 96 * 1024
# Private members of EC, RSA and symmetric keys (RFC 7518 section 6).
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_DERIVING = frozenset({"deriveKey", "deriveBits"})


@dataclass(frozen=True, slots=True)
class JwsSigner:
    """The gateway's own key for signing JSON. Its `repr` shows the thumbprint alone."""

    fingerprint: str
    expires_at: datetime | None = field(repr=False)
    _key: ECKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls, expires: datetime | None = None) -> "JwsSigner":
        key = ECKey.generate_key(_CURVE, private=True)
        return cls(key.thumbprint(), expires, key)

    @classmethod
    def load(cls, path: Path) -> "JwsSigner":
        """Read `private_jwk` from a file; `ConfigError` if it can't be used."""
        try:
            member = _only_member(read_private(path))
            key = ECKey.import_key(member)
            if not key.is_private or key.curve_name != _CURVE or member.get("use", "sig") != "sig":
                raise ValueError
            return cls(key.thumbprint(), _date(member, "exp"), key)
        except (SealError, JoseError, ValueError, TypeError, KeyError, OverflowError, OSError):
            raise ConfigError(
                str(path),
                "signing key",
                "it holds no private JWK for P-256",
                "Move it away and make a new one with: inbeeld keys complete",
            ) from None

    algorithm = _CURVE

    @property
    def private_jwk(self) -> bytes:
        """As `load` reads it."""
        return _document(self._key.as_dict(private=True) | self._members())

    @property
    def public_jwk(self) -> bytes:
        """For those who verify what we signed."""
        return _document(self._key.as_dict(private=False) | self._members())

    def matches(self, public: bytes) -> bool:
        """Whether its public part is this JWK, or in this JWK Set."""
        try:
            return self.fingerprint in _verifiers(public)
        except OpenError:
            return False

    def sign(self, content: bytes, audience: str, now: datetime) -> bytes:
        """A JWS for the key with the thumbprint `audience`; `SealError` if the key is not valid at `now`."""
        if self.expires_at is not None and now >= self.expires_at:
            raise failed(KeyFlaw.SIGNER)
        header = {"alg": SIGNING, "kid": self.fingerprint, "cty": "json", "aud": audience}
        try:
            return jws.serialize_compact(header, content, self._key, registry=_signatures()).encode("ascii")
        except (JoseError, ValueError, TypeError):
            raise failed() from None

    def _members(self) -> dict[str, Any]:
        extra = {"exp": int(self.expires_at.timestamp())} if self.expires_at else {}
        return {"use": "sig", "alg": SIGNING, "kid": self.fingerprint, **extra}


class JweSealer:
    """A `Sealer` on joserfc. Without a `signer` it can check, but not seal."""

    def __init__(self, key_file: Path, fingerprint: str | None, signer: JwsSigner | None) -> None:
        self._key = PinnedFile(key_file, fingerprint, read_jwk)
        self._signer = signer

    def check(self, now: datetime) -> KeyFacts:
        return self._key.current(now).facts

    def seal(self, entity: bytes, now: datetime) -> Sealed:
        """A JWE in compact serialisation, with a JWS of `entity` in it. See `Sealer.seal`."""
        key = self._key.current(now)
        if self._signer is None:
            raise failed(KeyFlaw.SIGNER)
        if len(entity) > _LARGEST:
            raise failed()
        token = _encrypted(self._signer.sign(entity, key.facts.fingerprint, now), key)
        assure_sealed(entity, token)
        return Sealed(MEDIA_TYPE, token, key.facts.fingerprint)

    def rehearse(self, now: datetime) -> None:
        _encrypted(b"proef", self._key.current(now))

    def close(self) -> None:
        """Nothing is held between two calls."""


def _encrypted(content: bytes, key: ReadKey[ECKey]) -> bytes:
    header = {"alg": ALG, "enc": ENC, "kid": key.facts.fingerprint, "cty": SIGNED}
    try:
        token = jwe.encrypt_compact(header, content, key.material, registry=_registry()).encode("ascii")
    # A library failing while it holds plaintext: its own text must go no further.
    except (JoseError, ValueError, TypeError):
        raise failed() from None
    if not _is_for(token, key.facts.fingerprint):
        raise failed()
    return token


def read_jwk(content: bytes) -> ReadKey[ECKey]:
    """Read a key file: one public JWK, alone or as the only one of a JWK Set. Raises `KeyUnusable`."""
    member = _only_member(content)
    if not _PRIVATE.isdisjoint(member):
        raise unusable(KeyFlaw.PRIVATE_KEY_PRESENT)
    if member.get("kty") in ("RSA", "OKP", "EC") and member.get("crv") != _CURVE:
        raise unusable(KeyFlaw.ALGORITHM)
    if member.get("kty") != "EC":
        raise unusable(KeyFlaw.UNREADABLE)
    try:
        key = ECKey.import_key({name: member[name] for name in ("kty", "crv", "x", "y")})
        facts = KeyFacts("jwe", key.thumbprint(), _CURVE, _date(member, "exp"), (key.thumbprint(),))
        starts = _date(member, "nbf")
    except (JoseError, ValueError, TypeError, KeyError, OverflowError, OSError):
        raise unusable(KeyFlaw.UNREADABLE) from None
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


def bindable(public_jwk: str, thumbprint: str) -> bytes:
    """A browser's public JWK as a key file; raises `KeyUnusable` if it is none, or not of this thumbprint."""
    try:
        jwk = json.loads(public_jwk)
        content = json.dumps({**jwk, "use": "enc", "alg": ALG, "kid": thumbprint}, indent=2).encode() + b"\n"
    except (ValueError, TypeError):
        raise unusable(KeyFlaw.UNREADABLE) from None
    if read_jwk(content).facts.fingerprint != thumbprint:
        raise unusable(KeyFlaw.WRONG_FINGERPRINT)
    return content


def ask_compact(question: str, public_jwk: str) -> str:
    """A short text that only who has the private part of this JWK can say back; raises `KeyUnusable`."""
    key = read_jwk(public_jwk.encode())
    header = {"alg": ALG, "enc": ENC, "kid": key.facts.fingerprint}
    return jwe.encrypt_compact(header, question.encode(), key.material, registry=_registry())


def open_signed(token: bytes, private_jwk: bytes, signed_by: bytes) -> bytes:
    """What the gateway with the JWK `signed_by` sealed for this key; raises `OpenError` or `Forged`."""
    signers = _verifiers(signed_by)
    inner = open_compact(token, private_jwk)
    try:
        header = jws.extract_compact(inner).headers()
        signer = signers[header["kid"]]
        found = jws.deserialize_compact(inner, signer, registry=_signatures())
    except (JoseError, ValueError, TypeError, KeyError):
        raise Forged from None
    if header.get("aud") != ECKey.import_key(json.loads(private_jwk)).thumbprint():
        raise Forged
    return bytes(found.payload)


def open_compact(token: bytes, private_jwk: bytes) -> bytes:
    """The content of a JWE, unverified: a JWS. `OpenError` if it does not open with this key."""
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
    registry = jwe.JWERegistry(algorithms=[ALG, ENC])
    registry.max_ciphertext_length = _LONGEST
    return registry


def _signatures() -> jws.JWSRegistry:
    # `aud` is a claim of JWT that may stand in a header (RFC 7519 section 5.3).
    return jws.JWSRegistry(algorithms=[SIGNING], strict_check_header=False)


def _verifiers(content: bytes) -> dict[str, ECKey]:
    """The public keys in a JWK or JWK Set by thumbprint: one, and the one before it while it is changed."""
    try:
        document = json.loads(content)
        members = document.get("keys", [document])
        if not _PRIVATE.isdisjoint(name for member in members for name in member):
            raise OpenError(
                "the file of the signer holds a private key, which nobody but the gateway may have"
            )
        keys = [
            ECKey.import_key({name: member[name] for name in ("kty", "crv", "x", "y")}) for member in members
        ]
        if not keys or any(key.curve_name != _CURVE for key in keys):
            raise ValueError
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise OpenError("the file of the signer holds no public JWK for P-256") from None
    return {key.thumbprint(): key for key in keys}


def _only_member(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise unusable(KeyFlaw.UNREADABLE) from None
    if isinstance(document, dict) and isinstance(document.get("keys"), list):
        members = document["keys"]
        if len(members) > 1:
            raise unusable(KeyFlaw.SEVERAL_KEYS)
        document = members[0] if members else None
    if not isinstance(document, dict):
        raise unusable(KeyFlaw.UNREADABLE)
    return document


def _problem(member: dict[str, Any]) -> KeyFlaw | None:
    if member.get("revoked") not in (None, False):
        return KeyFlaw.REVOKED
    operations = member.get("key_ops")
    if operations is not None and _DERIVING.isdisjoint(operations if isinstance(operations, list) else ()):
        return KeyFlaw.SIGN_ONLY
    if member.get("use", "enc") != "enc" or member.get("alg", ALG) != ALG:
        return KeyFlaw.SIGN_ONLY
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
