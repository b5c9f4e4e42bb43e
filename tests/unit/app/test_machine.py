"""What `inbeeld check` sees of the machine: rights, room, clock, cores and the names of our certificate."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from trustme import CA

from gateway.app import machine

NOW = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)


def file(path: Path, mode: int, content: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(content)
    path.chmod(mode)
    return path


def test_every_private_file_is_looked_at(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    for name in ("gateway/a.secret", "intake/i.key", "trial/x.private.jwk", "relay-password"):
        file(tmp_path / name, 0o600)
    file(tmp_path / "organisations" / "public.asc", 0o644)
    assert [*machine.key_modes(tmp_path)] == []
    file(tmp_path / "odd.pem", 0o644, "-----BEGIN PRIVATE KEY-----")
    file(tmp_path / "gateway/a.secret", 0o640)
    (one,) = machine.key_modes(tmp_path)
    assert (one.code, one.level) == ("key-modes", "error")
    assert "gateway/a.secret, odd.pem" in one.told


def test_a_public_key_that_anybody_may_replace(tmp_path: Path) -> None:
    file(tmp_path / "organisations" / "public.asc", 0o646)
    (one,) = machine.key_modes(tmp_path)
    assert "public.asc" in one.told


@pytest.mark.parametrize(
    ("folder", "database", "log", "level"),
    [
        (0o700, 0o600, 0o600, ""),
        # Nobody gets at what is in a folder that they can't enter.
        (0o700, 0o666, 0o600, ""),
        (0o755, 0o600, 0o600, "warning"),
        (0o750, 0o640, 0o640, ""),
        (0o750, 0o660, 0o640, "error"),
        (0o755, 0o600, 0o606, "error"),
        (0o777, 0o600, 0o600, "error"),
    ],
)
def test_what_others_may_do_with_what_is_kept(
    tmp_path: Path, folder: int, database: int, log: int, level: str
) -> None:
    data = tmp_path / "data"
    kept = file(data / "inbeeld.db", database)
    file(data / "inbeeld.db-wal", log)
    data.chmod(folder)
    assert [one.level for one in machine.data_modes(data, kept)] == ([level] if level else [])


def test_configuration_that_anybody_may_change(tmp_path: Path) -> None:
    config = tmp_path / "place" / "config"
    for name in ("a.toml", "b.toml", "c.toml", "pathways/d.toml"):
        file(config / name, 0o644)
    config.parent.chmod(0o755)
    assert [*machine.config_modes(config)] == []
    link = config.with_name("link")
    link.symlink_to(config)
    assert [*machine.config_modes(link)] == []
    for path in config.rglob("*.toml"):
        path.chmod(0o666)
    (one,) = machine.config_modes(config)
    assert one.told.endswith("and 1 more")


@pytest.mark.parametrize(("floor", "level"), [(0, "ok"), (2**80, "error")])
def test_room(tmp_path: Path, floor: int, level: str) -> None:
    assert machine.disk(tmp_path / "missing", floor).level == level


def test_less_than_twice_the_floor_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_bytes", lambda _: 150)
    assert machine.disk(tmp_path, 100).level == "warning"


def test_what_was_written_by_a_clock_that_was_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "unsynchronised", lambda: False)
    seen = [("the heartbeat", NOW + timedelta(hours=1)), ("the event", NOW - timedelta(days=9))]
    (one,) = machine.clock(NOW, seen)
    assert one.told == "the heartbeat is 3600 seconds ahead of this machine's clock"
    monkeypatch.setattr(machine, "unsynchronised", lambda: True)
    assert [one.level for one in machine.clock(NOW, ())] == ["warning"]


@pytest.mark.parametrize(
    ("pattern", "limit", "found"),
    [
        ("|/usr/lib/systemd/systemd-coredump %P", "0", "handed to /usr/lib/systemd/systemd-coredump"),
        ("core", "unlimited", "may leave them"),
        ("core", "0", ""),
        ("/dev/null", "unlimited", ""),
    ],
)
def test_cores_of_programs_beside_us(tmp_path: Path, pattern: str, limit: str, found: str) -> None:
    file(tmp_path / "sys/kernel/core_pattern", 0o644, f"{pattern}\n")
    file(tmp_path / "1/limits", 0o644, f"Limit  Soft Hard\nMax core file size  {limit}  unlimited  bytes\n")
    told = [one.told for one in machine.cores(tmp_path)]
    assert (found in told[0]) if found else told == []
    assert [*machine.cores(tmp_path / "none")] == []


def test_the_names_of_our_certificate() -> None:
    made = CA().issue_cert("mx.overdracht.nl", "*.pagina.nl")
    certificate = x509.load_pem_x509_certificate(made.cert_chain_pems[0].bytes())
    assert [*machine.certificate_names(certificate, ["MX.overdracht.nl", "www.pagina.nl"])] == []
    (one,) = machine.certificate_names(certificate, ["overdracht.nl", "a.b.pagina.nl", "overdracht.nl"])
    assert one.told == "it is not for overdracht.nl, a.b.pagina.nl"
