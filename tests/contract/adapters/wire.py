"""Factories for adapter tests: certificates, relays to a peer, parcels with invented content."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options
from joserfc import jwe, jwk

from adapters.base import Context, Parcel
from adapters.relay import Relay, RelayOptions
from gateway.sealing.jwe import JwsSigner
from tests.peers.mail import MailPeer

DUE = datetime(2026, 11, 25, 13, 5, tzinfo=UTC)
SECRET = b"Naam: Fatima Voorbeeld\r\nTelefoon: 0612345678\r\n"
ORGANISATION_KEY = jwk.ECKey.generate_key("P-256")
MEDIA_TYPES = ("application/pgp-encrypted", "application/pkcs7-mime", "application/jose")


@dataclass(frozen=True)
class Certificates:
    """A certificate for localhost, its key, and the authority that issued it."""

    ca: Path
    cert: Path
    key: Path
    sha256: str


def make_certificates(directory: Path, *names: str, **options: Any) -> Certificates:
    authority = trustme.CA()
    leaf = authority.issue_cert(*(names or ("localhost", "127.0.0.1")), **options)
    made = Certificates(
        directory / "ca.pem",
        directory / "cert.pem",
        directory / "key.pem",
        x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes()).fingerprint(hashes.SHA256()).hex(),
    )
    authority.cert_pem.write_to_path(str(made.ca))
    leaf.cert_chain_pems[0].write_to_path(str(made.cert))
    leaf.private_key_pem.write_to_path(str(made.key))
    return made


def relay_options(peer: MailPeer, certificates: Certificates, **overrides: Any) -> RelayOptions:
    settings = {
        "host": "127.0.0.1",
        "port": peer.port,
        "ca_file": certificates.ca,
        "helo": "gateway.example",
        "timeout": 10.0,
    }
    return RelayOptions(**(settings | overrides))


def make_context(relay: Relay | None = None, **overrides: Any) -> Context:
    settings: dict[str, Any] = {
        "domain": "gateway.example",
        "sender": "InBeeld <aanmelding@gateway.example>",
        "directory": Path(),
        "parts": {} if relay is None else {"relay": relay},
    }
    return Context(**(settings | overrides))


def make_parcel(media_type: str = "application/jose", **overrides: Any) -> Parcel:
    settings: dict[str, Any] = {
        "delivery_id": "0193-d1",
        "kenmerk": "K7Q2-9F3M",
        "organisation_id": "de-schoor",
        "media_type": media_type,
        "ciphertext": CIPHERTEXT.get(media_type, CIPHERTEXT["application/jose"]),
        "due_at": DUE,
        "reply_to": "antwoord+t0ken@gateway.example",
    }
    return Parcel(**(settings | overrides))


def armour(binary: bytes, header: str = "") -> bytes:
    text = base64.encodebytes(binary).decode()
    return f"-----BEGIN PGP MESSAGE-----\n{header}\n{text}-----END PGP MESSAGE-----\n".encode()


def packet(tag: int, body: bytes) -> bytes:
    """A new-format packet with a five-octet length (RFC 9580 section 4.2.1.3)."""
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4) + body


def _pgp() -> bytes:
    # The shape of an encrypted message; what real gpg makes is tested in unit/adapters/test_mail.py.
    return armour(packet(1, b"\x03" + b"k" * 20) + packet(18, b"\x01" + b"c" * 900))


def _smime() -> bytes:
    authority = trustme.CA()
    leaf = authority.issue_cert("organisatie.example", key_type=trustme.KeyType.RSA)
    certificate = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    return (
        PKCS7EnvelopeBuilder()
        .set_data(SECRET)
        .add_recipient(certificate)
        .set_content_encryption_algorithm(AES256)
        .encrypt(serialization.Encoding.DER, [PKCS7Options.Binary])
    )


def _jwe() -> bytes:
    algorithms = ["ECDH-ES+A256KW", "A256GCM"]
    header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
    # What the gateway hands over is signed inside, and a municipality's desk refuses what is not.
    signed = JwsSigner.generate().sign(SECRET, ORGANISATION_KEY.thumbprint(), DUE)
    return jwe.encrypt_compact(header, signed, ORGANISATION_KEY, algorithms=algorithms).encode()


CIPHERTEXT = dict(zip(MEDIA_TYPES, (_pgp(), _smime(), _jwe()), strict=True))
