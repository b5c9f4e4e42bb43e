"""A backup becomes a gateway again: elsewhere, paused, and not before everything in it was checked.

It promises that nothing that stands somewhere is written over, that the audit trail is whole and ends where
the manifest says, that the keys are those the database needs, and that the restored gateway sends nothing
until somebody has decided what may have left since the backup (`inbeeld resume`).
"""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import tomlkit
from sqlalchemy import delete, update
from sqlmodel import col

from gateway.app.backup import Manifest, apart, appearing, copy_tree
from gateway.app.keys import KeyFiles
from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed
from gateway.sealing.box import PrivateKey
from gateway.settings import load
from gateway.store import audit, conditions, copying, inbox
from gateway.store.conditions import ConditionName
from gateway.store.copying import Told
from gateway.store.engine import DATABASE, Store
from gateway.store.migrate import migrate, missing
from gateway.store.tables import OutboxRow, WorkerRow


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored; `migrated` if the database was of an older version."""

    manifest: Manifest
    migrated: bool
    outside: tuple[str, ...]


def restore(
    backup: Path, into: Path, *, keys: Path | None, database_url: str, now: datetime, actor: str, told: Told
) -> Restored:
    """Make a working directory of a backup; raises `InbeeldError`.

    `keys` is where the keys are if the backup has none. With `database_url` everything goes into that empty
    PostgreSQL database, and otherwise into SQLite, whatever the gateway had before.
    """
    apart(into, backup)
    manifest = Manifest.read(backup)
    manifest.check(backup, told)
    source = keys or (backup / "keys" if manifest.keys else None)
    if source is None or not source.is_dir():
        raise NotAllowed("This backup holds no keys: name the folder that does with --keys")
    if not KeyFiles(source).intake_private.is_file():
        raise NotAllowed(f"{source} is no folder of keys: it holds no intake/intake.key")
    with appearing(into) as draft:
        copy_tree(backup / "config", draft / "config")
        _use(draft, database_url)
        settings = load(draft)
        data, kept = settings.gateway.data_dir, settings.gateway.keys_dir
        copy_tree(source, draft / kept)
        _fits(KeyFiles(draft / kept), manifest)
        (draft / data).mkdir(parents=True, mode=0o700)
        path = draft / data / DATABASE
        shutil.copyfile(backup / "database" / DATABASE, path)
        path.chmod(0o600)
        told("database copied", 1)
        store = Store.found(draft / data)
        try:
            migrated = _verified(store, manifest)
            _pause(store, manifest, now, actor)
            if database_url:
                _move(store, database_url, told)
        finally:
            store.truncate_log()
            store.close()
        if database_url:
            for ending in ("", "-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
        return Restored(manifest, migrated, tuple(manifest.outside))


def _use(draft: Path, database_url: str) -> None:
    """Let the restored configuration name the new places: never those that the gateway used before."""
    path = draft / "config" / "inbeeld.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    section = document.get("gateway")
    if section is None:
        return
    if database_url or section.get("database_url"):
        section["database_url"] = database_url
    for name, folder in (("data_dir", "data"), ("keys_dir", "keys")):
        given = Path(str(section.get(name, folder)))
        if given.is_absolute() or ".." in given.parts:
            section[name] = folder
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def _fits(keys: KeyFiles, manifest: Manifest) -> None:
    found = {PrivateKey.load(path).key_id for path in (keys.intake_private, *keys.others)}
    if lost := sorted(set(manifest.intake_keys) - found):
        raise NotAllowed(f"These are not the keys of the backup: the intake key {lost[0]} is not among them")


def _verified(store: Store, manifest: Manifest) -> bool:
    """Verify the whole audit trail, and that all is there that the manifest says; says whether it was brought
    to the shape of this version."""
    counts = copying.counts(store)
    if wrong := sorted(name for name, number in manifest.counts.items() if counts.get(name) != number):
        raise NotAllowed(
            f"The database does not hold what the manifest says: {wrong[0]}. Take another backup"
        )
    older = bool(missing(store))
    migrate(store)
    with store.snapshot() as session:
        found = audit.verify(session)
    if found.faults:
        raise NotAllowed(f"The audit trail is not whole: {found.faults[0]}. Take another backup")
    if f"{found.events}:{found.head}" != manifest.head:
        raise NotAllowed("The audit trail ends elsewhere than the manifest says. Take another backup")
    return older


def _pause(store: Store, manifest: Manifest, now: datetime, actor: str) -> None:
    """Nothing leaves until somebody says so, and no worker of the past holds anything."""
    with store.write() as session:
        conditions.begin(session, ConditionName.PAUSED, now, as_of=manifest.made_at, why="restored")
        session.execute(delete(WorkerRow))
        inbox.hurry(session)
        session.execute(
            update(OutboxRow).where(col(OutboxRow.lease).is_not(None)).values(lease=None, next_at=now)
        )
        audit.append(
            session,
            AuditEvent.GATEWAY_RESTORED,
            now=now,
            actor=actor,
            as_of=manifest.made_at,
            head=manifest.head,
        )


def _move(store: Store, database_url: str, told: Told) -> None:
    target = Store(database_url)
    try:
        migrate(target)
        copying.copy(store, target, told)
        if copying.head(target) != copying.head(store) or copying.counts(target) != copying.counts(store):
            raise NotAllowed("The copy in PostgreSQL is not complete: drop that database, and try again")
    finally:
        target.close()
