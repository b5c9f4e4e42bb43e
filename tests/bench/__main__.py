"""`make bench`: every figure of the project, measured in one run, printed and written to build/bench.json.

`BENCH=quick` does less of everything. Absolute figures say something about this machine at this moment; what
stands side by side was measured in turns and may be compared. docs/benchmarks.md says how to read it.
"""

import json
import os
import platform
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench import (
    accepts,
    board,
    clocks,
    growth,
    mailbox,
    parts,
    postfix,
    reading,
    referrals,
    sealing,
    signalen,
    statements,
    table,
)

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "build" / "bench.json"
QUICK = os.environ.get("BENCH") == "quick"


def main() -> None:
    """Measure everything."""
    figures: dict[str, Any] = {"quick": QUICK, "machine": _machine()}
    place = Path(tempfile.mkdtemp(prefix="inbeeld-bench-"))
    # Postfix works as its own user and must be able to come here.
    place.chmod(0o755)
    try:
        _measure(place, figures)
    finally:
        shutil.rmtree(place, ignore_errors=True)
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\nwritten to {RESULT.relative_to(ROOT)}")


def _measure(place: Path, figures: dict[str, Any]) -> None:
    print(table.machine(figures["machine"], QUICK))
    if why := accepts.why_not():
        print(f"\naccepts: skipped, {why}")
    else:
        if why := postfix.why_not():
            print(f"\nPostfix: skipped, {why}")
        mails, rounds = (300, 2) if QUICK else (1500, 3)
        figures["accepts"] = accepts.measure(place / "accepts", mails, rounds)
        print(table.accepts(figures["accepts"]))
    figures["referrals"] = referrals.measure(place / "referrals", 100 if QUICK else 1000)
    print(table.referrals(figures["referrals"]))
    figures["statements"] = statements.measure(place / "statements")
    print(table.rate("statements and commits a referral, by size of the batch", figures["statements"]))
    for number in (1, 2, 3):
        name = f"workers_{number}"
        figures[name] = referrals.measure_workers(place / name, 100 if QUICK else 1000, number)
        print(table.rate(f"{number} worker processes on PostgreSQL", figures[name]))
    figures["parts"] = parts.measure(place / "parts", 50 if QUICK else 300)
    print(table.milliseconds("a durable commit, and one mail to the relay", figures["parts"]))
    figures["sealing"] = sealing.measure(place / "sealing", 10 if QUICK else 50)
    print(table.milliseconds("sealing, one message after the other", figures["sealing"]))
    for name, measure in (("mailbox", mailbox.measure), ("signalen", signalen.measure)):
        figures[name] = measure(place / name, 40 if QUICK else 120)
        print(table.rate(name, figures[name]))
    figures["clocks"] = clocks.measure(
        place / "clocks", 50_000 if QUICK else 1_000_000, 100 if QUICK else 1_000
    )
    print(table.clocks(figures["clocks"]))
    figures["board"] = board.measure(place / "board", 10_000 if QUICK else 100_000, 20 if QUICK else 200)
    print(board.table(figures["board"]))
    figures["growth"] = growth.measure(place / "growth", 10_000 if QUICK else 220_000, 5 if QUICK else 20)
    print(growth.table(figures["growth"]))
    figures["reading"] = reading.measure()
    print(f"\nreading\n{reading.table(figures['reading'])}")


def _machine() -> dict[str, Any]:
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "system": platform.platform(),
    }


if __name__ == "__main__":
    main()
