"""The inbox: kept once, claimed by one, back when a worker is lost, destroyed with its outcome."""

import threading
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from gateway.errors import CannotKeep, LostRace, StoreAway
from gateway.store import engine, inbox, moves
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.tables import InboxRow
from tests.patience import PATIENCE_S
from tests.store.rows import DAY, HOUR, MINUTE, NOW, keep, kept, mail_row, make_case

LATER = NOW + HOUR


def claim(store: Store, lease: str = "w1", limit: int = 10, now=LATER) -> list[InboxRow]:
    return inbox.claim(store, now, lease, limit)


def again(store: Store, now: datetime = LATER) -> list[InboxRow]:
    return inbox.claim_again(store, now, "w2")


def test_a_retry_is_kept_once(store: Store) -> None:
    inbox.insert(store, [kept("m1")])
    inbox.insert(store, [kept("other-id", digest="digest-m1"), kept("m2")])
    with store.read() as session:
        assert set(session.exec(select(InboxRow.id))) == {"m1", "m2"}


def test_the_same_mail_twice_in_one_transaction_is_kept_once(store: Store) -> None:
    inbox.insert(store, [kept("m1"), kept("again", digest="digest-m1")])
    assert [row.id for row in claim(store)] == ["m1"]


def test_what_cannot_be_kept_is_told_without_its_content(empty: Store) -> None:
    with pytest.raises(CannotKeep) as caught:
        inbox.insert(empty, [kept("m1", sealed=b"SECRET")])
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_batch_is_kept_whole_or_not_at_all(store: Store) -> None:
    inbox.insert(store, [kept("m1")])
    with pytest.raises(CannotKeep):
        inbox.insert(store, [kept("m2"), kept("m1", digest="not the same mail")])
    assert [row.id for row in claim(store)] == ["m1"]


def test_a_store_that_is_locked_is_away_and_one_bad_row_is_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 10)
    inbox.insert(store, [kept("m1")])
    with pytest.raises(CannotKeep) as caught:
        inbox.insert(store, [kept("m1", digest="not the same mail")])
    assert not isinstance(caught.value, StoreAway)
    if not store.sqlite:
        return
    hasty = Store(store.url)
    with store.write() as session:
        session.connection()
        with pytest.raises(StoreAway):
            inbox.insert(hasty, [kept("m2")])
    hasty.close()
    assert [row.id for row in claim(store)] == ["m1"]


def test_what_a_killed_worker_had_is_tried_in_small_groups_and_then_each_alone(store: Store) -> None:
    """One by one, those of a large batch waited for each other for over a minute."""
    inbox.insert(store, [kept(f"m{at}", received_at=NOW + at * MINUTE) for at in range(10)])
    assert len(inbox.claim(store, NOW, "w1", 64)) == 10
    after = NOW + 2 * inbox.LEASE
    first = again(store, after)
    assert [row.id for row in first] == [f"m{at}" for at in range(inbox.FEW)]
    assert [row.id for row in again(store, after)] == ["m8", "m9"]
    after += 2 * inbox.LEASE
    assert [[row.id for row in again(store, after)] for _ in range(2)] == [["m0"], ["m1"]]


def finish(store: Store, name: str, outcome: str, practice: str | None) -> None:
    """Say what became of the oldest mail."""
    (row,) = claim(store, limit=1)
    assert row.id == name
    row.practice_id = practice
    with store.write() as session:
        inbox.finish(session, row, outcome, None, keep=outcome == "quarantine")


def test_what_is_not_proven_counts_for_its_network_until_it_is_decided_or_destroyed(store: Store) -> None:
    inbox.insert(
        store,
        [
            kept("m1", network="here", size=5),
            kept("m2", network="here", size=6, received_at=NOW + MINUTE),
            kept("m3", network="there", size=7, received_at=NOW + 2 * MINUTE),
            kept("m4", received_at=NOW + 3 * MINUTE),
        ],
    )
    assert inbox.unproven(store) == {"here": (2, 11), "there": (1, 7)}
    finish(store, "m1", "case", "filmwijk")
    finish(store, "m2", "quarantine", None)
    finish(store, "m3", "ignored", "filmwijk")
    assert inbox.unproven(store) == {"here": (1, 6)}
    assert inbox.known_networks(store) == {"here"}
    with store.write() as session:
        inbox.destroy(session, mail_row(store, "m2"))
    assert inbox.unproven(store) == {}


