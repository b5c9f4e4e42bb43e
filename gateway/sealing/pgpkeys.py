"""OpenPGP keys: which ones of a certificate a message may be encrypted to, and the one that we sign with.

It promises that exactly one certificate is in the file, without private parts; that a key counts only with a
signature of its primary key that was verified here; and that whatever else is in the file (keys that expired,
are too short, were withdrawn or are of a kind unknown here) is no obstacle beside a good one and is never
encrypted to. Dates are given, not judged (see `keyfacts`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pysequoia
from pysequoia.packet import HashAlgorithm, PacketPile, SignatureType
from pysequoia.packet import Packet as Parsed

from gateway.errors import ConfigError, InbeeldError
from gateway.files import read_private
from gateway.sealing import packets
from gateway.sealing.keyfacts import KeyFacts, KeyFlaw, ReadKey, failed, unusable
from gateway.sealing.packets import NotPackets, Tag

Answer = TypeVar("Answer")

_VERSION = 4
# RFC 9580 section 12.4 and NIST SP 800-57: below this, RSA keys are not safe.
_SHORTEST = 2048
_RSA = (1, 2)
_RSA_SIGN, _ECDH = 3, 18
_DSA, _ECDSA, _EDDSA = 17, 19, 22
# RFC 9580 section 9.1 and draft-ietf-openpgp-pqc; 8 is what GnuPG 2.5 makes.
_POST_QUANTUM = (8, 35, 36)
_CURVES = {
    "2b06010401da470f01": "ed25519",
    "2b060104019755010501": "cv25519",
    "2a8648ce3d030107": "nistp256",
    "2b81040022": "nistp384",
    "2b81040023": "nistp521",
}
_UNSAFE_HASHES = (HashAlgorithm.MD5, HashAlgorithm.SHA1, HashAlgorithm.RipeMD)


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """One key to encrypt to. `certificate` holds it and nothing else that could be encrypted to.

    `modern`: the owner's program asks for a format (RFC 9580) that gpg 2.2 can't read.
    """

    primary: str
    fingerprint: str
    algorithm: str
    created: datetime
    expires: datetime | None
    certificate: bytes = field(repr=False)
    parsed: pysequoia.Cert = field(repr=False, compare=False)
    modern: bool = False

    @property
    def key_id(self) -> str:
        """The part of the fingerprint by which a message names its reader."""
        return self.fingerprint[-16:]

    def alive(self, now: datetime) -> bool:
        """Whether its own dates allow it at `now`."""
        return self.created <= now and (self.expires is None or now < self.expires)


def newest(keys: Sequence[EncryptionKey], now: datetime) -> EncryptionKey:
    """The key to use, which is the newest, as gpg has it; raises `KeyUnusable`."""
    alive = [key for key in keys if key.alive(now)]
    if not alive:
        raise unusable(KeyFlaw.EXPIRED if any(key.created <= now for key in keys) else KeyFlaw.NOT_YET_VALID)
    return max(alive, key=lambda key: key.created)


def read_certificate(content: bytes) -> ReadKey[tuple[EncryptionKey, ...]]:
    """Read a key file; the material is what may be encrypted to. Raises `KeyUnusable`."""
    try:
        binary = packets.bare(content)
        found = packets.parse(binary)
    except NotPackets:
        raise unusable(KeyFlaw.UNREADABLE) from None
    tags = [packet.tag for packet in found]
    if Tag.SECRET_KEY in tags or Tag.SECRET_SUBKEY in tags:
        raise unusable(KeyFlaw.PRIVATE_KEY_PRESENT)
    if tags[0] != Tag.PUBLIC_KEY:
        raise unusable(KeyFlaw.UNREADABLE)
    if tags.count(Tag.PUBLIC_KEY) > 1:
        raise unusable(KeyFlaw.SEVERAL_KEYS)
    if found[0].body[:1] != bytes((_VERSION,)):
        raise unusable(KeyFlaw.KEY_VERSION)
    if Tag.USER_ID not in tags:
        raise unusable(KeyFlaw.NO_USER_ID)
    try:
        # Every look at a packet may fail, not only the first.
        return asked(lambda: _Certificate(list(PacketPile.from_bytes(binary))).read())
    except LibraryError:
        raise unusable(KeyFlaw.UNREADABLE) from None


class LibraryError(Exception):
    """pysequoia could not do what it was asked."""


def asked(call: Callable[[], Answer]) -> Answer:
    """What pysequoia answers; `LibraryError`, without the library's own text, for whatever it raises.

    A fault in its Rust code is a `BaseException`, which must not end the thread that met a strange file.
    """
    try:
        return call()
    except (InbeeldError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 - it has no error of its own, and its texts may quote the content
        raise LibraryError from None


class _Certificate:
    """One certificate, taken apart: the primary key with its names, and each subkey with its signatures."""

    def __init__(self, pile: list[Parsed]) -> None:
        starts = [at for at, packet in enumerate(pile) if int(packet.tag) == Tag.PUBLIC_SUBKEY]
        bounds = pairwise((*starts, len(pile)))
        self._head = [packet for packet in pile[: starts[0] if starts else None] if _is_known(packet)]
        self._subkeys = [pile[start:end] for start, end in bounds]
        self._problems: list[KeyFlaw] = []

    def read(self) -> ReadKey[tuple[EncryptionKey, ...]]:
        """The facts, and every key that could be encrypted to at some time."""
        primary = self._head[0]
        created, fingerprint = primary.key_created, (primary.fingerprint or "").upper()
        if created is None or not _verifiable(primary):
            raise unusable(KeyFlaw.ALGORITHM)
        ends, problem = self._judged()
        keys = () if self._problems else tuple(self._encryption_keys(ends))
        lasts = [key.expires for key in keys]
        last = None if None in lasts else max((end for end in lasts if end is not None), default=None)
        facts = KeyFacts(
            format="openpgp",
            fingerprint=fingerprint,
            algorithm=max(keys, key=lambda key: key.created).algorithm if keys else "",
            expires_at=min((end for end in (ends, last) if end is not None), default=None),
            key_ids=tuple(key.key_id for key in keys),
            unused=tuple(dict.fromkeys(self._problems)) if keys else (),
        )
        starts = max(created, min((key.created for key in keys), default=created))
        # A signature of tomorrow can't be verified yet, so that the file is read again until it can.
        ahead = self._is_ahead()
        if problem is None and not keys:
            problem = KeyFlaw.NOT_YET_VALID if ahead else _gravest(self._problems)
        return ReadKey(facts, starts, problem, keys, settled=not ahead)

    def _judged(self) -> tuple[datetime | None, KeyFlaw | None]:
        """When the primary key ends, and what no date can mend about it."""
        if _is_short(self._head[0]):
            return None, KeyFlaw.WEAK
        try:
            certificate = asked(lambda: pysequoia.Cert.from_packets(self._head))
            if certificate.is_revoked:
                return None, KeyFlaw.REVOKED
            return asked(lambda: certificate.expiration), None
        except LibraryError:
            own = [packet for packet in self._head if packet.signature_type is not None]
            unsafe = own and all(packet.hash_algorithm in _UNSAFE_HASHES for packet in own)
            self._problems.append(KeyFlaw.OLD_SIGNATURE if unsafe else KeyFlaw.UNREADABLE)
            return None, None

    def _encryption_keys(self, ends: datetime | None) -> Iterator[EncryptionKey]:
        primary = self._head[0]
        # Some old RSA keys have one key for everything.
        if primary.body[5] in _RSA and (key := self._usable(primary, [], ends)) is not None:
            yield key
        for subkey, *signatures in self._subkeys:
            bindings = [one for one in signatures if one.signature_type == SignatureType.SubkeyBinding]
            bindings.sort(key=lambda one: one.signature_created or datetime.min.replace(tzinfo=UTC))
            flags = bindings[-1].key_flags if bindings else None
            if flags and not (flags.transport_encryption or flags.storage_encryption):
                continue
            if problem := _problem(subkey):
                self._problems.append(problem)
            # Whoever withdrew it need not be proven: a withdrawal can only forbid.
            elif any(one.signature_type == SignatureType.SubkeyRevocation for one in signatures):
                self._problems.append(KeyFlaw.REVOKED)
            elif not bindings:
                self._problems.append(KeyFlaw.UNREADABLE)
            elif key := self._usable(subkey, bindings[-1:], _end(subkey, bindings[-1])):
                yield key
            else:
                unsafe = bindings[-1].hash_algorithm in _UNSAFE_HASHES
                self._problems.append(KeyFlaw.OLD_SIGNATURE if unsafe else KeyFlaw.UNREADABLE)

    def _usable(self, key: Parsed, binding: list[Parsed], ends: datetime | None) -> EncryptionKey | None:
        """The key, if its signature is good: the library encrypts to no other."""
        alone = [*self._head, *([key] if binding else []), *binding]
        try:
            certificate = asked(lambda: pysequoia.Cert.from_packets(alone))
            trial = packets.parse(asked(lambda: pysequoia.encrypt(b"", [certificate], armor=False)))
        except (LibraryError, NotPackets):
            return None
        return EncryptionKey(
            primary=(self._head[0].fingerprint or "").upper(),
            fingerprint=(key.fingerprint or "").upper(),
            algorithm=_algorithm(key),
            created=key.key_created or datetime.max.replace(tzinfo=UTC),
            expires=ends,
            certificate=b"".join(bytes(packet) for packet in alone),
            parsed=certificate,
            modern=trial[0].body[:1] != b"\x03",
        )

    def _is_ahead(self) -> bool:
        """Whether anything was made later than this machine's clock, by which the library goes."""
        now = datetime.now(UTC)
        every = (*self._head, *(packet for subkey in self._subkeys for packet in subkey))
        made = (packet.signature_created or packet.key_created for packet in every)
        return any(moment is not None and moment > now for moment in made)


