"""What is known of an organisation's key, what can be wrong with it, and what a sealer promises.

Every format reads a key file into a `ReadKey`; `PinnedFile` gives it out only after all checks, again at
every call: the file is read anew, its hash decides whether the parsed form may be reused, the pinned
fingerprint is compared, and the dates are held against `now`. So a key that was swapped, withdrawn or
has expired since the last message is refused at this one.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from gateway.errors import KeyUnusable, SealError
from gateway.files import FileTooLargeError, read_limited


class KeyFlaw(StrEnum):
    """Why nothing may be sealed: the closed set of `SealError.code`."""

    MISSING = "missing"
    AWAITED = "awaited"
    UNREADABLE = "unreadable"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SIGN_ONLY = "sign_only"
    WRONG_FINGERPRINT = "wrong_fingerprint"
    SEVERAL_KEYS = "several_keys"
    PRIVATE_KEY_PRESENT = "private_key_present"
    TOO_LARGE = "too_large"
    ENGINE_ERROR = "engine_error"
    NOT_YET_VALID = "not_yet_valid"
    CLOCK_BEHIND = "clock_behind"
    WEAK = "weak"
    SIGNER = "signer"
    CONTENT = "content"
    NO_USER_ID = "no_user_id"
    KEY_VERSION = "key_version"
    ALGORITHM = "algorithm"
    POST_QUANTUM = "post_quantum"
    OLD_SIGNATURE = "old_signature"
    RSA_PSS = "rsa_pss"
    EC_CERTIFICATE = "ec_certificate"
    AUTHORITY = "authority"


# What an administrator reads: what is wrong, and what to do next.
EXPLAINED = {
    KeyFlaw.MISSING: "the key file is not there; import the key with: inbeeld keys import",
    KeyFlaw.AWAITED: "nobody there has made a key yet: invite a colleague (inbeeld users invite), "
    "who makes it on the page Sleutel, and bind it with: inbeeld keys adopt",
    KeyFlaw.UNREADABLE: "the file holds no key of this format; ask the organisation to send it again",
    KeyFlaw.EXPIRED: "the key has expired; ask the organisation for a new or extended one",
    KeyFlaw.REVOKED: "the key was withdrawn by its owner; ask the organisation for a new one",
    KeyFlaw.SIGN_ONLY: "the key can sign but can't encrypt; ask the organisation for an encryption key",
    KeyFlaw.WRONG_FINGERPRINT: "the key is not the one whose fingerprint was agreed; compare it by phone",
    KeyFlaw.SEVERAL_KEYS: "the file holds more than one key; keep exactly the one that was agreed",
    KeyFlaw.PRIVATE_KEY_PRESENT: "the file holds a private key; ask for the public one, and for a new pair",
    KeyFlaw.TOO_LARGE: "the key file is larger than 64 kB; export the key without photos and old signatures",
    KeyFlaw.ENGINE_ERROR: "the encryption program failed or gave a wrong result; see: inbeeld check",
    KeyFlaw.NOT_YET_VALID: "the key is not valid yet; check the clock of this machine and the key's dates",
    KeyFlaw.CLOCK_BEHIND: "the key begins within a day, so the clock of this machine is most likely behind: "
    "set it right; what waits is tried again by itself",
    KeyFlaw.WEAK: "the key is too short to be safe; ask the organisation for a new one",
    KeyFlaw.SIGNER: "the gateway's own signing key is missing or not valid now; see: inbeeld keys list",
    KeyFlaw.CONTENT: "the referral does not fit what is sent to an organisation; look at these fields",
    KeyFlaw.NO_USER_ID: "the key has no user id (a name and address), as key servers give keys out whose "
    "address nobody confirmed; ask the organisation to export it from its own program",
    KeyFlaw.KEY_VERSION: "the key is of a version of OpenPGP that we don't read (version 6 of RFC 9580, "
    "version 5 of GnuPG, or one from before 1998); ask the organisation for a version 4 key",
    KeyFlaw.ALGORITHM: "the key is of an algorithm that is unknown here, too old or too new; "
    "ask the organisation for RSA of 3072 bits (OpenPGP, S/MIME), ed25519 with cv25519 (OpenPGP) "
    "or P-256 (JWK)",
    KeyFlaw.POST_QUANTUM: "the key can only be encrypted to with a post-quantum algorithm (such as ML-KEM), "
    "which we can't; ask the organisation to add an ordinary encryption key to it (cv25519 or RSA)",
    KeyFlaw.OLD_SIGNATURE: "the key is held together by SHA-1 or MD5 signatures, which can be forged; ask "
    "the organisation to extend its end date with a current program, which signs anew, and to send it again",
    KeyFlaw.RSA_PSS: "the certificate is for RSASSA-PSS, an RSA key that may only sign; ask the organisation "
    "for a certificate with an ordinary RSA key (rsaEncryption)",
    KeyFlaw.EC_CERTIFICATE: "the certificate has an elliptic-curve key, and we encrypt S/MIME to RSA only; "
    "ask the organisation for an RSA certificate of 3072 bits, or for an OpenPGP key",
    KeyFlaw.AUTHORITY: "the certificate is of an authority (CA:TRUE), whose key others hold: ask the "
    "organisation for the certificate of its own mailbox; whoever made it with openssl req -x509 adds "
    "-addext basicConstraints=critical,CA:FALSE",
}


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What can be shown of a key. `fingerprint` is full; `key_ids` are the parts messages are sealed to.

    `unused` says why other keys in the file are never encrypted to; they are no obstacle.
    """

    format: str
    fingerprint: str
    algorithm: str
    expires_at: datetime | None
    key_ids: tuple[str, ...]
    unused: tuple[KeyFlaw, ...] = ()


