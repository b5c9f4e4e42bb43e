"""What follows the directory without being told: mappings, objects, and what is made of entries.

It promises that whoever holds one of these needs no restart, and never sees half a change of one entry.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

V = TypeVar("V")
K = TypeVar("K")


class LiveView(Mapping[K, V], Generic[K, V]):
    """A mapping that follows the directory."""

    def __init__(self, look: Callable[[], Mapping[K, V]]) -> None:
        self._look = look

    def __getitem__(self, key: K) -> V:
        return self._look()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._look())

    def __len__(self) -> int:
        return len(self._look())

    def __contains__(self, key: object) -> bool:
        return key in self._look()

    def get(self, key: K, default: Any = None) -> Any:
        """See `Mapping.get`."""
        return self._look().get(key, default)

    def keys(self) -> Any:
        """The keys at this moment."""
        return self._look().keys()

    def values(self) -> Any:
        """The values at this moment."""
        return self._look().values()

    def items(self) -> Any:
        """Both at this moment."""
        return self._look().items()


class Derived(Mapping[str, V], Generic[K, V]):
    """What is made of each entry, anew when what it is made of has changed.

    What was made before may still be at work elsewhere: `old` holds it until whoever owns this closes it.
    """

    def __init__(self, agreed: Mapping[str, K], make: Callable[[str, K], V]) -> None:
        self._agreed, self._make = agreed, make
        self._made: dict[str, tuple[K, V]] = {}
        self._turn = threading.Lock()
        self.old: list[V] = []

    def __getitem__(self, id_: str) -> V:
        agreed = self._agreed[id_]
        found = self._made.get(id_)
        if found is not None and found[0] == agreed:
            return found[1]
        with self._turn:
            found = self._made.get(id_)
            if found is None or found[0] != agreed:
                if found is not None:
                    self.old.append(found[1])
                found = (agreed, self._make(id_, agreed))
                self._made[id_] = found
        return found[1]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._agreed))

    def __len__(self) -> int:
        return len(self._agreed)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._agreed

    def all_made(self) -> list[V]:
        """Everything that was ever made and not given up."""
        with self._turn:
            return [*self.old, *(made for _, made in self._made.values())]


class LivePart:
    """An object that follows the directory: whatever is asked of it is asked of what is there now."""

    __slots__ = ("_look",)

    def __init__(self, look: Callable[[], Any]) -> None:
        self._look = look

    def __getattr__(self, name: str) -> Any:
        return getattr(self._look(), name)
