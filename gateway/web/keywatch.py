"""Which keys and certificates need a person: those that end soon, and those that can't be used.

It promises that they are looked at now and then and not for every page, because reading some of them takes a
program of its own.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

SOON: Final = timedelta(days=60)
"""A key that ends within this time is worth a word."""

EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `name` says whose or what it is; `problem` is the code of why it can't be used; `own` says
    that it is the gateway's."""

    id: str
    name: str
    expires_at: datetime | None
    problem: str | None
    own: bool = False


class KeyWatch:
    """Looks at the keys; `read` gives them all as they are at a moment."""

    def __init__(self, read: Callable[[datetime], Iterable[Key]]) -> None:
        self._read = read
        self._turn = threading.Lock()
        self._found: tuple[datetime, tuple[Key, ...]] | None = None

    def all(self, now: datetime) -> tuple[Key, ...]:
        """Every key, as it was at the last look."""
        with self._turn:
            if self._found is None or abs(now - self._found[0]) >= EVERY:
                self._found = (now, tuple(self._read(now)))
            return self._found[1]

    def needing(self, now: datetime) -> tuple[Key, ...]:
        """The keys that need a person, what can't be used first, then what ends soonest."""
        needing = [
            key for key in self.all(now) if key.problem or (key.expires_at and key.expires_at - now <= SOON)
        ]
        return tuple(sorted(needing, key=lambda key: (key.problem is None, key.expires_at or now, key.name)))
