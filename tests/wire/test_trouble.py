"""Our own trouble while a mail comes in: a temporary answer, never a lost mail, and never a word of why."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

from gateway.errors import StoreAway
from gateway.intake.limits import Limits
from gateway.store.inbox import Kept
from tests.patience import PATIENCE_S
from tests.wire.harness import GP, MAIL, OURS, Inbox, post, until


async def test_a_store_that_is_away_is_451_for_everybody_at_once() -> None:
    locked, tries, entered = threading.Event(), [], threading.Event()

    def insert(batch: Sequence[Kept]) -> None:
        tries.append(len(batch))
        entered.set()
        assert locked.wait(PATIENCE_S)
        raise StoreAway

    async with post(insert=insert) as office:
        clients = [await office.connect() for _ in range(12)]
        for client in clients:
            await client.hello()
            await client.transaction()
        clients[0].send(MAIL + b".\r\n")
        await until(entered.is_set)
        for n, client in enumerate(clients[1:]):
            client.send(MAIL + b"%d\r\n.\r\n" % n)
        await until(lambda: sum(one.busy for one in office.listener.reception.open) == len(clients))
        locked.set()
        assert {(await client.reply())[:10] for client in clients} == {"451 4.3.0 "}
        assert tries == [1]
        assert office.inbox.rows == {}


async def test_commands_that_came_with_a_mail_wait_for_its_answer() -> None:
    """They are obeyed in order, each once, and leave together with what follows."""
    async with post() as office:
        client = await office.connect()
        await client.hello()
        await client.transaction()
        again = f"MAIL FROM:<{GP}>\r\nRCPT TO:<{OURS}>\r\nDATA\r\n".encode()
        client.send(MAIL + b".\r\n" + again)
        answers = [(await client.reply())[:9] for _ in range(4)]
        assert answers == ["250 2.0.0", "250 2.1.0", "250 2.1.5", "354 end w"]
        assert (await client.ask(MAIL + b"2\r\n.\r\n")).startswith("250 ")
        assert len(office.inbox.rows) == 2


async def test_a_client_that_floods_while_its_mail_is_committed_is_no_longer_read() -> None:
    may_go, started = threading.Event(), threading.Event()

    def slow(batch: Sequence[Kept]) -> None:
        started.set()
        assert may_go.wait(30)

    async with post(insert=slow, limits=replace(Limits(), strikes=10**9)) as office:
        client = await office.connect()
        await client.hello()
        await client.transaction()
        client.send(MAIL + b".\r\n")
        await until(started.is_set)
        (connection,) = office.listener.reception.open
        client.send(b"NOOP\r\n" * 50_000)
        await until(lambda: connection._deaf)
        held = len(connection.lines)
        for _ in range(1000):
            await asyncio.sleep(0)
        assert len(connection.lines) == held < 1_000_000
        may_go.set()
        assert (await client.reply()).startswith("250 2.0.0 kept ")
        assert (await client.reply()).startswith("250 2.0.0 ok")
        await until(lambda: not connection._deaf)


async def test_disk_full_is_451_and_works_again_later() -> None:
    inbox, full = Inbox(), [True]

    def insert(batch: Sequence[Kept]) -> None:
        if full[0]:
            raise OSError(28, "No space left on device: huisarts@praktijk.example")
        inbox.insert(batch)

    async with post(insert=insert) as office:
        client = await office.connect()
        await client.hello()
        answer = await client.mail()
        assert answer == "451 4.3.0 could not keep this mail now, please try again later"
        assert office.events.failures == [("commit", "OSError")]
        assert office.listener.reception.memory.used == 0
        full[0] = False
        assert (await client.mail()).startswith("250 ")
        assert len(inbox.rows) == 1
        assert len(office.woken) == 1


async def test_a_seal_that_fails_is_451_and_nothing_is_stored() -> None:
    def broken(plaintext: bytes, context: str) -> bytes:
        raise ValueError(GP)

    async with post(seal=broken) as office:
        client = await office.connect()
        await client.hello()
        assert (await client.mail()).startswith("451 4.3.0 ")
        assert office.events.failures == [("seal", "ValueError")]
        assert office.inbox.rows == {}


async def test_no_room_to_wait_is_451() -> None:
    async with post(max_waiting=0) as office:
        client = await office.connect()
        await client.hello()
        assert (await client.mail()).startswith("451 4.3.0 ")
        assert office.events.failures == [("commit", "full")]


async def test_an_error_of_our_own_in_a_command_is_a_fixed_451() -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        await client.ask(f"MAIL FROM:<{GP}>")

        def broken(address: str) -> bool:
            raise RuntimeError(address)

        object.__setattr__(office.listener.reception, "accepts", broken)
        assert (
            await client.ask(f"RCPT TO:<{OURS}>")
        ) == "451 4.3.0 could not do that now, please try again later"
        assert office.events.failures == [("session", "RuntimeError")]
        assert (await client.ask("NOOP")).startswith("250 ")
