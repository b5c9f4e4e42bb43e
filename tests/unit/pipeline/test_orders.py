"""What beheerders asked for on a page is carried out by the worker: once, for the case as they saw it."""

from typing import Any

import pytest

from gateway.domain.codes import DeclineReason
from gateway.domain.states import Event, State
from gateway.errors import LostRace, NotAllowed
from gateway.pipeline import orders as step
from gateway.pipeline.orders import AGAIN_AFTER, TRIES, Orders
from gateway.pipeline.schedule import SECOND
from gateway.pipeline.settle import Report
from gateway.store import cases, orders
from gateway.store.orders import OrderKind
from gateway.store.pagetables import OrderRow
from tests.unit.pipeline.stage import Stage

USER = "user:anouk"


def order(stage: Stage, case_id: str, kind: OrderKind, target: str = "") -> OrderRow:
    with stage.store.write() as session:
        return orders.place(session, cases.by_id(session, case_id), kind, stage.now, USER, target)


def ended(stage: Stage, row: OrderRow) -> OrderRow:
    with stage.store.read() as session:
        found = session.get(OrderRow, row.id)
    assert found is not None
    return found


def who_did(stage: Stage, case_id: str, kind: str) -> list[str]:
    return [event.actor for event in stage.events(case_id) if event.kind == kind]


def the_step(stage: Stage) -> Orders:
    gateway = stage.gateway
    return Orders(
        store=stage.store, again=gateway.worker.retry, reroute=gateway.worker.reroute, log=gateway.base.log
    )


async def test_a_case_is_rerouted_in_the_name_of_who_asked(stage: Stage) -> None:
    case_id = stage.referred()
    await stage.work()
    row = order(stage, case_id, OrderKind.REROUTE, "buurtteam")
    await stage.work()
    assert ended(stage, row).done_at == stage.now
    assert ended(stage, row).problem is None
    assert stage.case(case_id).organisation_id == "buurtteam"
    assert who_did(stage, case_id, "case.rerouted") == [USER]
    assert [len(stage.adapter(name).taken) for name in ("de-schoor", "buurtteam")] == [1, 1]
    assert stage.whole()


async def test_the_backup_gets_it_and_everybody_hears_who_calls(stage: Stage) -> None:
    case_id = stage.referred()
    await stage.work()
    order(stage, case_id, OrderKind.BACKUP)
    await stage.work()
    assert stage.case(case_id).organisation_id == "buurtteam"
    assert who_did(stage, case_id, "case.rerouted") == [USER]
    notices = {(row.code, row.organisation_id) for row in stage.rows(case_id, "notice")}
    assert notices == {("org_taken_over", "de-schoor"), ("org_backup", "buurtteam")}
    assert "declined_rerouted" in stage.told(case_id)


async def test_without_a_backup_nothing_happens_and_it_says_why(alone: Stage) -> None:
    case_id = alone.referred()
    await alone.work()
    row = order(alone, case_id, OrderKind.BACKUP)
    before = alone.case(case_id)
    await alone.work()
    assert ended(alone, row).problem == step.NO_BACKUP
    assert alone.case(case_id) == before
    assert alone.happened(case_id)[-1] == "order.refused"


async def test_a_held_handover_is_sealed_anew_and_leaves(stage: Stage) -> None:
    case_id = stage.referred()
    (row,) = stage.rows(case_id)
    with stage.gateway.store.write() as session:
        stage.gateway.worker.retry.hold(session, row.id, stage.now, USER)
    await stage.work()
    order(stage, case_id, OrderKind.RETRY, row.id)
    await stage.work()
    assert [each.status for each in stage.rows(case_id)] == ["sent"]
    assert who_did(stage, case_id, "delivery.retried") == [USER]


async def test_a_key_that_is_still_wrong_is_named(stage: Stage) -> None:
    case_id = stage.referred()
    (row,) = stage.rows(case_id)
    with stage.gateway.store.write() as session:
        stage.gateway.worker.retry.hold(session, row.id, stage.now, USER)
    key = stage.place.directory / "keys" / "organisations" / "de-schoor.asc"
    key.unlink()
    asked = order(stage, case_id, OrderKind.RETRY, row.id)
    await stage.work()
    assert ended(stage, asked).problem == "missing"
    assert [(each.status, each.reason) for each in stage.rows(case_id)] == [("held", "missing")]


async def test_a_case_that_moved_meanwhile_is_left_alone(stage: Stage) -> None:
    case_id = stage.referred()
    await stage.work()
    row = order(stage, case_id, OrderKind.REROUTE, "buurtteam")
    stage.report(case_id, Event.COLLECTED)
    await stage.work()
    assert ended(stage, row).problem == step.MOVED
    assert stage.case(case_id).organisation_id == "de-schoor"


