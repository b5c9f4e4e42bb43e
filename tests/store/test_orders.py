"""Orders: one that waits per case, ended once."""

import threading

import pytest

from gateway.errors import LostRace, NotAllowed
from gateway.store import cases, orders
from gateway.store.engine import Store
from gateway.store.orders import SHOWN, OrderKind
from gateway.store.pagetables import OrderRow
from tests.patience import PATIENCE_S
from tests.store.rows import MINUTE, NOW, case_row, make_case


def place(store: Store, case_id: str = "c1", kind: OrderKind = OrderKind.REROUTE) -> OrderRow:
    with store.write() as session:
        return orders.place(session, cases.by_id(session, case_id), kind, NOW, "user:anouk", "buurtteam")


def end(store: Store, row: OrderRow) -> None:
    with store.write() as session:
        orders.take(session, row, NOW)


def test_a_case_has_one_order_that_waits(store: Store) -> None:
    make_case(store)
    make_case(store, "c2")
    first, other = place(store), place(store, "c2")
    with pytest.raises(NotAllowed):
        place(store, kind=OrderKind.BACKUP)
    with store.read() as session:
        assert {row.id for row in orders.waiting(session, 10)} == {first.id, other.id}
    end(store, first)
    place(store, kind=OrderKind.BACKUP)
    with store.read() as session:
        assert [row.kind for row in orders.of_case(session, "c1")].count("backup") == 1


def test_an_order_ends_once(store: Store) -> None:
    make_case(store)
    row = place(store)
    with store.read() as session:
        assert not orders.has_ended(session, row.id)
    end(store, row)
    with pytest.raises(LostRace):
        end(store, row)
    with store.write() as session, pytest.raises(LostRace):
        orders.failed(session, row)
    with store.read() as session:
        assert orders.has_ended(session, row.id)
        assert orders.waiting(session, 10) == []
        assert not orders.has_ended(session, "no such order")


def test_what_was_taken_waits_again_when_the_work_fails(store: Store) -> None:
    make_case(store)
    row = place(store)
    with store.write() as session:
        orders.take(session, row, NOW)
        session.rollback()
    with store.read() as session:
        assert [each.id for each in orders.waiting(session, 10)] == [row.id]


def test_the_newest_orders_are_remembered(store: Store) -> None:
    make_case(store)
    with store.write() as session:
        case = cases.by_id(session, "c1")
        for number in range(SHOWN + 1):
            row = orders.place(session, case, OrderKind.BACKUP, NOW + number * MINUTE, "user:anouk")
            orders.take(session, row, NOW)
    with store.read() as session:
        found = orders.of_case(session, "c1")
    assert len(found) == SHOWN
    assert found[0].ordered_at == NOW + SHOWN * MINUTE


def test_a_case_that_moved_is_not_still_what_it_was(store: Store) -> None:
    make_case(store)
    with store.write() as session:
        assert cases.still(session, "c1", 1).id == "c1"
        for version in (0, 2):
            with pytest.raises(LostRace):
                cases.still(session, "c1", version)


def test_two_who_order_at_the_same_moment(on_postgresql: Store) -> None:
    """SQLite has one writer; on PostgreSQL both transactions are open at once."""
    make_case(on_postgresql)
    placed, refused, ready = [], [], threading.Barrier(2)

    def press() -> None:
        case = case_row(on_postgresql, "c1")
        with on_postgresql.write() as session:
            ready.wait(PATIENCE_S)
            try:
                placed.append(orders.place(session, case, OrderKind.BACKUP, NOW, "user:anouk").id)
            except NotAllowed as error:
                refused.append(error)
                session.rollback()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert (len(placed), len(refused)) == (1, 1)
