"""The fail-closed matrix: every format against every fault, and what a good seal must be.

Whatever is wrong with a key or an engine, the answer is a `KeyUnusable` or `SealError` with a code of the
closed set, and no plaintext byte is in it, in gpg's home or beside the key.
"""

import functools
import os
import stat
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
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

from gateway.errors import ConfigError, KeyUnusable, SealError
from gateway.sealing.keyring import EXPLAINED, Problem, Sealer, inspect, sealer_for
from gateway.sealing.smimesigner import SmimeSigner
from tests.unit.sealing.trial_keys import DAY, MAKERS, NOW, Trial, need, opened, several

CANARY = b"Sjoukje Kanarie-van Dam +31612345678"
ENTITY = b"Content-Type: text/plain\r\n\r\n" + CANARY + b"\r\n"
FORMATS = ("openpgp", "smime", "jwe")
MEDIA_TYPES = {
    "openpgp": "application/pgp-encrypted",
    "smime": "application/pkcs7-mime",
    "jwe": "application/jose",
}


@functools.cache
def made(format: str, fault: str = "", serial: int = 0) -> Trial:
    """A trial key; making one takes longer than using it, so each is made once."""
    if format == "openpgp":
        need("gpg", "gnupg")
    return MAKERS[format](fault)


@functools.cache
def signer() -> SmimeSigner:
    return SmimeSigner.generate("aanmelding@handover.example", NOW - DAY)


@dataclass
class Place:
    """One organisation's key under test."""

    format: str
    directory: Path

    @property
    def home(self) -> Path:
        return self.directory / "gpg"

    def sealer(self, trial: Trial) -> Sealer:
        return sealer_for(
            self.format,  # type: ignore[arg-type]
            trial.write(self.directory / "keys"),
            trial.fingerprint,
            gpg_home_root=self.home,
            signer=signer(),
        )

    def refuses(self, sealer: Sealer, problem: Problem, now: datetime = NOW) -> None:
        """Neither `check` nor `seal` lets it through, and nothing of the content is told or left behind."""
        with pytest.raises(KeyUnusable) as checked:
            sealer.check(now)
        assert checked.value.code == problem.value
        with pytest.raises(KeyUnusable) as refused:
            sealer.seal(ENTITY, now)
        assert refused.value.code == problem.value
        assert EXPLAINED[problem] in str(refused.value)
        self.is_clean(refused.value)

    def is_clean(self, error: BaseException | None = None) -> None:
        if error is not None:
            assert CANARY.decode() not in "".join(traceback.format_exception(error))
        for path in self.directory.rglob("*"):
            assert not path.is_file() or CANARY not in path.read_bytes()
        if self.home.exists():
            assert list(self.home.iterdir()) == []
            assert stat.S_IMODE(self.home.stat().st_mode) == 0o700


@pytest.fixture(params=FORMATS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(request.param, tmp_path)


# Faults that stand in the key itself. A JWK can't be weak: P-256 has one size.
IN_KEY = ("expired", "not_yet_valid", "sign_only", "revoked", "private_key_present")
MATRIX = [(format, fault) for format in FORMATS for fault in IN_KEY]


@pytest.mark.parametrize(("format", "fault"), [*MATRIX, ("openpgp", "weak"), ("smime", "weak")])
def test_a_key_that_may_not_be_used_seals_nothing(format: str, fault: str, tmp_path: Path) -> None:
    place = Place(format, tmp_path)
    place.refuses(place.sealer(made(format, fault)), Problem(fault))


def garbage(path: Path) -> None:
    path.write_bytes(
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nbm90IGEga2V5\n-----END PGP PUBLIC KEY BLOCK-----"
    )


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


# Faults that befall the file: what happens to it, and what is then said of it.
TO_FILE: dict[str, tuple[Callable[[Path], object], Problem]] = {
    "gone": (Path.unlink, Problem.MISSING),
    "empty": (lambda path: path.write_bytes(b""), Problem.UNREADABLE),
    "garbage": (garbage, Problem.UNREADABLE),
    "binary": (lambda path: path.write_bytes(bytes(range(256)) * 20), Problem.UNREADABLE),
    "directory": (directory, Problem.UNREADABLE),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:-60]), Problem.UNREADABLE),
    "large": (lambda path: path.write_bytes(path.read_bytes() + b"\n" * 65536), Problem.TOO_LARGE),
}


