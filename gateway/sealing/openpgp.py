"""OpenPGP towards an organisation: one message, signed by us and encrypted to one pinned certificate.

It promises that the key was checked by us at this very message (the library encrypts to withdrawn and expired
ones without a word); that only that key was given to the engine; that gpg 2.2 reads the result; and that the
answer is taken apart before it is believed: one encrypted session key, for this key, then one
integrity-protected packet, and nothing else. The engine is pysequoia, in this process; `gpg.Gnupg` is another
under the same contract.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pysequoia

from gateway.errors import SealError
from gateway.sealing import packets
from gateway.sealing.engine import EngineError
from gateway.sealing.gpg import Gpg, temporary_home
from gateway.sealing.keyfacts import KeyFacts, KeyFlaw, PinnedFile, Sealed, assure_sealed, failed
from gateway.sealing.packets import NotPackets
from gateway.sealing.pgpkeys import (
    EncryptionKey,
    LibraryError,
    OpenPgpSigner,
    asked,
    newest,
    read_certificate,
)

MEDIA_TYPE = "application/pgp-encrypted"


class PgpEngine(Protocol):
    """Signs and encrypts. Safe to use from several threads."""

    def encrypt(self, entity: bytes, key: EncryptionKey, signer: OpenPgpSigner | None) -> bytes:
        """An armoured message to `key` alone; raises `EngineError`, or `KeyUnusable` if it knows better."""
        ...

    def close(self) -> None: ...


class Sequoia:
    """pysequoia, in this process: a fifth of a millisecond a message.

    To a certificate that asks for RFC 9580 it writes what gpg 2.2 can't read, and can't be told otherwise;
    such a message is made by `older`.
    """

    def __init__(self, older: PgpEngine) -> None:
        self._older = older

    def encrypt(self, entity: bytes, key: EncryptionKey, signer: OpenPgpSigner | None) -> bytes:
        if key.modern:
            return self._older.encrypt(entity, key, signer)
        handle = signer.handle if signer else None
        try:
            return asked(lambda: pysequoia.encrypt(entity, [key.parsed], signer=handle))
        except LibraryError:
            raise EngineError("pysequoia can't encrypt") from None

    def close(self) -> None:
        self._older.close()


class OpenPgpSealer:
    """A `Sealer` on an engine. Without a `signer` it can check, but not seal."""

    def __init__(
        self, key_file: Path, fingerprint: str | None, signer: OpenPgpSigner | None, engine: PgpEngine
    ) -> None:
        self._key = PinnedFile(key_file, fingerprint, read_certificate)
        self._signer, self._engine = signer, engine

    def check(self, now: datetime) -> KeyFacts:
        return self._current(now)[0]

    def seal(self, entity: bytes, now: datetime) -> Sealed:
        """PGP/MIME's encrypted part (RFC 3156 section 4), ASCII armour. See `Sealer.seal`."""
        facts, key = self._current(now)
        if self._signer is None:
            raise failed(KeyFlaw.SIGNER)
        self._signer.assure(now)
        return Sealed(MEDIA_TYPE, self._encrypted(entity, key, self._signer), facts.fingerprint)

    def rehearse(self, now: datetime) -> None:
        _, key = self._current(now)
        self._encrypted(b"proef", key, None)

    def close(self) -> None:
        self._engine.close()

    def _current(self, now: datetime) -> tuple[KeyFacts, EncryptionKey]:
        key = self._key.current(now)
        return key.facts, newest(key.material, now)

    def _encrypted(self, entity: bytes, key: EncryptionKey, signer: OpenPgpSigner | None) -> bytes:
        try:
            message = self._engine.encrypt(entity, key, signer)
            to = packets.recipients(message)
        except (EngineError, NotPackets):
            raise failed() from None
        if to != (key.key_id,):
            raise failed()
        assure_sealed(entity, message)
        return message


def generate(
    home: Path,
    name: str,
    address: str,
    expires: datetime | None,
    *,
    created: datetime | None = None,
    signing: bool = False,
    gpg: str = "gpg",
) -> tuple[str, str, str]:
    """A new pair without passphrase: public armour, private armour, full fingerprint.

    Ed25519, with a Curve25519 subkey unless it is only for `signing`. `home` is a directory below which gpg
    works for a moment; `created` sets the date of the key (default: the system's clock).
    """
    if any(character in name + address for character in "\r\n<>"):
        raise ValueError("a name or address with a line break or an angle bracket")
    options = ("--faked-system-time", f"{_stamp(created)}!") if created else ()
    try:
        # gpg's agent has lost a key that it had just made, once in thousands of times.
        for _ in range(2):
            with temporary_home(home) as place:
                engine = Gpg(place, gpg=gpg, seconds=60, options=options)
                made = _generated(engine, name, address, expires, signing=signing)
            if all(made):
                return made
    except EngineError as error:
        raise SealError(KeyFlaw.ENGINE_ERROR.value, str(error)) from None
    raise failed()


def _generated(
    engine: Gpg, name: str, address: str, expires: datetime | None, *, signing: bool
) -> tuple[str, str, str]:
    subkey = {"subkey_type": "ecdh", "subkey_curve": "cv25519", "subkey_usage": "encrypt"}
    recipe = engine.gen_key_input(
        key_type="eddsa",
        key_curve="ed25519",
        key_usage="sign",
        **({} if signing else subkey),
        name_real=name,
        name_email=address,
        expire_date=_stamp(expires) if expires else "0",
        no_protection=True,
    )
    fingerprint = engine.gen_key(recipe.encode()).fingerprint
    if not fingerprint:
        raise failed()
    public = engine.export_keys(fingerprint)
    private = engine.export_keys(fingerprint, secret=True, expect_passphrase=False)
    return public, private, fingerprint


def _stamp(moment: datetime) -> str:
    """As gpg writes moments: ISO 8601 basic, UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
