"""Passwords for SMTP AUTH, at the lowest cost Argon2 allows."""

import pytest

from gateway.gate.passwords import Passwords

PASSWORDS = Passwords(memory_kib=8, passes=1)


def test_a_right_password_matches_its_salted_hash():
    kept = PASSWORDS.hash("zonnebloem 12")
    assert kept.startswith("$argon2id$")
    assert "zonnebloem" not in kept
    assert kept != PASSWORDS.hash("zonnebloem 12")
    assert PASSWORDS.matches(kept, "zonnebloem 12")


@pytest.mark.parametrize("password", ["", "zonnebloem 13", "zonnebloem 12 ", "x" * 5_000, "\ud800"])
def test_another_password_does_not(password):
    assert not PASSWORDS.matches(PASSWORDS.hash("zonnebloem 12"), password)


@pytest.mark.parametrize("kept", [None, "", "$argon2id$damaged", "plain", "é"])
@pytest.mark.parametrize("password", ["", "zonnebloem 12"])
def test_an_unknown_login_or_a_damaged_hash_matches_nothing(kept, password):
    assert not PASSWORDS.matches(kept, password)


def test_an_unknown_login_is_still_hashed(monkeypatch):
    """Else the time of the answer would tell which logins exist."""
    checked = []
    hasher = PASSWORDS._hasher
    monkeypatch.setattr(PASSWORDS, "_hasher", type("Spy", (), {"verify": lambda _, *a: checked.append(a)})())
    PASSWORDS.matches(None, "zonnebloem 12")
    assert [kept.startswith("$argon2id$") for kept, _ in checked] == [True]
    monkeypatch.setattr(PASSWORDS, "_hasher", hasher)


@pytest.mark.parametrize("password", ["", "x" * 1_001])
def test_a_password_that_is_none_is_not_hashed(password):
    with pytest.raises(ValueError, match="1 to 1000"):
        PASSWORDS.hash(password)
