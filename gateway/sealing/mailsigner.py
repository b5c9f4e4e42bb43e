"""DKIM signatures (RFC 6376, RFC 8463) on what we send: RSA-2048, Ed25519, or one of each.

It promises that what is signed can't be added to unnoticed: the fields a reader sees and those of the thread
are signed once more often than they stand there, and the whole body is covered. dkimpy verifies in the tests;
it does not sign here, because its RSA takes 39 ms a mail where `cryptography` takes less than one.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from gateway.errors import ConfigError
from gateway.files import read_private

RSA_BITS = 2048
OVERSIGNED = (
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
)
"""Each is named once more than it stands there, so that none can be put in (RFC 6376 section 8.15)."""

_BLANKS = re.compile(rb"[ \t]+")
_FOLDS = re.compile(rb"\r\n(?=[ \t])")


@dataclass(frozen=True, slots=True)
class DkimKey:
    """One private key and the name under which DNS has its public part."""

    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @classmethod
    def load(cls, selector: str, path: Path) -> Self:
        """From a PEM file (mode 0600); raises `ConfigError`."""
        content = read_private(path)
        try:
            key = serialization.load_pem_private_key(content, password=None)
        except (TypeError, ValueError):
            key = None
        if isinstance(key, Ed25519PrivateKey) or (
            isinstance(key, RSAPrivateKey) and key.key_size >= RSA_BITS
        ):
            return cls(selector, key)
        what = "is no PEM file of an Ed25519 key or an RSA key of 2048 bits"
        raise ConfigError(str(path), "DKIM key", what, "Make one with: inbeeld keys generate dkim")

    @classmethod
    def generate(cls, selector: str, *, ed25519: bool = False) -> Self:
        return cls(
            selector, Ed25519PrivateKey.generate() if ed25519 else generate_private_key(65537, RSA_BITS)
        )

    @property
    def algorithm(self) -> str:
        """As the signature names it."""
        return "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"

    @property
    def record(self) -> str:
        """What DNS must have at SELECTOR._domainkey.DOMAIN."""
        public = self.key.public_key()
        if isinstance(self.key, RSAPrivateKey):
            form = serialization.PublicFormat.SubjectPublicKeyInfo
            value = public.public_bytes(serialization.Encoding.DER, form)
            return f"v=DKIM1; k=rsa; p={base64.b64encode(value).decode()}"
        value = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(value).decode()}"

    @property
    def private_pem(self) -> bytes:
        """To be written to a private file."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, content: bytes) -> str:
        """The signature in base64."""
        if isinstance(self.key, RSAPrivateKey):
            found = self.key.sign(content, padding.PKCS1v15(), hashes.SHA256())
        else:
            # RFC 8463 section 3: Ed25519 over the SHA-256 of what is signed.
            found = self.key.sign(hashlib.sha256(content).digest())
        return base64.b64encode(found).decode()


class MailSigner:
    """Signs whole messages (CRLF) as this domain, once with each key."""

    def __init__(self, domain: str, keys: Sequence[DkimKey], now: Callable[[], datetime]) -> None:
        self._domain, self._keys, self._now = domain, keys, now

    def __call__(self, message: bytes) -> bytes:
        """The message with its signatures on top."""
        head, _, body = message.partition(b"\r\n\r\n")
        fields = [_canonical(line) for line in _FOLDS.sub(b"", head).split(b"\r\n")]
        digest = base64.b64encode(hashlib.sha256(_body(body)).digest()).decode()
        return b"".join(self._signature(key, fields, digest) for key in self._keys) + message

    def _signature(self, key: DkimKey, fields: Sequence[tuple[bytes, bytes]], digest: str) -> bytes:
        names, signed = [], b""
        for name in OVERSIGNED:
            # The lowest comes first (RFC 6376 section 5.4.2).
            there = [line for found, line in reversed(fields) if found == name.encode()]
            names += [name] * (len(there) + 1)
            signed += b"".join(line + b"\r\n" for line in there)
        tags = [
            f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={self._domain};",
            f"s={key.selector}; t={int(self._now().timestamp())};",
            *_folded(f"h={':'.join(names)};", ":"),
            f"bh={digest};",
            "b=",
        ]
        field = "DKIM-Signature: " + "\r\n\t".join(tags)
        signature = key.sign(signed + _canonical(_FOLDS.sub(b"", field.encode()))[1])
        lines = [signature[at : at + 72] for at in range(0, len(signature), 72)]
        return (field + "\r\n\t".join(lines) + "\r\n").encode()


def _canonical(line: bytes) -> tuple[bytes, bytes]:
    """The name of an unfolded field, and the field in relaxed form (RFC 6376 section 3.4.2)."""
    name, _, value = line.partition(b":")
    name = name.strip().lower()
    return name, name + b":" + _BLANKS.sub(b" ", value).strip(b" ")


def _body(body: bytes) -> bytes:
    """Relaxed (section 3.4.4): no blanks at the ends of lines, no empty lines at the end."""
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _folded(text: str, at: str) -> list[str]:
    """A long tag in lines, parted where a blank changes nothing."""
    lines, line = [], ""
    for part in re.split(f"(?<={at})", text):
        if line and len(line) + len(part) > 70:
            lines.append(line)
            line = ""
        line += part
    return [*lines, line]