def test_counting_reads_no_row(store: Store) -> None:
    """A row of a mail of 10 MiB takes long to walk through."""
    if not store.sqlite:
        pytest.skip("PostgreSQL keeps large values apart from their rows")
    with store.read() as session:
        for query in (inbox._UNPROVEN, inbox._KNOWN):
            plan = session.connection().execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
            assert all("USING COVERING INDEX inbox_" in row[3] for row in plan), plan


def test_the_oldest_come_first(store: Store) -> None:
    keep(store, "a", "b", "c")
    assert [row.id for row in claim(store, limit=2)] == ["a", "b"]
    assert [row.id for row in claim(store, limit=2)] == ["c"]


def test_a_claimed_mail_is_nobody_elses_until_its_lease_ends(store: Store) -> None:
    keep(store, "m1")
    assert [row.attempt for row in claim(store, "w1")] == [1]
    assert claim(store, "w2", now=LATER + inbox.LEASE - MINUTE) == []
    (row,) = again(store, now=LATER + inbox.LEASE)
    assert (row.lease, row.attempt) == ("w2", 2)


def test_who_lost_the_lease_cannot_finish(store: Store) -> None:
    keep(store, "m1")
    (lost,) = claim(store, "w1")
    again(store, now=LATER + inbox.LEASE)
    with pytest.raises(LostRace), store.write() as session:
        inbox.finish(session, lost, "ignored", None)
    assert mail_row(store, "m1").outcome is None
    assert mail_row(store, "m1").sealed is not None


def test_a_mail_is_finished_once(store: Store) -> None:
    keep(store, "m1")
    (row,) = claim(store)
    with store.write() as session:
        inbox.finish(session, row, "ignored", None)
    with pytest.raises(LostRace), store.write() as session:
        inbox.finish(session, row, "quarantine", None)
    assert mail_row(store, "m1").outcome == "ignored"


def test_finishing_destroys_the_content(store: Store) -> None:
    keep(store, "m1", "m2")
    first, second = claim(store)
    first.practice_id = "filmwijk"
    with store.write() as session:
        inbox.finish(session, first, "case", "c1")
        inbox.finish(session, second, "quarantine", "c2", keep=True)
    assert mail_row(store, "m1").sealed is None
    assert mail_row(store, "m1").practice_id == "filmwijk"
    assert mail_row(store, "m2").sealed is not None
    assert claim(store, now=LATER + DAY) == []


def test_a_failed_transaction_destroys_nothing(store: Store) -> None:
    keep(store, "m1")
    (row,) = claim(store)

    def half() -> None:
        with store.write() as session:
            inbox.finish(session, row, "case", "c1")
            raise OperationalError("the disk is full", None, Exception())

    with pytest.raises(OperationalError):
        half()
    assert mail_row(store, "m1").sealed is not None
    assert mail_row(store, "m1").outcome is None


def put_back(store: Store, row: InboxRow, attempt: int = 0, postponed: int = 0) -> list[Move]:
    move = Move()
    move.put_back(row, LATER + 5 * MINUTE, attempt=attempt, postponed=postponed)
    return moves.commit(store, [move])


def test_put_back_waits_and_keeps_count(store: Store) -> None:
    keep(store, "m1", "m2")
    first, second = claim(store)
    assert put_back(store, first, postponed=1) == put_back(store, second, attempt=2) == []
    assert claim(store, now=LATER + 4 * MINUTE) == again(store, now=LATER + 4 * MINUTE) == []
    (row,) = claim(store, now=LATER + 5 * MINUTE)
    assert (row.id, row.attempt, row.postponed) == ("m1", 1, 1)
    (row,) = again(store, now=LATER + 5 * MINUTE)
    assert (row.id, row.attempt, row.postponed) == ("m2", 3, 0)
    assert put_back(store, second) != []


