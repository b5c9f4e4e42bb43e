"""What a sweep over the clocks costs: with very many open rows and nothing due, and with a thousand due.

A sweep reads the index of what is due, so the first figure must not grow with the number of rows; the second
is what a thousand warnings cost, with their notices and audit events.
"""

import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from sqlalchemy import insert

from gateway.domain.codes import Kind
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
        numbers = range(begin, min(begin + CHUNK, rows))
        clocks = [
            (
                f"case-{number // PER_CASE}",
                f"clock_{number % PER_CASE}",
                NOW + timedelta(days=1, seconds=number),
            )
            for number in numbers
        ]
        _insert(store, clocks, "")


def _start(store: Store, number: int) -> None:
    """Cases whose warning has come due."""
    due = ((Kind.WARN, NOW - timedelta(minutes=1)), (Kind.CONTACT, NOW + timedelta(days=1)))
    _insert(store, [(f"due-{at}", kind, when) for at in range(number) for kind, when in due], "team")


def _insert(store: Store, clocks: Sequence[tuple[str, str, datetime]], tell: str) -> None:
    """Clocks (of which case, kind, due) and their cases."""
    pathway = Pathway(name="bench", title="Bench").to_json()
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
        for id_ in dict.fromkeys(id_ for id_, _, _ in clocks)
    ]
    rows = [{"case_id": id_, "kind": kind, "due_at": due, "tell": tell} for id_, kind, due in clocks]
    with store.write() as session:
        session.connection().execute(insert(CaseRow), cases)
        session.connection().execute(insert(ClockRow), rows)
