"""The gateway's own S/MIME signing key, and certificates for trials.

It promises multipart/signed (RFC 8551 section 3.5.3), which Outlook, Thunderbird, Apple Mail and openssl
read, and that an expired signing certificate is not used.
"""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.errors import ConfigError
from gateway.sealing.keyfacts import Problem, failed
from gateway.sealing.keyfiles import read_private, write_private

_SIZE = 3072


@dataclass(frozen=True, slots=True)
class SmimeSigner:
    """A certificate for the gateway's address with its private key."""

    certificate: x509.Certificate
    _key: rsa.RSAPrivateKey = field(repr=False)

    @classmethod
    def generate(
        cls, address: str, now: datetime, valid_for: timedelta = timedelta(days=730)
    ) -> "SmimeSigner":
        """A new self-signed pair for signing mail from `address`."""
        key = _new_key()
        return cls(_self_signed(key, address, now, now + valid_for, encrypting=False), key)

    def save(self, path: Path) -> None:
        """Write certificate and private key into one new PEM file, mode 0600."""
        write_private(path, self.private_pem)

    @classmethod
    def load(cls, path: Path) -> "SmimeSigner":
        """Read what `save` wrote, or any RSA pair in one PEM file; `ConfigError` if it can't be used."""
        content = read_private(path)
        try:
            certificate = x509.load_pem_x509_certificate(content)
            key = serialization.load_pem_private_key(content, None)
        except (ValueError, TypeError):
            raise _not_a_pair(path) from None
        if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != certificate.public_key():
            raise _not_a_pair(path)
        return cls(certificate, key)

    @property
    def private_pem(self) -> bytes:
        """Certificate and private key, as `load` reads them."""
        return _private_pem(self._key) + self.public_pem

    @property
    def public_pem(self) -> bytes:
        """The certificate, for organisations that want to check the signature."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, entity: bytes, now: datetime) -> bytes:
        """`entity` (canonical, CRLF) as a multipart/signed entity; `SealError` if the certificate is not
        valid at `now`."""
        if not self.certificate.not_valid_before_utc <= now < self.certificate.not_valid_after_utc:
            raise failed(Problem.SIGNER)
        signature = (
            PKCS7SignatureBuilder()
            .set_data(entity)
            .add_signer(self.certificate, self._key, hashes.SHA256())
            .sign(serialization.Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
        )
        return _multipart_signed(entity, signature)


def generate_recipient(
    address: str, now: datetime, expires: datetime, *, size: int = _SIZE
) -> tuple[bytes, bytes, str]:
    """A self-signed pair for a trial organisation: certificate PEM, private key PEM, SHA-256 fingerprint."""
    key = _new_key(size)
    certificate = _self_signed(key, address, now, expires, encrypting=True)
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    return pem, _private_pem(key), certificate.fingerprint(hashes.SHA256()).hex().upper()


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
