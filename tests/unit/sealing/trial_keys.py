"""Key files of invented organisations: good ones, and one for every fault, made with the real programs.

Each maker gives a `Trial`; gpg keys are made by gpg itself, in a home that is gone afterwards.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import settings

from gateway.sealing import jwe
from gateway.sealing.keyring import Signers

# How many invented inputs a property meets; without a time limit, since a busy machine proves nothing.
EXAMPLES = settings(max_examples=40, deadline=None)

# gpg goes by the machine's clock, so trial keys do too; whole seconds, as in its packets.
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Trial:
    """What an organisation's key folder holds: the key file, the agreed fingerprint, the private half."""

    public: bytes
    fingerprint: str
    private: bytes = b""
    crl: bytes = b""

    def write(self, directory: Path) -> Path:
        directory.mkdir(exist_ok=True)
        path = directory / "organisatie.key"
        path.write_bytes(self.public)
        if self.crl:
            path.with_suffix(".crl").write_bytes(self.crl)
        return path


def need(program: str, package: str) -> None:
    """Skip without a system program, naming its Debian package; fail where CI promises to have it."""
    if shutil.which(program) is None:
        message = f"{program} is missing: apt-get install {package}"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


class Gpg:
    """gpg in a short-lived home, driven as a person would."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="trial-"))

    def __call__(self, *arguments: str, content: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--yes", "--pinentry-mode"]
        done = subprocess.run(
            [*command, "loopback", "--passphrase", "", *arguments],
            input=content,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def __enter__(self) -> "Gpg":
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def key(
        self,
        start: datetime,
        end: datetime,
        *,
        primary: str = "ed25519",
        subkeys: tuple[str, ...] = ("cv25519",),
    ) -> str:
        clock = ("--faked-system-time", f"{stamp(start)}!")
        self(
            *clock,
            "--quick-generate-key",
            "Stichting Proef <proef@proef.example>",
            primary,
            "sign",
            stamp(end),
        )
        fingerprint = re.search(rb"^fpr:+([0-9A-F]{40}):", self("--with-colons", "--list-keys"), re.M)
        assert fingerprint is not None
        for subkey in subkeys:
            self(*clock, "--quick-add-key", fingerprint[1].decode(), subkey, "encrypt", stamp(end))
        return fingerprint[1].decode()

    def trial(self, fingerprint: str) -> Trial:
        return Trial(
            self("--armor", "--export", fingerprint),
            fingerprint,
            self("--armor", "--export-secret-keys", fingerprint),
        )


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S")


def openpgp(fault: str) -> Trial:
    start, end = NOW - 30 * DAY, NOW + 30 * DAY
    with Gpg() as gpg:
        match fault:
            case "expired":
                return gpg.trial(gpg.key(start, NOW - DAY))
            case "not_yet_valid":
                return gpg.trial(gpg.key(NOW + 3 * DAY, end))
            case "sign_only":
                return gpg.trial(gpg.key(start, end, subkeys=()))
            case "weak":
                return gpg.trial(gpg.key(start, end, subkeys=("rsa1024",)))
            case "revoked":
                fingerprint = gpg.key(start, end)
                revocation = (gpg.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_bytes()
                gpg("--import", content=revocation.replace(b":-----BEGIN", b"-----BEGIN"))
                return gpg.trial(fingerprint)
            case "private_key_present":
                good = gpg.trial(gpg.key(start, end))
                return replace(good, public=good.private)
        return gpg.trial(gpg.key(start, end))


def smime(fault: str) -> Trial:
    start, end = NOW - 30 * DAY, NOW + 30 * DAY
    match fault:
        case "expired":
            return certificate(start, NOW - DAY)
        case "not_yet_valid":
            return certificate(NOW + 3 * DAY, end)
        case "sign_only":
            return certificate(start, end, encipher=False)
        case "weak":
            return certificate(start, end, size=1024)
        case "revoked":
            return certificate(start, end, revoke=True)
        case "private_key_present":
            good = certificate(start, end)
            return replace(good, public=good.public + good.private)
    return certificate(start, end)


def certificate(
    start: datetime,
    end: datetime,
    *,
    size: int = 2048,
    encipher: bool = True,
    revoke: bool = False,
    vouches: bool = False,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
) -> Trial:
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=size)
    # OpenSSL refuses to sign with a short key, so an authority does.
    authority = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Proef CA")])
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proef@proef.example")]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(
            x509.KeyUsage(not encipher, False, encipher, False, False, False, False, False, False),
            critical=True,
        )
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.BasicConstraints(ca=vouches, path_length=None), critical=True)
        .sign(authority, hashes.SHA256())
    )
    crl = b""
    if revoke:
        entry = (
            x509.RevokedCertificateBuilder().serial_number(made.serial_number).revocation_date(start).build()
        )
        listed = x509.CertificateRevocationListBuilder().issuer_name(issuer).add_revoked_certificate(entry)
        listed = listed.last_update(start).next_update(end)
        crl = listed.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    return Trial(pem, made.fingerprint(hashes.SHA256()).hex(), private, crl)


def jwk(fault: str) -> Trial:
    public, private, thumbprint = jwe.generate(NOW + 30 * DAY)
    changed = {
        "expired": {"exp": int((NOW - DAY).timestamp())},
        "not_yet_valid": {"nbf": int((NOW + 3 * DAY).timestamp())},
        "sign_only": {"use": "sig"},
        "revoked": {"revoked": {"at": int(NOW.timestamp())}},
    }
    if fault == "private_key_present":
        return Trial(private, thumbprint, private)
    return Trial(json.dumps(json.loads(public) | changed.get(fault, {})).encode(), thumbprint, private)


MAKERS = {"openpgp": openpgp, "smime": smime, "jwe": jwk}


def several(format: str, first: Trial, second: Trial) -> Trial:
    """Both keys in one file, the agreed one in front."""
    if format == "jwe":
        both = {"keys": [json.loads(first.public), json.loads(second.public)]}
        return replace(first, public=json.dumps(both).encode())
    return replace(first, public=first.public + second.public)


def opened(format: str, trial: Trial, ciphertext: bytes, directory: Path, signers: Signers) -> bytes:
    """What the organisation sees, with its own tool, which verifies the gateway's signature too."""
    if format == "jwe":
        assert signers.jwe is not None
        return jwe.open_signed(ciphertext, trial.private, signers.jwe.public_jwk)
    if format == "openpgp":
        assert signers.openpgp is not None
        with Gpg() as gpg:
            gpg("--import", content=trial.private)
            gpg("--import", content=signers.openpgp.public)
            plain = directory / "plain"
            told = gpg("--status-fd", "1", "--output", str(plain), "--decrypt", content=ciphertext)
            assert f"VALIDSIG {signers.openpgp.fingerprint} ".encode() in told
            content = plain.read_bytes()
            plain.unlink()
            return content
    assert signers.smime is not None
    need("openssl", "openssl")
    files = {"cert": trial.public, "key": trial.private, "ca": signers.smime.public_pem}
    for name, content in files.items():
        (directory / name).write_bytes(content)
    command: list[str | Path] = [
        "openssl",
        "smime",
        "-decrypt",
        "-inform",
        "DER",
        "-recip",
        directory / "cert",
    ]
    signed = subprocess.run(
        [*command, "-inkey", directory / "key"], input=ciphertext, capture_output=True, check=True
    )
    verify: list[str | Path] = ["openssl", "cms", "-verify", "-CAfile", directory / "ca"]
    return subprocess.run(verify, input=signed.stdout, capture_output=True, check=True).stdout
