"""Runs a table of faults against running gateways, and says of each what was lost and what was done twice.

    python -m tests.faults.campaign [--database sqlite] [--only killed,"relay away"] [--kills 200]

Everything is on loopback, in processes of its own, and ends by itself: each fault has its time, the campaign
has its minutes, and what is left of it then is told as not run. Under each fault a front server sends
referrals, some a second, and sends again what got no 250. It ends with 1 if a mail was lost, made two cases,
or was answered by two different answers.

| column | what it says |
|---|---|
| mails, accepted | how many referrals were offered, and how many got their 250 |
| lost | accepted, and neither answered nor set aside for a person when the patience ended |
| double | mails or patients with two cases, and mails with two different answers |
| aside | mails that a person must look at |
| again | what the relay got once more under the same Message-ID: taken by it, and not recorded in time |
| recovers | seconds from the end of the fault until all that was accepted before is answered |
| seen | readiness, health page and log (alarms and errors), how often |
"""

import argparse
import asyncio
import compileall
import contextlib
import json
import os
import random
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.place import make
from tests.faults.campaign.faults import FAULTS, Fault, Scene
from tests.faults.campaign.ground import Ground
from tests.faults.campaign.load import Load
from tests.faults.campaign.names import Names
from tests.postgres import running

WARM = 5
"""So many mails are answered before the fault begins."""
AFTER_S = 2.0
ROOM = {"sqlite": "24m", "postgresql": "160m"}


@dataclass
class Row:
    """What one fault did."""

    fault: str
    database: str
    mails: int = 0
    accepted: int = 0
    lost: int = 0
    double: int = 0
    aside: int = 0
    again: int = 0
    recovers: float | None = None
    seen: str = ""
    wrong: str = ""


class Skipped(Exception):
    """This machine can't make the fault; the text says why."""


