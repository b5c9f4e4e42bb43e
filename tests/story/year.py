"""A year of referrals with faults, played against the real steps: python -m tests.story.year --cases 200

Organisations call in time, late or never, decline, or forget to confirm; referrals can't leave; referrers
leave questions unanswered and withdraw; the gateway itself stands still for hours and for days. After each
thing that happens to a case it asserts that somebody is responsible, that whoever must act was told in the
pathway's term or will be, and that what the referrer read last is true (`tests/unit/pipeline/promises.py`);
at the end, that nothing was told of only after the fact: before a promise was broken or a case was closed by
time, somebody was told that it would be.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from gateway.domain.codes import DeclineReason
from gateway.domain.states import Event, State
from gateway.reading.letters.record import Stop
from gateway.store.outbox import Status
from gateway.store.tables import ClockRow, OutboxRow
from tests.moments import MONDAY
from tests.story.place import Place, make_place
from tests.unit.pipeline.promises import NUMBERS, Played
from tests.unit.pipeline.stage import Stage

Act = tuple[timedelta, str, tuple[Any, ...]]

SLEEPS = ((40, 3.0), (75, 0.5), (120, 0.1), (200, 5.0), (310, 1.0))
"""On which day the gateway stops, and for how many days."""

_RUNS = (
    col(ClockRow.fired_at).is_(None),
    col(ClockRow.met_at).is_(None),
    col(ClockRow.ended_at).is_(None),
    col(ClockRow.paused_from).is_(None),
)
"""What a clock is that will go off."""


def report(hours: float, event: Event, reason: DeclineReason | None = None) -> Act:
    """What an organisation reports so long after the referral."""
    return timedelta(hours=hours), "report", (event, reason)


def does(hours: float, act: str, *what: Any) -> Act:
    """What somebody else does then."""
    return timedelta(hours=hours), act, what


def plans(chance: random.Random) -> dict[str, list[Act]]:
    """How a referral may go, by name."""
    h = chance.uniform
    full, area = DeclineReason.CAPACITY, DeclineReason.AREA
    tries = [report(at, Event.ATTEMPTED) for at in (h(2, 20), h(22, 44), h(46, 66))]
    twice = [report(h(2, 20), Event.DECLINED, full), report(h(24, 60), Event.DECLINED, area)]
    withdrawn = does(h(3, 40), "withdraws", Stop.WITHDRAWN)
    return {
        "in time": [report(h(2, 60), Event.CONTACTED), report(h(200, 900), Event.STOPPED)],
        "in support": [report(h(2, 60), Event.IN_SUPPORT), report(h(2000, 4000), Event.STOPPED)],
        "late": [report(h(100, 400), Event.CONTACTED)],
        "never, a beheerder acts": [does(h(300, 900), "beheerder", "return")],
        "never, nobody acts": [],
        "not reached, new number": [*tries, does(h(70, 100), "answers", NUMBERS[1])],
        "not reached, no answer": tries,
        "wrong number, answered": [does(h(3, 30), "wrong_number"), does(h(31, 60), "answers", NUMBERS[2])],
        "wrong number, no answer": [does(h(3, 30), "wrong_number")],
        "full": [report(h(2, 40), Event.DECLINED, full), report(h(50, 90), Event.CONTACTED)],
        "full twice": [*twice, does(h(300, 500), "beheerder", "de-schoor")],
        "full twice, nobody acts": twice,
        "no help wanted": [report(h(2, 40), Event.DECLINED, DeclineReason.PATIENT_DECLINED)],
        "withdrawn, confirmed": [withdrawn, report(h(41, 90), Event.WITHDRAWAL_CONFIRMED)],
        "withdrawn, silent": [does(h(3, 40), "withdraws", Stop.DECEASED)],
        "held, retried": [does(h(5, 90), "let_go"), does(h(91, 99), "beheerder", "retry")],
        "held, nobody acts": [],
        "mistaken": [report(h(2, 50), Event.CONTACTED), report(h(51, 60), Event.CORRECTED)],
    }


@dataclass(eq=False)
class Life(Played):
    """One of many cases: everything that is due happens for all of them."""

    year: "Year | None" = None
    plan: str = ""

    def settle_down(self) -> None:
        """See `Year.settle`."""
        if self.year is not None:
            self.year.settle()

    def answers(self, phone: str) -> None:
        """A number of this patient alone: a case about a number that another one is about would join it."""
        super().answers(f"{phone[:-5]}{len(self.year.lives) if self.year else 0:03}{phone[-2:]}")

    def let_go(self) -> None:
        """What could not leave, can."""
        self.holds = False


@dataclass
class Year:
    """The stage, the cases on it, and what is still to happen."""

    stage: Stage
    chance: random.Random
    days: float
    lives: dict[str, Life] = field(default_factory=dict)
    checks: int = 0
    moments: int = 0

    def play(self, number: int, until: float = 400) -> None:
        """So many cases over the year, then as long as it takes for all to end."""
        kinds = list(plans(self.chance))
        script: list[tuple[datetime, int, str, tuple[Any, ...], Life]] = []
        for at in range(number):
            begun, name = MONDAY + timedelta(days=self.chance.uniform(0, self.days)), kinds[at % len(kinds)]
            life = Life(self.stage, year=self, plan=name, holds=name.startswith("held"))
            acts = [does(0, "begin"), *plans(self.chance)[name]]
            for later, act, what in acts:
                script.append((begun + later, len(script), act, what, life))
        script.sort(key=lambda one: one[:2])
        sleeps = [(MONDAY + timedelta(day), timedelta(span)) for day, span in SLEEPS if day < self.days]
        end = MONDAY + timedelta(days=self.days + until)
        while True:
            ahead = [moment for moment in (script[0][0] if script else None, self._next()) if moment]
            if not ahead or min(ahead) > end:
                return
            self.stage.now = max(self.stage.now, min(ahead))
            if sleeps and sleeps[0][0] <= self.stage.now:
                start, span = sleeps.pop(0)
                self.stage.now = max(self.stage.now, start + span)
            self.moments += 1
            touched = self._about()
            while script and script[0][0] <= self.stage.now:
                _, _, act, what, life = script.pop(0)
                self._do(life, act, what)
                touched.add(life.case_id)
            self.settle()
            self._check(touched)

    def settle(self) -> None:
        """Everything that is due happens, for all."""
        for _ in range(8):
            steps: list[Any] = [self.stage.step(name) for name in ("deadlines", "watch")]
            done = sum(int(step._work(self.stage.now) or 0) for step in steps)
            with self.stage.store.read() as session:
                due = (OutboxRow.status == Status.READY, col(OutboxRow.next_at) <= self.stage.now)
                ready = set(session.exec(select(OutboxRow.case_id).where(*due)))
            done += sum(self.lives[id_].let_leave() for id_ in ready if id_ in self.lives)
            if not done:
                return
        raise AssertionError("it never comes to rest")

    def _do(self, life: Life, act: str, what: tuple[Any, ...]) -> None:
        life.steps.append(f"{self.stage.now} {life.plan}: {act} {' '.join(map(str, what))}")
        if act == "begin":
            life.begin(self.stage.now)
            self.lives[life.case_id] = life
        elif life.case.state != State.CLOSED:
            getattr(life, act)(*what)

    def _next(self) -> datetime | None:
        """When something is due that was not at this moment."""
        now, ready = self.stage.now, OutboxRow.status == Status.READY
        clock = select(func.min(ClockRow.due_at)).where(col(ClockRow.due_at) > now, *_RUNS)
        mail = select(func.min(OutboxRow.next_at)).where(col(OutboxRow.next_at) > now, ready)
        with self.stage.store.read() as session:
            found = [session.exec(query).one() for query in (clock, mail)]
        return min((moment for moment in found if moment is not None), default=None)

    def _about(self) -> set[str]:
        """The cases of which something is due now."""
        now, ready = self.stage.now, OutboxRow.status == Status.READY
        clock = select(ClockRow.case_id).where(col(ClockRow.due_at) <= now, *_RUNS)
        mail = select(OutboxRow.case_id).where(col(OutboxRow.next_at) <= now, ready)
        with self.stage.store.read() as session:
            return {str(id_) for query in (clock, mail) for id_ in session.exec(query)}

    def _check(self, touched: set[str]) -> None:
        for id_ in touched & self.lives.keys():
            if self.lives[id_].case.state != State.CLOSED:
                self.lives[id_].check()
                self.checks += 1
        # Nothing of it is asked for again, and it is read whole each time.
        self.stage.journal.seek(0)
        self.stage.journal.truncate()

    def judge(self) -> None:
        """Once it is over: nothing was told of only after the fact. Raises `AssertionError`."""
        after: list[str] = []
        for id_, life in self.lives.items():
            events = self.stage.events(id_)
            told = [event.at for event in events if event.kind == "alarm"]
            told += [row.sent_at for row in life.rows("notice") if row.sent_at]
            query = select(ClockRow).where(ClockRow.case_id == id_, ClockRow.kind == "contact")
            with self.stage.store.read() as session:
                promise = session.exec(query).one()
            closed = next((event.at for event in events if event.kind == "case.closed"), None)
            over = any(event.kind in _ENDS for event in events)
            for what, moment in (
                ("late", promise.due_at if promise.fired_at else None),
                ("closed by time", None if over else closed),
            ):
                if moment and not any(at < moment for at in told):
                    story = "\n  ".join(life.steps)
                    after.append(f"{life.plan}: {what} at {moment}, told after it\n  {story}")
        assert not after, "\n".join(after)

    def table(self) -> str:
        """What became of them, by how they went."""
        heads = ("cases", "late", "alarms", "to team", "to GP", "silent")
        lines = [f"{'how it went':26}" + "".join(f"{each:>9}" for each in heads) + "  ended as"]
        for name in plans(self.chance):
            lives = [life for life in self.lives.values() if life.plan == name]
            events = [self.stage.events(one.case_id) for one in lives]
            alarms = [[event.at for event in each if event.kind == "alarm"] for each in events]
            silent = max((b - a for each in alarms for a, b in pairwise(each)), default=timedelta(0))
            figures = (
                len(lives),
                sum(
                    any(event.kind == "clock.fired" and "contact" in event.data for event in each)
                    for each in events
                ),
                sum(map(len, alarms)),
                sum(len(one.rows("notice")) for one in lives),
                sum(len(one.rows("reply")) for one in lives),
                silent.days,
            )
            ends = Counter(self._last(life) for life in lives).most_common()
            if lives:
                shown = "".join(f"{each:9}" for each in figures)
                lines.append(f"{name:26}{shown}  {', '.join(f'{state} {n}' for state, n in ends)}")
        return "\n".join(
            [
                *lines,
                f"{len(self.lives)} cases, {self.moments} moments, {self.checks} checks: no case without",
                "an owner, none told of only after it. 'silent': the most days between two alarms of one.",
            ]
        )

    def _last(self, life: Life) -> str:
        """The last state before it was closed."""
        kinds = [event.kind for event in self.stage.events(life.case_id)]
        states = [kind.removeprefix("case.") for kind in kinds if kind.startswith("case.")]
        return next(one for one in reversed(states) if one != "closed")


_ENDS = frozenset(
    f"case.{state}" for state in (State.STOPPED, "withdrawal_confirmed", State.RETURNED, State.DECLINED)
)
"""After these a case is not closed by time: it was over."""


async def year_of(stage: Stage, cases: int, days: float, seed: int, until: float = 400) -> Year:
    """A year, played and judged."""
    year = Year(stage, random.Random(seed), days)
    year.play(cases, until)
    year.judge()
    return year


async def _main(directory: Path, cases: int, days: int, seed: int) -> None:
    stage = Stage(Place(directory))
    stage.open()
    try:
        sys.stdout.write((await year_of(stage, cases, days, seed)).table() + "\n")
    finally:
        await stage.close()


def main() -> None:
    """See the module."""
    options = argparse.ArgumentParser(prog="python -m tests.story.year", description="A year with faults.")
    options.add_argument("--cases", type=int, default=200)
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="year-") as folder:
        directory = Path(folder) / "gateway"
        make_place(directory)
        asyncio.run(_main(directory, given.cases, given.days, given.seed))


if __name__ == "__main__":
    main()
