"""Referrals from the first accept to the encrypted mail at the organisation's server, and what they cost.

The gateway, the sender and the sink are three processes. Processor time is taken from /proc in that very
run, so the shares add up to what the run took.

    python -m tests.bench.referrals 3000

says how memory, descriptors, threads and files of one process are before and after so many.
"""

import contextlib
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from gateway.store.audit import CHAIN_LOCK
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from tests.bench.place import Use, children_of, make, serving, stop, times_of
from tests.postgres import running

CONNECTIONS = 20
WARM = 20
"""So many referrals go first: every reading process is started, and every connection to the sink is open."""

Figures = dict[str, float | list[float]]


def measure(directory: Path, mails: int) -> Figures:
    """One run, in a new directory."""
    place = make(directory)
    with _sink(place, mails) as sink, serving(place) as gateway:
        send(gateway.port, 0, WARM)
        _ends(sink)
        before, files = gateway.use(), _files(place)
        began, accepted = send(gateway.port, WARM, mails)
        ends = _ends(sink)
        after, files_after = gateway.use(), _files(place)
    seconds = ends["handovers"] - began
    return {
        "mails": mails,
        "accept_seconds": accepted - began,
        "seconds_per_1000": seconds * 1000 / mails,
        "per_second": mails / seconds,
        "with_answers_per_second": mails / (max(ends.values()) - began),
        "gateway_cpu_ms": (after.own - before.own) * 1000 / mails,
        "gpg_cpu_ms": (after.ended - before.ended) * 1000 / mails,
        "reader_cpu_ms": (after.readers - before.readers) * 1000 / mails,
        "rss_before_mib": before.memory,
        "rss_after_mib": after.memory,
        "rss_peak_mib": after.peak,
        "reader_rss_mib": list(after.reader_memory),
        "descriptors": [before.descriptors, after.descriptors],
        "threads": [before.threads, after.threads],
        "files": [files, files_after],
    }


def _files(place: Path) -> int:
    """The files of the gateway, also those that it needs for a moment only."""
    return sum(1 for path in (place / "data").rglob("*") if path.is_file())


def measure_workers(directory: Path, mails: int, workers: int) -> Figures:
    """The same on a PostgreSQL that keeps what it commits, with an intake and so many worker processes."""
    with running(durable=True) as server, server.database() as url:
        place = make(directory)
        config = place / "config" / "inbeeld.toml"
        text = config.read_text()
        config.write_text(text.replace('database_url = ""', f'database_url = "{url}"', 1))
        with contextlib.closing(Store(url)) as store:
            migrate(store)
        with _sink(place, mails) as sink, ExitStack() as stack:
            intake = stack.enter_context(serving(place, "intake", "intake"))
            own = [stack.enter_context(serving(place, "worker", f"worker{n}")) for n in range(workers)]
            send(intake.port, 0, WARM)
            _ends(sink)
            with Watch(url) as watch:
                before, commits, beside = (
                    [one.use() for one in (intake, *own)],
                    watch.commits(),
                    _beside(sink),
                )
                began, _ = send(intake.port, WARM, mails)
                ends = _ends(sink)
                after, waits = [one.use() for one in (intake, *own)], watch.told()
                commits, beside = watch.commits() - commits, _beside(sink) - beside
    used = [_used(*pair) * 1000 / mails for pair in zip(before, after, strict=True)]
    cpu = {
        "intake_cpu_ms": used[0],
        "workers_cpu_ms": sum(used[1:]),
        "server_cpu_ms": waits.pop("server_cpu_s") * 1000 / mails,
        "sender_sink_cpu_ms": beside * 1000 / mails,
    }
    rate = mails / (max(ends.values()) - began)
    return {
        "mails": mails,
        "workers": workers,
        "with_answers_per_second": rate,
        **cpu,
        "processors_busy": sum(cpu.values()) * rate / 1000,
        "commits_per_referral": commits / mails,
        "chain_lock_ms": waits.pop("chain_held_s") * 1000 / mails,
        **waits,
    }


