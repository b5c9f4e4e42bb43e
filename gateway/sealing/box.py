"""The box at rest: what the gateway keeps is sealed here, with HPKE (RFC 9180) in base mode.

The suite is hybrid: MLKEM768-X25519, HKDF-SHA256, AES-256-GCM, so a blob copied today stays shut for
somebody who has a quantum computer later. It promises that a blob opens only with the private key it
names and only in the context it was sealed for, that sealing needs nothing but the public key, and that
anything else is an `OpenError` which tells nothing of the content.

A blob is one version byte (1), the eight bytes of the key id, and the HPKE output (encapsulated key,
ciphertext and tag): 1145 bytes more than the plaintext.

What must stay readable of a case for a while is sealed under a key of that case, with AES-256-GCM: whoever
destroys the wrapped key, which is kept in such a blob, destroys every content sealed under it. Those are one
version byte (1), a random nonce of 12 bytes, and ciphertext with tag: 29 bytes more.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import ConfigError, OpenError
from gateway.files import (
    FileTooLargeError,
    read_limited,
    read_private,
    replace_public,
    write_private,
    write_public,
)

SUITE = "MLKEM768-X25519/HKDF-SHA256/AES-256-GCM"
_VERSION = 1
_ID_SIZE = 8
_HEAD_SIZE = 1 + _ID_SIZE
_KIND = {"public": "inbeeld-box-public-key", "private": "inbeeld-box-private-key"}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What the intake role holds: it can seal and can't open. `key_id` is 16 hex digits of its hash."""

    key_id: str
    _mlkem: bytes = field(repr=False)
    _x25519: bytes = field(repr=False)
    _hpke: hpke.MLKEM768X25519PublicKey = field(repr=False, compare=False)

    @classmethod
    def _of(cls, mlkem_raw: bytes, x25519_raw: bytes) -> "PublicKey":
        key = hpke.MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(mlkem_raw),
            x25519.X25519PublicKey.from_public_bytes(x25519_raw),
        )
        key_id = hashlib.sha256(mlkem_raw + x25519_raw).hexdigest()[: 2 * _ID_SIZE]
        return cls(key_id, mlkem_raw, x25519_raw, key)

    def save(self, path: Path, *, replace: bool = False) -> None:
        """Write the key as a JSON file, mode 0644: a new one, or in the place of another in one step."""
        content = _document("public", self.key_id, mlkem768=self._mlkem, x25519=self._x25519)
        (replace_public if replace else write_public)(path, content)

    @classmethod
    def load(cls, path: Path) -> "PublicKey":
        """Read what `save` wrote; `ConfigError` names the file and what is wrong with it."""
        try:
            content = read_limited(path)
        except (OSError, FileTooLargeError):
            raise _not_a_key(path, "public") from None
        return _load(path, "public", content, lambda data: cls._of(data["mlkem768"], data["x25519"]))


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """What only the worker role holds. Its `repr` shows the id alone."""

    key_id: str
    _mlkem_seed: bytes = field(repr=False)
    _x25519: bytes = field(repr=False)
    _hpke: hpke.MLKEM768X25519PrivateKey = field(repr=False, compare=False)
    public: PublicKey = field(repr=False, compare=False)

    @classmethod
    def _of(cls, mlkem_seed: bytes, x25519_raw: bytes) -> "PrivateKey":
        post_quantum = mlkem.MLKEM768PrivateKey.from_seed_bytes(mlkem_seed)
        classic = x25519.X25519PrivateKey.from_private_bytes(x25519_raw)
        public = PublicKey._of(
            post_quantum.public_key().public_bytes_raw(), classic.public_key().public_bytes_raw()
        )
        key = hpke.MLKEM768X25519PrivateKey(post_quantum, classic)
        return cls(public.key_id, mlkem_seed, x25519_raw, key, public)

    def save(self, path: Path, *, like: Path | None = None) -> None:
        """Write the key as a new JSON file, mode 0600, whole or not at all; its owner is that of `like`."""
        content = _document("private", self.key_id, mlkem768_seed=self._mlkem_seed, x25519=self._x25519)
        write_private(path, content, like=like)

    @classmethod
    def load(cls, path: Path) -> "PrivateKey":
        """Read what `save` wrote; `ConfigError` if it is damaged or if others may read the file."""
        content = read_private(path)
        return _load(path, "private", content, lambda data: cls._of(data["mlkem768_seed"], data["x25519"]))


class PresentKey:
    """The intake's public key as its file is now: a running process follows a rotation.

    What is sealed after the file was replaced is sealed for the new key; a file that can't be read stops
    nobody (the key known so far is used); looking costs one `stat`. Safe to use from several threads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = (self._version(), PublicKey.load(path))

    def __call__(self) -> PublicKey:
        """The key to seal with now."""
        version, key = self._known
        now = self._version()
        if now != version:
            try:
                key = PublicKey.load(self._path)
            except ConfigError:
                # Half a copy from another machine: it will be whole in a moment.
                return key
            # What we saw before reading may be older than what we read, never newer.
            self._known = (now, key)
        return key

    def _version(self) -> tuple[int, int, int]:
        try:
            facts = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (facts.st_ino, facts.st_mtime_ns, facts.st_size)


_Key = TypeVar("_Key", PublicKey, PrivateKey)


def generate() -> PrivateKey:
    """A new key pair from the system's random source."""
    return PrivateKey._of(
        mlkem.MLKEM768PrivateKey.generate().private_bytes_raw(),
        x25519.X25519PrivateKey.generate().private_bytes_raw(),
    )


