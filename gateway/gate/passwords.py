"""Passwords of practices (SMTP AUTH) and of people who log in, kept as Argon2id hashes (RFC 9106).

It promises that a wrong password, an unknown login and a damaged hash all give the same answer in about the
same time, and that checking costs a bounded 19 MiB, so that guessing can't exhaust the machine.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_MAX_PASSWORD = 1_000


@cache
def _hasher(memory_kib: int, passes: int) -> PasswordHasher:
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    """What the password of an unknown login is compared with."""
    return hasher.hash("")


class Passwords:
    """Hashes and checks. The costs default to OWASP's minimum for Argon2id: 19 MiB, two passes, one lane."""

    def __init__(self, *, memory_kib: int = 19_456, passes: int = 2) -> None:
        self._hasher = _hasher(memory_kib, passes)
        self._nobody = _nobodys(self._hasher)

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and costs; ValueError for a password that is empty or too long."""
        if not 0 < len(password) <= _MAX_PASSWORD:
            raise ValueError(f"a password has 1 to {_MAX_PASSWORD} characters")
        return self._hasher.hash(password)

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one; `kept` is None for an unknown login, which takes as long."""
        if len(password) > _MAX_PASSWORD:
            return False
        try:
            right = self._hasher.verify(kept or self._nobody, password)
        except (VerificationError, InvalidHashError, UnicodeError):
            return False
        return right and bool(kept)