def _is_known(packet: Parsed) -> bool:
    return int(packet.tag) in (Tag.PUBLIC_KEY, Tag.USER_ID, Tag.SIGNATURE)


def _verifiable(primary: Parsed) -> bool:
    """Whether both engines can verify what this key signed."""
    kind = primary.body[5]
    return kind in (*_RSA, _RSA_SIGN, _DSA) or (kind in (_ECDSA, _EDDSA) and _algorithm(primary) != "")


def _problem(subkey: Parsed) -> KeyFlaw | None:
    """Why a subkey is never encrypted to, whatever its signatures say."""
    if len(subkey.body) < 6:
        return KeyFlaw.UNREADABLE
    if subkey.body[5] in _POST_QUANTUM:
        return KeyFlaw.POST_QUANTUM
    if subkey.body[0] != _VERSION:
        return KeyFlaw.KEY_VERSION
    if subkey.body[5] in _RSA:
        return KeyFlaw.WEAK if _is_short(subkey) else None
    if subkey.body[5] == _ECDH and _algorithm(subkey):
        return None
    return KeyFlaw.ALGORITHM


def _is_short(key: Parsed) -> bool:
    """Whether an RSA or DSA key is too short: its first number follows version, date and algorithm."""
    return key.body[5] in (*_RSA, _RSA_SIGN, _DSA) and int.from_bytes(key.body[6:8], "big") < _SHORTEST


