"""Who works: one on SQLite, many on PostgreSQL; what one that is gone held is taken over at once."""

import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.domain.messages import Code
from gateway.domain.outgoing import Reply
from gateway.errors import ConfigError
from gateway.store import inbox, moves, outbox, uptime, worker
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.worker import FileLock, Presence, newest
from tests.store.rows import NOW, keep, put

DIES = """
import os, signal
from pathlib import Path
from datetime import datetime
from gateway.store import inbox, outbox
from gateway.store.engine import Store
from gateway.store.worker import Presence
now, store = datetime.fromisoformat({now!r}), Store({url!r})
presence = Presence(store, Path({path!r}))
presence.beat(now, now)
assert inbox.claim(store, now, presence.id + " receive", 1) and outbox.claim(store, now, presence.id, 1)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_only_one_has_the_lock_of_a_file(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    first.release()
    first.release()
    assert second.acquire()
    assert not first.acquire()
    second.release()


def test_the_lock_is_the_owners_alone_and_not_inherited(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.acquire()
    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600
    # A child that outlives us would otherwise keep the lock.
    assert not os.get_inheritable(lock._descriptor or -1)
    lock.release()


def test_what_a_killed_worker_held_is_taken_over_at_once(store: Store, tmp_path: Path) -> None:
    keep(store, "m1")
    row = put(store, outbox.row(Reply(case_id="c1", code=Code.RECEIPT), NOW))
    url = store.engine.url.render_as_string(hide_password=False)
    code = DIES.format(now=NOW.isoformat(), url=url, path=str(tmp_path / "lock"))
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode < 0
    presence = Presence(store, tmp_path / "lock")
    try:
        assert presence.beat(NOW, NOW) == 2
        assert [mail.attempt for mail in inbox.claim_again(store, NOW, presence.id)] == [2]
        claimed = outbox.claim(store, NOW, presence.id, 1)
        assert [(one.id, one.attempt) for one in claimed] == [(row.id, 2)]
        assert presence.beat(NOW, NOW) == 0, "our own work is not that of one who is gone"
    finally:
        presence.leave()


def test_what_one_that_is_gone_claimed_in_its_last_moment_is_taken_over(
    on_postgresql: Store, tmp_path: Path
) -> None:
    """It had said nothing of itself yet, or had been struck off already: its mail waited for two minutes."""
    keep(on_postgresql, "m1")
    put(on_postgresql, outbox.row(Reply(case_id="c1", code=Code.RECEIPT), NOW))
    gone, presence = (Presence(on_postgresql, tmp_path / "lock") for _ in range(2))
    assert inbox.claim(on_postgresql, NOW, f"{gone.id} receive", 1)
    assert outbox.claim(on_postgresql, NOW, gone.id, 1)
    assert presence.beat(NOW, NOW) == 2
    presence.leave()


def test_what_only_waits_is_left_alone(store: Store, tmp_path: Path) -> None:
    keep(store, "m1")
    (mail,) = inbox.claim(store, NOW, "w1", 1)
    move = Move()
    move.put_back(mail, NOW.replace(hour=12), attempt=0, postponed=1)
    assert moves.commit(store, [move]) == []
    presence = Presence(store, tmp_path / "lock")
    presence.beat(NOW, NOW)
    presence.leave()
    assert inbox.claim(store, NOW, "w2", 1) == []


def test_one_that_lives_keeps_what_it_holds(store: Store, tmp_path: Path) -> None:
    first, second = Presence(store, tmp_path / "lock"), Presence(store, tmp_path / "lock")
    first.beat(NOW, NOW)
    put(store, outbox.row(Reply(case_id="c1", code=Code.RECEIPT), NOW))
    assert outbox.claim(store, NOW, first.id, 1)
    assert second.beat(NOW, NOW) == 0
    assert outbox.claim(store, NOW, second.id, 1) == []
    first.leave()
    assert second.beat(NOW, NOW) == 1, "one that stopped without a word is gone too"
    second.leave()


def test_a_worker_whose_session_broke_holds_its_lock_again(on_postgresql: Store, tmp_path: Path) -> None:
    first, second = (Presence(on_postgresql, tmp_path / "lock") for _ in range(2))
    first.beat(NOW, NOW)
    with on_postgresql.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
    first.beat(NOW, NOW)
    put(on_postgresql, outbox.row(Reply(case_id="c1", code=Code.RECEIPT), NOW))
    assert outbox.claim(on_postgresql, NOW, first.id, 1)
    assert second.beat(NOW, NOW) == 0
    first.leave()
    second.leave()


def test_a_worker_that_lost_its_session_alone_keeps_what_it_sends(
    on_postgresql: Store, tmp_path: Path
) -> None:
    """A firewall or an administrator ended one connection of a worker that lives."""
    first, second = (Presence(on_postgresql, tmp_path / "lock") for _ in range(2))
    put(on_postgresql, outbox.row(Reply(case_id="c1", code=Code.RECEIPT), NOW))
    for presence in (first, second):
        presence.beat(NOW, NOW)
    assert outbox.claim(on_postgresql, NOW, first.id, 1)
    soon = NOW + timedelta(seconds=5)
    first.beat(soon, soon)
    first.leave()
    assert second.beat(soon, soon) == 0, "it said that it lives after we last looked"
    later = soon + timedelta(seconds=5)
    first.beat(later, later)
    assert second.beat(later, later) == 0, "it holds its lock again"
    first.leave()
    assert second.beat(later, later) == 1, "it said nothing more"
    second.leave()


def test_after_a_restart_of_the_server_nobody_is_taken_for_gone_at_once(
    on_postgresql: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every lock went with the server; what another is sending at this moment was sent twice."""
    ours, other = (Presence(on_postgresql, tmp_path / "worker.lock") for _ in range(2))
    for presence in (other, ours):
        presence.beat(NOW, NOW)
    keep(on_postgresql, "m1")
    assert inbox.claim(on_postgresql, NOW, other.id, 1)
    with on_postgresql.write() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert ours.beat(NOW, NOW) == 0, "the other has not had its turn yet"
    monkeypatch.setattr(worker, "ANEW", 0.0)
    assert ours.beat(NOW, NOW) == 1, "it never came back"
    ours.leave()
    other.leave()


