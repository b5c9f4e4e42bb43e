"""The web role's own secret: it seals what a login needs again, and marks what is only compared.

It promises that what was sealed opens only with this secret, for the same purpose and the same owner, and
that a mark can't be found by trying without the secret.
"""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.errors import OpenError

_NONCE = 12


class WebSecret:
    """Seals and marks; `secret` has 32 random bytes."""

    def __init__(self, secret: bytes) -> None:
        self._sealing = AESGCM(_derived(secret, b"inbeeld web seal 1"))
        self._marking = _derived(secret, b"inbeeld web mark 1")

    def seal(self, purpose: str, owner: str, content: bytes) -> bytes:
        """Ciphertext (AES-256-GCM) that is bound to what it is for and whose it is."""
        nonce = os.urandom(_NONCE)
        return nonce + self._sealing.encrypt(nonce, content, _bound(purpose, owner))

    def open(self, purpose: str, owner: str, sealed: bytes) -> bytes:
        """What was sealed; raises `OpenError`."""
        try:
            return self._sealing.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(purpose, owner))
        except (InvalidTag, ValueError):
            raise OpenError("what was sealed by the web role can't be opened") from None

    def mark(self, purpose: str, owner: str, text: str) -> str:
        """What is kept of a text that is only compared (HMAC-SHA-256, hex)."""
        return hmac.digest(self._marking, _bound(purpose, owner) + b"\0" + text.encode(), "sha256").hex()


def _bound(purpose: str, owner: str) -> bytes:
    return f"{purpose}\0{owner}".encode()


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