def _algorithm(key: Parsed) -> str:
    """As gpg names it; nothing for a curve that is unknown here."""
    if key.body[5] in (_ECDH, _ECDSA, _EDDSA):
        return _CURVES.get(key.body[7 : 7 + key.body[6]].hex(), "")
    return f"rsa{int.from_bytes(key.body[6:8], 'big')}"


def _end(subkey: Parsed, binding: Parsed) -> datetime | None:
    ends = [binding.signature_expiration_time]
    if binding.key_validity_period and subkey.key_created:
        ends.append(subkey.key_created + binding.key_validity_period)
    return min((end for end in ends if end is not None), default=None)


def _gravest(problems: list[KeyFlaw]) -> KeyFlaw:
    """What to tell when no key is left: what its owner can do most about."""
    order = (
        *(KeyFlaw.OLD_SIGNATURE, KeyFlaw.UNREADABLE, KeyFlaw.WEAK, KeyFlaw.POST_QUANTUM),
        *(KeyFlaw.KEY_VERSION, KeyFlaw.ALGORITHM, KeyFlaw.REVOKED),
    )
    return next((problem for problem in order if problem in problems), KeyFlaw.SIGN_ONLY)


@dataclass(frozen=True, slots=True)
class OpenPgpSigner:
    """The gateway's own OpenPGP key. Its `repr` shows the fingerprint alone."""

    fingerprint: str
    algorithm: str = field(repr=False)
    expires_at: datetime | None = field(repr=False)
    public: bytes = field(repr=False)
    private: bytes = field(repr=False)
    handle: pysequoia.PySigner = field(repr=False, compare=False)

    @classmethod
    def of(cls, private: bytes) -> "OpenPgpSigner":
        """From an armoured private key without passphrase; raises `LibraryError`."""
        key = asked(lambda: pysequoia.Tsk.from_bytes(private))
        certificate = key.extract_certificate()
        primary = next(iter(PacketPile.from_bytes(bytes(certificate))))
        return cls(
            certificate.fingerprint.upper(),
            _algorithm(primary),
            asked(lambda: certificate.expiration),
            str(certificate).encode(),
            private,
            asked(key.signer),
        )

    @classmethod
    def load(cls, path: Path) -> "OpenPgpSigner":
        """Read the private key file; `ConfigError` if it can't be used."""
        try:
            return cls.of(read_private(path))
        except LibraryError:
            raise ConfigError(
                str(path),
                "signing key",
                "it is no OpenPGP private key that can sign, without passphrase",
                "Move it away and make a new one with: inbeeld keys complete",
            ) from None

    @property
    def addresses(self) -> frozenset[str]:
        """The mail addresses that it is for, in small letters."""
        names = asked(lambda: [str(name) for name in pysequoia.Cert.from_bytes(self.public).user_ids])
        return frozenset(parseaddr(name)[1].lower() for name in names)

    def matches(self, public: bytes) -> bool:
        """Whether this is its public part."""
        try:
            return asked(lambda: pysequoia.Cert.from_bytes(public)).fingerprint.upper() == self.fingerprint
        except LibraryError:
            return False

    def assure(self, now: datetime) -> None:
        """Raise `SealError` unless it may sign at `now`."""
        if self.expires_at is not None and now >= self.expires_at:
            raise failed(KeyFlaw.SIGNER)
