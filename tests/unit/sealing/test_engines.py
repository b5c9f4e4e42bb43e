"""The fail-closed matrix, continued: the key is good, and what encrypts with it goes wrong."""

import gc
import json
import os
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysequoia
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
    PKCS7SignatureBuilder,
)
from joserfc import jwe
from joserfc.jwk import ECKey

from gateway.errors import SealError
from gateway.sealing.gpg import Gpg
from gateway.sealing.keyfacts import KeyFlaw, Sealer
from tests.unit.sealing.trial_keys import NOW, Trial, opened
from tests.unit.sealing.trial_place import CANARY, ENTITY, Place, made, signer, signers

# An engine that goes wrong after the key was found good: what it does instead of encrypting.
GPG_GOES_WRONG = {
    "killed": "kill -9 $$",
    "fails": "cat >/dev/null; exit 2",
    "silent": "cat >/dev/null; echo '[GNUPG:] END_ENCRYPTION' >&2",
    "no status": 'exec "$GPG" "$@" 2>/dev/null',
    "passes plaintext on": "cat; echo '[GNUPG:] END_ENCRYPTION' >&2",
    "labels plaintext": (
        "echo '-----BEGIN PGP MESSAGE-----'; echo; cat; echo '-----END PGP MESSAGE-----';"
        " echo '[GNUPG:] END_ENCRYPTION' >&2"
    ),
    "only packs": '"$GPG" --batch --homedir "$PLACE" --armor --store; echo "[GNUPG:] END_ENCRYPTION" >&2',
    "uses a password": (
        '"$GPG" --batch --homedir "$PLACE" --armor --pinentry-mode loopback --passphrase x --symmetric;'
        ' echo "[GNUPG:] END_ENCRYPTION" >&2'
    ),
    "takes another key": (
        '"$GPG" --batch --homedir "$PLACE" --trust-model always --armor -f "$STRANGER" --encrypt;'
        ' echo "[GNUPG:] END_ENCRYPTION" >&2'
    ),
    "adds a reader": '"$GPG" -f "$STRANGER" "$@"',
    "adds a line": 'cat > /dev/null; echo extra; echo x | "$GPG" "$@"',
}


@pytest.fixture
def gpg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Place]:
    """A place whose gpg does this when it is asked to encrypt, and is the real one otherwise."""

    def make(does: str) -> Place:
        # Beside the program, where its walls let it read.
        stranger = tmp_path / "bin" / "stranger.asc"
        stranger.parent.mkdir()
        stranger.write_bytes(made("openpgp", serial=1).public)
        real = next(Path(part) / "gpg" for part in os.get_exec_path() if (Path(part) / "gpg").exists())
        fake = tmp_path / "bin" / "gpg"
        fake.write_text(
            f"#!/bin/sh\nGPG={real}\nSTRANGER={stranger}\n"
            "PLACE=$(echo \"$*\" | sed 's/.*--homedir \\([^ ]*\\).*/\\1/')\n"
            f'case "$*" in *" --encrypt"*) ;; *) exec "$GPG" "$@";; esac\n{does}\n'
        )
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
        return Place("openpgp", tmp_path, "gnupg")

    return make


def refuses(place: Place, sealer: Sealer, problem: KeyFlaw = KeyFlaw.ENGINE_ERROR) -> None:
    """Nothing is sealed although the key is good, and nothing of the content is told or left."""
    with pytest.raises(SealError) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code == problem.value
    for left in place.directory.rglob("*"):
        assert not left.is_file() or CANARY not in left.read_bytes()
    assert CANARY.decode() not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("fault", GPG_GOES_WRONG)
def test_gpg_going_wrong_seals_nothing(fault: str, gpg: Callable[[str], Place]) -> None:
    place = gpg(GPG_GOES_WRONG[fault])
    sealer = place.sealer(made("openpgp"))
    assert sealer.check(NOW)
    refuses(place, sealer)
    sealer.close()


