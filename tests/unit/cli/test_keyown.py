"""`keys complete`, `keys export`, and the import of a key for an organisation that has none yet."""

import shutil
import stat
from pathlib import Path

import pytest

from gateway.app import Gateway
from gateway.app.keys import WorkerKeys
from gateway.errors import ConfigError
from gateway.sealing import box
from gateway.sealing.keyring import Format
from gateway.settings import load
from tests.unit.cli.terminal import Terminal
from tests.unit.sealing.trial_keys import DAY, NOW, Gpg, Trial
from tests.unit.sealing.trial_place import made

SIGNERS = ("openpgp.private.asc", "openpgp.asc", "smime.pem", "smime.crt", "jws.private.jwk", "jws.jwk")
SIGNED: tuple[Format, ...] = ("jwe", "openpgp", "smime")
NEW = """
[[organisation]]
id = "nieuw"
name = "Nieuw"
serves = ["Almere"]
adapter = "mail"
format = "openpgp"
key = "organisations/nieuw.asc"
fingerprint = "0000000000000000000000000000000000000000"
pathway = "almere"
team = "team@nieuw.example"
[organisation.options]
to = "aanmeldingen@nieuw.example"
"""


@pytest.fixture
def newcomer(terminal: Terminal) -> Terminal:
    """A directory with an organisation whose key was not imported yet."""
    path = terminal.directory / "config" / "organisations.toml"
    path.write_text(path.read_text() + NEW)
    return terminal


def imported(terminal: Terminal, file: Path, trial: Trial) -> dict[str, object]:
    answer = terminal("keys", "import", "nieuw", str(file), "--yes-compared", trial.fingerprint, "--json")
    assert answer.code == 0, answer.err
    return dict(answer.json)


@pytest.mark.parametrize("where", ["elsewhere", "at its place", "a copy at its place"])
def test_the_first_key_of_an_organisation_stays(newcomer: Terminal, tmp_path: Path, where: str) -> None:
    trial, place = made("openpgp"), newcomer.directory / "keys" / "organisations" / "nieuw.asc"
    file = place if where == "at its place" else tmp_path / "theirs.asc"
    file.write_bytes(trial.public)
    if where == "a copy at its place":
        shutil.copy(file, place)
    found = imported(newcomer, file, trial)
    assert (found["key"], found["old"]) == ("organisations/nieuw.asc", None)
    entry = load(newcomer.directory).organisations[-1]
    assert (entry.key.as_posix(), entry.fingerprint) == ("organisations/nieuw.asc", trial.fingerprint)
    assert place.read_bytes() == trial.public
    assert [path.name for path in place.parent.glob("nieuw*")] == ["nieuw.asc"]
    again = imported(newcomer, file, trial)
    assert (again["old"], place.read_bytes()) == (None, trial.public)


def test_the_second_key_takes_its_place(newcomer: Terminal, tmp_path: Path) -> None:
    first, second = made("openpgp"), made("openpgp", serial=1)
    folder = newcomer.directory / "keys"
    for trial in (first, second):
        (tmp_path / "theirs.asc").write_bytes(trial.public)
        found = imported(newcomer, tmp_path / "theirs.asc", trial)
    entry = load(newcomer.directory).organisations[-1]
    assert (folder / entry.key).read_bytes() == second.public
    assert (folder / str(found["old"])).read_bytes() == first.public
    assert not (folder / "organisations" / "nieuw.asc").exists()


def test_what_is_not_used_of_a_key_is_told(newcomer: Terminal, tmp_path: Path) -> None:
    with Gpg() as gpg:
        fingerprint = gpg.key(NOW - 30 * DAY, NOW + 30 * DAY, subkeys=("rsa1024", "cv25519"))
        (tmp_path / "key.asc").write_bytes(gpg.trial(fingerprint).public)
    answer = newcomer("keys", "import", "nieuw", str(tmp_path / "key.asc"), "--yes-compared", fingerprint)
    assert answer.code == 0, answer.err
    assert "no obstacle: the key is too short" in answer.out


def test_a_directory_from_before_gets_its_signing_keys_by_one_command(terminal: Terminal) -> None:
    keys = terminal.directory / "keys" / "gateway"
    for name in SIGNERS:
        (keys / name).unlink()
    checked = terminal("check", "--offline")
    assert checked.code == 1
    assert "inbeeld keys complete" in checked.out + checked.err
    with pytest.raises(ConfigError, match="inbeeld keys complete"):
        Gateway.at(terminal.directory).worker.schedule()
    done = terminal("keys", "complete")
    assert done.code == 0, done.err
    for name in SIGNERS:
        private = "private" in name or name == "smime.pem"
        assert stat.S_IMODE((keys / name).stat().st_mode) == (0o600 if private else 0o644)
        assert name in done.out
    WorkerKeys.of(Gateway.at(terminal.directory).keys).assure(SIGNED)
    before = {name: (keys / name).read_bytes() for name in SIGNERS}
    assert "nothing is missing" in terminal("keys", "complete").out
    (keys / "jws.jwk").unlink()
    assert terminal("keys", "complete", "--json").json == {"written": [str(keys / "jws.jwk")]}
    assert {name: (keys / name).read_bytes() for name in SIGNERS} == before


def test_the_public_parts_are_exported(terminal: Terminal, tmp_path: Path) -> None:
    done = terminal("keys", "export", str(tmp_path / "public"))
    assert done.code == 0, done.err
    assert "collect --signed-by" in done.out
    found = {path.name: path.read_bytes() for path in (tmp_path / "public").iterdir()}
    assert set(found) == {"inbeeld.asc", "inbeeld.pem", "inbeeld.jwk"}
    assert not any(b"PRIVATE" in content or b'"d"' in content for content in found.values())
    shown = {row["format"]: row for row in terminal("keys", "list", "--json").json if "signer" in row["kind"]}
    told = terminal("keys", "export", str(tmp_path / "public"), "--json").json
    assert set(told.values()) == {row["fingerprint"] for row in shown.values()}
    signers = Gateway.at(terminal.directory).keys.signers()
    for format, name in (("openpgp", "asc"), ("smime", "pem"), ("jwe", "jwk")):
        assert getattr(signers, format).matches(found[f"inbeeld.{name}"])


@pytest.mark.parametrize("name", ["openpgp.asc", "smime.crt", "jws.jwk"])
def test_a_public_part_of_another_key_is_refused(terminal: Terminal, nowhere: Terminal, name: str) -> None:
    kind = {"openpgp.asc": "openpgp-signer", "smime.crt": "signer", "jws.jwk": "jws-signer"}[name]
    other = nowhere("keys", "generate", kind, str(nowhere.directory / "other"), "--json").json["public"][0]
    path = terminal.directory / "keys" / "gateway" / name
    for content in (Path(other).read_bytes(), b"rommel"):
        path.write_bytes(content)
        with pytest.raises(ConfigError, match="is not the public part"):
            Gateway.at(terminal.directory).keys.signers()


def test_a_worker_refuses_an_intake_key_that_is_no_pair(terminal: Terminal) -> None:
    keys = Gateway.at(terminal.directory).keys
    box.generate().public.save(keys.intake_public, replace=True)
    done = terminal("tick")
    assert done.code == 1
    assert "are no pair" in done.err