def test_a_stopping_worker_gives_back_its_own_mails_only(store: Store) -> None:
    keep(store, "a", "b")
    claim(store, "w1", limit=1)
    claim(store, "w2", limit=1)
    inbox.release(store, "w1")
    assert [row.id for row in claim(store, "w3")] == ["a"]


def test_a_quarantined_mail_can_be_received_again(store: Store) -> None:
    keep(store, "m1")
    (row,) = claim(store)
    with store.write() as session:
        inbox.finish(session, row, "quarantine", "c1", keep=True)
    with store.write() as session:
        inbox.reopen(session, row)
    (again,) = claim(store)
    assert (again.id, again.attempt, again.case_id) == ("m1", 1, "c1")


@pytest.mark.parametrize("outcome", ["case", "quarantine"])
def test_only_a_quarantined_mail_with_content_is_reopened(store: Store, outcome: str) -> None:
    keep(store, "m1")
    (row,) = claim(store)
    with store.write() as session:
        inbox.finish(session, row, outcome, "c1", keep=outcome == "case")
    with pytest.raises(LostRace), store.write() as session:
        inbox.reopen(session, row)


def test_old_quarantine_is_found_until_it_is_destroyed(store: Store) -> None:
    keep(store, "m1", "m2")
    for row in claim(store):
        with store.write() as session:
            inbox.finish(session, row, "quarantine", f"case of {row.id}", keep=True)
    with store.write() as session:
        (old,) = inbox.quarantined(session, before=NOW + MINUTE)
        assert old.id == "m1"
        assert inbox.of_case(session, "case of m1") is old
        inbox.destroy(session, old)
    with store.read() as session:
        assert inbox.quarantined(session, before=NOW + MINUTE) == []


def test_storms_are_counted_per_sender_and_per_practice(store: Store) -> None:
    keep(store, "a", "b", "c")
    for row, sender in zip(claim(store), ("s1", "s1", "s2"), strict=True):
        row.practice_id, row.sender_mac = "filmwijk", sender
        with store.write() as session:
            inbox.finish(session, row, "ignored", None)
    with store.read() as session:
        before = inbox.counts(session, {"s1", "s2", "s3"}, {"filmwijk", "another"}, NOW - MINUTE)
        assert before == {"s1": 2, "s2": 1, "filmwijk": 3}
        assert inbox.counts(session, {"s1"}, {"filmwijk"}, NOW) == {"s1": 1, "filmwijk": 2}
        assert inbox.waiting(session) == 0


def test_the_state_of_a_mail_waiting_is_counted(store: Store) -> None:
    make_case(store)
    keep(store, "a", "b")
    with store.read() as session:
        assert inbox.waiting(session) == 2


def test_two_workers_never_get_the_same_mail(store: Store) -> None:
    names = [f"m{number}" for number in range(20)]
    keep(store, *names)
    start, taken = threading.Barrier(2), list[str]()

    def work(lease: str) -> None:
        start.wait()
        while rows := claim(store, lease, limit=3):
            taken.extend(row.id for row in rows)

    workers = [threading.Thread(target=work, args=(lease,)) for lease in ("w1", "w2")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE_S)
    assert sorted(taken) == sorted(names)


def test_a_row_that_another_is_taking_is_skipped_not_waited_for(on_postgresql: Store) -> None:
    keep(on_postgresql, "a", "b")
    with on_postgresql.write() as session:
        session.execute(text("SELECT id FROM inbox WHERE id = 'a' FOR UPDATE"))
        assert [row.id for row in claim(on_postgresql)] == ["b"]


def test_large_mails_are_claimed_a_few_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty-four of ten megabytes together would take a worker's memory several times over."""
    monkeypatch.setattr(inbox, "ROOM", 2_500)
    keep(store, "a", "b", "c", "d")
    assert [row.id for row in claim(store)] == ["a", "b", "c"], "the third was begun with room left"
    assert [row.id for row in claim(store, "w2")] == ["d"]
    monkeypatch.setattr(inbox, "ROOM", 1)
    keep(store, "e", "f")
    assert [row.id for row in claim(store)] == ["e"], "one comes however large it is"
