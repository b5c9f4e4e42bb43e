"""The beheerders' own mailbox key, as `keys list` and `check` tell of it."""

from datetime import timedelta

import pytest

from gateway.app import Gateway
from gateway.app.boundkeys import BoardKey
from gateway.demo.config import keep_pair
from gateway.errors import SealError
from gateway.pipeline.schedule import utc_now
from gateway.sealing import jwe
from tests.sealed import opened, signer
from tests.story.boardkey import NAME, bind
from tests.unit.cli.terminal import Terminal

WHAT = "key of the beheerders"


def checked(terminal: Terminal, code: int = 0) -> tuple[str, str]:
    answer = terminal("check", "--offline", "--json")
    assert answer.code == code, answer.out
    return next((row["level"], row["told"]) for row in answer.json if row["what"] == WHAT)


def listed(terminal: Terminal) -> list[dict[str, str]]:
    return [row for row in terminal("keys", "list", "--json").json if row["kind"] == "board"]


def test_that_none_is_bound_is_told(terminal: Terminal) -> None:
    level, told = checked(terminal)
    assert level == "warning"
    assert "'inbeeld quarantine show' only" in told
    assert listed(terminal) == []


def test_a_key_that_is_bound_is_listed_and_checked(terminal: Terminal) -> None:
    bind(terminal.directory)
    assert checked(terminal)[0] == "ok"
    (key,) = listed(terminal)
    assert (key["owner"], key["format"], key["state"]) == ("beheerders", "jwe", "ok")


def test_a_key_that_is_gone_or_another_is_an_error(terminal: Terminal) -> None:
    bind(terminal.directory)
    path = terminal.directory / "keys" / NAME
    good = path.read_bytes()
    path.write_bytes(good.replace(b'"x": "', b'"x": "AA'))
    assert checked(terminal, 1)[0] == "error"
    path.unlink()
    assert "missing" in checked(terminal, 1)[1]
    (key,) = listed(terminal)
    assert (key["problem"], key["state"]) == ("missing", "unusable")
    assert len(key["fingerprint"]) == 43


def test_a_running_gateway_follows_what_was_adopted(terminal: Terminal) -> None:
    gateway = Gateway.at(terminal.directory)
    sealing = BoardKey(gateway.base.settings, signer(terminal.directory))
    assert gateway.base.board_key() is None
    assert sealing() is None
    _, private, thumbprint = jwe.generate()
    terminal("tick")
    with gateway.store.write() as session:
        keep_pair(session, "beheerders", private, {}, now=utc_now(), by="user:u1")
    answer = terminal("keys", "adopt", "beheerders", thumbprint, "--yes")
    assert answer.code == 0, answer.err
    checker, sealer = gateway.base.board_key(), sealing()
    assert checker is not None
    assert checker.check(utc_now()).fingerprint == thumbprint
    with pytest.raises(SealError, match="signing key"):
        checker.seal(b"tekst", utc_now())
    assert sealer is not None
    assert opened(terminal.directory, sealer.seal(b"tekst", utc_now()).ciphertext, private) == b"tekst"
    gateway.store.close()


def test_a_file_that_is_being_edited_changes_nothing(terminal: Terminal) -> None:
    bind(terminal.directory)
    gateway = Gateway.at(terminal.directory)
    before = gateway.base.board_key()
    main = terminal.directory / "config" / "inbeeld.toml"
    good = main.read_text()
    main.write_text(good + "half a li")
    assert gateway.base.board_key() is before
    main.unlink()
    assert gateway.base.board_key() is before
    main.write_text(good.replace("[board]", "[board]\n# nothing new"))
    assert gateway.base.board_key() is before


def test_a_key_that_ends_is_told_in_time(terminal: Terminal) -> None:
    ends = utc_now() + timedelta(days=20)
    bind(terminal.directory, jwe.generate(ends))
    assert checked(terminal)[0] == "warning"
    (key,) = listed(terminal)
    assert key["state"] == "expires_soon"
    gateway = Gateway.at(terminal.directory)
    assert gateway.base.board_key.ends(utc_now()) == ends.replace(microsecond=0)
