"""Dispatch: tried again with the same id, alarmed after an hour, held at the deadline, never lost."""

from datetime import timedelta

from adapters.base import Parcel, Receipt, TryLater
from gateway.directory.book import EntryKind
from gateway.directory.editing import Removal
from gateway.domain.states import Event
from gateway.store import outbox
from tests.invented import PATIENT
from tests.unit.pipeline.stage import Stage

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def answering(stage: Stage, error: Exception) -> None:
    """Let the organisation's peer fail like this from now on."""

    async def send(parcel: Parcel) -> Receipt:
        raise error

    stage.adapter().send = send  # type: ignore[method-assign]


async def test_what_is_taken_is_sent_and_its_ciphertext_destroyed(stage: Stage) -> None:
    case = stage.referred()
    await stage.work()
    (row,) = stage.rows(case)
    assert (row.status, row.sealed, row.receipt_peer) == ("sent", None, "memory")
    assert stage.state(case) == "delivered"
    (parcel,) = stage.adapter().taken.values()
    assert parcel.delivery_id == row.id
    assert PATIENT.name.encode() not in parcel.ciphertext
    assert stage.whole()


async def test_waits_grow_to_an_hour_with_a_little_chance(stage: Stage) -> None:
    stage.adapter().next(*("later",) * 7)
    case = stage.referred()
    waits = []
    for _ in range(7):
        await stage.work()
        (row,) = stage.rows(case)
        waits.append(row.next_at - stage.now)
        stage.now = row.next_at
    for wait, minutes in zip(waits, (1, 5, 10, 20, 60, 60, 60), strict=True):
        assert minutes * MINUTE <= wait <= minutes * MINUTE * 1.1
    assert len(set(waits[4:])) == 3, "many that failed together must not come back together"


async def test_nothing_is_tried_before_its_time(stage: Stage) -> None:
    stage.adapter().next("later")
    stage.referred()
    await stage.work()
    await stage.work(seconds=59)
    assert len(stage.adapter().tries) == 1
    await stage.work(seconds=10)
    assert len(stage.adapter().tries) == 2


async def test_a_peer_that_asks_for_patience_gets_it(stage: Stage) -> None:
    answering(stage, TryLater("busy", after=3 * HOUR))
    case = stage.referred()
    await stage.work()
    (row,) = stage.rows(case)
    assert row.next_at == stage.now + 3 * HOUR
    assert row.reason == "busy"


async def test_every_try_has_the_same_delivery_id(stage: Stage) -> None:
    stage.adapter().next("lose", "lose")
    case = stage.referred()
    for _ in range(3):
        await stage.work(minutes=10)
    (row,) = stage.rows(case)
    assert stage.adapter().tries == [row.id] * 3
    assert list(stage.adapter().taken) == [row.id]
    assert stage.happened(case).count("case.delivered") == 1


async def test_the_alarm_rings_once_after_an_hour(stage: Stage) -> None:
    stage.adapter().next(*("later",) * 20)
    case = stage.referred()
    while "delivery.late" not in stage.happened(case):
        assert stage.journal.alarms() == []
        await stage.work()
        stage.now = stage.rows(case)[0].next_at
    assert HOUR <= stage.events(case)[-1].at - stage.case(case).received_at < 2 * HOUR
    for _ in range(3):
        await stage.work(hours=1.2)
    assert stage.happened(case).count("delivery.late") == 1
    assert stage.journal.alarms().count("delivery_late") == 1


async def test_a_delivery_is_held_at_the_deadline_and_its_clock_runs_on(alone: Stage) -> None:
    answering(alone, TryLater("away"))
    case = alone.referred()
    due_at = alone.clock(case, "contact").due_at
    while alone.rows(case)[0].status == "ready":
        await alone.work()
        alone.now = max(alone.rows(case)[0].next_at, alone.now)
        assert alone.now <= due_at + HOUR
    (row,) = alone.rows(case)
    assert (row.status, row.reason) == ("held", "away")
    assert row.sealed is not None
    assert "delivery.held" in alone.happened(case)
    assert "held" in alone.journal.alarms()
    await alone.work(days=1)
    assert "clock.fired" in alone.happened(case)
    assert alone.rows(case)[0].status == "held", "held, never dropped"


async def test_a_refusal_is_held_at_once(stage: Stage) -> None:
    stage.adapter().next("refuse")
    case = stage.referred()
    await stage.work()
    (row,) = stage.rows(case)
    assert (row.status, row.reason, row.attempt) == ("held", "memory_refused", 1)
    assert stage.journal.alarms() == ["held"]
    await stage.work(days=1)
    assert len(stage.adapter().tries) == 1


async def test_the_unexpected_is_temporary_and_its_words_are_told_nowhere(stage: Stage) -> None:
    answering(stage, RuntimeError(f"could not parse {PATIENT.name}"))
    case = stage.referred()
    await stage.work()
    (row,) = stage.rows(case)
    assert (row.status, row.reason) == ("ready", "unexpected")
    assert PATIENT.name not in stage.journal.getvalue()
    assert stage.journal.events("step.failed")[0]["error"] == "RuntimeError"


async def test_an_organisation_that_is_not_configured_any_more_holds(stage: Stage) -> None:
    case = stage.referred()
    stage.gateway.base.editing.change("user:x", Removal(EntryKind.ORGANISATION, "de-schoor"), meant=True)
    await stage.work()
    assert stage.rows(case)[0].reason == "organisation_not_configured"


async def test_an_answer_to_a_destroyed_thread_is_held_for_a_person(stage: Stage) -> None:
    case = stage.referred()
    with stage.store.write() as session:
        row = stage.case(case)
        row.thread_key = None
        session.merge(row)
    stage.report(case, Event.CONTACTED)
    await stage.work()
    (answer,) = stage.rows(case, "reply")
    assert (answer.status, answer.reason) == ("held", "OpenError")


async def test_a_relay_that_fails_keeps_the_answer_waiting(stage: Stage) -> None:
    case = stage.referred()
    stage.report(case, Event.CONTACTED)
    stage.ear.troubles.append(TryLater("relay_busy"))
    await stage.work()
    assert stage.ear.heard == []
    await stage.work(minutes=2)
    ((to, mail),) = stage.ear.heard
    assert to == ("m.deboer@huisartsenpraktijk-filmwijk.example",)
    assert "De patiënt is in beeld." in mail.decode().replace("=C3=AB", "ë")


async def test_one_failing_delivery_does_not_keep_the_others(stage: Stage) -> None:
    stage.adapter().next("refuse")
    cases = [stage.referred() for _ in range(3)]
    await stage.work()
    assert sorted(stage.state(case) for case in cases) == ["delivered", "delivered", "routed"]


async def test_a_stopping_worker_hands_back_what_it_leased(stage: Stage) -> None:
    case = stage.referred()
    outbox.claim(stage.store, stage.now, stage.gateway.worker.presence.id, 10)
    await stage.step("dispatch").hand_back(stage.now)
    await stage.work()
    assert stage.state(case) == "delivered"


async def test_a_long_reason_is_cut(stage: Stage) -> None:
    answering(stage, TryLater("x" * 5000))
    case = stage.referred()
    await stage.work()
    assert len(stage.rows(case)[0].reason or "") == 500
