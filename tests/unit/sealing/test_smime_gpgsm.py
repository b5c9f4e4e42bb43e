"""A team's mail program of another make (gpgsm, as KMail uses it): it reads what we seal, and answers.

It shows what a mail program learns of us from our mails alone: the certificate to encrypt answers to comes
with our signature, and is the one that is chosen by our address.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import PrivateFormat, load_pem_private_key, pkcs12

from gateway.sealing.smime import SmimeSealer, SmimeSigner, generate_recipient
from tests.programs import program
from tests.unit.sealing.trial_keys import DAY, NOW

ENTITY = b"Content-Type: text/plain; charset=utf-8\r\n\r\nNaam: Roswitha Quintavalle\r\n"
PASSWORD = b"geheim"
OURS = "aanmelding@handover.example"


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of its own, with a short path: sockets are in it."""
    program("gpgsm", "gpgsm")
    with tempfile.TemporaryDirectory(prefix="sm", dir="/tmp") as folder:
        made = Path(folder)
        (made / "gpgsm.conf").write_text("disable-crl-checks\ndisable-dirmngr\n")
        (made / "gpg-agent.conf").write_text("allow-loopback-pinentry\n")
        yield made
        subprocess.run(["gpgconf", "--homedir", made, "--kill", "all"], check=False, capture_output=True)


def ran(home: Path, *words: str | Path) -> "subprocess.CompletedProcess[bytes]":
    """Run it without anybody who could be asked."""
    quiet = ("--batch", "--pinentry-mode", "loopback", "--passphrase-fd", "0")
    return subprocess.run(
        ["gpgsm", "--homedir", home, *quiet, *words], input=PASSWORD + b"\n", capture_output=True, check=False
    )


def gpgsm(home: Path, *words: str | Path) -> "subprocess.CompletedProcess[bytes]":
    """The same, of what must succeed."""
    done = ran(home, *words)
    assert done.returncode == 0, done.stderr.decode()
    return done


def take_in(home: Path, path: Path, key: RSAPrivateKey, certificate: x509.Certificate) -> None:
    """Let it have a key. It takes one PKCS#12 file in five for one with another password: then another."""
    for _ in range(20):
        wrapping = (
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(2000)
            .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())  # noqa: S303 - what gpgsm 2.2 reads
            .build(PASSWORD)
        )
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"team", key, certificate, None, wrapping))
        if ran(home, "--import", path).returncode == 0:
            return
    raise AssertionError("it takes none")


def test_another_program_reads_it_and_its_answer_is_for_our_key(home: Path, tmp_path: Path) -> None:
    begun, ends = NOW - DAY, NOW + timedelta(days=700)
    ours, private, _ = generate_recipient(OURS, begun, ends)
    theirs, key, fingerprint = generate_recipient("team@buurthuis.example", begun, ends)
    (tmp_path / "ours.pem").write_bytes(ours)
    (tmp_path / "theirs.pem").write_bytes(theirs)
    SmimeSigner.generate(OURS, begun, timedelta(days=700)).save(tmp_path / "signer.pem")
    signer = SmimeSigner.load(tmp_path / "signer.pem", tmp_path / "ours.pem")
    (tmp_path / "inbeeld.pem").write_bytes(signer.public_pem)
    certificate, theirs_private = x509.load_pem_x509_certificate(theirs), load_pem_private_key(key, None)
    assert isinstance(theirs_private, RSAPrivateKey)
    take_in(home, tmp_path / "theirs.p12", theirs_private, certificate)
    gpgsm(home, "--import", tmp_path / "inbeeld.pem")
    trusted = [x509.load_pem_x509_certificate(pem) for pem in (ours, theirs, signer.public_pem)]
    lines = [f"{each.fingerprint(hashes.SHA1()).hex().upper()} S relax\n" for each in trusted]  # noqa: S303
    (home / "trustlist.txt").write_text("".join(lines))

    sealed = SmimeSealer(tmp_path / "theirs.pem", fingerprint, signer).seal(ENTITY, NOW)
    (tmp_path / "sealed.p7m").write_bytes(sealed.ciphertext)
    opened = gpgsm(home, "--decrypt", tmp_path / "sealed.p7m").stdout
    (boundary,) = re.findall(rb'boundary="?([^";\r\n]+)', opened)[:1]
    _, signed, signature, _ = opened.split(b"--" + boundary)
    (tmp_path / "signed").write_bytes(signed.removeprefix(b"\r\n").removesuffix(b"\r\n"))
    assert b"Roswitha Quintavalle" in signed
    (tmp_path / "signature").write_bytes(signature.partition(b"\r\n\r\n")[2].strip())
    told = gpgsm(home, "--assume-base64", "--verify", tmp_path / "signature", tmp_path / "signed")
    assert b"Good signature" in told.stderr

    (tmp_path / "answer").write_bytes(b"Content-Type: text/plain\r\n\r\nIN BEELD\r\n")
    answer = gpgsm(home, "--recipient", f"<{OURS}>", "--encrypt", tmp_path / "answer").stdout
    (tmp_path / "answer.p7m").write_bytes(answer)
    (tmp_path / "key.pem").write_bytes(private)
    ours_opens = ("-inkey", tmp_path / "key.pem", "-recip", tmp_path / "ours.pem")
    read = subprocess.run(
        ["openssl", "cms", "-decrypt", "-inform", "DER", "-in", tmp_path / "answer.p7m", *ours_opens],
        capture_output=True,
        check=True,
    )
    assert b"IN BEELD" in read.stdout
