"""Makes the races of docs/faults.md happen on purpose, on both databases, and says how often one went wrong.

    python -m tests.faults.races [--pairs 40] [--database sqlite] [--only "two answers in a batch"]

Two workers, threads or processes meet in each of them, as often as `--pairs` says (where processes are killed
a tenth as often, where they are stopped once). "Before" is what was counted when the race was found. It ends
with 1 if anything went wrong now.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.directory.snapshot import of_files
from gateway.sandbox.pool import Readers
from gateway.settings import load
from tests.bench.place import make
from tests.faults import crossings, meetings
from tests.faults.campaign.__main__ import run_alone
from tests.faults.harness import Launcher
from tests.faults.meetings import Scene, Strike
from tests.patience import PATIENCE_S
from tests.postgres import Postgres, running
from tests.story.place import Place, Town, make_place

MOST = 40
"""So many invented people there are."""


@dataclass(frozen=True)
class Race:
    """One row: what was counted before, and what makes it happen and gives how often it went wrong."""

    name: str
    before: str
    strike: Strike


RACES = (
    Race("copies of a mail at once", "96 of 150, 147 of 150", meetings.copies_at_once),
    Race("a copy while the worker is away", "12 of 12", meetings.copy_while_away),
    Race("the same patient in two mails", "12 of 12", meetings.same_patient),
    Race("two answers in a batch", "not counted", meetings.two_answers),
    Race("referred again and then answered", "a second and a third handover", meetings.referred_again),
    Race("two reports at once", "one of 250 failed", meetings.two_reports),
    Race("a clock fires and a report comes", "250 of 250 waited for each other", meetings.clock_and_report),
    Race("audit verify beside writes", "2 of 12", meetings.verify_beside_writes),
    Race("taken by two people", "not counted", meetings.taken_by_two),
    Race("withdrawn when contact is reported", "not counted", crossings.withdrawal_and_contact),
    Race("withdrawn while it is sent", "not counted", crossings.withdrawn_in_send),
    Race("declined when referred again", "a second case", crossings.declined_and_referred),
    Race("two ticks at once", "not counted", crossings.two_ticks),
    Race("sent while the database is away", "75 copies in three stops", meetings.sent_without_database),
    Race("restored with waiting mails", "170 of 174", meetings.restored),
    Race("killed in a send", "not counted", meetings.killed_in_send),
)
"""`stalled` of the campaign stands beside them: there are no pairs in it."""

STALLED = "stopped for 25 s"


def main() -> int:
    """Read the command line and run."""
    arguments = _parser().parse_args()
    wanted = [race for race in RACES if not arguments.only or race.name in arguments.only.split(",")]
    stalled = not arguments.only or STALLED in arguments.only.split(",")
    if arguments.list:
        print("\n".join([*(race.name for race in RACES), STALLED]))
        return 0
    databases = ("sqlite", "postgresql") if arguments.database == "both" else (arguments.database,)
    pairs = min(arguments.pairs, MOST)
    told: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory(prefix="races-", dir="/tmp") as folder, contextlib.ExitStack() as stack:
        template = Place(Path(folder) / "template")
        make_place(template.directory)
        known = of_files(load(template.directory))
        readers = Readers(known.wijken, known.postcodes, workers=1, wall_seconds=PATIENCE_S)
        stack.callback(readers.close)
        launcher = stack.enter_context(Launcher())
        for database in databases:
            server = stack.enter_context(running()) if database == "postgresql" else None
            for number, race in enumerate(wanted):
                place = template.copy(Path(folder) / f"{database}{number}")
                done = asyncio.run(_run(race, place, readers, server, launcher, pairs))
                told.setdefault(race.name, {})[database] = done
                print(f"{database}: {race.name}: {done}", flush=True)
        if stalled:
            bench = make(Path(folder) / "bench")
            for database in databases:
                row = run_alone("stalled 25 s", database, bench, Path(folder) / f"stalled-{database}")
                wrong = row.lost + row.double + row.aside
                told.setdefault(STALLED, {})[database] = (
                    f"{wrong} of {row.mails}{row.wrong and f' ({row.wrong})'}"
                )
    print("\n" + _table(told, databases))
    return int(any(not cell.startswith("0 ") for cells in told.values() for cell in cells.values()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.races",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--only", default="", help="names of races, with commas between")
    parser.add_argument("--list", action="store_true", help="which races there are")
    parser.add_argument("--pairs", type=int, default=MOST, help=f"how often each is run, at most {MOST}")
    return parser


async def _run(
    race: Race, place: Place, readers: Readers, server: Postgres | None, launcher: Launcher, pairs: int
) -> str:
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        url = stack.enter_context(server.database()) if server else ""
        if url:
            place.database(url)
        async with place.peer() as peer:
            place.relay(peer)
            town = Town(place, peer, readers)
            await town.open()
            try:
                wrong = await race.strike(Scene(town, pairs, patch, server, url, launcher, stack))
            except Exception as error:  # noqa: BLE001 - the others are run all the same
                return f"failed: {type(error).__name__}: {error}"[:200]
            finally:
                await town.close()
    return f"{wrong} of {max(pairs // 10, 1) if race.strike is meetings.killed_in_send else pairs}"


def _table(told: dict[str, dict[str, str]], databases: tuple[str, ...]) -> str:
    before = {race.name: race.before for race in RACES} | {
        STALLED: "1 handover held, 2 mails in quarantine in four stops"
    }
    lines = [f"| race | before | {' | '.join(databases)} |", f"|---|---|{'---|' * len(databases)}"]
    for name, cells in told.items():
        lines.append(f"| {name} | {before[name]} | {' | '.join(cells.get(one, '') for one in databases)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
