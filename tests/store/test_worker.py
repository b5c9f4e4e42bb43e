"""The worker lock: one worker on SQLite, and what a killed one left is taken over at once."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from gateway.store import inbox, outbox
from gateway.store.engine import Store
from gateway.store.worker import WorkerLock, take_over
from tests.store.rows import NOW, keep, put


def test_only_one_worker_has_the_lock(tmp_path: Path) -> None:
    first, second = WorkerLock(tmp_path / "lock"), WorkerLock(tmp_path / "lock")
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    first.release()
    first.release()
    assert second.acquire()
    assert not first.acquire()
    second.release()


def test_without_a_file_nobody_is_the_only_one() -> None:
    assert not WorkerLock(None).acquire()


def test_a_killed_process_loses_the_lock(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from gateway.store.worker import WorkerLock
assert WorkerLock(Path({str(tmp_path / "lock")!r})).acquire()
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode < 0
    lock = WorkerLock(tmp_path / "lock")
    assert lock.acquire()
    lock.release()


def test_the_lock_is_the_owners_alone_and_not_inherited(tmp_path: Path) -> None:
    lock = WorkerLock(tmp_path / "lock")
    lock.acquire()
    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600
    # A child that outlives us would otherwise keep the lock.
    assert not os.get_inheritable(lock._descriptor or -1)
    lock.release()


def test_taking_over_ends_every_lease_at_once(store: Store) -> None:
    keep(store, "m1")
    row = put(store, outbox.message("c1", "reply", "receipt", NOW))
    inbox.claim(store, NOW, "killed", 1)
    outbox.claim(store, NOW, "killed", 1)
    take_over(store, NOW)
    assert [mail.attempt for mail in inbox.claim(store, NOW, "next", 1)] == [2]
    assert [(one.id, one.attempt) for one in outbox.claim(store, NOW, "next", 1)] == [(row.id, 2)]


def test_taking_over_leaves_alone_what_only_waits(store: Store) -> None:
    keep(store, "m1")
    (mail,) = inbox.claim(store, NOW, "w1", 1)
    inbox.put_back(store, mail, NOW.replace(hour=12))
    take_over(store, NOW)
    assert inbox.claim(store, NOW, "w2", 1) == []
