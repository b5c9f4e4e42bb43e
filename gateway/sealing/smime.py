"""S/MIME towards an organisation: signed by the gateway, then enveloped for one pinned RSA certificate.

It promises the signature under the encryption, because AES-CBC alone does not show that somebody changed
a message (RFC 8551 section 6); and that the result is taken apart before it is believed: EnvelopedData
with AES-256, for this certificate and no other. A revocation list beside the certificate (`NAME.crl`,
PEM or DER) is honoured; it can only forbid, so its signature and age are not asked for.
"""

import re
from datetime import datetime
from pathlib import Path

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.sealing.keyfacts import (
    KeyFacts,
    PinnedFile,
    Problem,
    ReadKey,
    Sealed,
    assure_sealed,
    failed,
    unusable,
)
from gateway.sealing.keyfiles import FileTooLargeError, read_limited
from gateway.sealing.smimesigner import SmimeSigner

MEDIA_TYPE = "application/pkcs7-mime"
_SHORTEST = 2048


class SmimeSealer:
    """A `Sealer` on cryptography. Without a `signer` it can check, but not seal."""

    def __init__(self, key_file: Path, fingerprint: str | None, signer: SmimeSigner | None) -> None:
        self._file = key_file
        self._key = PinnedFile(key_file, fingerprint, read_certificate)
        self._signer = signer

    def check(self, now: datetime) -> KeyFacts:
        """See `Sealer.check`."""
        return self._current(now).facts

    def seal(self, entity: bytes, now: datetime) -> Sealed:
        """DER of an EnvelopedData around a multipart/signed entity. See `Sealer.seal`."""
        key = self._current(now)
        if self._signer is None:
            raise failed(Problem.SIGNER)
        try:
            signed = self._signer.sign(entity, now)
            envelope = (
                PKCS7EnvelopeBuilder()
                .set_data(signed)
                .add_recipient(key.material)
                .set_content_encryption_algorithm(algorithms.AES256)
                .encrypt(serialization.Encoding.DER, [PKCS7Options.Binary])
            )
        # A library failing while it holds plaintext: its own text must go no further.
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise failed() from None
        if not _is_for(envelope, key.material):
            raise failed()
        assure_sealed(entity, envelope)
        return Sealed(MEDIA_TYPE, envelope)

    def close(self) -> None:
        """Nothing is held between two calls."""

    def _current(self, now: datetime) -> ReadKey[x509.Certificate]:
        key = self._key.current(now)
        listed = _revocations(self._file.with_suffix(".crl"))
        if listed is None:
            return key
        if listed.issuer != key.material.issuer:
            raise unusable(Problem.UNREADABLE, self._file.with_suffix(".crl").name)
        if listed.get_revoked_certificate_by_serial_number(key.material.serial_number) is not None:
            raise unusable(Problem.REVOKED, self._file.name)
        return key


def read_certificate(content: bytes) -> ReadKey[x509.Certificate]:
    """Read a key file: one RSA certificate, PEM or DER. Raises `KeyUnusable`."""
    if re.search(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----", content):
        raise unusable(Problem.PRIVATE_KEY_PRESENT)
    try:
        if b"-----BEGIN " in content:
            found = x509.load_pem_x509_certificates(content)
        else:
            found = [x509.load_der_x509_certificate(content)]
        if len(found) > 1:
            raise unusable(Problem.SEVERAL_KEYS)
        certificate = found[0]
        key = certificate.public_key()
        problem = _problem(certificate)
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension):
        raise unusable(Problem.UNREADABLE) from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise unusable(Problem.UNREADABLE)
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex().upper()
    facts = KeyFacts(
        format="smime",
        fingerprint=fingerprint,
        algorithm=f"rsa{key.key_size}",
        expires_at=certificate.not_valid_after_utc,
        key_ids=(f"{certificate.serial_number:X}",),
    )
    weak = Problem.WEAK if key.key_size < _SHORTEST else None
    return ReadKey(facts, certificate.not_valid_before_utc, problem or weak, certificate)


def _problem(certificate: x509.Certificate) -> Problem | None:
    """Whether the certificate's extensions allow encrypting mail to it (RFC 8550 section 4.4).

    An extension that is absent allows every use (RFC 5280 section 4.2.1.3).
    """
    present = {type(extension.value): extension.value for extension in certificate.extensions}
    usage = present.get(x509.KeyUsage)
    if isinstance(usage, x509.KeyUsage) and not usage.key_encipherment:
        return Problem.SIGN_ONLY
    purposes = present.get(x509.ExtendedKeyUsage)
    mail = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if isinstance(purposes, x509.ExtendedKeyUsage) and mail.isdisjoint(purposes):
        return Problem.SIGN_ONLY
    return None


def _revocations(path: Path) -> x509.CertificateRevocationList | None:
    try:
        content = read_limited(path)
    except FileNotFoundError:
        return None
    except FileTooLargeError:
        raise unusable(Problem.TOO_LARGE, path.name) from None
    except OSError:
        raise unusable(Problem.UNREADABLE, path.name) from None
    try:
        if b"-----BEGIN " in content:
            return x509.load_pem_x509_crl(content)
        return x509.load_der_x509_crl(content)
    except ValueError:
        raise unusable(Problem.UNREADABLE, path.name) from None


def _is_for(envelope: bytes, certificate: x509.Certificate) -> bool:
    """Whether DER is an EnvelopedData with AES-256-CBC for this certificate alone (RFC 5652 section 6)."""
    try:
        content = cms.ContentInfo.load(envelope, strict=True)
        if content["content_type"].native != "enveloped_data":
            return False
        data = content["content"]
        recipients = data["recipient_infos"]
        if len(recipients) != 1 or recipients[0].name != "ktri":
            return False
        identity = recipients[0].chosen["rid"].chosen
        inner = data["encrypted_content_info"]
        return bool(
            identity["serial_number"].native == certificate.serial_number
            and identity["issuer"].dump() == certificate.issuer.public_bytes()
            and inner["content_encryption_algorithm"]["algorithm"].native == "aes256_cbc"
            and inner["encrypted_content"].native
        )
    except (ValueError, TypeError, KeyError):
        return False
