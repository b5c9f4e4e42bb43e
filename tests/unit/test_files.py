"""Key files that root writes stay readable for the service, which runs as somebody else."""

import os
from pathlib import Path

import pytest

from gateway.files import replace_public, write_private
from gateway.store.worker import FileLock

Given = list[tuple[str, int, int]]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """What root gives to whom: which file, its new owner and group. Everything here belongs to us."""
    found: Given = []

    def chown(descriptor: int, user: int, group: int) -> None:
        found.append((Path(f"/proc/self/fd/{descriptor}").readlink().name, user, group))

    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", chown)
    return found


def owned(monkeypatch: pytest.MonkeyPatch, owners: dict[Path, int]) -> None:
    """Let paths belong to others."""
    original = Path.stat

    def stat(path: Path, **options: bool) -> os.stat_result:
        facts = original(path, **options)
        user = owners.get(path, facts.st_uid)
        return os.stat_result((*facts[:4], user, user + 1, *facts[6:]))

    monkeypatch.setattr(Path, "stat", stat)


def test_a_successor_belongs_to_whom_the_present_key_belongs(
    tmp_path: Path, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    present, public = tmp_path / "intake.key", tmp_path / "intake.pub"
    present.touch()
    public.touch()
    public.chmod(0o640)
    owned(monkeypatch, {present: 991, public: 992, tmp_path: 993})
    write_private(tmp_path / "next.key", b"x", like=present)
    replace_public(public, b"y")
    write_private(tmp_path / "first.key", b"z")
    assert [(user, group) for _, user, group in given] == [(991, 992), (992, 993), (993, 994)]
    assert public.read_bytes() == b"y"
    assert public.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "next.key").stat().st_mode & 0o777 == 0o600


def test_a_command_of_roots_keeps_the_service_out_of_no_lock(
    tmp_path: Path, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned(monkeypatch, {tmp_path: 990})
    lock = FileLock(tmp_path / "worker.lock")
    assert lock.acquire()
    assert given == [("worker.lock", 990, 991)]
    lock.release()


def test_who_is_not_root_gives_nothing_away(
    tmp_path: Path, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    write_private(tmp_path / "a.key", b"x")
    assert given == []


def test_a_folder_that_is_made_for_a_key_belongs_to_whom_the_one_above_belongs(
    tmp_path: Path, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned(monkeypatch, {tmp_path: 990, tmp_path / "gateway": 990, tmp_path / "gateway" / "dkim": 990})
    write_private(tmp_path / "gateway" / "dkim" / "ib1.key", b"x")
    assert [(name, user) for name, user, _ in given][:2] == [("gateway", 990), ("dkim", 990)]
    assert {user for _, user, _ in given} == {990}
