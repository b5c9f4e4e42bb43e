"""A folder of keys a role: each role starts from its own, and those that listen can't open what is kept."""

from pathlib import Path

import pytest

from gateway.app.keys import IntakeKeys, KeyFiles, WebKeys, WorkerKeys
from gateway.errors import ConfigError
from gateway.files import write_private
from tests.story.place import Place
from tests.unit.cli.terminal import Terminal

OPENS = (
    "intake/*.key",
    "gateway/*.private.*",
    "gateway/mail.key",
    "gateway/smime.pem",
    "gateway/marks.secret",
)


@pytest.fixture
def folder(terminal: Terminal, tmp_path: Path) -> Path:
    assert terminal("keys", "split", str(tmp_path / "roles")).code == 0
    return tmp_path / "roles"


def test_each_role_starts_from_its_own(folder: Path) -> None:
    assert IntakeKeys.of(KeyFiles(folder / "intake")).seal_to().key_id
    assert WebKeys.of(KeyFiles(folder / "web")).sessions
    assert WorkerKeys.of(KeyFiles(folder / "worker")).keychain.key_ids


@pytest.mark.parametrize("role", ["intake", "web"])
def test_a_role_that_listens_gets_nothing_that_opens_or_signs(folder: Path, role: str) -> None:
    assert (folder / role / "tls" / "server.key").is_file(), "its certificate needs it"
    assert [path for kind in OPENS for path in (folder / role).glob(kind)] == []
    with pytest.raises(ConfigError):
        WorkerKeys.of(KeyFiles(folder / role))


def test_the_worker_has_no_key_of_those_that_listen(folder: Path) -> None:
    for name in ("tls/server.key", "gateway/sessions.secret"):
        assert not (folder / "worker" / name).exists()


@pytest.mark.parametrize("role", ["intake", "worker", "web"])
def test_nobody_gets_the_keys_of_a_trial(folder: Path, role: str) -> None:
    assert not (folder / role / "trial").exists()
    assert not (folder / role / "tls" / "ca.key").exists()


def test_what_this_version_does_not_know_goes_to_the_worker_alone(
    terminal: Terminal, place: Place, tmp_path: Path
) -> None:
    write_private(place.directory / "keys" / "gateway" / "later.thing", b"private")
    (place.directory / "keys" / "intake" / "intake.key").chmod(0o644)
    terminal("keys", "split", str(tmp_path / "roles"))
    found = sorted(path.parts[-3] for path in (tmp_path / "roles").rglob("later.thing"))
    assert found == ["worker"]
    assert [path.parts[-3] for path in (tmp_path / "roles").rglob("intake.key")] == ["worker"]


def test_said_again_it_replaces_what_was_there(terminal: Terminal, folder: Path) -> None:
    (folder / "web" / "old").write_text("x")
    terminal("keys", "split", str(folder))
    assert not (folder / "web" / "old").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["intake", "web", "worker"]


def test_a_folder_among_the_keys_is_refused(terminal: Terminal, place: Place) -> None:
    said = terminal("keys", "split", str(place.directory / "keys" / "roles"))
    assert said.code == 1
    assert "inside the folder of keys" in said.err
