"""Every limit is hit by a client over a real socket; a limit without a test here or in `test_room` fails
the last test."""

import asyncio
import sys
from dataclasses import fields
from types import FunctionType

from gateway.intake.limits import Limits
from tests.patience import PATIENCE_S
from tests.wire import test_room
from tests.wire.harness import GP, MAIL, OURS, Certificates, Client, post, until
from tests.wire.limited import hits, limited


@hits("message_bytes")
async def test_a_mail_of_exactly_the_limit_passes_and_one_byte_more_does_not() -> None:
    async with post(limits=limited(message_bytes=len(MAIL))) as office:
        client = await office.connect()
        await client.hello()
        assert (await client.mail(MAIL)).startswith("250 ")
        assert (await client.mail(b"x" + MAIL)).startswith("552 5.3.4 ")
        assert (await client.ask("NOOP")).startswith("250 ")
        assert office.events.limits == ["message_bytes"]
        assert [raw for _, raw in office.inbox.mails()] == [MAIL]
        assert office.listener.reception.memory.used == 0


@hits("line_bytes")
async def test_a_line_of_998_octets_passes_with_or_without_a_transparent_dot() -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        line = b"y" * 997
        for fits in (b"x" + line, b"..".ljust(999, b"y")):
            assert (await client.mail(MAIL + fits + b"\r\n")).startswith("250 ")
        for too_long in (b"xx" + line, b"..".ljust(1000, b"y")):
            assert (await client.mail(MAIL + too_long + b"\r\n")).startswith("554 5.6.0 ")
        # The very first line is like all others.
        assert (await client.mail(b"xx" + line + b"\r\n")).startswith("554 5.6.0 ")
        assert office.events.limits == ["line_bytes"] * 3
        assert len(office.inbox.rows) == 2


@hits("header_bytes")
async def test_a_header_over_its_limit_is_refused_and_a_long_body_is_not() -> None:
    async with post(limits=limited(header_bytes=2000)) as office:
        client = await office.connect()
        await client.hello()
        lines = b"X-Vulling: 12345678\r\n" * 100
        assert (await client.mail(lines + b"\r\n")).startswith("552 5.3.4 ")
        # Also when the header never ends.
        assert (await client.mail(lines)).startswith("552 5.3.4 ")
        assert (await client.mail(MAIL + lines)).startswith("250 ")
        assert office.events.limits == ["header_bytes"] * 2


@hits("received_hops")
async def test_a_mail_that_loops_is_refused() -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        hop = b"Received: from a.example by b.example;\r\n\tSat, 28 Mar 2026 10:30:00 +0100\r\n"
        assert (await client.mail(hop * 50 + MAIL)).startswith("250 ")
        assert (await client.mail(hop * 51 + MAIL)).startswith("554 5.4.6 ")
        assert (await client.mail(hop.replace(b"Received:", b"rEcEiVeD :") * 51 + MAIL)).startswith("554 ")
        # In the body they are only text.
        assert (await client.mail(MAIL + hop * 51)).startswith("250 ")
        assert (await client.mail(b"\r\n" + hop * 51 + MAIL)).startswith("250 ")
        assert office.events.limits == ["received_hops"] * 2


@hits("recipients")
async def test_hundreds_of_recipients() -> None:
    async with post(limits=limited(strikes=1000, recipients=3)) as office:
        client = await office.connect()
        await client.hello()
        await client.ask(f"MAIL FROM:<{GP}>")
        names = [OURS[:i].upper() + OURS[i:] for i in range(10)] * 40
        answers = [(await client.ask(f"RCPT TO:<{name}>"))[:9] for name in names]
        assert answers[:3] == ["250 2.1.5"] * 3
        assert set(answers[3:]) == {"452 4.5.3"}
        assert (await client.ask("DATA")).startswith("354 ")
        assert (await client.ask(MAIL + b".\r\n")).startswith("250 ")
        ((envelope, _),) = office.inbox.mails()
        assert len(envelope.rcpt_tos) == 3
        assert set(office.events.limits) == {"recipients"}


