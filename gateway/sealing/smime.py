"""S/MIME: what we sign and envelope for one pinned RSA certificate, our own signing certificate, and opening.

It promises the signature (multipart/signed, RFC 8551 section 3.5.3, which all mail programs read) under the
encryption, because AES-CBC alone does not show that somebody changed a message (RFC 8551 section 6); and that
the result is taken apart before it is believed: EnvelopedData with AES-256, for this one certificate.
A revocation list beside the certificate (`NAME.crl`, PEM or DER) is honoured; it can only forbid, so its
signature and age are not asked for.
"""

import base64
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
    PKCS7SignatureBuilder,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, PublicKeyAlgorithmOID

from gateway.errors import ConfigError, Forged, OpenError
from gateway.files import FileTooLargeError, read_limited, read_private, write_private
from gateway.sealing import certificateuse
from gateway.sealing.engine import EngineError, run
from gateway.sealing.keyfacts import (
    SOON,
    KeyFacts,
    KeyFlaw,
    PinnedFile,
    ReadKey,
    Sealed,
    assure_sealed,
    failed,
    unusable,
)

MEDIA_TYPE = "application/pkcs7-mime"
_SHORTEST = 2048
_SIZE = 3072


@dataclass(frozen=True, slots=True)
class SmimeSigner:
    """A certificate for the gateway's address with its private key."""

    certificate: x509.Certificate
    _key: rsa.RSAPrivateKey = field(repr=False)
    reply: x509.Certificate | None = None
    """That of the key which opens mails to us: every signature carries it, for answers."""

    @classmethod
    def generate(
        cls, address: str, now: datetime, valid_for: timedelta = timedelta(days=730), *, size: int = _SIZE
    ) -> "SmimeSigner":
        """A new self-signed pair for signing mail from `address`."""
        key = _new_key(size)
        return cls(_self_signed(key, address, now, now + valid_for, encrypting=False), key)

    def save(self, path: Path) -> None:
        """Write certificate and private key into one new PEM file, mode 0600."""
        write_private(path, self.private_pem)

    @classmethod
    def load(cls, path: Path, reply: Path | None = None) -> "SmimeSigner":
        """Read what `save` wrote, or any RSA pair in one PEM file; `ConfigError` if it can't be used. `reply`
        is the certificate of the key that opens mails to us, where there is one."""
        content = read_private(path)
        try:
            certificate = x509.load_pem_x509_certificate(content)
            # The library would look for primes, for a tenth of a second; `is_pair` tries the key instead.
            key = serialization.load_pem_private_key(content, None, unsafe_skip_rsa_key_validation=True)
        except (ValueError, TypeError):
            raise _not_a_pair(path) from None
        if not isinstance(key, rsa.RSAPrivateKey) or not certificateuse.is_pair(key, certificate):
            raise _not_a_pair(path)
        if reply is None or not reply.exists():
            return cls(certificate, key)
        try:
            return cls(certificate, key, x509.load_pem_x509_certificate(read_limited(reply)))
        except ValueError:
            remedy = "Make it anew with: inbeeld keys complete"
            raise ConfigError(str(reply), "certificate", "is no certificate", remedy) from None

    @property
    def private_pem(self) -> bytes:
        """Certificate and private key, as `load` reads them."""
        return _private_pem(self._key) + self.public_pem

    @property
    def public_pem(self) -> bytes:
        """The certificate, for organisations that want to check the signature."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def addresses(self) -> frozenset[str]:
        """The mail addresses that it is for, in small letters."""
        return certificateuse.addresses_of(self.certificate)

    def matches(self, public: bytes) -> bool:
        """Whether this is its certificate."""
        try:
            return x509.load_pem_x509_certificate(public) == self.certificate
        except ValueError:
            return False

    def sign(self, entity: bytes, now: datetime) -> bytes:
        """`entity` (canonical, CRLF) as a multipart/signed entity; `SealError` if the certificate is not
        valid at `now`."""
        if not self.certificate.not_valid_before_utc <= now < self.certificate.not_valid_after_utc:
            begins = self.certificate.not_valid_before_utc - now
            raise failed(KeyFlaw.CLOCK_BEHIND if timedelta(0) < begins <= SOON else KeyFlaw.SIGNER)
        signature = (
            PKCS7SignatureBuilder()
            .set_data(entity)
            .add_signer(self.certificate, self._key, hashes.SHA256())
            .sign(serialization.Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
        )
        if self.reply is not None:
            signature = certificateuse.with_reply_certificate(signature, self.reply, self._key)
        return _multipart_signed(entity, signature)


class SmimeSealer:
    """A `Sealer` on cryptography. Without a `signer` it can check, but not seal."""

    def __init__(self, key_file: Path, fingerprint: str | None, signer: SmimeSigner | None) -> None:
        self._file = key_file
        self._key = PinnedFile(key_file, fingerprint, read_certificate)
        self._signer = signer

    def check(self, now: datetime) -> KeyFacts:
        return self._current(now).facts

    def seal(self, entity: bytes, now: datetime) -> Sealed:
        """DER of an EnvelopedData around a multipart/signed entity. See `Sealer.seal`."""
        key = self._current(now)
        if self._signer is None:
            raise failed(KeyFlaw.SIGNER)
        envelope = _enveloped(self._signer.sign(entity, now), key.material)
        assure_sealed(entity, envelope)
        return Sealed(MEDIA_TYPE, envelope, key.facts.fingerprint)

    def rehearse(self, now: datetime) -> None:
        """See `Rehearsing.rehearse`; an authority's certificate that was bound before goes on."""
        certificate = self._current(now).material
        if certificateuse.is_authority(certificate):
            raise unusable(KeyFlaw.AUTHORITY, self._file.name)
        _enveloped(b"proef", certificate)

    def close(self) -> None:
        """Nothing is held between two calls."""

    def _current(self, now: datetime) -> ReadKey[x509.Certificate]:
        key = self._key.current(now)
        listed = _revocations(self._file.with_suffix(".crl"))
        if listed is None:
            return key
        if listed.issuer != key.material.issuer:
            raise unusable(KeyFlaw.UNREADABLE, self._file.with_suffix(".crl").name)
        if listed.get_revoked_certificate_by_serial_number(key.material.serial_number) is not None:
            raise unusable(KeyFlaw.REVOKED, self._file.name)
        return key


