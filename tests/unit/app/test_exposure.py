"""What `inbeeld check` tells of an installation that could be held better."""

from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.app import exposure
from gateway.app.exposure import exposures, swaps

FILES = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


def settings(proof: str = "self", relays: tuple[str, ...] = (), **dkim: str) -> Any:
    practices = [
        SimpleNamespace(id=name, dkim=value, certificates=(), login=None) for name, value in dkim.items()
    ]
    return SimpleNamespace(
        gateway=SimpleNamespace(domain="overdracht.example"),
        gate=SimpleNamespace(proof=proof, front_id="mx.overdracht.example"),
        practices=practices,
        smtp=SimpleNamespace(trusted_relays=tuple(ip_network(relay) for relay in relays)),
    )


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "swaps").write_text(FILES)
    return tmp_path


@pytest.fixture(autouse=True)
def able(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposure, "lacks", lambda: ())


def told(found: Any, proc: Path, **aside: int) -> list[str]:
    return [one.code for one in exposures(found, found.practices, lambda: aside, proc)]


def test_where_nothing_is_weak_nothing_is_told(proc: Path) -> None:
    assert told(settings(filmwijk="required"), proc) == []
    assert told(settings("front", filmwijk=""), proc) == []


def test_a_proof_by_address_alone_is_told_once_for_all(proc: Path) -> None:
    many: dict[str, Any] = {f"p{number}": "" for number in range(9)}
    found = settings(**many)
    (one,) = exposures(found, found.practices, dict, proc)
    assert (one.code, one.what, one.level) == ("spf-alone", "practices", "warning")
    assert "p0, p1, p2, p3, p4 …" in one.told
    assert 'dkim = "required"' in one.told


def test_spf_behind_a_relay(proc: Path) -> None:
    assert told(settings(relays=("10.0.0.5/32",)), proc) == ["proof"]
    assert told(settings(relays=("127.0.0.0/8",)), proc) == []


def test_a_front_that_lets_its_own_name_through(proc: Path) -> None:
    assert told(settings("front"), proc, claimed=2) == ["front-strips"]
    assert told(settings("self"), proc, claimed=2) == []


def test_a_front_that_says_nothing_and_one_nobody_named(proc: Path) -> None:
    assert told(settings("front"), proc, no_result=1, not_trusted=1, other=5) == ["front-silent"]
    unnamed = settings("front")
    unnamed.gate.front_id = "mx.handover.example"
    assert told(unnamed, proc) == ["front-id"]
    unnamed.gateway.domain = "handover.example"
    assert told(unnamed, proc) == []


def test_practices_that_can_prove_nothing(proc: Path) -> None:
    assert told(settings("client", filmwijk=""), proc) == ["proof"]


def test_swap_and_a_kernel_that_can_less(proc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (proc / "swaps").write_text(FILES + "/dev/zram0 partition 1 0 -2\n")
    assert told(settings(), proc) == []
    (proc / "swaps").write_text(FILES + "/dev/zram0 partition 1 0 -2\n/swapfile file 1 0 -2\n")
    assert swaps(proc) == ["/swapfile"]
    monkeypatch.setattr(exposure, "lacks", lambda: ("seccomp",))
    assert told(settings(), proc) == ["sandbox", "swap"]
    assert swaps(proc / "none") == []
