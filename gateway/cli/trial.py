"""A certificate authority for trials, which nobody outside trusts, and what it makes for a trial of signalen:
the keys and certificates of both sides, ours and those of a municipality.

Trials of further ways to hand over: for each an organisation with the keys of both sides. Beside them mail
that is fetched from a mailbox, mail that leaves, and reading on a page.

What would be the organisation's alone stands in `keys/trial/`, as with the others.
"""

import ipaddress
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from joserfc.jwk import RSAKey

from gateway.files import write_private, write_public
from gateway.sealing import jwe, openpgp


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
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
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


_WAYS = Path(__file__).parent / "ways"


class TrialWay(StrEnum):
    """A way to hand over that `inbeeld init --with` can make a trial of."""

    FILE = "file"
    SFTP = "sftp"
    FHIR = "fhir"
    KLANTINTERACTIES = "klantinteracties"
    IMAP = "imap"
    RELAY = "relay"
    PAGE = "page"


def add_way(
    directory: Path, way: TrialWay, authority: Authority, now: datetime, valid_for: timedelta
) -> None:
    """Add the organisation and its keys."""
    text = _MAKERS[way](directory, authority, now + valid_for)
    organisations = directory / "config" / "organisations.toml"
    organisations.write_text(organisations.read_text() + text)


def _text(name: str, **given: str) -> str:
    """A table of an organisation or a practice, to be added to those in `config/`."""
    return "\n" + (_WAYS / f"{name}.toml").read_text("utf-8").format(**given)


def _file(directory: Path, authority: Authority, ends: datetime) -> str:
    (directory / "data" / "wijkteam-buiten" / "retour").mkdir(parents=True, mode=0o770)
    return _text("file", fingerprint=_openpgp(directory, "wijkteam-buiten", "Wijkteam Buiten", ends))


def _sftp(directory: Path, authority: Authority, ends: datetime) -> str:
    """The keys of both sides for SSH too; the server's folder is beside the database."""
    keys = directory / "keys"
    ours, theirs = keys / "sftp", keys / "trial" / "wijkteam-vaarten"
    (directory / "data" / "wijkteam-vaarten" / "retour").mkdir(parents=True, mode=0o770)
    private, public = _ssh()
    write_private(ours / "wijkteam-vaarten", private)
    write_public(theirs / "client.pub", public)
    private, public = _ssh()
    write_private(theirs / "host", private)
    write_public(ours / "wijkteam-vaarten.host.pub", public)
    return _text(
        "sftp", fingerprint=_openpgp(directory, "wijkteam-vaarten", "Wijkteam Tussen de Vaarten", ends)
    )


def _ssh() -> tuple[bytes, bytes]:
    """A private key and its public one, as OpenSSH writes them."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()), public + b"\n"


def _openpgp(directory: Path, id_: str, name: str, ends: datetime) -> str:
    """A key for OpenPGP of both sides; gives its fingerprint."""
    home, keys = directory / "data" / "gpg", directory / "keys"
    armour, secret, fingerprint = openpgp.generate(home, f"{name} (trial)", f"team@{id_}.example", ends)
    write_public(keys / "organisations" / f"{id_}.asc", armour.encode())
    write_private(keys / "trial" / f"{id_}.private.asc", secret.encode())
    return fingerprint


def _fhir(directory: Path, authority: Authority, ends: datetime) -> str:
    keys = directory / "keys"
    write_private(keys / "fhir" / "wijkteam-hout.token", f"{secrets.token_urlsafe(32)}\n".encode())
    certificate, private = authority.issue(("inbeeld",), client=True)
    write_public(keys / "fhir" / "client.pem", certificate)
    write_private(keys / "fhir" / "client.key", private)
    return _text("fhir", fingerprint=_jwk_pair(keys, "wijkteam-hout", ends))


def _imap(directory: Path, authority: Authority, ends: datetime) -> str:
    """Let mail be fetched from a mailbox, at a server that the trial's receiver plays."""
    write_private(directory / "keys" / "gateway" / "imap.password", f"{secrets.token_urlsafe(24)}\n".encode())
    return _set(
        directory,
        ('server = ""\nusername = ""', 'server = "localhost:9993"\nusername = "aanmelding"'),
        ('# password_file = "keys/gateway/imap', 'password_file = "keys/gateway/imap'),
        ('# ca_file = "keys/tls/provider.pem"', 'ca_file = "keys/tls/ca.pem"'),
    )


def _relay(directory: Path, authority: Authority, ends: datetime) -> str:
    """Let all mail leave through a relay that the trial's receiver plays."""
    return _set(
        directory,
        ('relay = "localhost:587"', 'relay = "localhost:2587"'),
        ('# ca_file = "keys/tls/ca.pem"', 'ca_file = "keys/tls/ca.pem"'),
    )


def _set(directory: Path, *changes: tuple[str, str]) -> str:
    """Change the settings; nothing of it is an organisation."""
    path = directory / "config" / "inbeeld.toml"
    text = path.read_text()
    for before, after in changes:
        text = text.replace(before, after, 1)
    path.write_text(text)
    return ""


def _page(directory: Path, authority: Authority, ends: datetime) -> str:
    """A team and a practice that read on pages; both need to know where those are."""
    practices = directory / "config" / "practices.toml"
    practices.write_text(practices.read_text() + _text("practice"))
    return _text("page") + _set(directory, ('public_url = ""', 'public_url = "https://localhost:8443"'))


def _klantinteracties(directory: Path, authority: Authority, ends: datetime) -> str:
    keys = directory / "keys"
    token = f"{secrets.token_urlsafe(32)}\n".encode()
    write_private(keys / "klantinteracties" / "gemeente-pampus.token", token)
    return _text("klantinteracties", fingerprint=_jwk_pair(keys, "gemeente-pampus", ends))


def _jwk_pair(keys: Path, name: str, ends: datetime) -> str:
    """A key for JWE of both sides; gives its thumbprint."""
    public, private, thumbprint = jwe.generate(ends)
    write_public(keys / "organisations" / f"{name}.jwk", public)
    write_private(keys / "trial" / f"{name}.private.jwk", private)
    return thumbprint


_MAKERS = {
    TrialWay.FILE: _file,
    TrialWay.SFTP: _sftp,
    TrialWay.FHIR: _fhir,
    TrialWay.KLANTINTERACTIES: _klantinteracties,
    TrialWay.IMAP: _imap,
    TrialWay.RELAY: _relay,
    TrialWay.PAGE: _page,
}
