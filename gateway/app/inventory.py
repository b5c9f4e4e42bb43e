"""Every key and certificate of a working directory, as it is now.

It promises one line for each, whatever is wrong with it, and that no private part is shown.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.app.certificates import NamedCertificate, named_certificates, parted
from gateway.app.keys import KeyFiles, OwnKeyFiles
from gateway.errors import ConfigError, SealError
from gateway.sealing import box
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyfacts import KeyFacts, KeyFlaw
from gateway.sealing.keyring import Format, Sealer, inspect
from gateway.sealing.pgpkeys import OpenPgpSigner

if TYPE_CHECKING:
    from gateway.app.installation import Installation

TLS, SIGNER, SIGNER_OPENPGP, SIGNER_JWE = "tls", "signer", "signer-openpgp", "signer-jwe"
MAIL_OPENPGP, MAIL_SMIME = "mail-openpgp", "mail-smime"
OWN = (TLS, SIGNER, SIGNER_OPENPGP, SIGNER_JWE, MAIL_OPENPGP, MAIL_SMIME)
NAMED = "certificate"
"""A file that the configuration names: what we show to whom we call, and whom we trust."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One key. `kind` is organisation, intake, certificate, or one of our own; `problem` is a closed code."""

    kind: str
    owner: str
    format: str
    fingerprint: str = ""
    algorithm: str = ""
    expires_at: datetime | None = None
    problem: str | None = None


class Inventory:
    """The keys of one working directory."""

    def __init__(self, base: "Installation", own: OwnKeyFiles, sealers: Mapping[str, Sealer]) -> None:
        self._settings, self._entries, self._directory = base.settings, base.entries, base.directory
        self._own, self._sealers = own, sealers

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

    def named(self, now: datetime) -> Iterator[KnownKey]:
        """The certificate files that the configuration names, by the setting that does."""
        options = {id_: given for id_, (_, given) in self._directory().adapters.items()}
        for file in named_certificates(self._settings, options):
            certificate, flaw = file.read(now)
            yield _shown(NAMED, file.setting, certificate, str(flaw) if flaw else None)

    def parted(self) -> Iterator[tuple[str, str]]:
        """The keys beside a certificate that are not its own, in the options of adapters."""
        yield from parted(
            self._settings, {id_: given for id_, (_, given) in self._directory().adapters.items()}
        )

    def ends(self, now: datetime) -> Iterator[tuple[str, datetime | None]]:
        """When each key of our own, and each certificate that the configuration names, ends."""
        for key in self.own(now):
            yield key.kind, key.expires_at
        for key in self.named(now):
            yield key.owner, key.expires_at

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
    certificate, flaw = NamedCertificate(path.name, path).read(now)
    return _shown(kind, path.name, certificate, str(flaw) if flaw else None)


def _shown(kind: str, owner: str, certificate: x509.Certificate | None, problem: str | None) -> KnownKey:
    format = "smime" if kind == SIGNER else "tls"
    if certificate is None:
        return KnownKey(kind, owner, format, problem=problem)
    return KnownKey(
        kind,
        owner,
        format,
        certificate.fingerprint(hashes.SHA256()).hex().upper(),
        _algorithm(certificate),
        certificate.not_valid_after_utc,
        problem,
    )


def _algorithm(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return ""
    match key:
        case rsa.RSAPublicKey():
            return f"rsa{key.key_size}"
        case ec.EllipticCurvePublicKey():
            return key.curve.name
        case _:
            return type(key).__name__.removesuffix("PublicKey").lower()