def test_a_gpg_that_hangs_is_killed_with_all_it_started(
    gpg: Callable[[str], Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = gpg("sleep 60")
    monkeypatch.setattr(Gpg.__init__, "__kwdefaults__", Gpg.__init__.__kwdefaults__ | {"seconds": 1.0})  # type: ignore[operator]
    began = time.monotonic()
    sealer = place.sealer(made("openpgp"))
    refuses(place, sealer)
    sealer.close()
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("says", ["", "echo cfg:version:x", "kill -9 $$", "exit 3"])
def test_what_is_no_gpg_seals_nothing(says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bin" / "gpg"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\n{says}\n")
    fake.chmod(0o755)
    place = Place("openpgp", tmp_path, "gnupg")
    sealer = place.sealer(made("openpgp"))
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    refuses(place, sealer)


def test_without_gpg_the_second_engine_seals_nothing_and_the_first_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = made("openpgp")
    second, first = Place("openpgp", tmp_path / "2", "gnupg"), Place("openpgp", tmp_path / "1")
    for place in (first, second):
        place.directory.mkdir()
    sealers = first.sealer(trial), second.sealer(trial)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sealers[0].seal(ENTITY, NOW).ciphertext
    refuses(second, sealers[1])


def test_our_key_is_in_the_home_only_while_the_sealer_lives() -> None:
    # pytest's own folders have paths too long for gpg's sockets, and then the home stands elsewhere.
    with tempfile.TemporaryDirectory(prefix="t-") as folder:
        place = Place("openpgp", Path(folder), "gnupg")
        sealer = place.sealer(made("openpgp"))
        sealed = sealer.seal(ENTITY, NOW)
        (home,) = place.home.iterdir()
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert sealed.ciphertext != sealer.seal(ENTITY, NOW).ciphertext
        assert list(place.home.iterdir()) == [home], "one home for one key"
        del sealer
        gc.collect()
        assert list(place.home.iterdir()) == []


def test_a_reader_of_the_newest_format_gets_what_gpg_reads(tmp_path: Path) -> None:
    """A key made by Sequoia asks for RFC 9580, which gpg 2.2 and so our own opener can't read."""
    key = pysequoia.Tsk.generate("Proef <proef@proef.example>", profile=pysequoia.Profile.RFC4880)
    public = key.extract_certificate()
    assert pysequoia.encrypt(b"x", [public], armor=False)[2] == 6, "the library by itself writes version 6"
    trial = Trial(str(public).encode(), public.fingerprint, str(key).encode())
    place = Place("openpgp", tmp_path)
    sealer = place.sealer(trial)
    # The library makes it at this very moment, which may be minutes after all tests were gathered.
    now = datetime.now(UTC) + timedelta(minutes=1)
    assert opened("openpgp", trial, sealer.seal(ENTITY, now).ciphertext, tmp_path, signers()) == ENTITY
    sealer.close()


def raising(*_: object, **__: object) -> bytes:
    raise ValueError(CANARY.decode())


class Panic(BaseException):
    """As pyo3 has it for a fault in Rust."""


def panicking(*_: object, **__: object) -> bytes:
    raise Panic(CANARY.decode())


LIBRARY_GOES_WRONG = {
    "raises": raising,
    "passes plaintext on": lambda *_, **__: CANARY,
    "silent": lambda *_, **__: b"",
}


@pytest.mark.parametrize("fault", LIBRARY_GOES_WRONG)
@pytest.mark.parametrize("format", ["openpgp", "smime", "jwe"])
def test_a_library_going_wrong_seals_nothing(
    format: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(format, tmp_path)
    sealer = place.sealer(made(format))
    wrong = LIBRARY_GOES_WRONG[fault]
    assert sealer.check(NOW)
    monkeypatch.setattr(pysequoia, "encrypt", wrong)
    monkeypatch.setattr(PKCS7EnvelopeBuilder, "encrypt", wrong)
    monkeypatch.setattr(jwe, "encrypt_compact", lambda *a, **k: wrong(*a, **k).decode())
    with pytest.raises(SealError) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code == KeyFlaw.ENGINE_ERROR.value
    place.is_clean(refused.value)


SEQUOIA_GOES_WRONG: dict[str, Callable[..., bytes]] = {
    "panics": panicking,
    "labels plaintext": lambda entity, *_, **__: pysequoia.armor(
        entity, pysequoia.ArmorKind.Message
    ).encode(),
    "only signs": lambda entity, *_, signer: pysequoia.sign(signer, entity),
    "takes another key": lambda entity, *_, signer: encrypt(entity, [stranger()], signer=signer),  # type: ignore[has-type]
    "adds a reader": lambda entity, keys, *, signer: encrypt(entity, [*keys, stranger()], signer=signer),  # type: ignore[has-type]
    "uses a password": lambda entity, *_, signer: encrypt(entity, passwords=["x"], signer=signer),  # type: ignore[has-type]
    "adds a password": lambda entity, keys, *, signer: encrypt(entity, keys, passwords=["x"], signer=signer),  # type: ignore[has-type]
    "is not armoured": lambda entity, keys, *, signer: encrypt(entity, keys, signer=signer, armor=False),  # type: ignore[has-type]
}
armor, encrypt = pysequoia.armor, pysequoia.encrypt


def stranger() -> pysequoia.Cert:
    return pysequoia.Cert.from_bytes(made("openpgp", serial=1).public)


@pytest.mark.parametrize("fault", SEQUOIA_GOES_WRONG)
def test_pysequoia_going_wrong_seals_nothing(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place("openpgp", tmp_path)
    sealer = place.sealer(made("openpgp"))
    assert sealer.check(NOW)
    monkeypatch.setattr(pysequoia, "encrypt", SEQUOIA_GOES_WRONG[fault])
    refuses(place, sealer)


def enveloped_wrongly(how: str, certificate: x509.Certificate) -> bytes:
    """What an S/MIME library could give instead of AES-256 for this certificate alone."""
    stranger = x509.load_pem_x509_certificate(made("smime", serial=1).public)
    builder = (
        PKCS7EnvelopeBuilder()
        .set_data(b"x")
        .set_content_encryption_algorithm(algorithms.AES128 if how == "weak cipher" else algorithms.AES256)
    )
    if how != "stranger":
        builder = builder.add_recipient(certificate)
    if how in ("stranger", "a reader more"):
        builder = builder.add_recipient(stranger)
    if how == "only signed":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        signed = PKCS7SignatureBuilder().set_data(b"x").add_signer(signer().certificate, key, hashes.SHA256())
        return signed.sign(Encoding.DER, [])
    return builder.encrypt(Encoding.DER, [PKCS7Options.Binary])


@pytest.mark.parametrize("how", ["stranger", "a reader more", "weak cipher", "only signed"])
def test_an_envelope_of_another_kind_is_not_let_out(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = made("smime")
    wrong = enveloped_wrongly(how, x509.load_pem_x509_certificate(trial.public))
    sealer = Place("smime", tmp_path).sealer(trial)
    monkeypatch.setattr(PKCS7EnvelopeBuilder, "encrypt", lambda *_: wrong)
    with pytest.raises(SealError) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code == KeyFlaw.ENGINE_ERROR.value


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "ECDH-ES", "enc": "A256GCM"},
        {"alg": "ECDH-ES+A256KW", "enc": "A128GCM"},
        {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": "iemand-anders"},
    ],
)
def test_a_token_of_another_kind_is_not_let_out(
    header: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = made("jwe")
    named = {"kid": trial.fingerprint} | header
    token = jwe.encrypt_compact(named, b"x", ECKey.import_key(json.loads(trial.public)))
    sealer = Place("jwe", tmp_path).sealer(trial)
    monkeypatch.setattr(jwe, "encrypt_compact", lambda *_, **__: token)
    with pytest.raises(SealError) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code == KeyFlaw.ENGINE_ERROR.value


def test_a_program_runs_within_bounds_and_gains_no_privilege() -> None:
    """It reads first, as all of them do: the bounds are there before anything to read is."""
    script = "cat >/dev/null; ulimit -c; ulimit -v; ulimit -f; grep NoNewPrivs /proc/self/status"
    program = (
        "from gateway.sandbox.limits import harden; harden()\n"
        "from gateway.sealing.engine import run\n"
        "from pathlib import Path\n"
        f"told = run(('sh', '-c', {script!r}), b'x' * 100_000, reads=[Path('/proc')])\n"
        "print(told.output.decode().split())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    # `ulimit` counts files in blocks of 512 bytes and memory in KiB.
    assert done.stdout.strip() == str(["0", str(1 << 20), str((64 << 20) // 512), "NoNewPrivs:", "1"])
