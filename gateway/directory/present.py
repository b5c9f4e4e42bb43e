"""The directory as it is now: the one seam by which a process knows who refers, who helps and where; and what
follows it without being told: mappings, objects, and what is made of entries.

It promises that a change is in force here within half a second whichever process made it, whole or not at
all; that a directory which can't be read changes nothing; and that whoever holds what follows it needs no
restart, and never sees half a change of one entry. Until the first change the files of `config/` are what
counts, as they were at the start; of these only an organisation's key is followed.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar, cast

from sqlalchemy.exc import SQLAlchemyError

from gateway.directory import rows
from gateway.directory.keyshelf import KeyShelf
from gateway.directory.snapshot import Directory, build, of_files
from gateway.errors import ConfigError, ConfigErrors
from gateway.settings import Settings, load
from gateway.store.engine import Store

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

    def values(self) -> Any:
        return self._look().values()

    def items(self) -> Any:
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


EVERY = 0.5
"""So many seconds pass before it is asked again whether somebody changed the directory."""

T = TypeVar("T")
FileVersion = tuple[int, int, int]


class Present:
    """Gives the directory at every call; the first raises `ConfigErrors`. `store` opens the database."""

    def __init__(
        self, settings: Settings, store: Callable[[], Store], tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._store, self._tick = settings, store, tick
        # Looked at for every message, so its name is made once.
        self._organisations = str(settings.config_dir / "organisations.toml")
        self._turn = threading.RLock()
        self._looked = -EVERY
        self._generation = rows.FILES
        self._version: FileVersion = (0, 0, 0)
        self._current: Directory | None = None
        self.keys = KeyShelf(settings)

    def __call__(self) -> Directory:
        now = self._tick()
        if self._current is not None and self._generation != rows.FILES and now - self._looked < EVERY:
            return self._current
        with self._turn:
            if self._current is None or now - self._looked >= EVERY:
                self._look(now)
            if self._generation == rows.FILES:
                self._follow_keys()
            return cast(Directory, self._current)

    def refresh(self) -> Directory:
        """Look now: somebody here changed it."""
        with self._turn:
            self._looked = -EVERY
        return self()

    @property
    def generation(self) -> int:
        """How often it was changed, 0 while the files are what counts."""
        self()
        return self._generation

    @property
    def leads(self) -> bool:
        """Whether the database is what counts, and not the files."""
        found = self._asked()
        return found is not None and found != rows.FILES

    def view(self, pick: Callable[[Directory], Mapping[str, V]]) -> LiveView[str, V]:
        """A mapping that is what `pick` finds in the directory, each time it is looked at."""
        return LiveView(lambda: pick(self()))

    def part(self, pick: Callable[[Directory], T]) -> T:
        """An object that is what `pick` finds in the directory, each time it is used."""
        return cast(T, LivePart(lambda: pick(self())))

    def _look(self, now: float) -> None:
        found = self._asked()
        if found is None:
            # Asked again at once: what rules is not known. Whoever works needs the database before this.
            if self._current is None:
                self._current = of_files(self._settings)
            return
        self._looked = now
        if found == self._generation and self._current is not None:
            return
        if found == rows.FILES:
            self._version = self._file_version()
            self._current, self._generation = of_files(self._settings), rows.FILES
        else:
            self._take(found)

    def _take(self, found: int) -> None:
        try:
            with self._store().snapshot() as session:
                found, book = rows.generation(session), rows.read(session)
            self._current = build(self.keys.laid_out(book), self._settings)
        except ConfigErrors:
            # A newer version wrote what this one does not know: what was in force stays so.
            if self._current is None:
                raise
        self._generation = found

    def _asked(self) -> int | None:
        """The number of the last change; None where the database gives no answer."""
        if not is_there(self._settings):
            return rows.FILES
        try:
            with self._store().read() as session:
                return rows.generation(session)
        except SQLAlchemyError:
            return None

    def _follow_keys(self) -> None:
        version = self._file_version()
        if version == self._version:
            return
        self._version = version
        try:
            fresh = {entry.id: entry for entry in load(self._settings.directory).organisations}
            current = cast(Directory, self._current)
            # What is new, gone, or of another format is for a restart.
            followed = [
                entry.model_copy(update={"key": new.key, "fingerprint": new.fingerprint})
                for entry in current.book.organisations
                if (new := fresh.get(entry.id)) and new.format == entry.format
            ]
            self._current = build(current.book.with_(*followed), self._settings)
        except (ConfigError, ConfigErrors):
            # Somebody is editing; 'inbeeld check' tells what is wrong.
            return

    def _file_version(self) -> FileVersion:
        try:
            facts = os.stat(self._organisations)  # noqa: PTH116 - some fifty times a mail
        except OSError:
            return (0, 0, 0)
        return (facts.st_ino, facts.st_mtime_ns, facts.st_size)


def is_there(settings: Settings) -> bool:
    """Whether there is a database to ask: looking must not make one."""
    return bool(settings.gateway.database_url) or (settings.data_dir / "inbeeld.db").exists()
