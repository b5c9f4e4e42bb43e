"""The key of one case: what must stay readable for a while is sealed under it, with AES-256-GCM.

It promises that whoever destroys the wrapped key destroys every content sealed under it, and that a
blob opens only in its own context. The key itself is kept wrapped for the intake key (`box`).
A blob is one version byte (1), a random nonce of 12 bytes, and ciphertext with tag: 29 bytes more.
"""

import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import OpenError
from gateway.sealing import box

_VERSION = b"\x01"
_KEY_SIZE = 32
_NONCE_SIZE = 12
_TAG_SIZE = 16


@dataclass(frozen=True, slots=True)
class CaseKey:
    """32 random bytes; `repr` shows none of them."""

    _key: bytes = field(repr=False)

    @classmethod
    def new(cls) -> "CaseKey":
        """A fresh key. Random nonces are safe for far more blobs than one case has (2**32, SP 800-38D)."""
        return cls(secrets.token_bytes(_KEY_SIZE))

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Seal `plaintext`; the same `context` (such as ``case:<id>:fields``) must be given to open it."""
        nonce = secrets.token_bytes(_NONCE_SIZE)
        return _VERSION + nonce + AESGCM(self._key).encrypt(nonce, plaintext, _bound(context))

    def open(self, blob: bytes, context: str) -> bytes:
        """The plaintext; `OpenError` if blob, context or key is not as it was when sealed."""
        if len(blob) < 1 + _NONCE_SIZE + _TAG_SIZE or blob[:1] != _VERSION:
            raise OpenError("not a case blob of a version known here")
        nonce, ciphertext = blob[1 : 1 + _NONCE_SIZE], blob[1 + _NONCE_SIZE :]
        try:
            return AESGCM(self._key).decrypt(nonce, ciphertext, _bound(context))
        except InvalidTag:
            raise OpenError("a case blob was damaged or belongs to another place") from None

    def wrap(self, public_key: box.PublicKey, context: str) -> bytes:
        """The key itself, sealed for the intake key; `box.reseal` with `wrap_context` rotates it."""
        return box.seal(self._key, public_key, wrap_context(context))

    @classmethod
    def unwrap(cls, blob: bytes, keychain: box.Keychain, context: str) -> "CaseKey":
        """The key from what `wrap` gave; `OpenError` if it does not open."""
        key = keychain.open(blob, wrap_context(context))
        if len(key) != _KEY_SIZE:
            raise OpenError("a wrapped case key has the wrong size")
        return cls(key)


def wrap_context(context: str) -> str:
    """The box context of a wrapped case key: a wrapped key can never be taken for other sealed content."""
    if not context:
        raise ValueError("a context is needed")
    return f"case key:{context}"


def _bound(context: str) -> bytes:
    if not context:
        raise ValueError("a context is needed")
    return b"inbeeld case\0" + _VERSION + context.encode()
