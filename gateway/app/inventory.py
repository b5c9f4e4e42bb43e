"""Every key and certificate of a working directory, as it is now.

It promises one line for each, whatever is wrong with it, and that no private part is shown.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.app.keys import KeyFiles, OwnKeyFiles
from gateway.errors import ConfigError, SealError
from gateway.sealing import box
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyfacts import KeyFacts, KeyFlaw
from gateway.sealing.keyfiles import FileTooLargeError, read_limited
from gateway.sealing.keyring import Format, Sealer, inspect
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.settings import OrganisationEntry, Settings

TLS, SIGNER, SIGNER_OPENPGP, SIGNER_JWE = "tls", "signer", "signer-openpgp", "signer-jwe"
MAIL_OPENPGP, MAIL_SMIME = "mail-openpgp", "mail-smime"
OWN = (TLS, SIGNER, SIGNER_OPENPGP, SIGNER_JWE, MAIL_OPENPGP, MAIL_SMIME)


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One key. `kind` is organisation, intake, or one of our own; `problem` is a closed code."""

    kind: str
    owner: str
    format: str
    fingerprint: str = ""
    algorithm: str = ""
    expires_at: datetime | None = None
    problem: str | None = None


class Inventory:
    """The keys of one working directory."""

    def __init__(
        self,
        settings: Settings,
        entries: Mapping[str, OrganisationEntry],
        own: OwnKeyFiles,
        sealers: Mapping[str, Sealer],
    ) -> None:
        self._settings, self._entries, self._own, self._sealers = settings, entries, own, sealers

    def organisations(self, now: datetime) -> Iterator[KnownKey]:
        """The public keys of organisations; where one can't be used, the fingerprint that was agreed."""
        for entry in self._entries.values():
            try:
                yield _known("organisation", entry.id, self._sealers[entry.id].check(now))
            except SealError as error:
                yield KnownKey("organisation", entry.id, entry.format, entry.fingerprint, problem=error.code)

    def tls(self, now: datetime) -> KnownKey:
        """The certificate of our listeners."""
        return _certificate(TLS, self._settings.path(self._settings.smtp.tls_cert), now)

    def own(self, now: datetime) -> Iterator[KnownKey]:
        """Our TLS certificate, and the keys with which we sign and are written to, if there are any."""
        yield self.tls(now)
        if self._own.smime.exists():
            yield _certificate(SIGNER, self._own.smime, now)
        yield from self._signing(now)
        if self._own.mail_openpgp.exists():
            yield self._inspected(MAIL_OPENPGP, "openpgp", self._own.mail_openpgp, now)
        if self._own.mail_smime.exists():
            yield self._inspected(MAIL_SMIME, "smime", self._own.mail_smime, now)

    def _signing(self, now: datetime) -> Iterator[KnownKey]:
        """What we sign OpenPGP and JWE with."""
        for kind, format, path in (
            (SIGNER_OPENPGP, "openpgp", self._own.openpgp),
            (SIGNER_JWE, "jwe", self._own.jws),
        ):
            # A web role of its own may not be able to read it.
            if not os.access(path, os.R_OK):
                continue
            try:
                found = OpenPgpSigner.load(path) if format == "openpgp" else JwsSigner.load(path)
            except ConfigError:
                yield KnownKey(kind, path.name, format, problem=str(KeyFlaw.UNREADABLE))
                continue
            ended = found.expires_at is not None and now >= found.expires_at
            problem = str(KeyFlaw.EXPIRED) if ended else None
            yield KnownKey(
                kind, path.name, format, found.fingerprint, found.algorithm, found.expires_at, problem
            )

    def own_ends(self) -> dict[str, Callable[[datetime], datetime | None]]:
        """When each of our own keys that has an end expires, to be asked again and again."""

        def end_of(kind: str) -> Callable[[datetime], datetime | None]:
            return lambda now: next((key.expires_at for key in self.own(now) if key.kind == kind), None)

        return {kind: end_of(kind) for kind in OWN}

    def _inspected(self, kind: str, format: Format, path: Path, now: datetime) -> KnownKey:
        try:
            facts = inspect(format, path, now, gpg_home_root=self._settings.data_dir / "gpg")
        except SealError as error:
            return KnownKey(kind, path.name, format, problem=error.code)
        return _known(kind, path.name, facts)


def intake_keys(files: KeyFiles) -> Iterator[KnownKey]:
    """The present intake key, and those beside it while a rotation runs; they are opened to be told apart."""
    for path in (files.intake_private, *files.others):
        try:
            yield KnownKey("intake", path.name, "hpke", box.PrivateKey.load(path).key_id, box.SUITE)
        except ConfigError:
            yield KnownKey("intake", path.name, "hpke", problem=str(KeyFlaw.UNREADABLE))


def _known(kind: str, owner: str, facts: KeyFacts) -> KnownKey:
    return KnownKey(kind, owner, facts.format, facts.fingerprint, facts.algorithm, facts.expires_at)


def _certificate(kind: str, path: Path, now: datetime) -> KnownKey:
    format = "tls" if kind == TLS else "smime"
    try:
        certificate = x509.load_pem_x509_certificate(read_limited(path))
        key = certificate.public_key()
    except FileNotFoundError:
        return KnownKey(kind, path.name, format, problem=str(KeyFlaw.MISSING))
    except (OSError, ValueError, FileTooLargeError):
        return KnownKey(kind, path.name, format, problem=str(KeyFlaw.UNREADABLE))
    problem = None
    if now < certificate.not_valid_before_utc:
        problem = str(KeyFlaw.NOT_YET_VALID)
    elif now >= certificate.not_valid_after_utc:
        problem = str(KeyFlaw.EXPIRED)
    return KnownKey(
        kind,
        path.name,
        format,
        certificate.fingerprint(hashes.SHA256()).hex().upper(),
        _algorithm(key),
        certificate.not_valid_after_utc,
        problem,
    )


def _algorithm(key: object) -> str:
    match key:
        case rsa.RSAPublicKey():
            return f"rsa{key.key_size}"
        case ec.EllipticCurvePublicKey():
            return key.curve.name
        case _:
            return type(key).__name__.removesuffix("PublicKey").lower()
