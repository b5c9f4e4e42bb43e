"""The beheerders' own mailbox key, as `keys list` and `check` tell of it."""

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
