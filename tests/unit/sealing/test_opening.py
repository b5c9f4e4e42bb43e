"""Opening what was encrypted to the gateway, made by the real gpg and openssl as practices' programs do."""

import base64
import email
import email.policy
import os
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigError, OpenError
from gateway.sandbox.examiner import Opener
from gateway.sealing import openpgp
from gateway.sealing.gpg import PgpOpener
from gateway.sealing.packets import bare, parse
from gateway.sealing.smime import SmimeOpener
from tests.unit.sealing.opened import is_encrypted, open_mail
from tests.unit.sealing.trial_keys import DAY, EXAMPLES, NOW, Gpg, Trial, certificate, need

OUTER = (
    b"From: Praktijk Filmwijk <info@praktijk.example>\r\n"
    b"To: aanmelding@handover.example\r\n"
    b"Subject: ...\r\n"
    b"Message-ID: <1@praktijk.example>\r\n"
    b"References: <0@praktijk.example>\r\n <00@praktijk.example>\r\n"
    b"Auto-Submitted: no\r\n"
)
BODY = b"Naam: Sjoukje Kanarie-van Dam\r\nTel: 06-12345678\r\nWijk: Filmwijk\r\n"
ENTITY = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + BODY


@pytest.fixture(scope="module")
def pgp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PgpOpener, str]]:
    need("gpg", "gnupg")
    place = tmp_path_factory.mktemp("pgp")
    public, private, _ = openpgp.generate(place / "h", "InBeeld", "aanmelding@handover.example", None)
    (place / "private.asc").write_text(private)
    (place / "private.asc").chmod(0o600)
    opener = PgpOpener(place / "private.asc", place / "h")
    yield opener, public
    opener.close()
    assert list((place / "h").iterdir()) == []


