"""A backup: one folder that holds everything a gateway needs to go on elsewhere.

    DIR/manifest.json       what is here, with checksums; written last
    DIR/database/inbeeld.db the database as of one moment, as SQLite also where it is PostgreSQL
    DIR/config/             the configuration
    DIR/keys/               the keys, unless they are left out

It promises that the gateway goes on meanwhile, that the keys are those the database needs, and that a backup
which was broken off is never taken for a whole one: it grows beside DIR, and gets its name when all of it is
on the disk.
"""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway import __version__
from gateway.app import Gateway
from gateway.app.rotation import Rotation
from gateway.errors import ConfigError, NotAllowed
from gateway.files import sync_folder
from gateway.sealing.box import PrivateKey
from gateway.settings import Settings
from gateway.store import boxes, copying
from gateway.store.copying import Told
from gateway.store.engine import DATABASE, Store
from gateway.store.migrate import missing, shape_of

FORM = 1
"""Of the manifest and the folders."""

MANIFEST = "manifest.json"
MANIFEST_BYTES = 10_000_000
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `head` is the end of the audit trail, `files` the SHA-256 of each file."""

    form: int
    version: str
    made_at: str
    database: str
    shape: str
    head: str
    counts: dict[str, int]
    keys: bool
    intake_keys: list[str]
    outside: list[str]
    files: dict[str, str]

    @property
    def as_of(self) -> datetime:
        """The moment it is of."""
        return datetime.fromisoformat(self.made_at)

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a backup; raises `ConfigError` if there is none, or one of another form."""
        path = folder / MANIFEST
        remedy = "Name the folder of a whole backup"
        try:
            with path.open("rb") as file:
                content = file.read(MANIFEST_BYTES + 1)
            given = json.loads(content) if len(content) <= MANIFEST_BYTES else None
        except FileNotFoundError:
            raise ConfigError(
                str(path), "backup", "has no manifest: it is none, or it is not whole", remedy
            ) from None
        except (OSError, ValueError):
            given = None
        if not isinstance(given, dict) or given.get("form") != FORM:
            raise ConfigError(str(path), "backup", "has a manifest of another form", remedy)
        try:
            found = cls(**given)
            found.as_of.utctimetuple()
        except (TypeError, ValueError):
            raise ConfigError(str(path), "backup", "has a manifest of another form", remedy) from None
        return found

    def check(self, folder: Path, told: Told) -> None:
        """Raise `ConfigError` unless every file is there, unchanged, and no other."""
        names = {str(path.relative_to(folder)) for path in _files(folder)} - {MANIFEST}
        for name in sorted(names ^ self.files.keys()):
            what = "is missing" if name in self.files else "does not belong to it"
            raise ConfigError(str(folder), "backup", f"{name} {what}", "Take another backup")
        for done, (name, digest) in enumerate(sorted(self.files.items()), 1):
            if _digest(folder / name) != digest:
                raise ConfigError(
                    str(folder), "backup", f"{name} was changed or is damaged", "Take another backup"
                )
            told("files checked", done)


def make(gateway: Gateway, folder: Path, *, keys: bool, now: datetime, told: Told) -> Manifest:
    """Write a backup to a folder that is new or empty; raises `InbeeldError`."""
    store, settings = gateway.store, gateway.settings
    for ours in (settings.config_dir, gateway.keys.folder, settings.data_dir):
        apart(folder, ours)
    # Whoever runs this version must be able to tell what is in it.
    missing(store)
    with appearing(folder) as draft, _quiet_keys(gateway, private=keys) as known:
        database = draft / "database" / DATABASE
        database.parent.mkdir(mode=0o700)
        copying.snapshot(store, database, told)
        copy = Store(f"sqlite:///{database}")
        try:
            shape, head, counts = shape_of(copy), copying.head(copy), copying.counts(copy)
            needed = _needed(copy)
        finally:
            copy.truncate_log()
            copy.close()
        _plain(database)
        if keys and (lost := sorted(needed - known)):
            raise NotAllowed(
                f"keys/intake lacks the key {lost[0]}, for which something is sealed; see keys/README.md"
            )
        copy_tree(settings.config_dir, draft / "config")
        if keys:
            copy_tree(gateway.keys.folder, draft / "keys")
        manifest = Manifest(
            form=FORM,
            version=__version__,
            made_at=now.isoformat(),
            database="sqlite" if store.sqlite else "postgresql",
            shape=shape or "",
            head=str(head),
            counts=counts,
            keys=keys,
            intake_keys=sorted(known | needed),
            outside=outside(settings),
            files={str(path.relative_to(draft)): _digest(path) for path in _files(draft)},
        )
        _write(draft / MANIFEST, json.dumps(asdict(manifest), indent=1, sort_keys=True).encode() + b"\n")
    return manifest


def outside(settings: Settings) -> list[str]:
    """The files that the configuration names and that a backup does not hold."""
    found = []
    for path in _paths(settings.model_dump(exclude={"directory"})):
        place = settings.path(path).resolve()
        inside = (settings.config_dir, settings.path(settings.gateway.keys_dir), settings.data_dir)
        if not any(place.is_relative_to(folder.resolve()) for folder in inside) and place.is_file():
            found.append(str(place))
    return sorted(set(found))


def _paths(value: Any) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _paths(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _paths(each)


def apart(folder: Path, other: Path) -> None:
    """Raise `ConfigError` where a folder would grow inside another, of which it is a copy or part."""
    if folder.resolve().is_relative_to(other.resolve()):
        raise ConfigError(str(folder), "directory", f"is inside {other}", "Name a folder elsewhere")


@contextlib.contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """A folder that grows beside this one, and takes its place when the block ends well."""
    folder = folder.absolute()
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ConfigError(
                str(folder), "directory", "is not empty", "Name a new folder, or empty this one yourself"
            )
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        what = f"can't be made ({(error.strerror or type(error).__name__).lower()})"
        raise ConfigError(str(folder), "directory", what, "Name another folder") from None
    try:
        yield draft
        for path in [draft, *(path for path in draft.rglob("*") if path.is_dir())]:
            sync_folder(path)
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
        sync_folder(folder.parent)
    except (OSError, sqlite3.OperationalError) as error:
        if isinstance(error, OSError):
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        else:
            full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
        if not full:
            raise
        what = "can't be written: the disk is full"
        raise ConfigError(str(folder), "directory", what, "Make room") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def _quiet_keys(gateway: Gateway, *, private: bool) -> Iterator[set[str]]:
    """The ids of the intake keys, while nobody changes them; without the private ones, the present one."""
    with Rotation(gateway.keys, gateway.store):
        paths = [gateway.keys.intake_private, *gateway.keys.others] if private else []
        yield {gateway.keys.public().key_id, *(PrivateKey.load(path).key_id for path in paths)}


def _needed(store: Store) -> set[str]:
    with store.read() as session:
        return {key_id for key_id, number in boxes.counts(session).items() if number}


def _plain(database: Path) -> None:
    """Nothing but the one file is left."""
    for ending in ("-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def copy_tree(source: Path, target: Path) -> None:
    """Every file below a folder, with its mode, on the disk."""
    target.mkdir(mode=0o700)
    for path in _files(source):
        # What begins with a dot is a draft or a lock of a moment.
        if any(part.startswith(".") for part in path.relative_to(source).parts):
            continue
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(copy, path.read_bytes(), path.stat().st_mode & 0o777)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write(path: Path, content: bytes, mode: int = 0o600) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