async def test_limits_change_for_those_who_come() -> None:
    async with post(limits=limited(recipients=2, connections_per_address=2)) as office:
        early = await office.connect()
        office.listener.change(limited(recipients=1, connections_per_address=2))
        late = await office.connect()
        for client, taken in ((early, 2), (late, 1)):
            await client.hello()
            await client.ask(f"MAIL FROM:<{GP}>")
            answers = [(await client.ask(f"RCPT TO:<{name}>"))[:3] for name in (OURS, OURS.upper())]
            assert answers == ["250", "250" if taken == 2 else "452"]
        # Whoever was there before counts with whoever comes.
        assert office.listener.reception.connections.total == 2


@hits("strikes")
async def test_two_hundred_junk_commands() -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        client.send(b"JUNK\r\nNOOP\r\n" * 100)
        answers = (await client.rest()).split(b"\r\n")
        assert answers[-2].startswith(b"421 4.7.0 ")
        assert len(answers) < 60
        assert office.events.limits == ["strikes"]


@hits("strikes")
async def test_a_kept_mail_takes_the_strikes_away() -> None:
    async with post(limits=limited(strikes=3)) as office:
        client = await office.connect()
        await client.hello()
        for n in range(3):
            assert (await client.ask("NOOP")).startswith("250 ")
            assert (await client.ask("NOOP")).startswith("250 ")
            assert (await client.mail(MAIL + b"%d\r\n" % n)).startswith("250 ")
        assert office.events.limits == []


@hits("login_failures")
async def test_guessing_passwords(tls: Certificates) -> None:
    tried = []

    def check(name: str, password: str) -> bool:
        tried.append(password)
        return False

    async with post(trusted=False, tls=tls.server, matches=check) as office:
        client = await office.connect()
        await client.hello()
        await client.starttls(tls.client)
        await client.ask("EHLO client.example")
        for _ in range(3):
            assert (await client.ask("AUTH PLAIN AGZyb250AHJhZGVu")).startswith("535 5.7.8")
        assert (await client.rest()).startswith(b"421 4.7.0 ")
        assert tried == ["raden"] * 3
        assert office.events.limits == ["login_failures"]
        assert office.events.abuses == [("127.0.0.1", "login")] * 3


async def test_guessing_passwords_on_one_connection_after_the_other(tls: Certificates) -> None:
    tried = []

    def check(name: str, password: str) -> bool:
        tried.append(password)
        return False

    async with post(trusted=False, tls=tls.server, matches=check) as office:
        answers = []
        for _ in range(4):
            client = await office.connect()
            await client.hello()
            await client.starttls(tls.client)
            await client.ask("EHLO client.example")
            answers += [(await client.ask("AUTH PLAIN AGZyb250AHJhZGVu"))[:9] for _ in range(3)]
            assert (await client.rest()).startswith(b"421 4.7.0 ")
        assert answers == ["535 5.7.8"] * 5 + ["454 4.7.0"] * 7
        assert tried == ["raden"] * 5
        assert office.events.limits.count("login_pause") == 7


@hits("command_bytes")
async def test_long_commands() -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        assert (await client.ask(b"NOOP " + b"x" * 1017 + b"\r\n")).startswith("250 ")
        assert (await client.ask(b"NOOP " + b"x" * 1018 + b"\r\n")).startswith("500 5.5.2 ")
        assert (await client.ask(b"NOOP " + b"x" * 60_000 + b"\r\n")).startswith("500 5.5.2 ")
        assert (await client.ask("NOOP")).startswith("250 ")
        client.send(b"x" * 400_000)
        assert (await client.rest()).startswith(b"500 5.5.2 ")
        assert office.events.limits == ["command_bytes"] * 3


@hits("idle_s")
async def test_an_idle_client_and_one_that_drips_a_command() -> None:
    async with post(limits=limited(idle_s=0.1)) as office:
        idle, dripping = await office.connect(), await office.connect()
        for client in (idle, dripping):
            assert (await client.reply()).startswith("220 ")

        async def drip() -> None:
            while True:
                dripping.send(b"N")
                await asyncio.sleep(0.01)

        task = asyncio.create_task(drip())
        for client in (idle, dripping):
            assert (await client.reply()).startswith("421 4.4.2 ")
            assert await client.rest() == b""
        task.cancel()
        assert office.events.limits == ["idle_s", "idle_s"]


