"""What must not grow with history: the figures, health, the report, the list of cases, memory, the start.

A store of cases, one in seven of which runs, is counted by the worker's step first, as after an upgrade. Then
each page is asked for over one kept connection with TLS, and each command is given as a person gives it.
"""

import statistics
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import col, select

from gateway.app import Gateway
from gateway.statistics.counting import Counting
from gateway.store import audit
from gateway.store.migrate import migrate
from gateway.store.tables import EventRow
from tests.bench import place as bench
from tests.bench.board import WIJKEN, connection, logged_in
from tests.bench.crowd import fill
from tests.bench.place import make, memory_of, serving

ASKED = {
    "figures_all": "/cijfers?periode=alles",
    "figures_year": "/cijfers",
    "figures_weeks_by_wijk": "/cijfers?periode=jaar&per=wijk&stap=week",
    "figures_by_practice": "/cijfers?periode=alles&per=praktijk",
    "figures_own_days": "/cijfers?van=2024-02-13&tot=2026-10-17&per=wijk",
    "figures_one": "/cijfers?periode=alles&per=wijk&organisatie=de-schoor",
    "health": "/gezondheid",
    "board": "/bord",
}
COMMANDS = {
    "report": ("report",),
    "list_json": ("cases", "list", "--all", "--json"),
    "verify": ("audit", "verify"),
}
DAY = 2_000
"""So many events a busy day has: `audit verify --since` is asked from so many ago."""


def measure(directory: Path, number: int, rounds: int) -> dict[str, float]:
    """Milliseconds of each page, seconds and MiB of each command, of the first count and of the web role."""
    place = make(directory)
    gateway = Gateway.at(place)
    try:
        migrate(gateway.store)
        organisations = [entry.id for entry in gateway.settings.organisations]
        practices = [entry.id for entry in gateway.settings.practices]
        fill(gateway.store, number, datetime.now(UTC), organisations, practices, list(WIJKEN))
        cookie = logged_in(gateway.store, datetime.now(UTC))
        began, processor = time.perf_counter(), time.process_time()
        Counting(gateway.store, gateway.timezone).whole()
        found = {
            "cases": float(number),
            "count_s": time.perf_counter() - began,
            "count_processor_s": time.process_time() - processor,
        }
    finally:
        gateway.store.close()
    return found | asked(place, cookie, rounds) | commands(place)


def asked(place: Path, cookie: str, rounds: int) -> dict[str, float]:
    """The first look at the figures and the median of later ones, and of other pages; the memory after it."""
    found: dict[str, float] = {}
    with serving(place, "web") as served, connection(place, served.web, cookie) as browser:
        found["web_start_mib"] = served.use().memory
        for name, path in {"first_look": ASKED["figures_all"], **ASKED}.items():
            took = []
            for _ in range(1 if name == "first_look" else rounds):
                began = time.perf_counter()
                answer = browser.get(path)
                took.append((time.perf_counter() - began) * 1000)
                if answer.status_code != 200:
                    raise RuntimeError(f"{path} was answered with {answer.status_code}")
            found[f"{name}_ms"] = statistics.median(took)
        found["web_mib"], found["web_peak_mib"] = served.use().memory, served.use().peak
    return found


def commands(place: Path) -> dict[str, float]:
    """What each command takes."""
    found: dict[str, float] = {}
    gateway = Gateway.at(place)
    with gateway.store.read() as session:
        begun = max(1, audit.last(session).seq - DAY)
        begin = session.execute(select(col(EventRow.hash)).where(col(EventRow.seq) == begun)).scalar()
    gateway.store.close()
    day = ("audit", "verify", "--since", str(audit.Head(begun, str(begin))))
    for name, words in {**COMMANDS, "verify_day": day}.items():
        began = time.perf_counter()
        process = bench.command(place, words, subprocess.DEVNULL, None)
        # What wait4(2) tells of memory begins with what this process had when it forked.
        most = 0.0
        while process.poll() is None:
            most = max(most, memory_of(process.pid))
            time.sleep(0.02)
        if process.returncode:
            raise RuntimeError(f"{name} failed")
        found |= {f"{name}_s": time.perf_counter() - began, f"{name}_mib": most}
    return found


def table(found: dict[str, float]) -> str:
    """The figures as text."""
    lines = [f"\ngrowth, {found['cases']:,.0f} cases (pages over TLS, login check included)"]
    lines += [
        f"  {name.replace('_', ' '):<26}{value:>10,.1f}" for name, value in found.items() if name != "cases"
    ]
    return "\n".join(lines)
