"""Two colleagues at the same moment, on PostgreSQL: SQLite has one writer."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gateway.gate.websecret import WebSecret
from gateway.mailbox.keypage import KeyPage
from gateway.mailbox.shapes import MoreWraps, NewPair
from gateway.store import pairs
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.pagetables import PairRow, WrapRow
from gateway.store.pairs import PairKind
from gateway.web.auth import Role, Visitor
from gateway.web.pages import Shell
from gateway.web.problems import Problem
from tests.contract.inbox.office import MadePair
from tests.contract.mailbox.harbour import HAVEN
from tests.moments import MONDAY

ROUNDS = 100_000
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """PostgreSQL in the shape of this version."""
    made = Store(database_url)
    migrate(made)
    yield made
    made.close()


@pytest.fixture
def page(store: Store) -> KeyPage:
    """The page, without anything to show."""
    missing: Any = None
    secret = WebSecret(b"s" * 32)
    shell = Shell(store, missing, missing, now=lambda: MONDAY, wall=lambda: MONDAY)
    return KeyPage(shell, bound=lambda _: None, secret=secret)


def visitor(name: str) -> Visitor:
    """A colleague of De Haven."""
    return Visitor(name, name, Role.MEDEWERKER, HAVEN, f"session of {name}")


def first(pair: MadePair, name: str) -> NewPair:
    """What makes a pair the first of De Haven."""
    wraps = [pair.wrap(PairKind.PASSPHRASE, name), pair.wrap(PairKind.RECOVERY, HAVEN)]
    return NewPair.model_validate({"id": pair.id, "openbaar": pair.jwk, "wikkels": wraps})


def printed(page: KeyPage, pair: MadePair, who: Visitor) -> MoreWraps:
    """A new recovery key."""
    row = PairRow(id=pair.id, owner=HAVEN, public_jwk="", created_at=MONDAY, created_by="ann")
    more = {
        "paar": pair.id,
        "bewijs": page._answer(row, who),
        "wikkels": [pair.wrap(PairKind.RECOVERY, HAVEN)],
    }
    return MoreWraps.model_validate({"paren": [more]})


def at_once(
    monkeypatch: pytest.MonkeyPatch, store: Store, name: str, *works: Callable[[], None]
) -> list[str]:
    """Let all look with `pairs.<name>` before one goes on, unless one waits for it; gives what went wrong."""
    real, looked = getattr(pairs, name), []

    def look(*words: Any) -> Any:
        found = real(*words)
        looked.append(name)
        with store.engine.connect() as connection:
            for _ in range(ROUNDS):
                if len(looked) >= len(works) or connection.execute(text(WAITING)).scalar():
                    break
        return found

    monkeypatch.setattr(pairs, name, look)
    with ThreadPoolExecutor(len(works)) as pool:
        done = [pool.submit(work) for work in works]
    return [type(error).__name__ for each in done if (error := each.exception()) is not None]


def test_two_first_pairs_are_one(page: KeyPage, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = {name: first(MadePair.make(), name) for name in ("ann", "bob")}
    works = [lambda name=name: page._keep_pair(bodies[name], visitor(name)) for name in bodies]
    assert at_once(monkeypatch, store, "in_use", *works) == [Problem.__name__]
    monkeypatch.undo()
    with store.read() as session:
        assert len(pairs.in_use(session, HAVEN)) == 1


def test_two_new_recovery_keys_are_one(page: KeyPage, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pair, ann = MadePair.make(), visitor("ann")
    page._keep_pair(first(pair, "ann"), ann)
    body = printed(page, pair, ann)
    works = [lambda: page._keep_wraps(body, ann)] * 2
    assert at_once(monkeypatch, store, "find", *works) == []
    with store.read() as session:
        kinds = [wrap.kind for wrap in pairs.wraps(session, [pair.id], MONDAY)]
    assert sorted(kinds) == [PairKind.PASSPHRASE, PairKind.RECOVERY]


@pytest.mark.parametrize(("kind", "user"), [(PairKind.PASSPHRASE, "ann"), (PairKind.RECOVERY, None)])
def test_the_database_keeps_one_wrap_of_a_kind(store: Store, kind: PairKind, user: str | None) -> None:
    with store.write() as session:
        pairs.put_wrap(session, "a pair", kind, user, {}, now=MONDAY, by="ann")
    row = WrapRow(
        id="x", pair_id="a pair", kind=kind, user_id=user, wrapped="{}", created_at=MONDAY, created_by="bob"
    )
    with pytest.raises(IntegrityError), store.write() as session:
        session.add(row)