def read_certificate(content: bytes) -> ReadKey[x509.Certificate]:
    """Read a key file: one RSA certificate, PEM or DER. Raises `KeyUnusable`."""
    if re.search(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----", content):
        raise unusable(KeyFlaw.PRIVATE_KEY_PRESENT)
    try:
        if b"-----BEGIN " in content:
            found = x509.load_pem_x509_certificates(content)
        else:
            found = [x509.load_der_x509_certificate(content)]
        if len(found) > 1:
            raise unusable(KeyFlaw.SEVERAL_KEYS)
        certificate = found[0]
        key = certificate.public_key()
        problem = certificateuse.flaw_of(certificate)
    except UnsupportedAlgorithm:
        raise unusable(KeyFlaw.ALGORITHM) from None
    except (ValueError, x509.DuplicateExtension):
        raise unusable(KeyFlaw.UNREADABLE) from None
    if isinstance(key, ec.EllipticCurvePublicKey):
        raise unusable(KeyFlaw.EC_CERTIFICATE)
    if not isinstance(key, rsa.RSAPublicKey):
        raise unusable(KeyFlaw.ALGORITHM)
    if certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS:
        raise unusable(KeyFlaw.RSA_PSS)
    facts = KeyFacts(
        format="smime",
        fingerprint=fingerprint_of(certificate),
        algorithm=f"rsa{key.key_size}",
        expires_at=certificate.not_valid_after_utc,
        key_ids=(f"{certificate.serial_number:X}",),
    )
    weak = KeyFlaw.WEAK if key.key_size < _SHORTEST else None
    return ReadKey(facts, certificate.not_valid_before_utc, problem or weak, certificate)


def _revocations(path: Path) -> x509.CertificateRevocationList | None:
    try:
        content = read_limited(path)
    except FileNotFoundError:
        return None
    except FileTooLargeError:
        raise unusable(KeyFlaw.TOO_LARGE, path.name) from None
    except OSError:
        raise unusable(KeyFlaw.UNREADABLE, path.name) from None
    try:
        if b"-----BEGIN " in content:
            return x509.load_pem_x509_crl(content)
        return x509.load_der_x509_crl(content)
    except ValueError:
        raise unusable(KeyFlaw.UNREADABLE, path.name) from None


def _enveloped(content: bytes, certificate: x509.Certificate) -> bytes:
    """DER of an EnvelopedData for one certificate; raises `SealError`."""
    try:
        envelope = (
            PKCS7EnvelopeBuilder()
            .set_data(content)
            .add_recipient(certificate)
            .set_content_encryption_algorithm(algorithms.AES256)
            .encrypt(serialization.Encoding.DER, [PKCS7Options.Binary])
        )
    # A library failing while it holds plaintext: its own text must go no further.
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise failed() from None
    if not _is_for(envelope, certificate):
        raise failed()
    return envelope


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 in capital hexadecimal, as it is compared."""
    return certificate.fingerprint(hashes.SHA256()).hex().upper()


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


class SmimeOpener:
    """Opens S/MIME with openssl, which also reads AES-GCM, OAEP and elliptic curves (RFC 5083, 8551).

    With `signed_by`, a file with the certificate of the one who must have signed, anything else is `Forged`.
    """

    kind = "smime"

    def __init__(
        self, certificate_file: Path, private_key_file: Path, *, signed_by: Path | None = None
    ) -> None:
        # openssl reads the file itself; this refuses one that others may read.
        read_private(private_key_file)
        self._signed_by = signed_by
        self._files = ("-recip", certificate_file, "-inkey", private_key_file)

    def open(self, ciphertext: bytes) -> bytes:
        """The content of an EnvelopedData or AuthEnvelopedData, DER or BER."""
        try:
            done = run(("openssl", "cms", "-decrypt", "-inform", "DER", *self._files), ciphertext)
        except EngineError:
            raise OpenError("openssl failed") from None
        # What stands on the output of a failed call was not verified.
        if done.code != 0 or not done.output:
            raise OpenError("an S/MIME message does not open with this key")
        return done.output if self._signed_by is None else self._verified(done.output, self._signed_by)

    def _verified(self, signed: bytes, certificate: Path) -> bytes:
        """What was signed with exactly this certificate, whose dates the reader of the file has looked at."""
        pinned = ("-nointern", "-certfile", certificate, "-noverify")
        try:
            done = run(("openssl", "cms", "-verify", "-inform", "SMIME", *pinned), signed)
        except EngineError:
            raise OpenError("openssl failed") from None
        if done.code != 0 or not done.output:
            raise Forged
        return done.output

    def close(self) -> None:
        """Nothing is held between two calls."""


def generate_recipient(address: str, now: datetime, expires: datetime) -> tuple[bytes, bytes, str]:
    """A self-signed pair for a trial organisation: certificate PEM, private key PEM, SHA-256 fingerprint."""
    key = _new_key()
    certificate = _self_signed(key, address, now, expires, encrypting=True)
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    return pem, _private_pem(key), fingerprint_of(certificate)


def _multipart_signed(entity: bytes, signature: bytes) -> bytes:
    boundary = f"inbeeld-{secrets.token_hex(12)}"
    encoded = base64.encodebytes(signature).replace(b"\n", b"\r\n")
    head = (
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n'
        f' micalg=sha-256; boundary="{boundary}"\r\n'
        f"\r\n--{boundary}\r\n"
    )
    # The line break before a boundary belongs to the boundary, not to what was signed (RFC 2046 5.1.1).
    middle = (
        f"\r\n--{boundary}\r\n"
        'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n'
    )
    return head.encode() + entity + middle.encode() + encoded + f"\r\n--{boundary}--\r\n".encode()


def _new_key(size: int = _SIZE) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def _self_signed(
    key: rsa.RSAPrivateKey, address: str, start: datetime, end: datetime, *, encrypting: bool
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    usage = x509.KeyUsage(
        digital_signature=not encrypting,
        key_encipherment=encrypting,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _not_a_pair(path: Path) -> ConfigError:
    return ConfigError(
        str(path),
        "signing certificate",
        "it does not hold one RSA private key and its certificate, unencrypted PEM",
        "Make a new pair with: inbeeld keys generate signer FOLDER",
    )
