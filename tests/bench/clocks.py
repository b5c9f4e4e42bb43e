"""What a sweep over the clocks costs: with very many open rows and nothing due, and with a thousand due.

A sweep reads the index of what is due, so the first figure must not grow with the number of rows; the second
is what a thousand warnings cost, each a transaction with its notice and its audit event. Run it alone with
`python -m tests.bench.clocks [ROWS]`.
"""

import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from sqlalchemy import insert

from gateway.domain.clock import Kind
from gateway.domain.pathway import Pathway
from gateway.domain.states import State
from gateway.log import Log, Nowhere
from gateway.pipeline.deadlines import Deadlines
from gateway.pipeline.reroute import Reroute
from gateway.pipeline.watch import Escalate
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.tables import CaseRow, ClockRow

NOW = datetime(2035, 3, 5, 9, tzinfo=UTC)
CHUNK = 50_000
PER_CASE = 5
SWEEPS = 20


def measure(directory: Path, rows: int = 1_000_000, due: int = 1_000) -> dict[str, float]:
    """`sweep_ms` with `rows` open clocks and nothing due, `due_s` for firing `due` clocks among them."""
    directory.mkdir(parents=True, exist_ok=True)
    store = Store.at(directory)
    try:
        migrate(store)
        _fill(store, rows)
        log = Log(Nowhere())
        watch = Escalate(store=store, default=Pathway(name="bench", title="Bench"), log=log)
        # A warning is all that falls due: the parts that find another organisation are never asked.
        deadlines = Deadlines(store=store, reroute=cast(Reroute, None), watch=watch, log=log)
        idle = [_timed(lambda: deadlines.run(NOW)) for _ in range(SWEEPS)]
        _start(store, due)
        began = time.perf_counter()
        fired = deadlines.run(NOW)
        took = time.perf_counter() - began
    finally:
        store.close()
    if fired != due:
        raise RuntimeError(f"{fired} clocks fired instead of {due}")
    return {"rows": rows, "sweep_ms": statistics.median(idle) * 1000, "due": due, "due_s": took}


def _timed(work: object) -> float:
    began = time.perf_counter()
    if not callable(work) or work() != 0:
        raise RuntimeError("something was due")
    return time.perf_counter() - began


def _fill(store: Store, rows: int) -> None:
    """Open clocks that are due later, five of a case."""
    for begin in range(0, rows, CHUNK):
        chunk = [
            {
                "case_id": f"case-{number // PER_CASE}",
                "kind": f"clock_{number % PER_CASE}",
                "due_at": NOW + timedelta(days=1, seconds=number),
                "tell": "",
            }
            for number in range(begin, min(begin + CHUNK, rows))
        ]
        with store.write() as session:
            session.connection().execute(insert(ClockRow), chunk)


def _start(store: Store, number: int) -> None:
    """Cases whose warning has come due."""
    pathway = Pathway(name="bench", title="Bench").to_json()
    ids = [f"due-{at}" for at in range(number)]
    cases = [
        {
            "id": id_,
            "kenmerk": f"BENCH-{id_}",
            "state": State.DELIVERED,
            "version": 1,
            "organisation_id": "bench",
            "received_at": NOW - timedelta(days=2),
            "updated_at": NOW - timedelta(days=2),
            "pathway": pathway,
            "urgent": False,
        }
        for id_ in ids
    ]
    clocks = [
        {"case_id": id_, "kind": kind, "due_at": at, "tell": tell}
        for id_ in ids
        for kind, at, tell in (
            (Kind.WARN, NOW - timedelta(minutes=1), "team"),
            (Kind.CONTACT, NOW + timedelta(days=1), "team"),
        )
    ]
    with store.write() as session:
        session.connection().execute(insert(CaseRow), cases)
        session.connection().execute(insert(ClockRow), clocks)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="inbeeld-bench-") as folder:
        wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
        for name, figure in measure(Path(folder) / "clocks", wanted).items():
            print(f"{name:10}{figure:12.2f}")
