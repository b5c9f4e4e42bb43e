"""Waiting for an item: at once when it comes, and no longer than was asked."""

import asyncio
import time
from typing import Any

import pytest

from gateway.mailbox import queue
from tests.contract.mailbox.harbour import HAVEN, POORT, Harbour
from tests.patience import PATIENCE_S


async def waiting(harbour: Harbour, who: str = HAVEN, number: int = 1) -> None:
    """Until so many collectors wait."""
    async with asyncio.timeout(PATIENCE_S):
        # There is nothing that could tell a test when a request of its own has come in.
        while harbour.town.gateway.base.bell.listeners(who) < number:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_who_waits_is_woken_at_once(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody looks into the store now and then: only who is woken finds something.
    monkeypatch.setattr(queue, "LOOK_EVERY", PATIENCE_S)
    collector = asyncio.create_task(harbour.collect(wachtSeconden=20))
    await waiting(harbour)
    await harbour.refer()
    (item,) = await collector
    assert item["poging"] == 1


async def test_one_item_wakes_two_and_one_gets_it(harbour: Harbour) -> None:
    both = [asyncio.create_task(harbour.collect(wachtSeconden=20)) for _ in range(2)]
    await waiting(harbour, number=2)
    await harbour.refer()
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    harbour.town.gateway.base.bell.silence()
    assert sorted(len(found) for found in await asyncio.gather(*both)) == [0, 1]


async def test_what_another_process_put_there_is_found(harbour: Harbour) -> None:
    collector = asyncio.create_task(harbour.collect(wachtSeconden=20))
    await waiting(harbour)
    bell, rings = harbour.town.gateway.base.bell, list[Any]()
    bell.ring = rings.append  # type: ignore[method-assign,assignment]
    await harbour.refer()
    assert len(await collector) == 1
    assert rings == [HAVEN]


async def test_anothers_item_wakes_nobody(harbour: Harbour) -> None:
    collector = asyncio.create_task(harbour.collect(wachtSeconden=1))
    await waiting(harbour)
    await harbour.refer("De Hoven")
    assert await collector == []
    assert len(await harbour.collect(who=POORT)) == 1


async def test_what_is_given_back_wakes_the_next(harbour: Harbour) -> None:
    await harbour.refer()
    item = await harbour.leased()
    collector = asyncio.create_task(harbour.collect(wachtSeconden=20))
    await waiting(harbour)
    await harbour.settle(item, "teruggaven")
    assert [again["berichtId"] for again in await collector] == [item["berichtId"]]


async def test_no_more_than_eight_of_one_organisation_wait(harbour: Harbour) -> None:
    eight = [asyncio.create_task(harbour.collect(wachtSeconden=20)) for _ in range(8)]
    await waiting(harbour, number=8)
    assert await harbour.collect(wachtSeconden=20) == []
    harbour.town.gateway.base.bell.silence()
    assert await asyncio.gather(*eight) == [[]] * 8


async def test_stopping_lets_nobody_wait(harbour: Harbour) -> None:
    collector = asyncio.create_task(harbour.collect(wachtSeconden=20))
    await waiting(harbour)
    begin = time.monotonic()
    await harbour.close()
    assert await collector == []
    assert time.monotonic() - begin < 15, "before the time was up that was asked for"
