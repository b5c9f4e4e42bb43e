"""The group committer, with a store that tells what it was asked."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from gateway.errors import CannotKeep, StoreAway
from gateway.intake.committer import Committer, Outcome
from gateway.store.inbox import Kept

WAIT = 30


def kept(id: str) -> Kept:
    return Kept(id, datetime(2026, 10, 25, 1, 30, tzinfo=UTC), f"digest-{id}", b"sealed", 6)


class Store:
    """Remembers every batch; refuses what it is told to refuse, and waits where it is told to wait."""

    def __init__(self, bad: set[str] | None = None, gate: threading.Event | None = None) -> None:
        self.bad, self.gate = bad or set(), gate
        self.away: set[str] = set()
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.entered = threading.Event()

    def insert(self, batch: Sequence[Kept]) -> None:
        self.threads.add(threading.get_ident())
        self.entered.set()
        if self.gate is not None:
            assert self.gate.wait(WAIT)
        ids = [row.id for row in batch]
        self.batches.append(ids)
        if self.bad & set(ids):
            raise ValueError(f"could not insert {batch!r}")
        if self.away & set(ids):
            raise StoreAway

    async def until_entered(self) -> None:
        await asyncio.to_thread(self.entered.wait, WAIT)


class Outcomes:
    """What each mail was told, in order."""

    def __init__(self, committer: Committer) -> None:
        self._committer = committer
        self.told: dict[str, Outcome] = {}
        self.commits: list[list[str]] = []
        committer.on_commit = lambda mails: self.commits.append([mail.id for mail in mails])

    def submit(self, id: str) -> None:
        def done(outcome: Outcome) -> None:
            assert id not in self.told
            self.told[id] = outcome

        self._committer.submit(kept(id), done)

    def kinds(self) -> dict[str, str]:
        return {id: type(outcome).__name__ for id, outcome in self.told.items()}


async def test_mails_of_one_moment_share_one_transaction() -> None:
    store = Store()
    committer = Committer(store.insert)
    outcomes, ids = Outcomes(committer), [str(n) for n in range(30)]
    for id in ids:
        outcomes.submit(id)
    assert outcomes.told == {}
    await committer.close()
    assert store.batches == outcomes.commits == [ids]
    assert outcomes.told == dict.fromkeys(ids)


async def test_mails_that_come_during_a_commit_share_the_next_one_in_one_thread() -> None:
    gate = threading.Event()
    store = Store(gate=gate)
    committer = Committer(store.insert, max_batch=2)
    outcomes = Outcomes(committer)
    outcomes.submit("a")
    await store.until_entered()
    for id in "bcd":
        outcomes.submit(id)
    assert outcomes.told == {}
    gate.set()
    await committer.close()
    assert store.batches == [["a"], ["b", "c"], ["d"]]
    assert len(store.threads) == 1
    assert threading.get_ident() not in store.threads


async def test_one_bad_row_fails_alone_and_its_error_tells_only_its_class() -> None:
    store = Store(bad={"b"})
    committer = Committer(store.insert)
    outcomes = Outcomes(committer)
    for id in "abc":
        outcomes.submit(id)
    await committer.settled()
    assert outcomes.kinds() == {"a": "NoneType", "b": "CannotKeep", "c": "NoneType"}
    assert str(outcomes.told["b"]) == "ValueError"
    assert store.batches == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    assert outcomes.commits == [["a", "c"]]
    outcomes.submit("d")
    await committer.close()
    assert outcomes.told["d"] is None


async def test_when_the_store_is_away_everybody_who_waits_is_told_after_one_try() -> None:
    """A locked database makes each try take ten seconds: 20 clients heard nothing for minutes."""
    gate = threading.Event()
    store = Store(gate=gate)
    store.away = {"a"}
    committer = Committer(store.insert)
    outcomes = Outcomes(committer)
    outcomes.submit("a")
    outcomes.submit("b")
    await store.until_entered()
    for id in "cde":
        outcomes.submit(id)
    gate.set()
    await committer.settled()
    assert outcomes.kinds() == dict.fromkeys("abcde", "StoreAway")
    assert store.batches == [["a", "b"]]
    assert outcomes.commits == []
    # It is back.
    outcomes.submit("f")
    await committer.close()
    assert outcomes.told["f"] is None


async def test_a_store_that_goes_away_during_single_tries_ends_them() -> None:
    store = Store(bad={"a"})
    store.away = {"b"}
    committer = Committer(store.insert)
    outcomes = Outcomes(committer)
    for id in "abcd":
        outcomes.submit(id)
    await committer.close()
    assert outcomes.kinds() == {"a": "CannotKeep"} | dict.fromkeys("bcd", "StoreAway")
    assert store.batches == [["a", "b", "c", "d"], ["a"], ["b"]]


async def test_trouble_with_one_client_keeps_no_other_from_its_answer() -> None:
    committer = Committer(Store().insert)
    outcomes, troubles = Outcomes(committer), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context["exception"]))

    def done(outcome: Outcome) -> None:
        raise ConnectionError

    committer.submit(kept("a"), done)
    outcomes.submit("b")
    await committer.close()
    assert outcomes.told == {"b": None}
    assert outcomes.commits == [["a", "b"]]
    assert [type(trouble) for trouble in troubles] == [ConnectionError]


async def test_only_so_many_may_wait() -> None:
    gate = threading.Event()
    store = Store(gate=gate)
    committer = Committer(store.insert, max_waiting=2)
    outcomes = Outcomes(committer)
    outcomes.submit("a")
    await store.until_entered()
    outcomes.submit("b")
    outcomes.submit("c")
    with pytest.raises(CannotKeep, match="full"):
        outcomes.submit("d")
    gate.set()
    await committer.settled()
    outcomes.submit("d")
    await committer.close()
    assert outcomes.told == dict.fromkeys("abcd")


async def test_close_commits_what_was_handed_in_and_refuses_what_comes_after() -> None:
    store = Store()
    committer = Committer(store.insert)
    outcomes = Outcomes(committer)
    outcomes.submit("a")
    await committer.close()
    assert outcomes.told == {"a": None}
    assert store.batches == [["a"]]
    with pytest.raises(CannotKeep, match="closed"):
        outcomes.submit("b")
    await committer.close()
