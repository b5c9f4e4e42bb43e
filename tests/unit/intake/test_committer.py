"""The group committer, with a store that tells what it was asked."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from gateway.errors import CannotKeep
from gateway.intake.committer import Committer
from gateway.store.inbox import Kept


def kept(id: str) -> Kept:
    return Kept(id, datetime(2026, 10, 25, 1, 30, tzinfo=UTC), f"digest-{id}", b"sealed", 6)


class Store:
    """Remembers every batch; refuses what it is told to refuse, and waits where it is told to wait."""

    def __init__(self, bad: set[str] | None = None, gate: threading.Event | None = None) -> None:
        self.bad, self.gate = bad or set(), gate
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.entered = threading.Event()

    def insert(self, batch: Sequence[Kept]) -> None:
        self.threads.add(threading.get_ident())
        self.entered.set()
        if self.gate is not None:
            assert self.gate.wait(10)
        self.batches.append([row.id for row in batch])
        if any(row.id in self.bad for row in batch):
            raise ValueError(f"could not insert {batch!r}")

    async def until_entered(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.entered.wait, 10)


async def test_mails_of_one_moment_share_one_transaction() -> None:
    store = Store()
    committer = Committer(store.insert)
    await asyncio.gather(*(committer.keep(kept(str(n))) for n in range(30)))
    assert store.batches == [[str(n) for n in range(30)]]
    await committer.close()


async def test_mails_that_come_during_a_commit_share_the_next_one_in_one_thread() -> None:
    gate = threading.Event()
    store = Store(gate=gate)
    committer = Committer(store.insert, max_batch=2)
    first = committer.submit(kept("a"))
    await store.until_entered()
    others = [committer.submit(kept(id)) for id in "bcd"]
    assert not first.done()
    gate.set()
    await asyncio.gather(first, *others)
    assert store.batches == [["a"], ["b", "c"], ["d"]]
    assert len(store.threads) == 1
    assert threading.get_ident() not in store.threads
    await committer.close()


async def test_one_bad_row_fails_alone_and_its_error_tells_only_its_class() -> None:
    store = Store(bad={"b"})
    committer = Committer(store.insert)
    futures = [committer.submit(kept(id)) for id in "abc"]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), CannotKeep, type(None)]
    assert str(outcomes[1]) == "ValueError"
    assert store.batches == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    await committer.keep(kept("d"))
    await committer.close()


async def test_a_caller_that_is_cancelled_does_not_stop_the_commit() -> None:
    gate = threading.Event()
    store = Store(gate=gate)
    committer = Committer(store.insert)
    caller = asyncio.create_task(committer.keep(kept("a")))
    await store.until_entered()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    gate.set()
    await committer.close()
    assert store.batches == [["a"]]


async def test_a_cancelled_future_does_not_disturb_the_others() -> None:
    store = Store()
    committer = Committer(store.insert)
    first, second = committer.submit(kept("a")), committer.submit(kept("b"))
    first.cancel()
    await second
    assert store.batches == [["a", "b"]]
    await committer.close()


async def test_only_so_many_may_wait() -> None:
    gate = threading.Event()
    store = Store(gate=gate)
    committer = Committer(store.insert, max_waiting=2)
    first = committer.submit(kept("a"))
    await store.until_entered()
    waiting = [committer.submit(kept(id)) for id in "bc"]
    with pytest.raises(CannotKeep, match="full"):
        committer.submit(kept("d"))
    gate.set()
    await asyncio.gather(first, *waiting)
    await committer.keep(kept("d"))
    await committer.close()


async def test_close_commits_what_was_handed_in_and_refuses_what_comes_after() -> None:
    store = Store()
    committer = Committer(store.insert)
    future = committer.submit(kept("a"))
    await committer.close()
    assert future.done()
    assert store.batches == [["a"]]
    with pytest.raises(CannotKeep, match="closed"):
        committer.submit(kept("b"))
    await committer.close()
