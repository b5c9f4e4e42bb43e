"""Receipts in groups: recorded whatever the database does, and never a peer's fault laid on a message."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from adapters.base import Parcel, Receipt, Refused, TryLater
from gateway.domain.states import Event
from gateway.pipeline import dispatch, receipts
from gateway.pipeline.relayhealth import EACH, REASON, SUSPECT_AFTER, Blame, RelayHealth
from gateway.store import moves
from tests.patience import PATIENCE_S
from tests.unit.pipeline.stage import Stage

BLOCKED = "relay_refused 554 5.7.1"


def answered(stage: Stage, number: int) -> list[str]:
    """So many cases, each with an answer for its referrer that waits."""
    cases = [stage.referred() for _ in range(number)]
    for case in cases:
        stage.report(case, Event.CONTACTED)
    return cases


def addressed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every answer be for somebody else."""
    compose = stage.step("dispatch")._reply.to_referrer

    def to_referrer(case: Any, row: Any, now: Any, further: Any) -> tuple[str, bytes]:
        return f"{case.id}@huisartsenpraktijk-filmwijk.example", compose(case, row, now, further)[1]

    monkeypatch.setattr(stage.step("dispatch")._reply, "to_referrer", to_referrer)


def refusing(stage: Stage) -> None:
    async def send(envelope_from: str, recipients: list[str], message: bytes) -> Receipt:
        raise Refused(BLOCKED)

    stage.ear.send = send  # type: ignore[method-assign]