@hits("session_s")
async def test_a_client_that_never_stops_asking() -> None:
    async with post(limits=limited(session_s=0.1, strikes=10**6)) as office:
        client = await office.connect()
        # On a busy machine the first answer may be the last.
        answer = await client.hello()
        while answer.startswith("250"):
            answer = await client.ask("NOOP")
        assert answer.startswith("421 4.4.2 ")
        assert office.events.limits == ["session_s"]


async def _drip_content(client: Client, piece: bytes) -> bytes:
    """Send one piece of content after the other until the server ends it; gives its last words."""

    async def drip() -> None:
        while True:
            client.send(piece)
            await asyncio.sleep(0.005)

    task = asyncio.create_task(drip())
    try:
        return await client.rest()
    finally:
        task.cancel()


@hits("data_s")
async def test_content_that_never_ends() -> None:
    async with post(limits=limited(data_s=0.15)) as office:
        client = await office.connect()
        await client.hello()
        await client.transaction()
        assert (await _drip_content(client, b"x" * 500 + b"\r\n")).startswith(b"421 4.4.2 ")
        assert office.events.limits == ["data_s"]
        assert office.inbox.rows == {}
        assert office.listener.reception.memory.used == 0


@hits("data_rate", "data_rate_s")
async def test_content_that_drips() -> None:
    async with post(limits=limited(data_rate_s=0.1, data_rate=100_000)) as office:
        client = await office.connect()
        await client.hello()
        await client.transaction()
        assert (await _drip_content(client, b"x")).startswith(b"421 4.4.2 ")
        assert office.events.limits == ["data_rate"]


@hits("drain_bytes")
async def test_content_far_over_its_limit() -> None:
    async with post(limits=limited(message_bytes=1000, drain_bytes=5000)) as office:
        client = await office.connect()
        await client.hello()
        await client.transaction()
        client.send(b"x" * 20_000)
        assert (await client.rest()).startswith(b"552 5.3.4 ")
        assert office.events.limits == ["drain_bytes"]


@hits("memory_bytes")
async def test_all_mails_together_have_a_limit() -> None:
    async with post(limits=limited(memory_bytes=1000)) as office:
        first, second = await office.connect(), await office.connect()
        for client in (first, second):
            await client.hello()
            await client.transaction()
        first.send(MAIL + b"x" * 600)
        # The second client can only be too much once the first one's bytes have arrived.
        await until(lambda: office.listener.reception.memory.used > 0)
        assert (await second.ask(MAIL + b"y" * 600 + b"\r\n.\r\n")).startswith("452 4.3.1 ")
        assert (await first.ask(b"\r\n.\r\n")).startswith("250 ")
        assert (await second.mail()).startswith("250 ")
        assert office.events.limits == ["memory_bytes"]
        assert office.listener.reception.memory.used == 0


@hits("handshake_s")
async def test_a_handshake_that_never_comes(tls: Certificates) -> None:
    async with post(trusted=False, tls=tls.server, limits=limited(handshake_s=0.1)) as office:
        client = await office.connect()
        await client.hello()
        assert (await client.ask("STARTTLS")).startswith("220 ")
        assert await client.rest() == b""
        # The client may see the end before the server has told of it.
        await until(lambda: office.events.limits != [])
        assert office.events.limits == ["handshake_s"]
        assert office.listener.reception.connections.total == 0
        assert office.listener.reception.open == set()


@hits("linger_s")
async def test_a_client_that_will_not_go() -> None:
    async with post(limits=limited(linger_s=0.1, strikes=1)) as office:
        client = await office.connect()
        await client.hello()
        assert (await client.ask("JUNK")).startswith("500 ")
        assert (await client.reply()).startswith("421 ")
        (connection,) = office.listener.reception.open
        # The client never closes its side.
        await asyncio.wait_for(asyncio.wait([connection.gone]), PATIENCE_S)
        assert office.listener.reception.connections.total == 0


def test_every_limit_has_a_test_that_hits_it() -> None:
    modules = (sys.modules[__name__], test_room)
    tests = [test for module in modules for test in vars(module).values() if isinstance(test, FunctionType)]
    hit = {name for test in tests for name in getattr(test, "hits", ())}
    assert hit == {field.name for field in fields(Limits)}
