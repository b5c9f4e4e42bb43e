"""OpenPGP beside the matrix: trial keys, subkeys, the certificate's dates, and what a home leaves behind."""

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from gateway.errors import KeyUnusable, SealError
from gateway.sealing import engine, openpgp, packets
from gateway.sealing.gpg import remove_leftovers, temporary_home
from gateway.sealing.keyfacts import Sealer
from gateway.sealing.keyring import Engine, sealer_for
from tests.unit.sealing.trial_keys import DAY, NOW, Gpg, Trial, need, opened
from tests.unit.sealing.trial_place import signers

ENTITY = b"Content-Type: text/plain\r\n\r\nSjoukje Kanarie-van Dam\r\n"


def of(key: Path, fingerprint: str | None, home: Path, engine: Engine = "sequoia") -> Sealer:
    return sealer_for("openpgp", key, fingerprint or "", gpg_home_root=home, signers=signers(), engine=engine)


@pytest.fixture(autouse=True)
def _gpg() -> None:
    need("gpg", "gnupg")


def test_a_generated_pair_seals_opens_and_leaves_nothing(tmp_path: Path) -> None:
    end = NOW + 90 * DAY
    public, private, fingerprint = openpgp.generate(tmp_path / "h", "Stichting Proef", "p@proef.example", end)
    (tmp_path / "key.asc").write_text(public)
    sealer = of(tmp_path / "key.asc", fingerprint, tmp_path / "h")
    now = NOW + timedelta(hours=1)
    facts = sealer.check(now)
    assert (facts.fingerprint, facts.algorithm, facts.expires_at) == (fingerprint, "cv25519", end)
    sealed = sealer.seal(ENTITY, now)
    trial = Trial(public.encode(), fingerprint, private.encode())
    assert opened("openpgp", trial, sealed.ciphertext, tmp_path, signers()) == ENTITY
    assert not (tmp_path / "h").exists() or list((tmp_path / "h").iterdir()) == []
    sealer.close()


def test_a_generated_key_may_never_expire_and_may_be_dated(tmp_path: Path) -> None:
    public, _, key_fingerprint = openpgp.generate(
        tmp_path, "Proef", "p@proef.example", None, created=NOW - 400 * DAY
    )
    (tmp_path / "key.asc").write_text(public)
    sealer = of(tmp_path / "key.asc", key_fingerprint, tmp_path / "h")
    assert sealer.check(NOW - 399 * DAY).expires_at is None
    with pytest.raises(KeyUnusable) as refused:
        sealer.check(NOW - 402 * DAY)
    assert refused.value.code == "not_yet_valid"


def test_generating_says_so_when_gpg_fails(tmp_path: Path) -> None:
    with pytest.raises(SealError):
        openpgp.generate(tmp_path, "Proef", "p@proef.example", None, gpg="/bin/false")
    with pytest.raises(SealError, match="not installed"):
        openpgp.generate(tmp_path, "Proef", "p@proef.example", None, gpg="/nergens/gpg")
    with pytest.raises(ValueError, match="line break"):
        openpgp.generate(tmp_path, "Proef\n%echo", "p@proef.example", None)


def test_a_key_that_the_agent_lost_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lost, whole = list[str](), openpgp.Gpg.export_keys  # type: ignore[attr-defined]

    def forgetful(engine: openpgp.Gpg, fingerprint: str, **how: Any) -> str:  # type: ignore[name-defined]
        if how.get("secret") and not lost:
            lost.append(fingerprint)
            return ""
        return str(whole(engine, fingerprint, **how))

    monkeypatch.setattr(openpgp.Gpg, "export_keys", forgetful)  # type: ignore[attr-defined]
    _, private, fingerprint = openpgp.generate(tmp_path, "Proef", "p@proef.example", None)
    assert private
    assert lost
    assert fingerprint not in lost


def test_binary_keys_and_keys_in_a_letter_are_read(tmp_path: Path) -> None:
    public, _, fingerprint = openpgp.generate(tmp_path, "Proef", "p@proef.example", None, created=NOW - DAY)
    key = tmp_path / "key"
    for content in (packets.bare(public.encode()), b"Beste,\r\n\r\n" + public.encode() + b"\r\nGroet\r\n"):
        key.write_bytes(content)
        assert of(key, fingerprint, tmp_path / "h").seal(ENTITY, NOW).ciphertext


