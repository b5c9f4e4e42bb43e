"""The schedule: every step by itself, whatever the others, the database or the machine's clock do."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.schedule import LONGEST_WAIT, FromNowOn, Schedule
from tests.story.journal import Journal
from tests.unit.pipeline.rig import BEGIN, Plain, Present, Rig


def away() -> OperationalError:
    return OperationalError("SELECT 1", {}, Exception("connection refused"))


def test_each_step_runs_as_often_as_it_wants(rig: Rig) -> None:
    often, seldom = Plain("often"), Plain("seldom", every=60)

    async def story(_: Schedule, __: Any) -> None:
        await asyncio.sleep(120.5)

    rig.play([often, seldom], story)
    assert len(often.ran) == 121
    assert len(seldom.ran) == 3


def test_a_step_that_did_something_runs_again_at_once_and_wakes_what_follows(rig: Rig) -> None:
    working, following = Plain("working", every=600), Plain("following", every=600, follows=True)

    async def story(schedule: Schedule, _: Any) -> None:
        await asyncio.sleep(5)
        working.results = [64, 3, 0]
        schedule.wake("working")
        await asyncio.sleep(1)

    rig.play([working, following], story)
    assert working.ran == [0, 5, 5, 5]
    assert set(following.ran) == {0, 5}


def test_a_step_that_is_woken_does_not_wait(rig: Rig) -> None:
    step = Plain("receive", every=600)

    async def story(schedule: Schedule, _: Any) -> None:
        await asyncio.sleep(5)
        schedule.wake("receive")
        await asyncio.sleep(1)

    rig.play([step], story)
    assert step.ran[:2] == [0, 5]


@pytest.mark.parametrize(("failure", "begins"), [(away(), 1.0), (ValueError(), 0.0)])
def test_nothing_is_claimed_by_a_worker_that_nobody_knows(
    rig: Rig, failure: Exception, begins: float
) -> None:
    """Killed before its first heartbeat it would have held what it claimed until the lease ended."""
    step = Plain("step")
    rig.present.failures = [failure]

    async def story(_: Schedule, __: Any) -> None:
        await asyncio.sleep(3)

    rig.play([step], story)
    assert step.ran[0] == begins


def test_a_step_that_fails_keeps_no_other_from_running_and_comes_back(rig: Rig) -> None:
    failing, other = Plain("failing"), Plain("other")
    failing.results = [ValueError("secret")] * 3

    async def story(_: Schedule, __: Any) -> None:
        await asyncio.sleep(30.5)

    rig.play([failing, other], story)
    assert failing.ran[:4] == [0, 1, 3, 7]
    assert len(other.ran) == 31
    assert [event["step"] for event in rig.journal.events("step.failed")] == ["failing"] * 3
    assert "secret" not in rig.journal.getvalue()


def test_a_database_that_is_away_is_told_once_and_once_when_it_is_back(rig: Rig) -> None:
    chosen = [Plain(name) for name in ("receive", "dispatch", "deadlines")]
    for step in chosen:
        step.results = [away() for _ in range(10)]

    async def story(_: Schedule, __: Any) -> None:
        await asyncio.sleep(120)

    rig.play(list(chosen), story)
    for step in chosen:
        waits = [after - before for before, after in zip(step.ran[:10], step.ran[1:11], strict=True)]
        assert waits == [1, 2, 4, *[LONGEST_WAIT] * 7]
        assert len(step.ran) > 20, "back to work"
    assert rig.journal.events("step.failed") == []
    # The heartbeat of this rig never fails: that one writer comes through says nothing of the others.
    assert len(rig.journal.events("database.away")) == len(rig.journal.events("database.back")) == 1


def test_a_step_that_hangs_is_told_of_by_the_heartbeat(rig: Rig) -> None:
    other = Plain("other")

    class Hanging(Plain):
        task: asyncio.Task[None]

        async def run(self, now: datetime) -> int:
            await asyncio.Event().wait()
            return 0

        async def finish(self, within: float | None = None) -> None:
            self.task.cancel()

    hanging = Hanging("hanging")

    async def story(schedule: Schedule, _: Any) -> None:
        hanging.task = schedule._loops[[step.name for step in schedule.steps].index("hanging")]
        await asyncio.sleep(200)
        hanging.task.cancel()
        schedule._loops.remove(hanging.task)

    rig.play([hanging, other], story)
    silent = [stalled for _, stalled in rig.present.beats]
    assert silent[0] == []
    assert silent[-2] == ["hanging"]
    assert len(other.ran) > 199


def test_stopping_hands_back_what_each_step_claimed(rig: Rig) -> None:
    chosen = [Plain("one", every=600), Plain("other", every=600)]

    async def story(_: Schedule, __: Any) -> None:
        await asyncio.sleep(1)

    rig.play(list(chosen), story)
    assert [step.handed_back for step in chosen] == [1, 1]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    jumps=st.lists(
        st.tuples(st.floats(0.1, 40), st.floats(-400_000, 400_000)),
        max_size=6,
    )
)
def test_no_step_of_the_clock_stops_anything(jumps: list[tuple[float, float]]) -> None:
    """Whatever the machine's clock does, each step runs at least once in its time, and not without end."""
    often, seldom = Plain("often"), Plain("seldom", every=30)

    async def story(_: Schedule, traveller: Any) -> None:
        for wait, jump in jumps:
            await asyncio.sleep(wait)
            traveller.shift(jump)
        await asyncio.sleep(61)

    with pytest.MonkeyPatch.context() as monkeypatch:
        Rig(monkeypatch).play([often, seldom], story)
    for step, patience in ((often, 1 + 2.1), (seldom, 30 + 2.1)):
        waits = [after - before for before, after in zip(step.ran[:-1], step.ran[1:], strict=True)]
        assert max(waits) <= patience
    passed = sum(wait for wait, _ in jumps) + 61
    assert len(often.ran) <= passed + 2 * len(jumps) + 3


