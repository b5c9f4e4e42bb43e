"""Which files one referral runs through, from SMTP to "in beeld": `python -m tests.bench.walk`.

A file of `gateway` or `adapters` counts where a function in it runs, and of it the lines that ran; what runs
when a module is loaded does not. The worker does what `serve` does because of the referral: it receives and
sends. What it does in a second in which nothing happens is told apart. The tasks of the reading processes are
done once more in this process, where they can be seen.
"""

import asyncio
import inspect
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from gateway.directory.snapshot import of_files
from gateway.domain.states import Event
from gateway.pipeline.receive import LANES
from gateway.pipeline.settle import Report
from gateway.reading.patient.wijken import Gazetteer
from gateway.sandbox.functions import FUNCTIONS, ReaderContext
from gateway.sandbox.pool import Readers
from gateway.settings import load
from gateway.store import cases
from tests.invented import Patient, make_mail, make_patients
from tests.story.place import Place, Town, make_place

ROOT = Path(__file__).parents[2]
OURS = tuple(f"{ROOT / package}/" for package in ("gateway", "adapters"))
NOT_OURS = f"{ROOT / 'gateway' / 'demo'}/"
"""The demo's mail server, which plays the other side here."""

WOKEN = (*LANES, "dispatch")
"""The steps that a mail wakes."""

Lines = dict[str, set[int]]
"""The lines that ran, by file."""


class Remembering(Readers):
    """Reading processes, and what they were asked."""

    asked: list[Any]

    def run(self, jobs: Sequence[Any]) -> list[Any]:
        """As `Readers.run`."""
        self.asked.extend(jobs)
        return super().run(jobs)


@contextmanager
def watched() -> Iterator[Lines]:
    """Every line of a function of ours that runs meanwhile, in this thread and in those that begin."""
    seen: Lines = defaultdict(set)

    def line(frame: FrameType, what: str, _: Any) -> Any:
        if what == "line":
            seen[frame.f_code.co_filename].add(frame.f_lineno)
        return line

    def call(frame: FrameType, _: str, __: Any) -> Any:
        return line if _counts(frame.f_code) else None

    threading.settrace(call)
    sys.settrace(call)
    try:
        yield seen
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]


def _counts(code: CodeType) -> bool:
    """Whether it is a function of ours: the body of a class or a module has no fast locals."""
    ours = code.co_filename.startswith(OURS) and not code.co_filename.startswith(NOT_OURS)
    return ours and bool(code.co_flags & inspect.CO_OPTIMIZED)


async def walk(directory: Path) -> dict[str, Lines]:
    """What ran: on the way of a referral, in the reading processes, and in an idle second."""
    make_place(directory)
    place, known = Place(directory), of_files(load(directory))
    readers = Remembering(known.wijken, known.postcodes, workers=1)
    readers.asked = []
    found: dict[str, Lines] = {}
    async with place.peer() as peer:
        place.relay(peer)
        town = Town(place, peer, readers)
        await town.open()
        # What is made once is made by another referral.
        await _refer(town, make_patients(2)[1])
        await town.work()
        readers.asked.clear()
        for name, work in (("the way", _refer(town, make_patients(1)[0])), ("an idle second", town.work())):
            # Threads that are there already would not be watched.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
            with watched() as found[name]:
                await work
        await town.close()
    readers.close()
    context = ReaderContext(Gazetteer.parse(list(known.wijken), list(known.postcodes)), frozenset())
    with watched() as found["the reading"]:
        for job in readers.asked:
            FUNCTIONS[job.task.name](job.raw, job.given, context)
    return found


async def _refer(town: Town, patient: Patient) -> None:
    """One referral, its handover and receipt, the report of contact, and "in beeld"."""
    before = len(town.mails)
    await town.send(make_mail(patient))
    await town.schedule.drain(WOKEN)
    receipt = next(one for one in town.mails[before:] if not one.encrypted)
    await asyncio.to_thread(_report, town, receipt.kenmerk)
    await town.schedule.drain(WOKEN)
    assert len(town.mails) == before + 3


def _report(town: Town, kenmerk: str) -> None:
    """The organisation reports contact, as every channel does in the end."""
    with town.gateway.store.read() as session:
        case = cases.by_kenmerk(session, kenmerk)
    actor = f"organisation:{case.organisation_id}"
    assert town.gateway.worker.settle.report(case.id, Report(Event.CONTACTED), town.now, actor, "mail")


def tell(found: Mapping[str, Lines]) -> Iterator[str]:
    """A line for each room of each part, and the sums."""
    for name, lines in found.items():
        yield f"{name}: {_sum(lines)}, {sum(map(len, lines.values()))} of them ran"
        rooms: dict[Path, list[str]] = defaultdict(list)
        for file in sorted(lines):
            path = Path(file).relative_to(ROOT)
            rooms[path.parent].append(f"{path.stem} {len(lines[file])}/{_length(file)}")
        yield from (f"  {room} ({len(files)}): {', '.join(files)}" for room, files in sorted(rooms.items()))
    yield f"a referral with its answer: {_sum({*found['the way'], *found['the reading']})}"
    yield f"with what is idle: {_sum({file for lines in found.values() for file in lines})}"


def _sum(files: Iterable[str]) -> str:
    each = list(files)
    return f"{len(each)} files of {sum(map(_length, each))} lines"


def _length(file: str) -> int:
    return len(Path(file).read_text().splitlines())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(*tell(asyncio.run(walk(Path(place) / "gateway"))), sep="\n")