@dataclass(frozen=True, slots=True)
class Sealed:
    """Ciphertext for a key, with the media type an adapter needs (see `adapters.base.Parcel`)."""

    media_type: str
    ciphertext: bytes
    fingerprint: str


class Sealer(Protocol):
    """Seals to one organisation's pinned key. Safe to use from several threads."""

    def check(self, now: datetime) -> KeyFacts:
        """The facts of a key that may be used at `now`; raises `KeyUnusable` and nothing else."""
        ...

    def seal(self, entity: bytes, now: datetime) -> Sealed:
        """Check as above, then seal `entity`; raises `KeyUnusable` or `SealError` and nothing else."""
        ...

    def close(self) -> None: ...


class Rehearsing(Sealer, Protocol):
    """A sealer that can try a key before it is bound."""

    def rehearse(self, now: datetime) -> None:
        """Check as above, then encrypt a trial text, unsigned, and drop it; raises as `seal` does."""
        ...


SOON = timedelta(days=1)
"""A key that begins within this time is no wrong key: the machine's clock is behind."""

_Material = TypeVar("_Material")


@dataclass(frozen=True, slots=True)
class ReadKey(Generic[_Material]):
    """A parsed key file: its facts, its first moment, a `problem` no date can mend, and the key itself.

    `settled` is false where the same file may be read otherwise at another moment.
    """

    facts: KeyFacts
    valid_from: datetime | None
    problem: KeyFlaw | None
    material: _Material
    settled: bool = True


def unusable(problem: KeyFlaw, name: str = "") -> KeyUnusable:
    """The error for a key that can't be used; `name` is the key file's."""
    return KeyUnusable(problem.value, f"{name}: {EXPLAINED[problem]}" if name else EXPLAINED[problem])


def failed(problem: KeyFlaw = KeyFlaw.ENGINE_ERROR) -> SealError:
    """The error for a key that was fine and a sealing that was not."""
    return SealError(problem.value, EXPLAINED[problem])


class PinnedFile(Generic[_Material]):
    """A key file with the fingerprint agreed with its owner; `fingerprint=None` only to look at a new key."""

    def __init__(
        self, path: Path, fingerprint: str | None, read: Callable[[bytes], ReadKey[_Material]]
    ) -> None:
        self._path = path
        self._pin = None if fingerprint is None else plain(fingerprint)
        self._read = read
        self._parsed: tuple[bytes, ReadKey[_Material]] | None = None

    def current(self, now: datetime) -> ReadKey[_Material]:
        """The key if it may be used at `now`; raises `KeyUnusable`."""
        if now.tzinfo is None:
            raise ValueError("now must be aware")
        key = self._parse(self._content())
        # The pin comes first: what else a stranger's key may lack is of no interest.
        if self._pin is not None and plain(key.facts.fingerprint) != self._pin:
            raise unusable(KeyFlaw.WRONG_FINGERPRINT, self._path.name)
        begins = key.valid_from is not None and now < key.valid_from
        if key.problem is not None and not (begins and key.problem is KeyFlaw.NOT_YET_VALID):
            raise unusable(key.problem, self._path.name)
        if key.valid_from is not None and begins:
            # Nobody sends a key before its time. A day is more than any mistake with a time zone.
            soon = key.valid_from - now <= SOON
            raise unusable(KeyFlaw.CLOCK_BEHIND if soon else KeyFlaw.NOT_YET_VALID, self._path.name)
        if key.facts.expires_at is not None and now >= key.facts.expires_at:
            raise unusable(KeyFlaw.EXPIRED, self._path.name)
        return key

    def _content(self) -> bytes:
        try:
            return read_limited(self._path)
        except FileNotFoundError:
            raise unusable(KeyFlaw.MISSING, self._path.name) from None
        except FileTooLargeError:
            raise unusable(KeyFlaw.TOO_LARGE, self._path.name) from None
        except OSError:
            raise unusable(KeyFlaw.UNREADABLE, self._path.name) from None

    def _parse(self, content: bytes) -> ReadKey[_Material]:
        digest = hashlib.sha256(content).digest()
        # Read once: another thread may replace the pair at any moment, but never half of it.
        parsed = self._parsed
        if parsed is None or parsed[0] != digest:
            try:
                parsed = (digest, self._read(content))
            except KeyUnusable as error:
                raise unusable(KeyFlaw(error.code), self._path.name) from None
            if parsed[1].settled:
                self._parsed = parsed
        return parsed[1]


def grouped(fingerprint: str) -> str:
    """A fingerprint in groups of four, as people read it to each other."""
    bare = fingerprint.replace(" ", "").replace(":", "")
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def plain(fingerprint: str) -> str:
    """A fingerprint as compared: hexadecimal without spaces and colons, or a JWK thumbprint as it is."""
    bare = re.sub(r"[\s:]", "", fingerprint)
    return bare.upper() if re.fullmatch(r"[0-9A-Fa-f]+", bare) and len(bare) != _THUMBPRINT_SIZE else bare


# A JWK thumbprint (RFC 7638, SHA-256) is 43 base64url characters, where the case of a letter counts.
_THUMBPRINT_SIZE = 43


def assure_sealed(entity: bytes, ciphertext: bytes) -> None:
    """Refuse an output in which any longer line of the input stands in clear: a last look, in any format.

    This is what would catch an engine that answers with the plaintext labelled as encrypted.
    """
    if not ciphertext or any(len(line) >= 12 and line in ciphertext for line in entity.splitlines()):
        raise failed()