def test_with_an_expired_and_a_new_subkey_the_new_one_is_used(tmp_path: Path) -> None:
    with Gpg() as gpg:
        fingerprint = gpg.key(NOW - 60 * DAY, NOW - 30 * DAY)
        gpg(
            "--faked-system-time",
            f"{(NOW - 40 * DAY):%Y%m%dT%H%M%S}!",
            "--quick-set-expire",
            fingerprint,
            "0",
        )
        gpg("--quick-add-key", fingerprint, "cv25519", "encrypt", "30d")
        trial = gpg.trial(fingerprint)
        path = trial.write(tmp_path / "keys")
        sealer = of(path, fingerprint, tmp_path / "h")
        now = NOW + timedelta(hours=1)
        facts = sealer.check(now)
        assert len(facts.key_ids) == 2
        assert facts.expires_at is not None
        assert facts.expires_at > NOW + 29 * DAY
        trial = gpg.trial(fingerprint)
        assert opened("openpgp", trial, sealer.seal(ENTITY, now).ciphertext, tmp_path, signers()) == ENTITY


def test_a_key_whose_only_encryption_subkey_was_revoked_is_revoked(tmp_path: Path) -> None:
    with Gpg() as gpg:
        fingerprint = gpg.key(NOW - 60 * DAY, NOW + 30 * DAY)
        edit = "key 1\nrevkey\ny\n0\n\ny\nsave\n"
        gpg("--command-fd", "0", "--edit-key", fingerprint, content=edit.encode())
        path = gpg.trial(fingerprint).write(tmp_path / "keys")
    with pytest.raises(KeyUnusable) as refused:
        of(path, fingerprint, tmp_path / "h").seal(ENTITY, NOW)
    assert refused.value.code == "revoked"


def test_gpgs_own_clock_may_find_a_key_expired_first(tmp_path: Path) -> None:
    with Gpg() as gpg:
        trial = gpg.trial(gpg.key(NOW - 60 * DAY, NOW - 30 * DAY))
    path = trial.write(tmp_path / "keys")
    sealer = of(path, trial.fingerprint, tmp_path / "h", "gnupg")
    assert sealer.check(NOW - 40 * DAY)
    with pytest.raises(KeyUnusable) as refused:
        sealer.seal(ENTITY, NOW - 40 * DAY)
    assert refused.value.code == "expired"


def test_a_repaired_key_file_is_used_at_once(tmp_path: Path) -> None:
    with Gpg() as gpg:
        fingerprint = gpg.key(NOW - 60 * DAY, NOW - 30 * DAY)
        old = gpg.trial(fingerprint)
        clock = ("--faked-system-time", f"{(NOW - 40 * DAY):%Y%m%dT%H%M%S}!")
        gpg(*clock, "--quick-set-expire", fingerprint, "400d")
        gpg(*clock, "--quick-set-expire", fingerprint, "400d", "*")
        renewed = replace(gpg.trial(fingerprint), private=b"")
    path = old.write(tmp_path / "keys")
    sealer = of(path, fingerprint, tmp_path / "h")
    with pytest.raises(KeyUnusable):
        sealer.seal(ENTITY, NOW)
    renewed.write(tmp_path / "keys")
    assert sealer.seal(ENTITY, NOW).ciphertext


def test_the_home_may_have_a_long_path_and_is_private(tmp_path: Path) -> None:
    home = tmp_path / ("x" * 120)
    public, _, fingerprint = openpgp.generate(home, "Proef", "p@proef.example", None, created=NOW - DAY)
    (tmp_path / "key").write_text(public)
    assert of(tmp_path / "key", fingerprint, home).seal(ENTITY, NOW).ciphertext
    with temporary_home(home) as place:
        assert len(str(place)) < 80
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert not place.exists()


def test_what_a_killed_process_left_is_removed() -> None:
    # pytest's own folders have paths too long for gpg's sockets, and then the home stands elsewhere.
    with TemporaryDirectory() as name:
        root = Path(name)
        assert remove_leftovers(root / "nergens") == 0
        with temporary_home(root) as place:
            (place / "private-keys-v1.d").mkdir()
            (root / "ander").mkdir()
            assert remove_leftovers(root) == 1
        assert [path.name for path in root.iterdir()] == ["ander"]


def test_a_program_that_hangs_is_killed() -> None:
    with pytest.raises(engine.EngineError, match=r"0\.1 s"):
        engine.run(("sleep", "60"), b"Kanarie", seconds=0.1)


def test_an_engine_says_what_happened_but_not_what_went_in() -> None:
    with pytest.raises(engine.EngineError, match="signal 9"):
        engine.run(("sh", "-c", "kill -9 $$"), b"Kanarie")
    with pytest.raises(engine.EngineError, match="can't be run"):
        engine.run(("/etc",), b"Kanarie")
    done = engine.run(("sh", "-c", "cat; echo '[GNUPG:] WORD x' >&2"), b"Kanarie")
    assert done.said("WORD")
    assert not done.said("WOR")
    assert "Kanarie" not in repr(done)


def test_an_engine_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNUPGHOME", "/tmp/elders")
    assert b"elders" not in engine.run(("env",), b"").output
