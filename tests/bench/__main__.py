"""`make bench`: every figure of the project, measured in one run, printed and written to build/bench.json.

`python -m tests.bench board growth:4000` measures two sections alone, one of them with another number;
`BENCH=quick` does less of everything, `BENCH=tiny` only shows that all can be measured. A section that fails
says so, keeps no other from running, and makes the run fail. docs/benchmarks.md says how to read it.
"""

import json
import os
import platform
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.bench import table
from tests.bench.sections import SECTIONS, SIZES, Section

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "build" / "bench.json"


def main(words: Sequence[str], size: str = "full", result: Path = RESULT) -> int:
    """Measure everything, or what the words name; 1 when a section failed."""
    if size not in SIZES:
        raise SystemExit(f"BENCH is one of {', '.join(SIZES)}")
    figures: dict[str, Any] = {"size": size, "machine": _machine()}
    print(table.machine(figures["machine"], size))
    failed = []
    for section, first in _chosen(words):
        place = Path(tempfile.mkdtemp(prefix="inbeeld-bench-"))
        # Postfix works as its own user and must be able to come here.
        place.chmod(0o755)
        try:
            figures[section.name], told = section.run(place, size, first)
            print(told, flush=True)
        except Exception as error:  # noqa: BLE001 - the other sections are measured all the same
            traceback.print_exc()
            failed.append(f"{section.name}: {error}"[:200])
        finally:
            shutil.rmtree(place, ignore_errors=True)
    result.parent.mkdir(exist_ok=True)
    result.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\nwritten to {result}", *(f"FAILED {line}" for line in failed), sep="\n")
    return int(bool(failed))


def _chosen(words: Sequence[str]) -> Iterator[tuple[Section, int | None]]:
    by_name = {section.name: section for section in SECTIONS}
    for name, _, number in [word.partition(":") for word in words or by_name]:
        if name not in by_name:
            raise SystemExit(f"there is no section {name}, only {', '.join(by_name)}")
        yield by_name[name], int(number) if number else None


def _machine() -> dict[str, Any]:
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "system": platform.platform(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ.get("BENCH", "full")))
