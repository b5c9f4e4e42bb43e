"""A device that makes and shows a passkey, signed by hand: real ones can't be told to do it wrong."""

import hashlib
import json
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
"""What a device says of its owner (WebAuthn, 6.1): they touched it; it knew them; here is a new key."""


@dataclass
class Device:
    """One passkey for localhost; it knows its owner unless `verified` is False."""

    origin: str
    verified: bool = True
    id: bytes = b"0123456789abcdef"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def name(self) -> str:
        """The id, as it is kept."""
        return bytes_to_base64url(self.id)

    def makes(self, challenge: str) -> dict[str, object]:
        """The answer to being asked for a new passkey: nobody vouches for one."""
        point = self.key.public_key().public_numbers()
        key = encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        new = bytes(16) + len(self.id).to_bytes(2) + self.id + key
        attested = {"fmt": "none", "attStmt": {}, "authData": self._says(ATTESTED) + new}
        about = self._about("webauthn.create", challenge)
        return self._answer(clientDataJSON=about, attestationObject=encode_cbor(attested))

    def shows(self, challenge: str) -> dict[str, object]:
        """The answer to being asked to show it."""
        says, about = self._says(), self._about("webauthn.get", challenge)
        signature = self.key.sign(says + hashlib.sha256(about).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=about, authenticatorData=says, signature=signature)

    def _says(self, more: int = 0) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verified else 0)
        return hashlib.sha256(b"localhost").digest() + bytes([flags]) + bytes(4)

    def _about(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **parts: bytes) -> dict[str, object]:
        response = {name: bytes_to_base64url(content) for name, content in parts.items()}
        return {"id": self.name, "rawId": self.name, "type": "public-key", "response": response}