async def test_a_relay_that_refuses_everybody_holds_nothing_and_is_used_again_by_itself(
    alone: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    addressed(alone, monkeypatch)
    heard = alone.ear.send
    cases = answered(alone, 6)
    refusing(alone)
    await alone.work()
    rows = [row for case in cases for row in alone.rows(case, "reply")]
    assert {row.status for row in rows} == {"ready"}
    assert all((row.reason or "").startswith(REASON) for row in rows)
    assert alone.journal.alarms().count(REASON) == 1, "told by what needs no mail"
    await alone.work(minutes=2)
    assert alone.journal.alarms().count(REASON) == 1
    alone.ear.send = heard  # type: ignore[method-assign]
    # One that is due tries the relay; when it is taken, the others need not wait for their own time.
    with alone.store.write() as session:
        row = alone.rows(cases[0], "reply")[0]
        row.next_at = alone.now
        session.merge(row)
    await alone.work()
    assert len(alone.ear.heard) >= len(cases)
    assert {row.status for case in cases for row in alone.rows(case, "reply")} == {"sent"}
    assert alone.journal.events("relay.well") != []
    assert alone.whole()


async def test_what_waits_for_a_relay_that_was_away_leaves_once_it_takes_a_mail(alone: Stage) -> None:
    """After hours, the next try of each would be an hour away."""
    heard, cases = alone.ear.send, answered(alone, 4)

    async def send(envelope_from: str, recipients: list[str], message: bytes) -> Receipt:
        raise TryLater("relay_unreachable")

    alone.ear.send = send  # type: ignore[method-assign]
    await alone.work()
    for minutes in (2, 6, 12, 24):
        await alone.work(minutes=minutes)
    assert {row.attempt for case in cases for row in alone.rows(case, "reply")} == {5}
    alone.ear.send = heard  # type: ignore[method-assign]
    cases += answered(alone, 1)
    await alone.work()
    assert {row.status for case in cases for row in alone.rows(case, "reply")} == {"sent"}


async def test_one_recipient_that_is_refused_is_held_at_once(stage: Stage) -> None:
    cases = answered(stage, 3)
    stage.ear.troubles.append(Refused("relay_refused 550 5.1.1"))
    await stage.work()
    held = [row for case in cases for row in stage.rows(case, "reply") if row.status == "held"]
    assert [row.reason for row in held] == ["relay_refused 550 5.1.1"]


@given(st.lists(st.one_of(st.none(), st.sampled_from("abcde")), max_size=30))
def test_the_relay_is_blamed_only_for_refusing_several_in_a_row(tries: list[str | None]) -> None:
    """None stands for a mail that was taken, a letter for one to that recipient that was refused."""
    health, row, ill, takes = RelayHealth(), Counter[str](), False, False
    for number, recipient in enumerate(tries):
        if recipient is None:
            assert health.took(["somebody"]) is ill
            if ill:
                # What is remembered of who was refused then has a test of its own.
                health = RelayHealth()
                health.took(["somebody"])
            row, ill, takes = Counter(), False, True
            continue
        row[recipient] += 1
        verdict = health.refused(f"d{number}", [recipient])
        # Where there are only two to send to, both must have been refused twice, or nothing was ever taken.
        both = len(row) == 2 and (not takes or min(row.values()) >= EACH)
        all_of_them = len(row) >= SUSPECT_AFTER or both
        expected = Blame.GOES_ON if ill else Blame.BEGINS if all_of_them else Blame.ITS_OWN
        assert verdict is expected
        ill = verdict is not Blame.ITS_OWN


@pytest.mark.parametrize(
    ("first", "second", "whose"),
    [
        ("554 5.7.1", "554 5.7.1", Blame.BEGINS),
        ("550 5.1.1", "554 5.7.1", Blame.ITS_OWN),
        ("550 5.1.1", "550 5.1.1", Blame.ITS_OWN),
        ("554", "554", Blame.ITS_OWN),
    ],
)
def test_two_who_are_refused_by_a_rule_are_enough(first: str, second: str, whose: Blame) -> None:
    """A small place sends two mails for a referral, and the next may come after days."""
    health = RelayHealth()
    health.took(["somebody"])
    assert health.refused("a", ["practice"], f"relay_refused {first}") is Blame.ITS_OWN
    assert health.refused("b", ["organisation"], f"relay_refused {second}") is whose


@given(st.lists(st.sampled_from(["practice", "organisation", "somebody", "somebody else"]), max_size=40))
def test_the_relay_is_blamed_once_for_two_who_refuse_for_good(tries: list[str]) -> None:
    """A practice and an organisation refuse by a rule, and others are taken meanwhile."""
    health, blamed = RelayHealth(), 0
    health.took(["somebody"])
    for number, recipient in enumerate(tries):
        if recipient.startswith("somebody"):
            health.took([recipient])
        else:
            blamed += health.refused(f"d{number}", [recipient], BLOCKED) is Blame.BEGINS
    assert blamed <= 1


def test_a_relay_that_refuses_all_again_is_blamed_again() -> None:
    """It takes one of many now and then; whoever was taken meanwhile counts as anybody else."""
    health, everybody = RelayHealth(), [f"practice {number}" for number in range(9)]
    for turn in range(4):
        verdicts = [health.refused(f"{turn} {one}", [one], BLOCKED) for one in everybody[turn:]]
        assert verdicts.count(Blame.BEGINS) == 1
        assert verdicts[-1] is Blame.GOES_ON
        assert health.took([everybody[turn]])


def failing(times: int, error: Exception, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let writing a group fail so many times; gives how many moves each group had that was written."""
    commit, written = moves.commit, []
    left = [times]

    def spoilt(store: Any, made: Any) -> Any:
        if any(move.settled for move in made) and left[0]:
            left[0] -= 1
            raise error
        if any(move.settled for move in made):
            written.append(len(made))
        return commit(store, made)

    monkeypatch.setattr(receipts.moves, "commit", spoilt)  # type: ignore[attr-defined]
    return written


async def test_what_was_leased_when_the_database_went_away_is_sent_at_the_next_look(
    alone: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was leased to us and we never knew: for a quarter of an hour nobody would have sent it."""
    cases, step = answered(alone, 2), alone.step("dispatch")
    read = step._jobs

    def away(rows: Any) -> Any:
        monkeypatch.setattr(step, "_jobs", read)
        raise OperationalError("SELECT", {}, Exception("server closed the connection unexpectedly"))

    monkeypatch.setattr(step, "_jobs", away)
    with pytest.raises(OperationalError):
        await alone.work()
    assert {row.lease is None for case in cases for row in alone.rows(case, "reply")} == {False}
    await alone.work()
    assert {row.status for case in cases for row in alone.rows(case, "reply")} == {"sent"}


async def test_what_was_taken_is_recorded_when_the_database_is_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would leave once more: the peer has it, and only we don't know."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(receipts.asyncio, "sleep", sleep)  # type: ignore[attr-defined]
    failing(3, OperationalError("UPDATE", {}, Exception("database is locked")), monkeypatch)
    cases = [stage.referred() for _ in range(5)]
    await stage.work()
    assert {stage.state(case) for case in cases} == {"delivered"}
    assert len(stage.adapter().tries) == len(cases), "no second copy"
    assert len(slept) == 3
    assert stage.journal.events("step.failed") == []


async def test_one_that_can_not_be_recorded_spoils_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [stage.referred() for _ in range(5)]
    (poison,) = stage.rows(cases[2])
    commit = moves.commit

    def spoilt(store: Any, made: Any) -> Any:
        if any(row["this_id"] == poison.id for move in made for row in move.settled):
            raise ValueError("a bug")
        return commit(store, made)

    monkeypatch.setattr(receipts.moves, "commit", spoilt)  # type: ignore[attr-defined]
    await stage.work()
    states = [stage.state(case) for case in cases]
    assert states == ["delivered", "delivered", "routed", "delivered", "delivered"]
    assert [event["delivery"] for event in stage.journal.events("step.failed")] == [poison.id]


async def test_receipts_are_recorded_together(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    written = failing(0, ValueError(), monkeypatch)
    cases = [stage.referred() for _ in range(30)]
    await stage.work()
    assert {stage.state(case) for case in cases} == {"delivered"}
    assert sum(written) == 30
    assert len(written) <= 5


async def test_contact_that_is_reported_while_it_leaves_spoils_no_receipt(stage: Stage) -> None:
    case = stage.referred()
    send = stage.adapter().send

    async def sending(parcel: Parcel) -> Receipt:
        stage.report(case, Event.CONTACTED)
        return await send(parcel)

    stage.adapter().send = sending  # type: ignore[method-assign]
    await stage.work()
    assert stage.state(case) == "contacted"
    assert stage.whole()


async def test_a_peer_that_does_not_answer_keeps_nobody_waiting(stage: Stage) -> None:
    """More rows wait for the slow one than are sent at a time at all."""
    answers = asyncio.Event()

    async def slow(parcel: Parcel) -> Receipt:
        await answers.wait()
        return Receipt("slow", "at last")

    stage.adapter().send = slow  # type: ignore[method-assign]
    step = stage.step("dispatch")
    waiting = [stage.referred() for _ in range(2 * dispatch.BATCH)]
    while await step.run(stage.now):
        pass
    others = [stage.referred(wijk="Stedenwijk") for _ in range(3)]
    with stage.store.write() as session:
        for case in others:
            (row,) = stage.rows(case)
            row.organisation_id, row.sealed_for = "buurtteam", None
            session.merge(row)
    async with asyncio.timeout(PATIENCE_S):
        await step.run(stage.now)
        await asyncio.wait([task for task, peer in step._under_way.items() if peer == "buurtteam"])
    assert {stage.rows(case)[0].status for case in others} == {"sent"}
    assert {stage.rows(case)[0].status for case in waiting} == {"ready"}
    answers.set()
    # The first time may do no more than wait for those that are under way.
    await stage.work()
    await stage.work()
    assert {stage.rows(case)[0].status for case in waiting} == {"sent"}


async def test_a_batch_is_read_and_leased_by_a_few_statements(
    stage: Stage, statements: Callable[[], int]
) -> None:
    """However many there are."""
    step = stage.step("dispatch")
    for _ in range(2):
        stage.referred()
    statements()
    await step.run(stage.now)
    await step.finish()
    few = statements()
    for _ in range(40):
        stage.referred()
    statements()
    await step.run(stage.now)
    await step.finish()
    # Another group or two of receipts is all that is added.
    assert statements() <= 3 * few


@pytest.fixture
def statements(stage: Stage) -> Callable[[], int]:
    """How many statements were carried out since it was asked last."""
    count, lock = [0], threading.Lock()

    @event.listens_for(stage.store.engine, "before_cursor_execute")
    def counted(*_: Any) -> None:
        with lock:
            count[0] += 1

    def since() -> int:
        with lock:
            found, count[0] = count[0], 0
        return found

    return since


def test_a_message_is_held_after_five_days_of_trying() -> None:
    tries = [*receipts.WAITS, *[receipts.THEN] * (dispatch.MESSAGE_TRIES - len(receipts.WAITS))]
    assert sum(tries, timedelta()) >= dispatch.GIVE_UP_AFTER
