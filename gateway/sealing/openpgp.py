"""OpenPGP towards an organisation: one message, encrypted by gpg to one pinned certificate.

It promises that plaintext goes to gpg through a pipe and ciphertext comes back through one; that gpg
sees the very bytes of the certificate that were just checked, and no keyring, option file or network;
and that the answer is taken apart before it is believed: encrypted session keys for this certificate
alone, then one integrity-protected packet, and nothing else.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gateway.errors import SealError
from gateway.sealing import packets
from gateway.sealing.engine import EngineError, run
from gateway.sealing.gpghome import OFFLINE, QUIET, UNLOCKED, temporary_home
from gateway.sealing.keyfacts import (
    KeyFacts,
    PinnedFile,
    Problem,
    Sealed,
    assure_sealed,
    failed,
    unusable,
)
from gateway.sealing.packets import NotPackets
from gateway.sealing.pgpcertificate import read_certificate

MEDIA_TYPE = "application/pgp-encrypted"

# Compression stays off: it would let the length of a message tell something of its content.
_ENCRYPT = (
    *QUIET,
    *OFFLINE,
    *UNLOCKED,
    *("--no-keyring", "--no-encrypt-to", "--trust-model", "always"),
    *("--cipher-algo", "AES256", "--compress-algo", "none"),
    *("--armor", "--no-emit-version", "--no-comments"),
)


class OpenPgpSealer:
    """A `Sealer` on gpg. It keeps no keyring, so any number of threads can use it side by side."""

    def __init__(
        self, key_file: Path, fingerprint: str | None, gpg_home_root: Path, *, gpg: str = "gpg"
    ) -> None:
        self._gpg = gpg
        self._home = gpg_home_root
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._key = PinnedFile(
            key_file, fingerprint, lambda content: read_certificate(content, gpg, self._home)
        )

    def check(self, now: datetime) -> KeyFacts:
        """See `Sealer.check`."""
        return self._key.current(now).facts

    def seal(self, entity: bytes, now: datetime) -> Sealed:
        """PGP/MIME's encrypted part (RFC 3156 section 4), ASCII armour. See `Sealer.seal`."""
        key = self._key.current(now)
        message = self._encrypted(entity, key.material)
        try:
            to = packets.recipients(message)
        except NotPackets:
            raise failed() from None
        if len(to) != 1 or to[0] not in key.facts.key_ids:
            raise failed()
        assure_sealed(entity, message)
        return Sealed(MEDIA_TYPE, message)

    def close(self) -> None:
        """Nothing is held between two calls."""

    def _encrypted(self, entity: bytes, certificate: bytes) -> bytes:
        try:
            with _as_descriptor(certificate) as descriptor:
                recipient = ("--recipient-file", f"/proc/self/fd/{descriptor}")
                command = (self._gpg, "--homedir", self._home, *_ENCRYPT, *recipient, "--encrypt")
                done = run(command, entity, descriptors=(descriptor,))
        except (EngineError, OSError):
            raise failed() from None
        if done.code != 0 or not done.said("END_ENCRYPTION") or not done.output:
            # gpg goes by the system's clock: it may find a key expired which `now` did not.
            raise unusable(Problem.EXPIRED) if done.said("KEYEXPIRED") else failed()
        return done.output


@contextmanager
def _as_descriptor(certificate: bytes) -> Iterator[int]:
    """The certificate as an open file in memory, so that no other file can take its place meanwhile."""
    descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(certificate)
        yield descriptor
    finally:
        os.close(descriptor)


def generate(
    home: Path,
    name: str,
    address: str,
    expires: datetime | None,
    *,
    created: datetime | None = None,
    gpg: str = "gpg",
) -> tuple[str, str, str]:
    """A new pair without passphrase, for trials: public armour, private armour, full fingerprint.

    Ed25519 with a Curve25519 subkey. `home` is a directory below which gpg works for a moment;
    `created` sets the date of the key (default: the system's clock).
    """
    if any(character in name + address for character in "\r\n<>"):
        raise ValueError("a name or address with a line break or an angle bracket")
    recipe = [
        "%no-protection",
        "Key-Type: eddsa",
        "Key-Curve: ed25519",
        "Key-Usage: sign",
        "Subkey-Type: ecdh",
        "Subkey-Curve: cv25519",
        "Subkey-Usage: encrypt",
        f"Name-Real: {name}",
        f"Name-Email: {address}",
        f"Expire-Date: {_stamp(expires) if expires else 0}",
        "%commit",
    ]
    clock = ("--faked-system-time", f"{_stamp(created)}!") if created else ()
    try:
        with temporary_home(home) as place:
            command = (gpg, "--homedir", place, *QUIET, *OFFLINE, *clock)
            run((*command, "--full-generate-key"), "\n".join(recipe).encode(), seconds=60)
            public = run((*command, "--armor", "--export"), b"").output
            private = run((*command, "--armor", "--export-secret-keys"), b"").output
    except (EngineError, OSError) as error:
        raise SealError(Problem.ENGINE_ERROR.value, str(error)) from None
    if not public or not private:
        raise failed()
    facts = read_certificate(public, gpg, home).facts
    return public.decode("ascii"), private.decode("ascii"), facts.fingerprint


def _stamp(moment: datetime) -> str:
    """As gpg writes moments: ISO 8601 basic, UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