def test_the_heartbeat_says_which_steps_stand_still(store: Store, tmp_path: Path) -> None:
    assert newest(store) is None
    presence = Presence(store, tmp_path / "lock")
    presence.beat(NOW, NOW + timedelta(hours=1), ["receive", "dispatch"])
    found = newest(store)
    assert found is not None
    assert (found.seen_at, found.stalled) == (NOW + timedelta(hours=1), "receive dispatch")
    presence.leave()


def test_a_minute_counts_once_however_many_work_in_it(store: Store, tmp_path: Path) -> None:
    begin = NOW.replace(minute=58, second=10, microsecond=0)
    first, second = (Presence(store, tmp_path / name) for name in ("a", "b"))
    for at in (0, 5, 60, 125):
        wall = begin + timedelta(seconds=at)
        first.beat(NOW, wall)
        second.beat(NOW, wall, stalled=["receive"] if at == 5 else ())
    first.beat(NOW, begin + timedelta(minutes=4), stalled=["receive"])
    with store.read() as session:
        found = uptime.between(session, begin - timedelta(days=1), begin + timedelta(minutes=4))
        assert found is not None
        # From the first whole minute on: four of them, and nobody in the last.
        assert (found.minutes, found.worked) == (4, 3)
        assert found.percentage == 75
        assert uptime.between(session, begin + timedelta(days=1), begin + timedelta(days=2)) is None
    first.leave()
    second.leave()


class _Pooler:
    """What stands before PostgreSQL and lends a session for as long as a transaction lasts. The last one that
    came back goes first, or last where they go round."""

    def __init__(self, *, goes_round: bool) -> None:
        self._free, self._goes_round = [1, 2, 3], goes_round

    def __call__(self) -> "_Pooler._Line":
        return self._Line(self)

    class _Line:
        def __init__(self, pooler: "_Pooler") -> None:
            self._pooler, self._session = pooler, 0

        def __enter__(self) -> "_Pooler._Line":
            return self

        def __exit__(self, *_: object) -> None:
            self.commit()

        def execute(self, _: object) -> "_Pooler._Line":
            self._session = self._session or self._pooler._free.pop(0)
            return self

        def scalar(self) -> int:
            return self._session

        def commit(self) -> None:
            if self._session:
                free = self._pooler._free
                free.insert(len(free) if self._pooler._goes_round else 0, self._session)
                self._session = 0


@pytest.mark.parametrize("goes_round", [False, True])
def test_a_pooler_that_lends_sessions_by_the_transaction_is_noticed(
    on_postgresql: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goes_round: bool
) -> None:
    assert not worker.shares_sessions(on_postgresql)
    monkeypatch.setattr(on_postgresql.engine, "connect", _Pooler(goes_round=goes_round))
    with pytest.raises(ConfigError, match="another session"):
        Presence(on_postgresql, tmp_path / "lock").alone()
