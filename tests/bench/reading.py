"""How well and how fast mails are read: outcomes by corpus and kind, precision and recall per field, time per
mail, memory of the worst.

Precision is how many of the values given are right,
recall how many of the values there are were given; a wrong value counts against both.
"""

import json
import statistics
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Reading
from tests.corpus.measure import Outcome, composed, gazetteers, written
from tests.corpus.measure import table as outcome_table

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus" / "referrals"
TORTURE = ROOT.parent / "shared" / "corpus" / "torture"
FIELDS = ("verdict", "name", "phone", "other_phones", "wijk", "problems")


def measure(_: Path, composed_mails: int, rounds: int) -> dict[str, Any]:
    """Figures over the first written samples, and outcomes of all of them and of composed mails."""
    gazetteer = gazetteers()["almere"]
    # With few rounds it is only tried whether this can be measured.
    paths = _mails(CORPUS)[: None if rounds > 1 else 5]
    mails = [(path.read_bytes(), json.loads(path.with_suffix(".json").read_text())) for path in paths]
    pairs = [(_given(read(raw, gazetteer)), _expected(told)) for raw, told in mails]
    times = _times([raw for raw, _ in mails] * rounds, gazetteer)
    outcomes = [*(written() if rounds > 1 else ()), *composed(composed_mails, seed=20251129)]
    return {
        "mails": len(mails),
        "outcomes": dict(sorted(Counter(f"{o.corpus}: {o.kind}: {o.said}" for o in outcomes).items())),
        "outcome_table": outcome_table(outcomes),
        "right": sum(given == told for given, told in pairs),
        "fields": {name: _precision_recall(pairs, name) for name in FIELDS},
        "judged": len(outcomes),
        "wrong_numbers": sum(one.said == "wrong" for one in outcomes),
        "needless_percent": _needless_percent(outcomes),
        "ms_median": round(statistics.median(times) * 1000, 2),
        "ms_p99": round(sorted(times)[int(len(times) * 0.99)] * 1000, 2) if times else 0.0,
    }


def _needless_percent(outcomes: list[Outcome]) -> float:
    """Of everyday mails in which nothing is in doubt: how many in a hundred are asked about."""
    said = [one.said for one in outcomes if one.corpus in {"everyday", "stories"} and one.kind != "ask"]
    return round(100 * said.count("needless") / len(said), 1) if said else 0.0


def torture(_: Path) -> dict[str, float]:
    """The largest step of memory among the broken mails."""
    worst, step = _largest_step([path.read_bytes() for path in _mails(TORTURE)], gazetteers()["almere"])
    return {"mails": worst, "largest_step_kib": step // 1024}


def table(figures: dict[str, Any]) -> str:
    """The figures as text."""
    lines = ["\nreading", figures["outcome_table"], ""]
    lines += [f"{'field':<14}{'precision':>10}{'recall':>10}{'values':>10}"]
    for name, each in figures["fields"].items():
        lines.append(f"{name:<14}{each['precision']:>10.3f}{each['recall']:>10.3f}{each['values']:>10}")
    lines += [
        f"{figures['right']} of {figures['mails']} mails of the first set right",
        f"{figures['wrong_numbers']} wrong numbers in all {figures['judged']} mails",
        f"{figures['ms_median']} ms a mail (median), {figures['ms_p99']} ms (99th percentile), one process",
    ]
    return "\n".join(lines)


def _mails(folder: Path) -> list[Path]:
    """The mails of a corpus; figures about no mails at all would look like good ones."""
    found = sorted(folder.glob("*.eml"))
    if not found:
        raise FileNotFoundError(f"the corpus {folder.name} is not beside this repository")
    return found


def _given(reading: Reading) -> dict[str, set[str]]:
    return {
        "verdict": {str(reading.verdict)},
        "name": _values([reading.name]),
        "phone": _values([reading.phone]),
        "other_phones": set(reading.other_phones),
        "wijk": _values([reading.wijk]),
        "problems": set(reading.problems),
    }


def _expected(told: dict[str, Any]) -> dict[str, set[str]]:
    return {
        name: set(told[name]) if isinstance(told[name], list) else _values([told[name]]) for name in FIELDS
    }


def _values(given: Iterable[str | None]) -> set[str]:
    return {value for value in given if value is not None}


def _precision_recall(
    pairs: list[tuple[dict[str, set[str]], dict[str, set[str]]]], name: str
) -> dict[str, float]:
    given = sum(len(one[name]) for one, _ in pairs)
    wanted = sum(len(other[name]) for _, other in pairs)
    right = sum(len(one[name] & other[name]) for one, other in pairs)
    return {
        "precision": right / given if given else 1.0,
        "recall": right / wanted if wanted else 1.0,
        "values": wanted,
    }


def _times(mails: list[bytes], gazetteer: Gazetteer) -> list[float]:
    times = []
    for raw in mails:
        began = time.process_time()
        read(raw, gazetteer)
        times.append(time.process_time() - began)
    return times


def _largest_step(mails: list[bytes], gazetteer: Gazetteer) -> tuple[int, int]:
    """How many mails, and the most bytes any of them made Python hold on top of what it held before."""
    largest = 0
    tracemalloc.start()
    try:
        for raw in mails:
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            read(raw, gazetteer)
            largest = max(largest, tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return len(mails), largest
