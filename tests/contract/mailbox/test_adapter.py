"""The adapter `mailbox`, on a real store: what every adapter promises."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.base import Adapter, Parcel, Receipt, Refused, TryLater
from adapters.mailbox import MailboxAdapter, MailboxOptions
from gateway.mailbox.bell import Bell
from gateway.mailbox.shelf import StoreShelf
from gateway.store import outbox
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.outbox import Status
from gateway.store.tables import MailboxRow, OutboxRow
from tests.contract.adapters.wire import MEDIA_TYPES, make_context, make_parcel
from tests.moments import MONDAY


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.at(tmp_path)
    migrate(made)
    return made


@pytest.fixture
def adapter(store: Store) -> MailboxAdapter:
    shelf = StoreShelf(store=store, bell=Bell(), now=lambda: MONDAY)
    return MailboxAdapter(MailboxOptions(), make_context(parts={"mailbox": shelf}))


def make_delivery(store: Store, id: str = "0193-d1", status: Status = Status.READY) -> None:
    """A handover in the outbox, as a parcel comes from one."""
    with store.write() as session:
        row = OutboxRow(
            id=id,
            once=id,
            case_id="case",
            kind="handover",
            code="handover",
            organisation_id="de-schoor",
            status=status,
            created_at=MONDAY,
            next_at=MONDAY,
        )
        outbox.put(session, row)


def kept(store: Store, id: str = "0193-d1") -> MailboxRow | None:
    with store.read() as session:
        return session.get(MailboxRow, id)


def test_it_has_the_shape_of_an_adapter(adapter: MailboxAdapter) -> None:
    assert isinstance(adapter, Adapter)
    assert adapter.name == "mailbox"
    with pytest.raises(ValueError):
        MailboxOptions(**{"no_such_option": 1})


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_a_receipt_means_it_is_kept(adapter: MailboxAdapter, store: Store, media_type: str) -> None:
    make_delivery(store)
    parcel = make_parcel(media_type)
    receipt = await adapter.send(parcel)
    assert isinstance(receipt, Receipt)
    row = kept(store)
    assert row is not None
    assert (row.sealed, row.media_type, row.due_at) == (parcel.ciphertext, media_type, parcel.due_at)
    assert row.due_at.tzinfo is not None


async def test_the_same_delivery_is_kept_once(adapter: MailboxAdapter, store: Store) -> None:
    make_delivery(store)
    await adapter.send(make_parcel())
    again = await adapter.send(make_parcel(due_at=MONDAY + timedelta(days=9)))
    assert again.text == "kept before"
    row = kept(store)
    assert row is not None
    assert row.due_at != MONDAY + timedelta(days=9)


@pytest.mark.parametrize("status", [Status.DROPPED, Status.HELD, Status.SENT])
async def test_what_is_not_wanted_any_more_is_not_kept(
    adapter: MailboxAdapter, store: Store, status: Status
) -> None:
    make_delivery(store, status=status)
    with pytest.raises(Refused):
        await adapter.send(make_parcel())
    assert kept(store) is None


async def test_anothers_delivery_is_refused(adapter: MailboxAdapter, store: Store) -> None:
    make_delivery(store)
    with pytest.raises(Refused):
        await adapter.send(make_parcel(organisation_id="een-ander"))


async def test_plaintext_is_refused(adapter: MailboxAdapter, store: Store) -> None:
    make_delivery(store)
    with pytest.raises(Refused):
        await adapter.send(make_parcel(ciphertext=b'{"naam": "Fatima Voorbeeld"}'))
    assert kept(store) is None


async def test_a_store_that_is_away_means_later_and_tells_nothing(
    adapter: MailboxAdapter, store: Store
) -> None:
    make_delivery(store)
    await adapter.probe()
    with store.write() as session:
        session.execute(text("ALTER TABLE mailbox RENAME TO elsewhere"))
    parcel: Parcel = make_parcel()
    for attempt in (adapter.send(parcel), adapter.probe()):
        with pytest.raises(TryLater) as later:
            await attempt
        assert later.value.reason == "mailbox_away"
        assert later.value.__suppress_context__


async def test_many_at_once_are_each_kept_once(adapter: MailboxAdapter, store: Store) -> None:
    ids = [f"0193-{number}" for number in range(20)]
    for id_ in ids:
        make_delivery(store, id_)
    await asyncio.gather(*(adapter.send(make_parcel(delivery_id=one)) for one in ids * 2))
    assert all(kept(store, one) for one in ids)
    await adapter.close()
    await adapter.close()
