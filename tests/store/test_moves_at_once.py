"""Moves of several workers at once: what they lock, in which order, and who falls out."""

import re
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text

from gateway.domain.clock import PlannedClock as Planned
from gateway.domain.codes import Kind
from gateway.domain.messages import Code
from gateway.domain.outgoing import Reply
from gateway.domain.states import Event
from gateway.store import cases, clocks, moves, outbox
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.outbox import Status
from tests.patience import PATIENCE_S
from tests.store.moving import MARK, claimed, referral, statements, whole
from tests.store.rows import NOW, case_row, make_case, put


def test_everything_is_locked_in_one_order_and_the_chain_last(store: Store) -> None:
    """Two who lock the same things in other orders wait for each other for ever."""
    make_case(store)
    with store.write() as session:
        clocks.plan(session, "c1", [Planned(Kind.WARN, NOW)])
    put(store, outbox.row(Reply(case_id="c1", code=Code.RECEIPT), NOW))
    (delivery,) = outbox.claim(store, NOW, "mine", 1)
    (mail,) = claimed(store, "m1")
    with store.read() as session:
        (warn,) = clocks.of_case(session, "c1")
    move = referral(mail, "c2", phone_mac=MARK)
    move.once(MARK, "c2")
    move.alone(MARK, ())
    move.advance(case_row(store, "c1"), Event.ROUTED, now=NOW, actor="gateway")
    move.fire(warn, NOW)
    move.settle(delivery, Status.SENT, sent_at=NOW)
    with statements(store) as seen:
        assert moves.commit(store, [move]) == []

    def first(words: str) -> int:
        return next(at for at, statement in enumerate(seen) if re.search(words, statement, re.DOTALL))

    locks = [first(rf"SELECT {table}\.id.*FROM {table}") for table in ("cases", "inbox", "clocks", "outbox")]
    assert locks == sorted(locks)
    if not store.sqlite:
        assert first("advisory.*unnest") < locks[0]
        assert all("FOR " in seen[at] for at in locks)
        assert seen.index("SELECT pg_advisory_xact_lock(%(key)s)") == len(seen) - 3
    assert "SELECT events" in seen[-2]
    assert "INSERT INTO events" in seen[-1]


def test_a_case_that_is_got_to_be_changed_is_locked(on_postgresql: Store) -> None:
    """So that whoever changes its clocks or deliveries has locked it before them."""
    make_case(on_postgresql)
    with on_postgresql.write() as session:
        cases.by_id(session, "c1")
        taken = text("SELECT id FROM cases WHERE id = 'c1' FOR NO KEY UPDATE SKIP LOCKED")
        with on_postgresql.read() as another:
            assert another.connection().execute(taken).all() == []
    with on_postgresql.read() as session:
        cases.by_id(session, "c1")
        with on_postgresql.read() as another:
            assert len(another.connection().execute(taken).all()) == 1


def together(*work: Callable[[], object]) -> list[object]:
    """Do all of this at the same moment; gives what each gave or raised."""
    barrier, answers = threading.Barrier(len(work)), list[object]([None] * len(work))

    def run(at: int) -> None:
        barrier.wait(PATIENCE_S)
        try:
            answers[at] = work[at]()
        except Exception as error:  # noqa: BLE001
            answers[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    return list(answers)


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_with_the_same_message_and_patient_make_one_case(store: Store, workers: int) -> None:
    """Each worker has copies of the same ten mails, in an order of its own."""
    names = [f"{worker}-{at}" for worker in range(workers) for at in range(10)]
    mails = {mail.id: mail for mail in claimed(store, *names)}

    def work(worker: int) -> Callable[[], object]:
        made = []
        for at in range(10):
            move = referral(mails[f"{worker}-{at}"], f"c{worker}-{at}", phone_mac=f"{at:02x}" * 32)
            move.once(f"{at:02x}ff" * 16, f"c{worker}-{at}")
            move.alone(f"{at:02x}" * 32, ())
            made.append(move)
        return lambda: moves.commit(store, made[worker * 3 :] + made[: worker * 3])

    answers = together(*(work(worker) for worker in range(workers)))
    assert sum(len(lost) for lost in answers if isinstance(lost, list)) == 10 * (workers - 1)
    assert all(isinstance(lost, list) for lost in answers)
    assert whole(store).cases == 10


def test_workers_that_move_the_same_cases_do_not_wait_for_each_other(store: Store) -> None:
    for at in range(8):
        make_case(store, f"c{at}")

    def work(order: range) -> Callable[[], object]:
        made = []
        for at in order:
            move = Move()
            move.advance(case_row(store, f"c{at}"), Event.ROUTED, now=NOW, actor="gateway")
            made.append(move)
        return lambda: moves.commit(store, made)

    answers = together(work(range(8)), work(range(7, -1, -1)), work(range(0, 8, 2)))
    assert all(isinstance(lost, list) for lost in answers)
    whole(store)
