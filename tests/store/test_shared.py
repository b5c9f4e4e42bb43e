"""Writes that share a transaction: each is kept or refused by itself, whoever else is in the group."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from gateway.store.engine import Store
from gateway.store.shared import SharedWrite

WRITERS = 12
TABLE = text("CREATE TABLE said (who INTEGER PRIMARY KEY)")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.at(tmp_path / "data")
    with store.write() as session:
        session.execute(TABLE)
    yield store
    store.close()


class Queue(deque[Any]):
    """A queue that tells when somebody joined it."""

    def __init__(self) -> None:
        super().__init__()
        self.joined = threading.Semaphore(0)

    def extend(self, some: Iterable[Any]) -> None:
        super().extend(some)
        self.joined.release()


def say(who: int) -> Callable[[Session], int]:
    def act(session: Session) -> int:
        session.execute(text("INSERT INTO said VALUES (:who)"), {"who": who})
        return who

    return act


def kept(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.execute(text("SELECT who FROM said ORDER BY who")).scalars())


def all_at_once(shared: SharedWrite, acts: list[Callable[[Session], int]]) -> list[object]:
    """What each writer got, all of them having waited for one that holds the turn."""
    shared._asked = queue = Queue()
    with ThreadPoolExecutor(len(acts)) as pool:
        with shared._turn:
            asked = []
            for act in acts:
                asked.append(pool.submit(shared.write, act))
                queue.joined.acquire()
        return [one.exception() or one.result() for one in asked]


def test_a_group_is_one_transaction(store: Store) -> None:
    commits: list[int] = []
    event.listen(store.engine, "commit", lambda _: commits.append(1))
    assert all_at_once(SharedWrite(store), [say(who) for who in range(WRITERS)]) == [*range(WRITERS)]
    assert kept(store) == [*range(WRITERS)]
    assert len(commits) == 1


def test_one_that_fails_spoils_only_itself(store: Store) -> None:
    def fail(session: Session) -> int:
        say(99)(session)
        raise LookupError

    got = all_at_once(SharedWrite(store), [say(0), fail, *(say(who) for who in range(1, WRITERS))])
    assert [one for one in got if not isinstance(one, LookupError)] == [*range(WRITERS)]
    assert isinstance(got[1], LookupError)
    assert kept(store) == [*range(WRITERS)]


def test_more_than_fit_in_one_group_are_all_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.store.shared.TOGETHER", 5)
    assert all_at_once(SharedWrite(store), [say(who) for who in range(WRITERS)]) == [*range(WRITERS)]
    assert kept(store) == [*range(WRITERS)]


def test_a_stop_leaves_nobody_waiting(store: Store) -> None:
    def stop(session: Session) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SharedWrite(store).write(stop)
    assert kept(store) == []


def test_several_of_one_writer_are_one_transaction_and_each_has_its_own_answer(empty: Store) -> None:
    with empty.write() as session:
        session.execute(TABLE)
    commits: list[int] = []
    event.listen(empty.engine, "commit", lambda _: commits.append(1))

    def fail(session: Session) -> int:
        raise LookupError

    shared = SharedWrite(empty)
    assert shared.write_each([say(who) for who in range(WRITERS)]) == [*range(WRITERS)]
    assert len(commits) == (1 if empty.sqlite else WRITERS)
    got = shared.write_each([fail, say(50)])
    assert isinstance(got[0], LookupError)
    assert got[1] == 50
    assert kept(empty) == [*range(WRITERS), 50]
