"""Blobs for the intake key: every place is known, and nothing is kept for a key that is no more."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import LargeBinary
from sqlmodel import SQLModel

from gateway.domain.states import Event
from gateway.errors import CannotKeep
from gateway.sealing import box
from gateway.store import boxes, cases, inbox, moves, tables
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.tables import ThreadRow
from tests.patience import PATIENCE_S
from tests.store.rows import NOW, case_row, kept, make_case

OLD, NEW = box.generate(), box.generate()
OTHERWISE_SEALED = {
    ("cases", "sealed_fields"),
    ("cases", "sealed_thread"),
    ("threads", "sealed_thread"),
    ("outbox", "sealed"),
    ("mailbox", "sealed"),
    ("set_aside", "sealed"),
    # Sums of waiting times: numbers as bytes, about nobody.
    ("tally_cells", "waits"),
    ("invitations", "pending"),
    ("users", "totp"),
    ("passkeys", "public_key"),
    # The public key of an organisation.
    ("directory", "public_key"),
}
"""Sealed for the key of the case, for an organisation or the beheerders, by the web role's own secret, or no
secret at all: a rotation leaves them alone."""


def blob(key: box.PrivateKey, context: str = "inbox:m1") -> bytes:
    return box.seal(b"content", key.public, context)


def test_every_column_of_ciphertext_is_resealed_or_known_to_need_it_not() -> None:
    assert tables
    columns = {
        (table.name, column.name)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    places = {(str(place.table.__tablename__), place.column) for place in boxes.PLACES}
    assert columns == places | OTHERWISE_SEALED


def test_blobs_are_counted_by_key_and_found_in_batches(store: Store) -> None:
    make_case(store, fields_key=blob(OLD), thread_key=blob(NEW))
    inbox.insert(store, [kept(f"m{number:02}", sealed=blob(OLD)) for number in range(11)])
    inbox.insert(store, [kept("new", sealed=blob(NEW))])
    mails = boxes.PLACES[0]
    with store.read() as session:
        # The mail that the case was born of has no content any more.
        assert boxes.counts(session) == {OLD.key_id: 12, NEW.key_id: 2}
        first = boxes.for_others(session, mails, NEW.key_id, "")
        rest = boxes.for_others(session, mails, NEW.key_id, first[-1][0])
    assert [id_ for id_, _ in (*first, *rest)] == [f"m{number:02}" for number in range(11)]
    assert len(first) == mails.batch


def test_a_blob_that_was_changed_meanwhile_is_left_alone(store: Store) -> None:
    before, other = blob(OLD), blob(OLD)
    make_case(store, fields_key=other)
    with store.write() as session:
        assert not boxes.swap(session, boxes.PLACES[1], "c1", before, blob(NEW))
        assert boxes.swap(session, boxes.PLACES[1], "c1", other, before)
    assert case_row(store, "c1").fields_key == before


def test_a_key_that_is_needed_is_not_destroyed(store: Store) -> None:
    inbox.insert(store, [kept("m1", sealed=blob(OLD))])
    with store.write() as session:
        assert boxes.destroy(session, OLD.key_id, NOW) == 1
    inbox.insert(store, [kept("m2", sealed=blob(OLD))])


def _mail(store: Store) -> None:
    inbox.insert(store, [kept("m1", sealed=blob(OLD))])


def _case(store: Store) -> None:
    make_case(store, "late", fields_key=blob(OLD))


def _move(store: Store) -> None:
    with store.write() as session:
        case = cases.by_id(session, "c1")
        changes = {"thread_key": blob(OLD)}
        cases.advance(session, case, Event.NEEDS_INFO, now=NOW, actor="gateway", changes=changes)


def _thread(store: Store) -> None:
    row = ThreadRow(
        id="t1", case_id="c1", practice_id="p", feedback="in_beeld", thread_key=blob(OLD), added_at=NOW
    )
    move = Move()
    move.join(row)
    moves.commit(store, [move])


@pytest.mark.parametrize("keep", [_mail, _case, _move, _thread])
def test_nothing_is_kept_for_a_destroyed_key(store: Store, keep: Callable[[Store], None]) -> None:
    make_case(store, fields_key=blob(NEW))
    with store.write() as session:
        assert boxes.destroy(session, OLD.key_id, NOW) == 0
        assert boxes.destroy(session, OLD.key_id, NOW) == 0, "asking again is harmless"
    with pytest.raises(CannotKeep, match=r"intake\.pub"):
        keep(store)
    with store.read() as session:
        assert OLD.key_id not in boxes.counts(session)


def test_a_mail_on_its_way_in_is_waited_for(on_postgresql: Store) -> None:
    """Whoever destroys a key sees the mail, or the mail sees that the key is destroyed."""
    store = on_postgresql
    needed: list[int] = []

    def destroy() -> None:
        with store.write() as session:
            needed.append(boxes.destroy(session, OLD.key_id, NOW))

    with store.write() as session:
        session.add(tables.InboxRow(id="m1", received_at=NOW, digest="d1", sealed=blob(OLD), size=1))
        session.flush()
        other = threading.Thread(target=destroy)
        other.start()
        other.join(0.2)
        assert not needed
    other.join(PATIENCE_S)
    assert needed == [1]


def test_a_mail_that_waited_for_the_end_of_a_key_is_refused(on_postgresql: Store) -> None:
    store = on_postgresql
    refused: list[str] = []

    def keep() -> None:
        try:
            _mail(store)
        except CannotKeep as error:
            refused.append(str(error))

    with store.write() as session:
        assert boxes.destroy(session, OLD.key_id, NOW) == 0
        other = threading.Thread(target=keep)
        other.start()
        other.join(0.2)
        assert other.is_alive(), "it waits"
    other.join(PATIENCE_S)
    assert len(refused) == 1