def seal(plaintext: bytes, key: PublicKey, context: str) -> bytes:
    """Seal for `key`; `context` (such as ``inbox:<row id>``) must be given again, unchanged, to open."""
    head = bytes((_VERSION,)) + bytes.fromhex(key.key_id)
    return head + _suite().encrypt(plaintext, key._hpke, _info(head, context))


def key_id_of(blob: bytes) -> str:
    """The id of the key a blob was sealed for; `OpenError` if it is no blob of ours."""
    if len(blob) < _HEAD_SIZE or blob[0] != _VERSION:
        raise OpenError("not a sealed blob of a version known here")
    return blob[1:_HEAD_SIZE].hex()


class Keychain:
    """The private keys a role holds: the present one and, while a rotation runs, the one before.

    With `look_again` a key that came after this keychain was made is found too, when it is first needed.
    """

    def __init__(
        self, keys: Iterable[PrivateKey], look_again: Callable[[], Iterable[PrivateKey]] = tuple
    ) -> None:
        self._keys = {key.key_id: key for key in keys}
        self._look_again = look_again

    @property
    def key_ids(self) -> frozenset[str]:
        """The ids of the keys it holds."""
        return frozenset(self._keys)

    def open(self, blob: bytes, context: str) -> bytes:
        """The plaintext; `OpenError` if the key is not here, or the blob or its context was changed."""
        key = self._find(key_id_of(blob))
        if key is None:
            raise OpenError(f"sealed for key {key_id_of(blob)}, which is not in this keychain")
        try:
            return _suite().decrypt(blob[_HEAD_SIZE:], key._hpke, _info(blob[:_HEAD_SIZE], context))
        except (InvalidTag, ValueError):
            raise OpenError("a sealed blob was damaged or belongs to another place") from None

    def _find(self, key_id: str) -> PrivateKey | None:
        if key_id not in self._keys:
            # A new mapping in one step: other threads read the old one meanwhile.
            self._keys = self._keys | {key.key_id: key for key in self._look_again()}
        return self._keys.get(key_id)


def reseal(blob: bytes, keychain: Keychain, new_public: PublicKey, context: str) -> bytes:
    """The same content sealed for `new_public`: one step of a key rotation, plaintext in memory only.

    A blob that is already sealed for `new_public` comes back as it is, so a rotation can be repeated.
    """
    if key_id_of(blob) == new_public.key_id:
        return blob
    return seal(keychain.open(blob, context), new_public, context)


def _suite() -> hpke.Suite:
    return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def _info(head: bytes, context: str) -> bytes:
    """Bind version, key id and context into the key schedule (RFC 9180 section 5.1, `info`)."""
    if not context:
        raise ValueError("a context is needed")
    return b"inbeeld box\0" + head + context.encode()


def _document(half: str, key_id: str, **parts: bytes) -> bytes:
    values = {name: base64.b64encode(part).decode("ascii") for name, part in parts.items()}
    document = {"kind": _KIND[half], "version": _VERSION, "suite": SUITE, "id": key_id, **values}
    return json.dumps(document, indent=2).encode() + b"\n"


def _load(path: Path, half: str, content: bytes, build: Callable[[dict[str, bytes]], _Key]) -> _Key:
    try:
        document = json.loads(content)
        if (document["kind"], document["version"], document["suite"]) != (_KIND[half], _VERSION, SUITE):
            raise _not_a_key(path, half)
        parts = {name: value for name, value in document.items() if name.startswith(("mlkem768", "x25519"))}
        key = build({name: base64.b64decode(value, validate=True) for name, value in parts.items()})
        if key.key_id != document["id"]:
            raise _not_a_key(path, half)
    # A damaged file may fail anywhere here, and the text of that failure may quote the key: drop it.
    except (ValueError, KeyError, TypeError):
        raise _not_a_key(path, half) from None
    return key


def _not_a_key(path: Path, half: str) -> ConfigError:
    return ConfigError(
        str(path),
        f"{half} key",
        f"it is missing or is not a whole {half} key of InBeeld",
        "Restore it from the backup; see keys/README.md",
    )


_CASE_VERSION = b"\x01"
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
        return _CASE_VERSION + nonce + AESGCM(self._key).encrypt(nonce, plaintext, _bound(context))

    def open(self, blob: bytes, context: str) -> bytes:
        """The plaintext; `OpenError` if blob, context or key is not as it was when sealed."""
        if len(blob) < 1 + _NONCE_SIZE + _TAG_SIZE or blob[:1] != _CASE_VERSION:
            raise OpenError("not a case blob of a version known here")
        nonce, ciphertext = blob[1 : 1 + _NONCE_SIZE], blob[1 + _NONCE_SIZE :]
        try:
            return AESGCM(self._key).decrypt(nonce, ciphertext, _bound(context))
        except InvalidTag:
            raise OpenError("a case blob was damaged or belongs to another place") from None

    def wrap(self, public_key: PublicKey, context: str) -> bytes:
        """The key itself, sealed for the intake key; `reseal` with `wrap_context` rotates it."""
        return seal(self._key, public_key, wrap_context(context))

    @classmethod
    def unwrap(cls, blob: bytes, keychain: Keychain, context: str) -> "CaseKey":
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
    return b"inbeeld case\0" + _CASE_VERSION + context.encode()
