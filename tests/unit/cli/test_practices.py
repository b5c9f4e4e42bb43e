"""`practices`: a colleague is let in without disturbing what a person wrote into the file."""

import re

from gateway.gate.passwords import Passwords
from gateway.settings import load
from tests.unit.cli.terminal import Terminal


def test_practices_are_listed(terminal: Terminal) -> None:
    rows = terminal("practices", "list", "--json").json
    assert rows[0]["id"] == "filmwijk"
    assert rows[0]["domains"] == ["huisartsenpraktijk-filmwijk.example"]
    assert "Gezondheidscentrum Filmwijk" in terminal("practices", "list").out


def test_an_address_is_allowed_and_every_comment_is_kept(terminal: Terminal) -> None:
    path = terminal.directory / "config" / "practices.toml"
    before = path.read_text()
    answer = terminal("practices", "allow", "filmwijk", "nieuwe.collega@zorgmail.example")
    assert answer.code == 0, answer.err
    after = path.read_text()
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert before.count("#") == after.count("#")
    entry = next(one for one in load(terminal.directory).practices if one.id == "filmwijk")
    assert entry.addresses == ("nieuwe.collega@zorgmail.example",)


def test_a_wrong_address_changes_nothing(terminal: Terminal) -> None:
    path = terminal.directory / "config" / "practices.toml"
    before = path.read_bytes()
    answer = terminal("practices", "allow", "filmwijk", "no address")
    assert answer.code == 1
    assert "is not a mail address" in answer.err
    assert path.read_bytes() == before


def test_an_unknown_practice_is_told_with_those_that_are_known(terminal: Terminal) -> None:
    answer = terminal("practices", "allow", "elders", "a@b.example")
    assert answer.code == 1
    assert "Known are filmwijk" in answer.err


def test_a_password_matches_its_hash_and_is_never_the_same(nowhere: Terminal) -> None:
    first, second = nowhere("practices", "password").out, nowhere("practices", "password").out
    password = re.search(r"^password +(\S+)$", first, re.M)
    hashed = re.search(r'^password_hash = "(\S+)"$', first, re.M)
    assert password
    assert hashed
    assert Passwords().matches(hashed[1], password[1])
    assert password[1] not in second
