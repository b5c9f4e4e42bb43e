"""`audit verify --head` and `audit export`: for whoever proves something later."""

import contextlib
import csv
import io
import json
import re
from pathlib import Path

import pytest

from gateway.app.keys import KeyFiles
from gateway.cli.console import person
from gateway.domain.trail import AuditEvent
from gateway.sealing.headkey import HeadSigner
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.pagetables import UserRow
from tests.moments import MONDAY
from tests.unit.cli.terminal import Terminal

Busy = tuple[Terminal, dict[str, str]]


def test_a_head_that_was_sent_out_is_checked_against_the_trail(busy: Busy, tmp_path: Path) -> None:
    terminal, _ = busy
    found = terminal("audit", "verify", "--json").json
    signer = HeadSigner.load(KeyFiles(terminal.directory / "keys").heads)
    good, bad, foreign, torn = (tmp_path / name for name in ("good", "bad", "foreign", "torn"))
    good.write_text(str(signer.sign("handover.example", MONDAY, found["events"], found["head"])))
    bad.write_text(str(signer.sign("handover.example", MONDAY, found["events"] + 3, "ab" * 32)))
    foreign.write_text(str(HeadSigner.generate().sign("x.example", MONDAY, found["events"], found["head"])))
    torn.write_text(good.read_text()[:200])
    answer = terminal("audit", "verify", "--head", str(good))
    assert answer.code == 0
    assert "it holds all that it held on" in answer.out
    answer = terminal("audit", "verify", "--head", str(bad))
    assert answer.code == 1
    assert "it was cut off" in answer.out
    assert "was not signed with the key" in terminal("audit", "verify", "--head", str(foreign)).err
    assert "is missing or damaged" in terminal("audit", "verify", "--head", str(torn)).err


@pytest.mark.parametrize("form", ["nen7513", "text", "events"])
def test_what_happened_to_one_case_can_be_given_to_whoever_asks(busy: Busy, form: str) -> None:
    terminal, found = busy
    answer = terminal("audit", "export", "--kenmerk", found["delivered"], "--form", form)
    assert answer.code == 0
    if form == "nen7513":
        rows = list(csv.DictReader(io.StringIO(answer.out)))
        assert {row["patient_id"] for row in rows} == {found["delivered"]}
        assert (rows[0]["gebeurtenis"], rows[0]["actie"]) == ("case.received", "C")
        assert rows[0]["omschrijving"] == "Aanmelding ontvangen"
        assert {row["logbron"] for row in rows} == {"handover.example"}
        assert {row["uitkomst"] for row in rows} == {"0"}
    elif form == "text":
        assert "Afgeleverd bij de organisatie  gateway (gateway), gateway" in answer.out
        assert re.match(r"\d\d-\d\d-\d{4} \d\d:\d\d  ", answer.out)
    else:
        assert {json.loads(line)["kind"] for line in answer.out.splitlines()} >= {"case.received"}
    again = terminal("audit", "export", "--kenmerk", found["delivered"])
    last = json.loads(again.out.splitlines()[-1])
    assert (last["kind"], last["actor"], last["data"]) == ("audit.exported", person(), {"form": form})


def test_without_a_kenmerk_everything_is_in_it(busy: Busy) -> None:
    terminal, found = busy
    # A colleague is called as their organisation's provider says.
    with (
        contextlib.closing(Store(f"sqlite:///{terminal.directory}/data/inbeeld.db")) as store,
        store.write() as session,
    ):
        session.add(UserRow(id="u", login="u@x.example", name="=1+1", role="medewerker", created_at=MONDAY))
        audit.append(session, AuditEvent.LOGIN_SUCCEEDED, now=MONDAY, actor="user:u")
    answer = terminal("audit", "export", "--form", "nen7513")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert {row["patient_id"] for row in rows} == {
        found["delivered"],
        found["held"],
        found["quarantined"],
        "",
    }
    assert rows[-1]["gebruiker_naam"] == "'=1+1"
    assert terminal("audit", "export", "--kenmerk", "IB-0000-0000").code == 1


def test_who_gave_a_command_is_the_systems_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 0)
    monkeypatch.setenv("SUDO_USER", "jan")
    assert person() == "beheerder:root(jan)"
    monkeypatch.setenv("SUDO_USER", "jan\nroot(piet)")
    assert person() == "beheerder:root"
    monkeypatch.setattr("os.getuid", lambda: 4_000_123)
    assert person() == "beheerder:4000123"
