"""`backup` and `restore` refuse whatever is not whole, not empty or not ours."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.store import copying
from tests.unit.cli.terminal import Terminal

Spoil = Callable[[Path], object]


@pytest.fixture
def backup(terminal: Terminal, tmp_path: Path) -> Path:
    """A whole backup."""
    folder = tmp_path / "backup"
    assert terminal("backup", str(folder)).code == 0
    return folder


def test_it_holds_everything_and_is_its_owners_alone(terminal: Terminal, backup: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    assert {"database/inbeeld.db", "config/inbeeld.toml", "keys/intake/intake.key"} <= manifest[
        "files"
    ].keys()
    assert sorted(path.name for path in backup.iterdir()) == ["config", "database", "keys", "manifest.json"]
    assert backup.stat().st_mode & 0o077 == 0
    assert (backup / "keys" / "intake" / "intake.key").stat().st_mode & 0o077 == 0
    events = [json.loads(line) for line in terminal("audit", "export").out.splitlines()]
    assert events[-1]["kind"] == "backup.made"
    assert events[-1]["actor"].startswith("beheerder:")


def test_a_folder_with_something_in_it_is_left_alone(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    for words in (("backup", str(tmp_path / "full")), ("backup", str(tmp_path / "full" / "mine"))):
        answer = terminal(*words)
        assert (answer.code, "is not empty" in answer.err) == (1, True)


def test_one_that_is_broken_off_leaves_nothing(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copying, "counts", full)
    answer = terminal("backup", str(tmp_path / "backup"))
    assert answer.code == 1
    assert "the disk is full" in answer.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def _without(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def _more(folder: Path) -> None:
    (folder / "config" / "extra.toml").touch()


def _changed(folder: Path) -> None:
    with (folder / "database" / "inbeeld.db").open("r+b") as file:
        file.seek(5000)
        file.write(b"\xff" * 10)


def _other_head(folder: Path) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"head": f"7:{'0' * 64}"}))


def _other_form(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"form": 2}')


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_without("manifest.json"), "has no manifest: it is none, or it is not whole"),
        (_without("config/practices.toml"), "config/practices.toml is missing"),
        (_more, "config/extra.toml does not belong to it"),
        (_changed, "database/inbeeld.db was changed or is damaged"),
        (_other_head, "The audit trail ends elsewhere than the manifest says"),
        (_other_form, "has a manifest of another form"),
    ],
)
def test_what_is_not_whole_is_not_restored(
    terminal: Terminal, backup: Path, tmp_path: Path, spoil: Spoil, told: str
) -> None:
    spoil(backup)
    answer = terminal("restore", str(backup), "--into", str(tmp_path / "new"))
    assert answer.code == 1
    assert told in answer.err
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over(terminal: Terminal, backup: Path) -> None:
    answer = terminal("restore", str(backup), "--into", str(terminal.directory))
    assert answer.code == 1
    assert "is not empty" in answer.err


def test_neither_grows_inside_what_it_is_of(terminal: Terminal, backup: Path) -> None:
    held = sorted(backup.rglob("*"))
    calls = [["backup", str(terminal.directory / part / "b")] for part in ("config", "keys", "data")]
    for call in (*calls, ["restore", str(backup), "--into", str(backup / "new")]):
        answer = terminal(*call)
        assert (answer.code, "is inside" in answer.err) == (1, True), call
    assert sorted(backup.rglob("*")) == held


def test_a_folder_without_keys_is_told_by_its_name(terminal: Terminal, backup: Path, tmp_path: Path) -> None:
    for keys, told in ((tmp_path, "holds no intake/intake.key"), (tmp_path / "nowhere", "is not there")):
        answer = terminal("restore", str(backup), "--into", str(tmp_path / "new"), "--keys", str(keys))
        assert answer.code == 1
        assert f"{keys}" in answer.err
        assert told in answer.err


def test_keys_may_come_from_another_place_but_must_fit(terminal: Terminal, tmp_path: Path) -> None:
    backup, new, keys = tmp_path / "backup", tmp_path / "new", terminal.directory / "keys"
    assert "the keys are not in it" in terminal("backup", str(backup), "--without-keys").out
    words = ("restore", str(backup), "--into", str(new))
    assert "name the folder that does with --keys" in terminal(*words).err
    shutil.copytree(keys, tmp_path / "kept")
    assert terminal("keys", "rotate", "intake").code == 0
    assert "These are not the keys of the backup" in terminal(*words, "--keys", str(keys)).err
    answer = terminal(*words, "--keys", str(tmp_path / "kept"))
    assert answer.code == 0, answer.err
    restored = Terminal(new)
    assert "nothing is read or sent" in restored("check", "--offline").out
    assert restored("tick").out == "0 received, 0 fired, 0 dispatched\n"
    assert restored("resume", "--yes", "--send").code == 0
    assert restored("resume", "--yes").err == "inbeeld: The gateway is not paused\n"


def test_a_restored_gateway_never_uses_the_places_of_the_old_one(terminal: Terminal, tmp_path: Path) -> None:
    config, elsewhere = terminal.directory / "config" / "inbeeld.toml", tmp_path / "elsewhere"
    (terminal.directory / "data").rename(elsewhere)
    config.write_text(config.read_text().replace('data_dir = "data"', f'data_dir = "{elsewhere}"'))
    assert terminal("backup", str(tmp_path / "backup")).code == 0
    new = tmp_path / "new"
    assert terminal("restore", str(tmp_path / "backup"), "--into", str(new)).code == 0
    assert 'data_dir = "data"' in (new / "config" / "inbeeld.toml").read_text()
    assert (new / "data" / "inbeeld.db").is_file()


def test_a_gateway_that_is_told_to_stand_still_does(busy: tuple[Terminal, dict[str, str]]) -> None:
    terminal, found = busy
    now = ("--now", found["now"])
    assert terminal("pause", *now).code == 0
    assert terminal("pause", *now).err == "inbeeld: The gateway is paused already\n"
    assert terminal("queue", "retry", found["held"], *now).code == 0
    assert terminal("tick", *now).out == "0 received, 0 fired, 0 dispatched\n"
    answer = terminal("resume", "--json", *now)
    assert (answer.code, answer.json["held"], answer.json["fresh"]) == (0, 1, 0)
    assert [row["reason"] for row in terminal("queue", "list", "--json").json] == ["restored"]
    assert terminal("queue", "sent", found["held"], *now).code == 0
    assert terminal("queue", "sent", "--all", *now).code == 1
    assert terminal("cases", "show", found["held"], "--json").json["state"] == "delivered"
    assert terminal("audit", "verify").code == 0
