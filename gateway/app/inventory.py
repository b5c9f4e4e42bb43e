"""Every key and certificate of a working directory, as it is now.

It promises one line for each, whatever is wrong with it, and that no private part is shown. The certificates
that the configuration names are found by what their files hold and not by a list, so that an adapter's new
option is watched from its first day.
"""

import os
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import BaseModel

from gateway.app.keys import KeyFiles, OwnKeyFiles
from gateway.errors import ConfigError, SealError
from gateway.files import opened
from gateway.sealing import box
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyfacts import KeyFacts, KeyFlaw, Sealer
from gateway.sealing.keyring import Format, inspect
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.settings import Settings
from gateway.settings.formats import named_files

LIMIT = 2 << 20
"""Bytes; a whole machine's authorities are some 250 kB."""

PUBLIC = 20
"""A file with more authorities than this is the public ones' list: one that ends there stops nobody."""

_BEGINS = re.compile(rb"-----BEGIN (X509 )?CERTIFICATE-----")
_SAYS_SO = frozenset({"ca", "cert"})


@dataclass(frozen=True, slots=True)
class NamedCertificate:
    """One file, by the setting that names it: `delivery.ca_file`, or `de-schoor.client_cert`."""

    setting: str
    path: Path

    def read(self, now: datetime) -> tuple[x509.Certificate | None, KeyFlaw | None]:
        """The certificate in it that decides until when the file is good, and what is wrong with it."""
        try:
            found = x509.load_pem_x509_certificates(_beginning(self.path))
        except FileNotFoundError:
            return None, KeyFlaw.MISSING
        except (OSError, ValueError):
            return None, KeyFlaw.UNREADABLE
        one = _deciding(found, now)
        if now < one.not_valid_before_utc:
            return one, KeyFlaw.NOT_YET_VALID
        return one, KeyFlaw.EXPIRED if now >= one.not_valid_after_utc else None


def parted(settings: Settings, options: Mapping[str, BaseModel]) -> Iterator[tuple[str, str]]:
    """The keys and the certificates beside them, by their settings, that do not belong together."""
    for place, model in options.items():
        named = dict(named_files(model))
        for field, value in named.items():
            key = field.replace("cert", "key")
            if key == field or key not in named:
                continue
            try:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.load_cert_chain(settings.path(value), settings.path(named[key]), password="")
            except (OSError, ValueError) as error:
                # What can't be read is told elsewhere.
                if getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
                    yield f"{place}.{key}", f"{place}.{field}"


def named_certificates(settings: Settings, options: Mapping[str, BaseModel]) -> Iterator[NamedCertificate]:
    """Every file with certificates that a setting, or the option of an organisation's adapter, names; that of
    our listeners is not among them."""
    ours = settings.path(settings.smtp.tls_cert)
    sections = {
        name: section
        for name in type(settings).model_fields
        if isinstance(section := getattr(settings, name), BaseModel)
    }
    for place, model in (*sections.items(), *options.items()):
        for field, value in named_files(model):
            path = settings.path(value)
            if path != ours and (_SAYS_SO & set(field.split("_")) or _holds_one(path)):
                yield NamedCertificate(f"{place}.{field}", path)


def _holds_one(path: Path) -> bool:
    try:
        return bool(_BEGINS.search(_beginning(path)))
    except OSError:
        return False


def _beginning(path: Path) -> bytes:
    with opened(path) as file:
        return file.read(LIMIT)


def _deciding(found: list[x509.Certificate], now: datetime) -> x509.Certificate:
    """Of a chain that we show, what ends first. Of authorities, the first to end of those that still hold:
    an old one may stand beside the one after it; of the public ones, the last."""
    # Who trusts no authority trusts certificates that nobody signed: the present one and the one to come.
    pinned = all(one.issuer == one.subject for one in found)
    if not pinned and not _is_authority(found[0]):
        return min(found, key=lambda one: one.not_valid_after_utc)
    last = max(found, key=lambda one: one.not_valid_after_utc)
    if len(found) > PUBLIC:
        return last
    hold = [one for one in found if one.not_valid_before_utc <= now < one.not_valid_after_utc]
    return min(hold, key=lambda one: one.not_valid_after_utc, default=last)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return certificate.issuer == certificate.subject


if TYPE_CHECKING:
    from gateway.app import Installation

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