@pytest.mark.parametrize("fault", TO_FILE)
def test_a_broken_file_seals_nothing_even_after_a_good_seal(place: Place, fault: str) -> None:
    trial = made(place.format)
    sealer = place.sealer(trial)
    assert sealer.seal(ENTITY, NOW).ciphertext
    befall, problem = TO_FILE[fault]
    befall(place.directory / "keys" / "organisatie.key")
    place.refuses(sealer, problem)


def test_two_keys_in_one_file_seal_nothing(place: Place) -> None:
    both = several(place.format, made(place.format), made(place.format, serial=1))
    place.refuses(place.sealer(both), Problem.SEVERAL_KEYS)


@pytest.mark.parametrize("pin", ["stranger", "short", "empty"])
def test_only_the_full_agreed_fingerprint_seals(place: Place, pin: str) -> None:
    trial = made(place.format)
    stranger = made(place.format, serial=1).fingerprint
    agreed = {"stranger": stranger, "short": trial.fingerprint[-16:], "empty": ""}[pin]
    place.refuses(place.sealer(Trial(trial.public, agreed)), Problem.WRONG_FINGERPRINT)


def test_a_key_swapped_after_a_good_seal_is_noticed(place: Place) -> None:
    sealer = place.sealer(made(place.format))
    sealer.seal(ENTITY, NOW)
    made(place.format, serial=1).write(place.directory / "keys")
    place.refuses(sealer, Problem.WRONG_FINGERPRINT)


def test_a_key_expires_between_two_seals_and_works_again_once_repaired(place: Place) -> None:
    trial = made(place.format)
    sealer = place.sealer(trial)
    end = sealer.check(NOW).expires_at
    assert end is not None
    assert sealer.seal(ENTITY, end.replace(microsecond=0) - DAY).ciphertext
    place.refuses(sealer, Problem.EXPIRED, now=end)
    assert sealer.seal(ENTITY, NOW).ciphertext


def test_a_good_seal_opens_with_the_organisations_own_tool(place: Place) -> None:
    trial = made(place.format)
    sealed = place.sealer(trial).seal(ENTITY, NOW)
    assert sealed.media_type == MEDIA_TYPES[place.format]
    assert CANARY not in sealed.ciphertext
    assert opened(place.format, trial, sealed.ciphertext, place.directory, signer()) == ENTITY


def test_the_facts_are_those_of_the_key(place: Place) -> None:
    trial = made(place.format)
    sealer = place.sealer(trial)
    facts = sealer.check(NOW)
    assert facts.format == place.format
    assert facts.fingerprint.casefold() == trial.fingerprint.casefold()
    assert facts.key_ids
    path = place.directory / "keys" / "organisatie.key"
    assert inspect(facts.format, path, NOW, gpg_home_root=place.home) == facts  # type: ignore[arg-type]


@pytest.mark.parametrize("format", ["openpgp", "smime"])
def test_a_fingerprint_may_be_written_in_groups(format: str, tmp_path: Path) -> None:
    trial = made(format)
    grouped = " ".join(trial.fingerprint.lower()[at : at + 4] for at in range(0, len(trial.fingerprint), 4))
    assert Place(format, tmp_path).sealer(Trial(trial.public, grouped)).check(NOW)


def test_threads_seal_side_by_side(place: Place) -> None:
    sealer = place.sealer(made(place.format))
    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: results.append(sealer.seal(ENTITY, NOW).ciphertext)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 4


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


def test_smime_needs_a_signer_that_is_valid_now(tmp_path: Path) -> None:
    trial = made("smime")
    path = trial.write(tmp_path / "keys")
    with pytest.raises(ConfigError):
        sealer_for("smime", path, trial.fingerprint, gpg_home_root=tmp_path / "gpg")
    old = SmimeSigner.generate("aanmelding@handover.example", NOW - 9 * DAY, DAY)
    sealer = sealer_for("smime", path, trial.fingerprint, gpg_home_root=tmp_path / "gpg", signer=old)
    with pytest.raises(SealError) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code == Problem.SIGNER.value


def test_every_problem_is_explained() -> None:
    assert set(EXPLAINED) == set(Problem)
