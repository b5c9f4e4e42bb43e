"""Signs the end of the audit trail (Ed25519), as text that a person can keep and a program can check.

It promises that whoever holds such a text and the public key can tell whether the trail still holds all that
it held then, and that the text survives being quoted, forwarded and encoded by mail programs: its lines are
short and of letters, digits and `:+-.` alone.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.errors import ConfigError
from gateway.files import FileTooLargeError, read_limited, read_private

FORM = "inbeeld-head-1"
HALF = 64
"""A signature of 128 hexadecimal digits stands on two lines."""

_SHAPES = {
    "domain": r"[a-z0-9.-]{1,253}",
    "at": r"[0-9T:.+-]{20,40}",
    "seq": r"[0-9]{1,18}",
    "hash": r"[0-9a-f]{64}",
    "key": r"[0-9a-f]{16}",
}
_LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The last event of a trail at a moment; `signature` is in hexadecimal digits."""

    domain: str
    at: datetime
    seq: int
    hash: str
    key_id: str
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return "\n".join((FORM, *(f"{name}: {value}" for name, value in self._lines()))).encode()

    def _lines(self) -> list[tuple[str, str]]:
        values = (self.domain, self.at.isoformat(), str(self.seq), self.hash, self.key_id)
        return list(zip(_SHAPES, values, strict=True))

    def __str__(self) -> str:
        halves = (self.signature[:HALF], self.signature[HALF:])
        lines = [f"form: {FORM}", *(f"{name}: {value}" for name, value in self._lines())]
        return "\n".join([*lines, *(f"signature: {half}" for half in halves)])

    @classmethod
    def parse(cls, text: str) -> "SignedHead":
        """The first head in a text, such as a saved mail; raises ValueError."""
        _, found, rest = text[:_LONGEST].partition(f"form: {FORM}")
        if not found:
            raise ValueError("no head of an audit trail stands in it")
        values = {}
        for name, shape in _SHAPES.items():
            match = re.search(rf"^\W*{name}: ({shape})\s*$", rest, re.MULTILINE)
            if match is None:
                raise ValueError(f"its line '{name}' is missing or damaged")
            values[name] = match[1]
        halves = re.findall(r"^\W*signature: ([0-9a-f]{64})\s*$", rest, re.MULTILINE)[:2]
        if len(halves) != 2:
            raise ValueError("its signature is missing or damaged")
        at = datetime.fromisoformat(values["at"])
        return cls(values["domain"], at, int(values["seq"]), values["hash"], values["key"], "".join(halves))


@dataclass(frozen=True, slots=True)
class HeadVerifier:
    """The public key."""

    key: Ed25519PublicKey

    @property
    def key_id(self) -> str:
        """Tells keys apart."""
        return hashlib.sha256(self.key.public_bytes_raw()).hexdigest()[:16]

    @property
    def pem(self) -> bytes:
        return self.key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def confirms(self, head: SignedHead) -> bool:
        """Whether the holder of the private key signed exactly this."""
        try:
            self.key.verify(bytes.fromhex(head.signature), head.signed)
        except (InvalidSignature, ValueError):
            return False
        return True

    @classmethod
    def load(cls, path: Path) -> "HeadVerifier":
        """The key of a PEM file; raises `ConfigError`."""
        try:
            key = serialization.load_pem_public_key(read_limited(path))
        except (OSError, ValueError, FileTooLargeError):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise ConfigError(str(path), "key of heads", "is no Ed25519 public key", "See keys/README.md")
        return cls(key)


@dataclass(frozen=True, slots=True)
class HeadSigner:
    """The private key."""

    key: Ed25519PrivateKey

    @property
    def verifier(self) -> HeadVerifier:
        """Its public half."""
        return HeadVerifier(self.key.public_key())

    @property
    def pem(self) -> bytes:
        """As a file for its owner alone."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, domain: str, at: datetime, seq: int, hash: str) -> SignedHead:
        """The head, signed."""
        head = SignedHead(domain, at, seq, hash, self.verifier.key_id)
        return SignedHead(domain, at, seq, hash, head.key_id, self.key.sign(head.signed).hex())

    @classmethod
    def generate(cls) -> "HeadSigner":
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> "HeadSigner":
        """The key of a PEM file that is its owner's alone; raises `ConfigError`."""
        try:
            key = serialization.load_pem_private_key(read_private(path), None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigError(str(path), "key of heads", "is no Ed25519 private key", "See keys/README.md")
        return cls(key)