def irrevocable() -> Plain:
    step = Plain("retire")
    step.irrevocable = True
    return step


def test_after_a_leap_forward_nothing_irrevocable_happens_until_the_clock_is_right(rig: Rig) -> None:
    """A virtual machine that wakes up with a date of next week, and is put right."""
    often, retire = Plain("often"), irrevocable()

    async def story(_: Schedule, traveller: Any) -> None:
        await asyncio.sleep(10.5)
        traveller.shift(48 * 3600)
        await asyncio.sleep(60)
        traveller.shift(-48 * 3600)
        await asyncio.sleep(10)

    rig.play([often, retire], story)
    assert [at for at in retire.ran if 12 < at < 70] == []
    assert [at for at in often.ran if 12 < at < 70], "what can be taken back goes on"
    assert retire.ran[-1] > 72
    assert [round(event["seconds"] / 3600) for event in rig.journal.events("clock.stepped")] == [48, -48]


def test_a_clock_that_was_behind_and_is_put_right_did_not_leap(rig: Rig) -> None:
    retire = irrevocable()

    async def story(_: Schedule, traveller: Any) -> None:
        await asyncio.sleep(10.5)
        traveller.shift(-12 * 3600)
        await asyncio.sleep(30)
        traveller.shift(12 * 3600)
        await asyncio.sleep(30)

    rig.play([retire], story)
    assert len(retire.ran) > 65


def test_a_leap_that_is_true_delays_for_ten_minutes(rig: Rig) -> None:
    """A laptop that slept: nobody puts its clock back."""
    retire = irrevocable()

    async def story(_: Schedule, traveller: Any) -> None:
        await asyncio.sleep(10.5)
        traveller.shift(12 * 3600)
        await asyncio.sleep(700)

    rig.play([retire], story)
    assert [at for at in retire.ran if 12 < at < 605] == []
    assert retire.ran[-1] > 612


@pytest.mark.parametrize(
    ("last_seen", "rests", "shortened"),
    [(-60, False, False), (-7 * 3600, True, False), (3600, False, True), (None, False, False)],
    ids=["restart", "long away, or a wrong clock", "clock is back", "first start"],
)
def test_a_start_compares_the_clock_with_the_last_heartbeat(
    rig: Rig, last_seen: int | None, rests: bool, shortened: bool
) -> None:
    retire, waits = irrevocable(), []
    seen = None if last_seen is None else BEGIN + timedelta(seconds=last_seen)

    async def story(_: Schedule, __: Any) -> None:
        await asyncio.sleep(20)

    rig.play([retire], story, last_seen=seen, set_back=lambda now: (waits.append(now), 1)[1])  # type: ignore[func-returns-value]
    assert (not retire.ran, bool(waits)) == (rests, shortened)
    assert len(waits) <= 1


def test_waits_are_shortened_once_the_database_is_there(rig: Rig) -> None:
    tries = []

    def set_back(now: datetime) -> int:
        tries.append(now)
        if len(tries) < 3:
            raise away()
        return 1

    async def story(_: Schedule, traveller: Any) -> None:
        await asyncio.sleep(5)
        traveller.shift(-3600)
        await asyncio.sleep(20)

    rig.play([Plain("often")], story, set_back=set_back)
    assert len(tries) == 3 + 1, "and once more, for what was begun by the old clock"


async def test_a_round_that_is_asked_once_runs_until_nothing_is_due_and_tells_a_failure() -> None:
    first, second, failing = Plain("first"), Plain("second"), Plain("failing")
    first.results, second.results = [2, 0, 1], [0, 5]
    failing.results = [ValueError()]
    schedule = Schedule(
        [first, failing, second],
        presence=Present(),  # type: ignore[arg-type]
        log=Log(Journal()),
        metrics=Metrics(),
    )
    with pytest.raises(ValueError):
        await schedule.drain()
    assert (len(first.ran), len(second.ran), len(failing.ran)) == (4, 4, 1)
    assert (await schedule.drain())["first"] == 0


def test_a_machine_that_booted_in_another_decade_is_not_kept_busy_by_it(rig: Rig) -> None:
    """Once, every second that was leapt over was counted for every step."""
    often = Plain("often")

    async def story(_: Schedule, traveller: Any) -> None:
        await asyncio.sleep(5.5)
        traveller.shift(40 * 365 * 86_400)
        await asyncio.sleep(5)

    rig.play([often], story)
    assert often.ran == [float(second) for second in range(len(often.ran))]


def test_what_a_clock_leapt_over_is_not_made_up_for() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    every = FromNowOn(timedelta(seconds=1))
    assert every.get_next_fire_time(now - timedelta(days=2), now) == now + timedelta(seconds=1)
    assert every.get_next_fire_time(None, now) == now + timedelta(seconds=1)
