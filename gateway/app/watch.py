"""What a role tells of itself to whoever watches it: its figures as they are now, and whether it is ready.

It promises that figures are counted when they are asked for and not meanwhile, that a database which is away
is a figure and no error, and that a role tells of no key which it could not read anyway.
"""

import json
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gateway.app import Installation
from gateway.app.inventory import Inventory
from gateway.app.network import limits_of
from gateway.intake.limits import free_bytes
from gateway.store.audit import Verification
from gateway.store.backlog import backlog
from gateway.store.migrate import is_current
from gateway.store.worker import newest
from gateway.web.keywatch import Key, KeyWatch
from gateway.web.watchport import Readiness, WatchPort

VERIFIED = "verified.json"
"""Below the data directory: when the trail was verified last, and what came of it."""

DAY = 86_400


class Watch:
    """Looks at one installation for one role. `keys` are those whose end this role can know."""

    def __init__(self, base: Installation, keys: KeyWatch) -> None:
        self._base, self._keys = base, keys
        self._turn = threading.Lock()
        self._floor = limits_of(base.settings).free_disk_bytes if base.store.sqlite else 0

    def figures(self) -> bytes:
        """Everything, in Prometheus' text format."""
        # A gauge with labels is emptied before it is filled: one look at a time.
        base = self._base
        with self._turn:
            base.metrics.runs(base.role, "sqlite" if base.store.sqlite else "postgresql")
            self._disk()
            self._ends(base.wall())
            self._trail()
            self._database()
            return base.metrics.text()

    def ready(self, *, worker: bool = True, own: str | None = None) -> Readiness:
        """Whether this role is ready; see `Readiness`."""
        return Readiness(self._base.store, self._base.wall, self.has_room, worker, own)

    def has_room(self) -> bool:
        """Whether mail can be kept. On PostgreSQL that is not this disk's affair."""
        return not self._floor or free_bytes(self._base.settings.data_dir) >= self._floor

    def port(self, listen: str, ready: Readiness) -> WatchPort:
        """What answers at this address."""
        host, _, port = listen.rpartition(":")
        callers = self._base.settings.web.metrics_from
        return WatchPort(host.strip("[]"), int(port), ready=ready, figures=self.figures, callers=callers)

    def _disk(self) -> None:
        metrics = self._base.metrics
        metrics.disk_floor.set(self._floor)
        try:
            metrics.disk_free.set(free_bytes(self._base.settings.data_dir))
        except OSError:
            metrics.disk_free.set(0)

    def _ends(self, now: datetime) -> None:
        metrics = self._base.metrics
        metrics.key_days.clear()
        metrics.key_problem.clear()
        for key in self._keys.all(now):
            metrics.key_problem.labels(key.id).set(key.problem is not None)
            if key.expires_at is not None:
                metrics.key_days.labels(key.id).set((key.expires_at - now).total_seconds() / DAY)

    def _trail(self) -> None:
        metrics = self._base.metrics
        at, seq, faults = last_verified(self._base.settings.data_dir)
        metrics.verified.set(at.timestamp() if at else 0)
        metrics.verified_seq.set(seq)
        metrics.verified_faults.set(faults)

    def _database(self) -> None:
        metrics, store = self._base.metrics, self._base.store
        metrics.database_up.set(0)
        metrics.held.clear()
        try:
            if not is_current(store):
                return
            with store.read() as session:
                found = backlog(session, now := self._base.now())
            beat = newest(store)
        except Exception:  # noqa: BLE001 - whatever keeps it from answering, it is not up
            return
        metrics.database_up.set(1)
        metrics.heartbeat.set(beat.seen_at.timestamp() if beat else 0)
        metrics.stalled.set(len(beat.stalled.split()) if beat else 0)
        metrics.waiting.set(found.waiting)
        metrics.waiting_age.set(_age(found.waiting_since, now))
        for status, number in found.unsent.items():
            metrics.unsent.labels(status).set(number)
        metrics.unsent_age.set(_age(found.unsent_since, now))
        for reason, number in found.held.items():
            metrics.held.labels(reason).set(number)
        metrics.overdue.set(found.overdue)
        metrics.quarantined.set(found.quarantined)


def note_verified(folder: Path, found: Verification, now: datetime) -> None:
    """Keep what a verification of the trail found, for the figures; the file appears whole or not at all."""
    if not folder.is_dir():
        # On PostgreSQL a machine may have none.
        return
    text = json.dumps(
        {"at": now.isoformat(), "seq": found.events, "head": found.head, "faults": len(found.faults)}
    )
    path = folder / VERIFIED
    part = path.with_suffix(".part")
    part.write_text(text)
    part.chmod(0o600)
    part.replace(path)


def last_verified(folder: Path) -> tuple[datetime | None, int, int]:
    """When the trail was verified last, up to which event, and how many faults there were."""
    try:
        found = json.loads((folder / VERIFIED).read_bytes()[:10_000])
        return datetime.fromisoformat(found["at"]), int(found["seq"]), int(found["faults"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, 0, 0


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def keys_of(inventory: Inventory, *, all: bool) -> KeyWatch:
    """Looks at keys now and then, since some take a program of their own to be read: every one, or only the
    TLS certificate for a role that may read nothing else."""

    def read(now: datetime) -> Iterator[Key]:
        if not all:
            known = inventory.tls(now)
            yield Key(f"eigen-{known.kind}", known.owner, known.expires_at, known.problem, own=True)
            return
        for known in inventory.organisations(now):
            yield Key(f"sleutel-{known.owner}", known.owner, known.expires_at, known.problem)
        for known in inventory.own(now):
            yield Key(f"eigen-{known.kind}", known.owner, known.expires_at, known.problem, own=True)
        for known in inventory.named(now):
            yield Key(f"{known.kind}-{known.owner}", known.owner, known.expires_at, known.problem, own=True)

    return KeyWatch(read)