def main() -> int:
    """Read the command line and run."""
    arguments = _parser().parse_args()
    wanted = [fault for fault in FAULTS if not arguments.only or fault.name in arguments.only.split(",")]
    if arguments.list or not wanted:
        print("\n".join(f"{fault.name:<24}{', '.join(fault.databases)}" for fault in FAULTS))
        return 0 if arguments.list else 2
    databases = ("sqlite", "postgresql") if arguments.database == "both" else (arguments.database,)
    rows: list[Row] = []
    # Whoever ends the campaign ends what it started too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # As an installation has it. In a checkout each start compiled the gateway anew where Python keeps nothing
    # (PYTHONDONTWRITEBYTECODE): 0.7 of the 2.5 s of a processor that a start takes.
    for package in ("gateway", "adapters"):
        compileall.compile_dir(Path(__file__).parents[3] / package, quiet=2)
    ends = time.monotonic() + arguments.minutes * 60
    with tempfile.TemporaryDirectory(prefix="inbeeld-campaign-", dir="/tmp") as folder:
        template = make(Path(folder) / "template")
        for number, (database, fault) in enumerate(
            (database, fault) for database in databases for fault in wanted if database in fault.databases
        ):
            if time.monotonic() > ends:
                rows.append(Row(fault.name, database, wrong="not run: the time was up"))
                continue
            _say(f"{database}: {fault.name} …")
            rows.append(_run(fault, database, template, Path(folder) / str(number), arguments))
            _say(_line(rows[-1]))
    print("\n" + _table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return int(any(row.lost or row.double or "trail" in row.wrong for row in rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.campaign",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--only", default="", help="names of faults, with commas between")
    parser.add_argument("--list", action="store_true", help="which faults there are")
    parser.add_argument("--kills", type=int, default=20, help="how often 'killed' kills")
    parser.add_argument("--rate", type=float, default=5.0, help="referrals a second")
    parser.add_argument("--length", type=float, default=10.0, help="seconds that most faults last")
    parser.add_argument("--minutes", type=float, default=60.0, help="what has not begun by then is not run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where the table goes as JSON too")
    return parser


def run_alone(name: str, database: str, template: Path, folder: Path) -> Row:
    """One row by itself, with what the command line leaves as it is."""
    (fault,) = [fault for fault in FAULTS if fault.name == name]
    return _run(fault, database, template, folder, _parser().parse_args([]))


def _run(fault: Fault, database: str, template: Path, folder: Path, arguments: argparse.Namespace) -> Row:
    row = Row(fault.name, database)
    folder.mkdir()
    try:
        with contextlib.ExitStack() as stack:
            room = stack.enter_context(_small_disk(folder, database)) if fault.needs == "tmpfs" else None
            server, url, clock = None, "", None
            if database == "postgresql":
                server = stack.enter_context(running(durable=True, below=room or Path("/tmp")))
                url = stack.enter_context(server.database())
            if fault.needs == "clock":
                clock = _wrong_clock(folder)
                clock.write_bytes(struct.pack("q", fault.begins_at))
            data = room / "data" if room and database == "sqlite" else None
            asyncio.run(
                _fought(
                    row,
                    fault,
                    lambda changes: Ground(
                        template,
                        folder,
                        database,
                        server=server,
                        url=url,
                        data=data,
                        changes=changes,
                        clock=clock,
                    ),
                    arguments,
                )
            )
    except Skipped as reason:
        row.wrong = f"skipped: {reason}"
    except Exception as error:  # noqa: BLE001 - the other faults are run all the same
        row.wrong = f"{type(error).__name__}: {error}"[:200]
    finally:
        if not row.wrong:
            shutil.rmtree(folder, ignore_errors=True)
    return row


async def _fought(
    row: Row,
    fault: Fault,
    ground_of: Callable[[list[tuple[str, str]]], Ground],
    arguments: argparse.Namespace,
) -> None:
    names = Names()
    changes = list(fault.changes)
    if fault.needs == "dns":
        port = await names.start()
        changes += [
            ('\nproof = "front"', '\nproof = "self"'),
            ("\ndns_servers = []", f'\ndns_servers = ["127.0.0.1:{port}"]'),
            # Who is trusted is not judged: mail comes from somebody else, over the same loopback.
            ('trusted_relays = ["127.0.0.1/32", "::1/128"]', "trusted_relays = []"),
            ("require_tls = true", "require_tls = false"),
        ]
    async with ground_of(changes) as ground:
        ground.names = names
        await ground.start()
        load = ground.load(arguments.rate, fault.wijk)
        load.start()
        await _warm(ground, load)
        chance = random.Random(arguments.seed)
        scene = Scene(
            ground, load, _say, arguments.length, arguments.kills, arguments.minutes / 2, [], chance
        )
        ground.watch.begin()
        try:
            await fault.strike(scene)
        except TimeoutError:
            # What happened until then counts all the same.
            ground.codes.append("a process did not start in time")
        over = time.monotonic()
        await asyncio.sleep(AFTER_S)
        await load.no_more()
        recovered = await ground.caught_up(load, fault.patience, whole=True)
        row.recovers = _recovery(ground, load, over) if recovered else None
        if scene.recoveries:
            row.recovers = max(scene.recoveries)
            middle = statistics.median(scene.recoveries)
            _say(f"recovered in {middle:.1f} s (median), {row.recovers:.1f} at most")
        await ground.watch.end()
        await load.stop()
        # What was sent a second time would come now.
        await asyncio.sleep(1)
        await ground.stop()
        _count(row, ground, load)
    if fault.needs == "dns":
        names.stop()


async def _warm(ground: Ground, load: Load) -> None:
    async with asyncio.timeout(60):
        while len(ground.relay.answers) < WARM:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def _recovery(ground: Ground, load: Load, over: float) -> float:
    """From the end of the fault until the last answer to what was offered before it."""
    before = [id_ for id_, at in load.offered.items() if at <= over]
    last = max((ground.relay.answered_at.get(id_, 0.0) for id_ in before), default=over)
    return max(0.0, last - over)


def _count(row: Row, ground: Ground, load: Load) -> None:
    books = ground.books()
    row.mails, row.accepted = len(load.offered), len(load.accepted)
    row.aside = books.mails.get("quarantine", 0)
    row.lost = max(0, len(ground.unanswered(load)) - row.aside)
    row.double = books.doubles + ground.relay.twice
    row.again = ground.relay.copies
    codes = [f"{code} ×{n}" for code, n in load.codes.most_common()]
    row.seen = "; ".join(part for part in (ground.watch.told(), ", ".join(codes)) if part)
    wrong = [*ground.codes]
    if books.faults:
        wrong.append(f"trail: {', '.join(books.faults)[:200]}")
    if books.unsent:
        wrong.append(f"not sent: {books.unsent}")
    if books.mails.get("waiting"):
        wrong.append(f"{books.mails['waiting']} mails wait")
    if any(code.startswith("5") for code in load.codes):
        wrong.append("a mail was refused for good")
    row.wrong = "; ".join(wrong)


@contextlib.contextmanager
def _small_disk(folder: Path, database: str) -> Iterator[Path]:
    """A small file system in memory, for root."""
    if os.geteuid() != 0:
        raise Skipped("only root can mount a small disk")
    room = Path(tempfile.mkdtemp(prefix="disk-", dir="/tmp"))
    words = ["mount", "-t", "tmpfs", "-o", f"size={ROOM[database]},mode=755", "none", str(room)]
    try:
        if subprocess.run(words, stderr=subprocess.DEVNULL).returncode:
            raise Skipped("this machine mounts no small disk")
        try:
            yield room
        finally:
            subprocess.run(["umount", "-l", str(room)], check=False)
    finally:
        room.rmdir()


def _wrong_clock(folder: Path) -> Path:
    """The file that says by how much the clock is wrong; what makes it so is compiled beside it."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Skipped("a wrong clock needs a C compiler (Debian's gcc)")
    clock = folder / "clock"
    clock.write_bytes(bytes(8))
    source = Path(__file__).with_name("clock.c")
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(clock.with_suffix(".so")), str(source), "-ldl"]
    subprocess.run(words, check=True)
    return clock


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def _line(row: Row) -> str:
    recovers = "-" if row.recovers is None else f"{row.recovers:.1f} s"
    counts = (
        f"{row.accepted} of {row.mails} accepted, {row.lost} lost, {row.double} double, {row.aside} aside"
    )
    return f"  {counts}, {row.again} again, recovered in {recovers}; {row.seen}" + (
        f"  [{row.wrong}]" if row.wrong else ""
    )


def _table(rows: list[Row]) -> str:
    lines = [
        "| fault | database | mails | accepted | lost | double | aside | again | recovers | seen | remark |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        recovers = "" if row.recovers is None else f"{row.recovers:.1f} s"
        counts = (row.mails, row.accepted, row.lost, row.double, row.aside, row.again)
        cells = (row.fault, row.database, *counts, recovers, row.seen, row.wrong)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