@pytest.mark.parametrize(
    ("kind", "target", "problem"),
    [
        (OrderKind.REROUTE, "niemand", step.NOT_FOUND),
        (OrderKind.RETRY, "no-such-delivery", step.NOT_FOUND),
        ("teleport", "", step.NOT_ALLOWED),
    ],
)
async def test_what_makes_no_sense_is_refused(stage: Stage, kind: Any, target: str, problem: str) -> None:
    case_id = stage.referred()
    await stage.work()
    row = order(stage, case_id, kind, target)
    await stage.work()
    assert ended(stage, row).problem == problem
    assert stage.state(case_id) == State.DELIVERED


async def test_a_delivery_of_another_case_is_not_found(stage: Stage) -> None:
    case_id, other = stage.referred(), stage.referred()
    (row,) = stage.rows(other)
    with stage.gateway.store.write() as session:
        stage.gateway.worker.retry.hold(session, row.id, stage.now, USER)
    asked = order(stage, case_id, OrderKind.RETRY, row.id)
    assert the_step(stage).run(stage.now) == 1
    assert ended(stage, asked).problem == step.NOT_FOUND
    assert stage.rows(other)[0].status == "held"


async def test_after_contact_there_is_nothing_left_to_hand_over(stage: Stage) -> None:
    case_id = stage.referred()
    await stage.work()
    stage.report(case_id, Event.CONTACTED)
    stage.report(case_id, Event.CORRECTED)
    row = order(stage, case_id, OrderKind.REROUTE, "buurtteam")
    await stage.work()
    assert ended(stage, row).problem == step.DESTROYED


async def test_a_declined_case_without_a_way_on_is_rerouted_by_hand(alone: Stage) -> None:
    case_id = alone.referred()
    await alone.work()
    alone.decline(case_id, DeclineReason.CAPACITY)
    order(alone, case_id, OrderKind.REROUTE, "de-schoor")
    await alone.work()
    assert alone.state(case_id) == State.DELIVERED
    assert alone.whole()


async def test_a_case_has_one_order_at_a_time(stage: Stage) -> None:
    case_id = stage.referred()
    order(stage, case_id, OrderKind.REROUTE, "buurtteam")
    with pytest.raises(NotAllowed):
        order(stage, case_id, OrderKind.BACKUP)
    await stage.work()
    order(stage, case_id, OrderKind.REROUTE, "de-schoor")
    with stage.store.read() as session:
        assert len(orders.of_case(session, case_id)) == 2


async def test_an_order_is_carried_out_by_one_worker(stage: Stage) -> None:
    case_id = stage.referred()
    row = order(stage, case_id, OrderKind.REROUTE, "buurtteam")
    assert the_step(stage).run(stage.now) == 1
    with stage.store.write() as session, pytest.raises(LostRace):
        orders.take(session, row, stage.now)
    assert the_step(stage).run(stage.now) == 0
    assert stage.happened(case_id).count("case.rerouted") == 1


async def test_what_nobody_foresaw_is_tried_again_and_given_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = stage.referred(), stage.referred()

    def by_hand(session: Any, case: Any, *rest: Any) -> None:
        if case.id == broken:
            raise RuntimeError("the engine is away")
        original(session, case, *rest)

    original = stage.gateway.worker.reroute.by_hand
    monkeypatch.setattr(stage.gateway.worker.reroute, "by_hand", by_hand)
    first = order(stage, broken, OrderKind.REROUTE, "buurtteam")
    second = order(stage, sound, OrderKind.REROUTE, "buurtteam")
    run = the_step(stage).run
    assert run(stage.now) == 1
    assert ended(stage, second).done_at is not None
    # It is left alone for a while: a round that comes at once does not count.
    assert run(stage.now) == 0
    assert ended(stage, first).tries == 1
    for _ in range(TRIES - 1):
        assert ended(stage, first).done_at is None
        stage.now += AGAIN_AFTER
        run(stage.now)
    assert ended(stage, first).problem == step.FAILED
    assert stage.case(broken).organisation_id == "de-schoor"
    assert "the engine is away" not in stage.journal.getvalue()


async def test_a_report_on_a_case_that_moved_is_not_recorded(stage: Stage) -> None:
    case_id = stage.referred()
    seen = stage.case(case_id).version
    await stage.work()
    with pytest.raises(LostRace):
        stage.gateway.worker.settle.report(
            case_id, Report(Event.CONTACTED), stage.now, USER, "board", version=seen
        )
    assert stage.state(case_id) == State.DELIVERED


async def test_a_worker_that_serves_looks_for_orders_each_second(stage: Stage) -> None:
    case_id = stage.referred()
    row = order(stage, case_id, OrderKind.REROUTE, "buurtteam")
    assert stage.step("orders").every == SECOND
    await stage.step("orders").run(stage.now)
    assert ended(stage, row).done_at == stage.now
    assert stage.case(case_id).organisation_id == "buurtteam"
