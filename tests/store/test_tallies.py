"""Tallies: counted ahead, in pieces, and never half a count."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from sqlmodel import Session

from gateway.statistics import rows as figures
from gateway.statistics.facts import CaseFacts
from gateway.statistics.tallies import Tallies
from gateway.store.engine import Store
from tests.moments import MONDAY
from tests.store.trail import make_trails


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cases were read at a time, in pieces of four."""
    sizes: list[int] = []
    facts_of = figures.facts_of

    def heard(session: Session, ids: Sequence[str]) -> Iterator[CaseFacts]:
        sizes.append(len(ids))
        return facts_of(session, ids)

    monkeypatch.setattr(figures, "BATCH", 4)
    monkeypatch.setattr(figures, "facts_of", heard)
    return sizes


def test_who_asks_first_finds_it_counted(store: Store, read: list[int]) -> None:
    make_trails(store, 10, MONDAY)
    tallies = Tallies(store)
    tallies.warm()
    assert read == [4, 4, 2]
    assert len(tallies.all()) == 10
    assert read == [4, 4, 2], "nothing was read again"


def test_a_stop_ends_the_count_and_who_asks_still_gets_all(
    store: Store, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_trails(store, 10, MONDAY)
    tallies = Tallies(store)
    heard = figures.facts_of

    def stopping(session: Session, ids: Sequence[str]) -> Iterator[CaseFacts]:
        tallies.stop()
        return heard(session, ids)

    monkeypatch.setattr(figures, "facts_of", stopping)
    tallies.warm()
    assert read == [4]
    assert len(tallies.all()) == 10


def test_who_asks_while_it_counts_gets_all(
    store: Store, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_trails(store, 10, MONDAY)
    tallies = Tallies(store)
    heard, begun, go_on = figures.facts_of, threading.Event(), threading.Event()

    def slow(session: Session, ids: Sequence[str]) -> Iterator[CaseFacts]:
        begun.set()
        assert go_on.wait(30)
        return heard(session, ids)

    monkeypatch.setattr(figures, "facts_of", slow)
    found: list[int] = []
    warming = threading.Thread(target=tallies.warm)
    asking = threading.Thread(target=lambda: found.append(len(tallies.all())))
    warming.start()
    assert begun.wait(30)
    asking.start()
    go_on.set()
    warming.join(30)
    asking.join(30)
    assert found == [10]
    assert sum(read) == 10, "each case was read once"
