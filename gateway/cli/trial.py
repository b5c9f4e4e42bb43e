"""A certificate authority for trials, which nobody outside trusts, and what it makes for a trial of signalen:
the keys and certificates of both sides, ours and those of a municipality.
"""

import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from joserfc.jwk import RSAKey

from gateway.sealing import jwe
from gateway.sealing.keyfacts import write_private, write_public


@dataclass(frozen=True, slots=True)
class Authority:
    """A self-signed authority with its key; what it issues is valid as long as it is."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls, now: datetime, valid_for: timedelta) -> "Authority":
        """A new one."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("InBeeld trial authority")
        certificate = (
            _builder(name, name, key.public_key(), now, now + valid_for)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    def issue(self, names: Sequence[str], *, client: bool = False) -> tuple[bytes, bytes]:
        """Certificate and private key (PEM) for host names and addresses, or for a client."""
        key = ec.generate_private_key(ec.SECP256R1())
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        issuer = self.certificate
        begin, end = issuer.not_valid_before_utc, issuer.not_valid_after_utc
        certificate = (
            _builder(_name(names[0]), issuer.subject, key.public_key(), begin, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )
        return _pem(certificate), _private_pem(key)

    def save(self, folder: Path, names: Sequence[str]) -> None:
        """Write ca.pem, ca.key, and server.pem with server.key for these names."""
        certificate, key = self.issue(names)
        write_public(folder / "ca.pem", _pem(self.certificate))
        write_private(folder / "ca.key", _private_pem(self.key))
        write_public(folder / "server.pem", certificate)
        write_private(folder / "server.key", key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin - timedelta(minutes=5) if subject == issuer else begin)
        .not_valid_after(end)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


RECEIVER = "gemeente-poort"
GATEWAY = "handover.example"
_BITS = 3072


def make_receiver(keys: Path, authority: Authority) -> str:
    """Make them below the folder of keys; gives the thumbprint of the municipality's key.

    What would be the municipality's alone stands in `trial/gemeente-poort/`, as its own program wants it.
    """
    ours, theirs = RSAKey.generate_key(_BITS), RSAKey.generate_key(_BITS)
    public, private, thumbprint = jwe.generate()
    organisations, own, trial = keys / "organisations", keys / "signaal", keys / "trial" / RECEIVER
    write_public(organisations / f"{RECEIVER}.jwk", public)
    write_public(organisations / f"{RECEIVER}.status.jwk", _jwk(theirs, private=False))
    write_private(own / "signing.jwk", _jwk(ours, private=True))
    write_private(trial / "private.jwk", private)
    write_private(trial / "status.private.jwk", _jwk(theirs, private=True))
    write_public(trial / "gateway.jwk", _jwk(ours, private=False))
    write_public(trial / "ca.pem", (keys / "tls" / "ca.pem").read_bytes())
    for folder, name, names, client in (
        (own, "client", (GATEWAY,), True),
        (trial, "client", (f"{RECEIVER}.example",), True),
        (trial, "server", ("localhost", "127.0.0.1", "::1", f"{RECEIVER}.example"), False),
    ):
        certificate, key = authority.issue(names, client=client)
        write_public(folder / f"{name}.pem", certificate)
        write_private(folder / f"{name}.key", key)
    return thumbprint


def _jwk(key: RSAKey, *, private: bool) -> bytes:
    extra = {"use": "sig", "alg": "PS256", "kid": key.thumbprint()}
    return json.dumps(key.as_dict(private=private) | extra, indent=2).encode() + b"\n"