def _beside(sink: "subprocess.Popen[str]") -> float:
    """Processor seconds of whatever is there to measure: the sink, senders that ended, and this process."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(times_of(sink.pid)[:2]) + ended.ru_utime + ended.ru_stime + time.process_time()


def _used(before: Use, after: Use) -> float:
    return (after.own - before.own) + (after.ended - before.ended) + (after.readers - before.readers)


class Watch:
    """Looks how the sessions of a database wait, many times a second, and what the server uses itself."""

    def __init__(self, url: str) -> None:
        parts = url.partition("@/")[2].partition("?host=")
        self._where: dict[str, Any] = {
            "dbname": parts[0],
            "host": parts[2],
            "user": "postgres",
            "autocommit": True,
        }
        self._ended, self._looks, self._locked, self._idle = threading.Event(), 0, 0, 0
        self._held, self._queued, self._server, self._began = 0, 0, 0.0, time.monotonic()

    def __enter__(self) -> "Watch":
        self._connection = psycopg.connect(**self._where)
        self._server = self._used()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._connection.close()

    def commits(self) -> int:
        """How many transactions were committed in this database."""
        with psycopg.connect(**self._where) as connection:
            row = connection.execute(
                "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
            ).fetchone()
        return int(row[0]) if row else 0

    def told(self) -> dict[str, float]:
        """In which share of the looks a session waited for a lock, or for that of the chain, or sat idle in a
        transaction; for how long the chain was held; and what the server used."""
        looks = max(self._looks, 1)
        return {
            "lock_waits_share": self._locked / looks,
            "chain_waits_share": self._queued / looks,
            "idle_in_transaction_share": self._idle / looks,
            "chain_held_s": self._held / looks * (time.monotonic() - self._began),
            "server_cpu_s": self._used() - self._server,
        }

    def _look(self) -> None:
        query = (
            "SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'),"
            " count(*) FILTER (WHERE state = 'idle in transaction') FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        chain = (
            "SELECT count(*) FILTER (WHERE granted), count(*) FILTER (WHERE NOT granted) FROM pg_locks"
            " WHERE locktype = 'advisory' AND objid = %s AND objsubid = 1"
        )
        with psycopg.connect(**self._where) as connection:
            self._began = time.monotonic()
            while not self._ended.wait(0.04):
                locked, idle = connection.execute(query).fetchone() or (0, 0)
                held, queued = connection.execute(chain, [CHAIN_LOCK]).fetchone() or (0, 0)
                self._looks += 1
                self._held += held > 0
                self._queued += queued > 0
                self._locked += locked > 0
                self._idle += idle > 0

    def _used(self) -> float:
        folder = Path(str(self._where["host"]))
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        return sum(times_of(pid)) + sum(sum(times_of(child)[:2]) for child in children_of(pid))


@contextmanager
def _sink(place: Path, mails: int) -> Iterator["subprocess.Popen[str]"]:
    """The organisation's mail server; the gateway is configured to relay through it."""
    tls = place / "keys" / "tls"
    words = [str(tls / "server.pem"), str(tls / "server.key"), str(WARM), str(mails)]
    command = [sys.executable, "-m", "tests.bench.sink", *words]
    sink = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        _, port = _line(sink)
        config = place / "config" / "inbeeld.toml"
        config.write_text(config.read_text().replace('"localhost:587"', f'"localhost:{port:.0f}"'))
        yield sink
    finally:
        stop(sink)


def send(port: int, first: int, mails: int) -> tuple[float, float]:
    """Send referrals from a process of its own: when it began, and when the last 250 had come."""
    words = [str(number) for number in (port, first, mails, CONNECTIONS)]
    command = [sys.executable, "-m", "tests.bench.sender", *words]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return float(told[1]), float(told[2])


def _ends(sink: "subprocess.Popen[str]") -> dict[str, float]:
    return dict(_line(sink) for _ in range(2))


def _line(sink: "subprocess.Popen[str]") -> tuple[str, float]:
    word, _, number = (sink.stdout.readline() if sink.stdout else "").partition(" ")
    return word, float(number)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="ib-bench-", dir="/tmp") as folder:
        print(json.dumps(measure(Path(folder) / "place", int(sys.argv[1])), indent=1))
