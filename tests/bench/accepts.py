"""Accepted mails a second: the gateway, Postfix and a bare aiosmtpd, one after the other, several times.

The faster a disk says that it has synced, the less a group commit gains, and in memory (`TMPDIR=/dev/shm`)
nothing.

The gateway seals and commits before it says 250; Postfix writes its queue file and syncs it; aiosmtpd keeps
nothing. All get the same mails from the same program (Postfix's smtp-source), all keep them on the same disk.
"""

import contextlib
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench import postfix
from tests.bench.place import ADDRESS, Serving, make, port_of, serving, started, stop

CONNECTIONS = 20
BYTES = 1024
WAYS = {"kept": ("-d",), "fresh": ()}
"""Connections that are kept for many mails, and a new connection for each."""

Rates = dict[str, dict[str, float]]


def why_not() -> str | None:
    """Why nothing can be measured here, if so."""
    if not shutil.which("smtp-source", path=postfix.FOLDERS):
        return "smtp-source is missing: apt-get install postfix"
    return None


def measure(directory: Path, mails: int, rounds: int) -> Rates:
    """Medians of mails a second, by contestant and way; Postfix is left out where it can't run."""
    found: dict[tuple[str, str], list[float]] = {}
    with ExitStack() as stack:
        place = make(directory / "gateway")
        gateway = stack.enter_context(serving(place, "intake"))
        ports = {"inbeeld": gateway.port, "aiosmtpd": stack.enter_context(_bare())}
        kept: dict[str, Callable[[], int]] = {"inbeeld": lambda: _rows(place)}
        rival = None
        if postfix.why_not() is None:
            rival = stack.enter_context(postfix.running(directory / "postfix"))
            ports["postfix"], kept["postfix"] = rival.port, rival.kept
        for port in ports.values():
            _run(port, 100, ())
        for _ in range(rounds):
            for way, options in WAYS.items():
                for name, port in ports.items():
                    if name == "postfix" and rival:
                        rival.empty()
                    before = kept[name]() if name in kept else 0
                    found.setdefault((name, way), []).append(mails / _run(port, mails, options))
                    if name in kept and kept[name]() != before + mails:
                        raise RuntimeError(f"{name} did not keep what it accepted")
        if rival:
            _tell_processor_time(gateway, rival, mails)
    rates: Rates = {}
    for (name, way), several in found.items():
        rates.setdefault(name, {})[way] = statistics.median(several)
    return rates


def _tell_processor_time(gateway: Serving, rival: postfix.Postfix, mails: int) -> None:
    """Print what a mail costs both, which depends far less than rates on what else the machine does."""
    print("\nprocessor time of an accepted mail, all processes of the contestant (ms)")
    for way, options in WAYS.items():
        costs = []
        for port, used in (
            (gateway.port, gateway.processor_seconds),
            (rival.port, rival.processor_seconds),
        ):
            before = used()
            _run(port, mails, options)
            costs.append((used() - before) / mails * 1000)
        print(f"{way:<12}{costs[0]:>8.2f} inbeeld{costs[1]:>8.2f} Postfix")


def _run(port: int, mails: int, options: tuple[str, ...]) -> float:
    """Seconds that this many mails take."""
    words = ["-s", str(CONNECTIONS), "-l", str(BYTES), "-m", str(mails), "-f", "gp@praktijk0.example"]
    began = time.perf_counter()
    subprocess.run(
        ["smtp-source", *options, *words, "-t", ADDRESS, f"inet:127.0.0.1:{port}"],
        env={"PATH": postfix.FOLDERS},
        check=True,
        timeout=300,
    )
    return time.perf_counter() - began


@contextmanager
def _bare() -> Iterator[int]:
    command = [sys.executable, "-m", "tests.bench.bare"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield port_of(started(process))
    finally:
        stop(process)


def _rows(place: Path) -> int:
    with contextlib.closing(sqlite3.connect(place / "data" / "inbeeld.db")) as database:
        (number,) = database.execute("SELECT count(*) FROM inbox").fetchone()
    return int(number)