class Smime:
    """The gateway's certificate and the openssl of somebody who writes to it."""

    def __init__(self, place: Path, trial: Trial) -> None:
        self.certificate, key = place / "cert.pem", place / "key.pem"
        self.certificate.write_bytes(trial.public)
        key.write_bytes(trial.private)
        key.chmod(0o600)
        self.key = key
        self.opener = SmimeOpener(self.certificate, key)

    def cms(self, content: bytes, *arguments: str) -> bytes:
        done = subprocess.run(["openssl", "cms", *arguments], input=content, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def encrypt(self, content: bytes, *arguments: str, form: str = "SMIME") -> bytes:
        head = ("-encrypt", "-binary", "-outform", form, "-recip", str(self.certificate))
        return self.cms(content, *(arguments or ("-aes256",)), *head)

    def sign(self, content: bytes, *arguments: str) -> bytes:
        keys = ("-signer", str(self.certificate), "-inkey", str(self.key))
        return self.cms(content, "-sign", "-binary", "-outform", "SMIME", *keys, *arguments)


@pytest.fixture(scope="module")
def smime(tmp_path_factory: pytest.TempPathFactory) -> Smime:
    need("openssl", "openssl")
    return Smime(tmp_path_factory.mktemp("smime"), certificate(NOW - DAY, NOW + DAY))


def pgp_mail(message: bytes, kind: str = 'encrypted; protocol="application/pgp-encrypted"') -> bytes:
    """RFC 3156 section 4."""
    return (
        OUTER
        + f"MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary=b\r\n\r\n".encode()
        + b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
        + b'--b\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n'
        + message
        + b"\r\n--b--\r\n"
    )


def encrypted(public: str, content: bytes, *arguments: str) -> bytes:
    with Gpg() as gpg:
        gpg("--import", content=public.encode())
        to = ("--trust-model", "always", "-r", "aanmelding@handover.example")
        return gpg("--armor", *arguments, *to, "--encrypt", content=content)


def reads(raw: bytes, *, subject: str = "...") -> None:
    """The mail is readable and its outer headers are those of the sender."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == BODY.decode().splitlines()
    assert mail["From"] == "Praktijk Filmwijk <info@praktijk.example>"
    assert mail["Subject"] == subject
    assert mail["References"] == "<0@praktijk.example> <00@praktijk.example>"
    assert mail["Auto-Submitted"] == "no"
    assert all(len(mail.get_all(name, [])) == 1 for name in ("Content-Type", "From", "Subject", "Message-ID"))


@pytest.mark.parametrize("kind", ['encrypted; protocol="application/pgp-encrypted"', "mixed"])
def test_pgp_mime_opens_also_after_exchange(pgp: tuple[PgpOpener, str], kind: str) -> None:
    raw = pgp_mail(encrypted(pgp[1], ENTITY), kind)
    assert is_encrypted(raw)
    reads(open_mail(raw, [pgp[0]]))


def test_a_hidden_subject_comes_out_and_no_other_header(pgp: tuple[PgpOpener, str]) -> None:
    inner = b"Subject: Aanmelding\r\nFrom: Iemand Anders <x@elders.example>\r\nX-Extra: 1\r\n" + ENTITY
    opened = open_mail(pgp_mail(encrypted(pgp[1], inner)), [pgp[0]])
    reads(opened, subject="Aanmelding")
    assert b"elders.example" not in opened
    assert b"X-Extra" not in opened


def test_a_signature_nobody_here_can_check_is_no_obstacle(pgp: tuple[PgpOpener, str]) -> None:
    with Gpg() as gpg:
        gpg.key(NOW - DAY, NOW + DAY)
        gpg("--import", content=pgp[1].encode())
        to = ("--trust-model", "always", "-r", "aanmelding@handover.example")
        message = gpg("--armor", "--sign", *to, "--encrypt", content=ENTITY)
    reads(open_mail(pgp_mail(message), [pgp[0]]))


def test_openpgp_that_is_damaged_or_not_encrypted_is_refused(pgp: tuple[PgpOpener, str]) -> None:
    whole = encrypted(pgp[1], ENTITY)
    line = whole.splitlines()[4]
    with Gpg() as gpg:
        packed = gpg("--armor", "--store", content=ENTITY)
    for message in (packed, whole.replace(line, b"A" * len(line)), b"rommel", b""):
        with pytest.raises(OpenError):
            open_mail(pgp_mail(message), [pgp[0]])


def test_openpgp_without_integrity_protection_is_refused(pgp: tuple[PgpOpener, str]) -> None:
    """The old packet of type 9, which lets content be changed unseen: taken from a protected message."""
    keys, protected = parse(bare(encrypted(pgp[1], ENTITY)))
    old = b"".join(
        bytes((0x80 | tag << 2 | 2,)) + len(body).to_bytes(4, "big") + body
        for tag, body in ((keys.tag, keys.body), (9, protected.body[1:]))
    )
    with pytest.raises(OpenError):
        open_mail(pgp_mail(base64.encodebytes(old)), [pgp[0]])
    with pytest.raises(OpenError):
        pgp[0].open(old)


def test_a_flood_of_compressed_zeros_is_bounded(pgp: tuple[PgpOpener, str]) -> None:
    message = encrypted(pgp[1], b"\0" * (33 * 1024 * 1024), "-z", "9")
    assert len(message) < 200_000
    with pytest.raises(OpenError):
        open_mail(pgp_mail(message), [pgp[0]])


def test_the_private_key_must_be_private_and_usable(tmp_path: Path) -> None:
    path = tmp_path / "private.asc"
    path.write_text("geen sleutel")
    path.chmod(0o644)
    opener = PgpOpener(path, tmp_path / "h")
    with pytest.raises(ConfigError, match="chmod 600"):
        opener.open(b"x")
    path.chmod(0o600)
    with pytest.raises(OpenError, match="can't use"):
        opener.open(b"x")
    with pytest.raises(OpenError, match="failed"):
        PgpOpener(path, tmp_path / "h", gpg="/nergens/gpg").open(b"x")


@pytest.mark.parametrize(
    ("said", "opens"),
    [
        ("DECRYPTION_OKAY GOODMDC", True),
        ("DECRYPTION_OKAY GOODMDC ERRSIG", True),
        ("DECRYPTION_OKAY", False),
        ("GOODMDC", False),
        ("DECRYPTION_OKAY GOODMDC DECRYPTION_FAILED", False),
        ("DECRYPTION_OKAY GOODMDC ERRSIG CUT", False),
        ("DECRYPTION_OKAY GOODMDC NOTHING", False),
        ("DECRYPTION_OKAY GOODMDC VALIDSIG", False),
    ],
)
def test_only_what_gpg_vouches_for_is_taken(said: str, opens: bool, tmp_path: Path) -> None:
    """A gpg that says these words, and ends with 2 if it says more than the first two."""
    more = {"ERRSIG": f" {'0' * 16} 22 10 00 1700000000 9 {'0' * 40}"}
    lines = [f"echo '[GNUPG:] {word}{more.get(word, '')}' >&2" for word in said.split()]
    if "CUT" in said:
        lines.append("echo 'gpg: handle plaintext failed: Provided object is too large' >&2")
    code = 2 if len(said.split()) > 2 else 0
    fake = tmp_path / "gpg"
    imports = "*--import*) echo '[GNUPG:] IMPORT_RES 1 0 1 0 0 0 0 0 0 1 1 0 0 0 0' >&2; exit 0;;"
    cases = f'case "$*" in *--list-config*) echo cfg:version:2.2.40; exit 0;; {imports} esac'
    script = ["#!/bin/sh", cases, "cat", *lines, f"exit {code}"]
    fake.write_text("\n".join(script))
    fake.chmod(0o755)
    key = tmp_path / "key"
    key.write_bytes(b"sleutel")
    key.chmod(0o600)
    opener = PgpOpener(key, tmp_path / "h", gpg=str(fake))
    if opens:
        assert opener.open(ENTITY) == ENTITY
    else:
        with pytest.raises(OpenError):
            opener.open(ENTITY)
    opener.close()


@pytest.mark.parametrize("cipher", ["-aes128", "-aes256", "-des3", "-aes-256-gcm"])
def test_smime_opens_with_old_and_new_ciphers(smime: Smime, cipher: str) -> None:
    raw = OUTER + smime.encrypt(ENTITY, cipher)
    assert is_encrypted(raw)
    reads(open_mail(raw, [smime.opener]))


def test_smime_with_oaep_opens(smime: Smime) -> None:
    der = smime.encrypt(ENTITY, "-aes256", form="DER")
    assert der
    head = ("-encrypt", "-binary", "-aes256", "-outform", "SMIME", "-recip", str(smime.certificate))
    reads(open_mail(OUTER + smime.cms(ENTITY, *head, "-keyopt", "rsa_padding_mode:oaep"), [smime.opener]))


def test_smime_to_an_elliptic_curve_opens(tmp_path: Path) -> None:
    need("openssl", "openssl")
    curve = Smime(
        tmp_path,
        certificate(NOW - DAY, NOW + DAY, encipher=False, key=ec.generate_private_key(ec.SECP256R1())),
    )
    reads(open_mail(OUTER + curve.encrypt(ENTITY), [curve.opener]))


@pytest.mark.parametrize("arguments", [(), ("-nodetach",)])
def test_signed_then_enveloped_as_outlook_does_opens(smime: Smime, arguments: tuple[str, ...]) -> None:
    reads(open_mail(OUTER + smime.encrypt(smime.sign(ENTITY, *arguments)), [smime.opener]))


def test_an_opaque_signature_alone_is_taken_off_without_a_key(smime: Smime) -> None:
    raw = OUTER + smime.sign(ENTITY, "-nodetach")
    assert not is_encrypted(raw)
    reads(open_mail(raw, []))


def test_indefinite_lengths_and_a_file_called_octet_stream_open(smime: Smime) -> None:
    der = smime.encrypt(ENTITY, "-aes256", "-stream", form="DER")
    head = b'Content-Type: application/octet-stream; name="smime.p7m"\r\n'
    head += b"Content-Transfer-Encoding: base64\r\n\r\n"
    reads(open_mail(OUTER + head + base64.encodebytes(der), [smime.opener]))


def test_a_second_key_is_tried_and_a_missing_one_is_said(
    smime: Smime, pgp: tuple[PgpOpener, str], tmp_path: Path
) -> None:
    other = Smime(tmp_path, certificate(NOW - DAY, NOW + DAY))
    raw = OUTER + smime.encrypt(ENTITY)
    openers: list[Opener] = [pgp[0], other.opener, smime.opener]
    reads(open_mail(raw, openers))
    for too_few in ([], [pgp[0]], [other.opener]):
        with pytest.raises(OpenError) as refused:
            open_mail(raw, too_few)
        assert "Kanarie" not in str(refused.value)


def test_damage_is_an_open_error(smime: Smime) -> None:
    head = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    for body in (b"AAAA", b"MAA=", b"MIIB", b"!!!!"):
        raw = OUTER + head + body + b"\r\n"
        assert is_encrypted(raw)
        with pytest.raises(OpenError):
            open_mail(raw, [smime.opener])


@pytest.mark.parametrize("rest", [b"", b"--b\r\n\r\n", b"--b\r\n\r\n--b\r\n\r\nhoi\r\n--b--\r\n"])
def test_a_mail_that_only_claims_to_be_encrypted_is_an_open_error(rest: bytes) -> None:
    raw = OUTER + b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n" + rest
    assert is_encrypted(raw)
    with pytest.raises(OpenError):
        open_mail(raw, [])


def test_nobody_wraps_five_times(smime: Smime) -> None:
    raw = ENTITY
    for _ in range(5):
        raw = smime.encrypt(raw)
    with pytest.raises(OpenError, match="deep"):
        open_mail(OUTER + raw, [smime.opener])


@pytest.mark.parametrize(
    "raw",
    [
        OUTER + ENTITY,
        OUTER,
        b"",
        b"\r\n\r\nhoi",
        b"Content-Type: \xff\xfe; name*=x'y'%ff.p7m\r\n\r\nhoi",
    ],
)
def test_any_other_mail_comes_back_as_it_is(raw: bytes) -> None:
    assert open_mail(raw, []) == raw


@EXAMPLES
@given(st.binary(max_size=400) | st.binary(max_size=400).map(lambda tail: OUTER + tail))
def test_any_bytes_come_back_or_are_an_open_error(raw: bytes) -> None:
    try:
        assert open_mail(raw, []) == raw or is_encrypted(raw)
    except OpenError:
        assert is_encrypted(raw)


def test_thousands_of_layers_of_parts_are_no_wrapping() -> None:
    layers = "".join(
        f"Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n" for depth in range(3000)
    )
    raw = OUTER + layers.encode() + b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    assert open_mail(raw, []) == raw


def test_without_openssl_it_is_an_open_error(smime: Smime, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = OUTER + smime.encrypt(ENTITY)
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(OpenError):
        open_mail(raw, [smime.opener])
