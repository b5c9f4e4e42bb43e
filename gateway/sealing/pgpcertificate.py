"""An OpenPGP certificate, read from a key file: what gpg says of it, and whether it may be used at all.

It promises that exactly one certificate is in the file, without private parts, and that its facts are
those of the key a message would be encrypted to. Dates are given, not judged (see `keyfacts`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.sealing import packets
from gateway.sealing.engine import EngineError, run
from gateway.sealing.gpghome import OFFLINE, QUIET, UNLOCKED, temporary_home
from gateway.sealing.keyfacts import KeyFacts, Problem, ReadKey, unusable
from gateway.sealing.packets import NotPackets, Tag

# RFC 9580 section 12.4 and NIST SP 800-57: below this, RSA, Elgamal and DSA keys are not safe.
_SHORTEST = 2048
_SIZED = {"1": "rsa", "2": "rsa", "3": "rsa", "16": "elg", "17": "dsa"}


@dataclass(frozen=True, slots=True)
class _Key:
    """One `pub` or `sub` record of gpg's colon listing (GnuPG doc/DETAILS)."""

    validity: str
    size: int
    algorithm: str
    key_id: str
    created: datetime
    expires: datetime | None
    uses: str
    curve: str
    fingerprint: str

    @property
    def name(self) -> str:
        return f"{_SIZED[self.algorithm]}{self.size}" if self.algorithm in _SIZED else self.curve

    @property
    def weak(self) -> bool:
        return self.algorithm in _SIZED and self.size < _SHORTEST

    @property
    def unsound(self) -> bool:
        return self.validity in ("r", "i", "d")


def read_certificate(content: bytes, gpg: str, root: Path) -> ReadKey[bytes]:
    """Read a key file; the material is the binary certificate. Raises `KeyUnusable`.

    gpg works in a home of its own below `root`: with an expired key it insists on writing a trust database.
    """
    try:
        binary = packets.bare(content)
        tags = [packet.tag for packet in packets.parse(binary)]
    except NotPackets:
        raise unusable(Problem.UNREADABLE) from None
    if Tag.SECRET_KEY in tags or Tag.SECRET_SUBKEY in tags:
        raise unusable(Problem.PRIVATE_KEY_PRESENT)
    if tags[0] != Tag.PUBLIC_KEY:
        raise unusable(Problem.UNREADABLE)
    if tags.count(Tag.PUBLIC_KEY) > 1:
        raise unusable(Problem.SEVERAL_KEYS)
    primary, *subkeys = _listed(binary, gpg, root)
    return _judged(primary, subkeys, binary)


def _judged(primary: _Key, subkeys: list[_Key], binary: bytes) -> ReadKey[bytes]:
    encrypting = [key for key in (primary, *subkeys) if "e" in key.uses]
    sound = [key for key in encrypting if not key.unsound]
    problem = None
    if primary.validity == "r":
        problem = Problem.REVOKED
    elif primary.unsound:
        problem = Problem.UNREADABLE
    elif not encrypting:
        problem = Problem.SIGN_ONLY
    elif not sound:
        problem = Problem.REVOKED
    # gpg takes the newest key that can be used, so every one of them must be strong enough.
    elif primary.weak or any(key.weak for key in sound):
        problem = Problem.WEAK
    ends = [key.expires for key in sound]
    last = None if None in ends else max((end for end in ends if end is not None), default=None)
    facts = KeyFacts(
        format="openpgp",
        fingerprint=primary.fingerprint,
        algorithm=(sound or [primary])[-1].name,
        expires_at=min((end for end in (primary.expires, last) if end is not None), default=None),
        key_ids=tuple(key.key_id for key in sound),
    )
    starts = [key.created for key in sound]
    return ReadKey(facts, max(primary.created, min(starts, default=primary.created)), problem, binary)


def _listed(binary: bytes, gpg: str, root: Path) -> list[_Key]:
    """What gpg makes of the certificate, after it checked every self-signature: primary key first."""
    # What is dated in the future is listed whole, so that it can be told from what is broken.
    options = (*QUIET, *OFFLINE, *UNLOCKED, "--no-keyring", "--ignore-time-conflict", "--with-colons")
    try:
        with temporary_home(root) as home:
            shown = run((gpg, "--homedir", home, *options, "--show-keys"), binary)
    except (EngineError, OSError):
        raise unusable(Problem.ENGINE_ERROR) from None
    if shown.code != 0 or not shown.output:
        raise unusable(Problem.UNREADABLE)
    try:
        keys = list(_records(shown.output.decode("utf-8", "replace")))
    except (ValueError, IndexError):
        raise unusable(Problem.ENGINE_ERROR) from None
    if not keys:
        raise unusable(Problem.ENGINE_ERROR)
    return keys


def _records(listing: str) -> Iterator[_Key]:
    record: list[str] | None = None
    for line in listing.splitlines():
        fields = line.split(":")
        if fields[0] in ("pub", "sub"):
            record = fields
        # The fingerprint of a key stands on the line below it.
        elif fields[0] == "fpr" and record is not None:
            yield _Key(
                validity=record[1],
                size=int(record[2]),
                algorithm=record[3],
                key_id=record[4],
                created=_moment(record[5]),
                expires=_moment(record[6]) if record[6] else None,
                uses="".join(use for use in record[11] if use.islower()),
                curve=record[16],
                fingerprint=fields[9],
            )
            record = None


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
