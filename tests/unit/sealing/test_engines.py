"""The fail-closed matrix, continued: the key is good, and what encrypts with it goes wrong."""

import json
import os
import traceback
from pathlib import Path

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

from gateway.errors import KeyUnusable, SealError
from gateway.sealing.keyring import Problem
from tests.unit.sealing.trial_keys import NOW
from tests.unit.sealing.trial_place import CANARY, ENTITY, Place, made, signer

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
    "only packs": '"$GPG" --batch --homedir "$2" --armor --store; echo "[GNUPG:] END_ENCRYPTION" >&2',
    "uses a password": (
        '"$GPG" --batch --homedir "$2" --armor --pinentry-mode loopback --passphrase x --symmetric;'
        ' echo "[GNUPG:] END_ENCRYPTION" >&2; gpgconf --homedir "$2" --kill all'
    ),
    "takes another key": (
        '"$GPG" --batch --no-keyring --homedir "$2" --trust-model always --armor -f "$STRANGER" --encrypt;'
        ' echo "[GNUPG:] END_ENCRYPTION" >&2'
    ),
    "adds a reader": ('"$GPG" --batch --homedir "$2" --trust-model always --armor -f "$STRANGER" "$@"'),
    "adds a reader behind": '"$GPG" "$@" -f "$STRANGER"',
    "adds a line": 'cat > /dev/null; echo extra; echo x | "$GPG" "$@"',
}


@pytest.mark.parametrize("fault", GPG_GOES_WRONG)
def test_gpg_going_wrong_seals_nothing(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place("openpgp", tmp_path)
    sealer = place.sealer(made("openpgp"))
    stranger = tmp_path / "stranger.asc"
    stranger.write_bytes(made("openpgp", serial=1).public)
    real = next(Path(part) / "gpg" for part in os.get_exec_path() if (Path(part) / "gpg").exists())
    fake = tmp_path / "bin" / "gpg"
    fake.parent.mkdir()
    fake.write_text(
        f"#!/bin/sh\nGPG={real}\nSTRANGER={stranger}\n"
        'case "$*" in *--show-keys*) exec "$GPG" "$@";; esac\n'
        f"{GPG_GOES_WRONG[fault]}\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    assert sealer.check(NOW)
    with pytest.raises(SealError) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code == Problem.ENGINE_ERROR.value
    for left in place.home.iterdir():
        assert not left.is_file() or CANARY not in left.read_bytes()
    assert CANARY.decode() not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("listing", ["", "echo pub:-:x", "echo pub:::::; echo fpr:", "kill -9 $$"])
def test_gpg_talking_nonsense_of_a_key_makes_it_unusable(
    listing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = made("openpgp")
    fake = tmp_path / "bin" / "gpg"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\n{listing}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    sealer = Place("openpgp", tmp_path).sealer(trial)
    with pytest.raises(KeyUnusable) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code in (Problem.ENGINE_ERROR, Problem.UNREADABLE)


def test_without_gpg_nothing_is_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place("openpgp", tmp_path)
    sealer, known = place.sealer(made("openpgp")), place.sealer(made("openpgp"))
    known.check(NOW)
    monkeypatch.setenv("PATH", str(tmp_path))
    place.refuses(sealer, Problem.ENGINE_ERROR)
    with pytest.raises(SealError) as refused:
        known.seal(ENTITY, NOW)
    assert refused.value.code == Problem.ENGINE_ERROR.value


def raising(*_: object, **__: object) -> bytes:
    raise ValueError(CANARY.decode())


LIBRARY_GOES_WRONG = {
    "raises": raising,
    "passes plaintext on": lambda *_, **__: CANARY,
    "silent": lambda *_, **__: b"",
}


@pytest.mark.parametrize("fault", LIBRARY_GOES_WRONG)
@pytest.mark.parametrize("format", ["smime", "jwe"])
def test_a_library_going_wrong_seals_nothing(
    format: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(format, tmp_path)
    sealer = place.sealer(made(format))
    wrong = LIBRARY_GOES_WRONG[fault]
    monkeypatch.setattr(PKCS7EnvelopeBuilder, "encrypt", wrong)
    monkeypatch.setattr(jwe, "encrypt_compact", lambda *a, **k: wrong(*a, **k).decode())
    with pytest.raises(SealError) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code == Problem.ENGINE_ERROR.value
    place.is_clean(refused.value)


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
    assert refused.value.code == Problem.ENGINE_ERROR.value


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
    assert refused.value.code == Problem.ENGINE_ERROR.value
