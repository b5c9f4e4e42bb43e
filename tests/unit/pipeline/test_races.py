"""Clocks that fire, reports and receipts on the same cases at the same moment, on a real PostgreSQL.

Everybody locks in one order (`gateway.store.moves` says which), so that nobody waits for each other.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.domain.states import Event
from gateway.errors import LostRace
from gateway.store import clocks
from tests.patience import PATIENCE_S
from tests.story.place import Place
from tests.unit.pipeline.stage import Stage

CASES = 12


@pytest.fixture
async def stage(place: Place, database_url: str) -> AsyncIterator[Stage]:
    place.database(database_url)
    found = Stage(place)
    found.open()
    yield found
    await found.close()


def at_once(*works: "threading.Thread") -> None:
    for work in works:
        work.start()
    for work in works:
        work.join(PATIENCE_S)
        assert not work.is_alive()


async def test_firing_and_reporting_never_wait_for_each_other(stage: Stage) -> None:
    cases = [stage.referred() for _ in range(CASES)]
    stage.now = max(stage.clock(case, "contact").due_at for case in cases) + timedelta(minutes=1)
    barrier, troubles = threading.Barrier(3), list[Exception]()
    deadlines = stage.step("deadlines")

    def guarded(work: object) -> threading.Thread:
        def run() -> None:
            barrier.wait()
            try:
                assert callable(work)
                work()
            except Exception as error:  # noqa: BLE001 - told below, in the test itself
                troubles.append(error)

        return threading.Thread(target=run)

    def report(order: list[str]) -> None:
        for case in order:
            try:
                stage.report(case, Event.CONTACTED)
            except LostRace:
                stage.report(case, Event.CONTACTED)

    works = (
        guarded(lambda: asyncio.run(deadlines.run(stage.now))),
        guarded(lambda: report(cases)),
        guarded(lambda: report(cases[::-1])),
    )
    await asyncio.to_thread(at_once, *works)
    assert troubles == []
    await stage.work()
    assert stage.journal.events("step.failed") == []
    for case in cases:
        assert stage.state(case) == "contacted"
        with stage.store.read() as session:
            assert all(
                row.met_at or row.fired_at
                for row in clocks.of_case(session, case)
                if row.kind not in ("retire", "closing")
            )
        assert stage.happened(case).count("case.contacted") == 1
        assert stage.told(case).count("in_beeld") == 1
    assert stage.whole()
