"""What hostile and broken clients do, over real sockets."""

import asyncio
import socket
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.intake.limits import Limits
from gateway.store.inbox import Kept
from tests.patience import PATIENCE_S
from tests.wire.harness import GP, MAIL, OURS, Certificates, Client, Inbox, post, until

# How others end a mail, or may be made to believe it ends (CVE-2023-51764 and its kin).
SMUGGLED = (
    b"MAIL FROM:<baas@praktijk.example>\r\nRCPT TO:<"
    + OURS.encode()
    + b">\r\nDATA\r\nFrom: baas\r\n\r\nvals\r\n"
)
FALSE_ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\n.\r",
    b"\r.\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\r\n.\r\r\n",
]


@pytest.mark.parametrize("false_end", FALSE_ENDS, ids=lambda end: end.hex())
async def test_smuggled_mail_is_refused_whole(false_end: bytes) -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        await client.transaction()
        client.send(MAIL + b"een" + false_end + SMUGGLED + b".\r\n")
        assert (await client.reply()).startswith("554 5.6.0 ")
        # Exactly one answer: nothing of it was taken for a command.
        assert (await client.ask("NOOP")).startswith("250 2.0.0 ok")
        assert office.inbox.rows == {}
        assert office.events.refusals == [(554, "bad_bytes")]


@pytest.mark.parametrize("byte", [b"\r", b"\n", b"\0"], ids=["cr", "lf", "nul"])
@pytest.mark.parametrize("where", [b"%sSubject: x\r\n\r\n", b"Subject: x%s\r\n\r\n", b"\r\nx%sx\r\n"])
async def test_bare_control_characters_in_content(byte: bytes, where: bytes) -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        assert (await client.mail(where % byte)).startswith("554 5.6.0 ")
        assert (await client.mail(where % b"")).startswith("250 ")


async def test_dots_come_through_exactly() -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        sent = b"..\r\n...x\r\n.x\r\na.\r\n\r\n..\r\n\r\n"
        assert (await client.mail(sent)).startswith("250 ")
        ((_, raw),) = office.inbox.mails()
        assert raw == b".\r\n..x\r\nx\r\na.\r\n\r\n.\r\n\r\n"


async def test_content_byte_by_byte() -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        await client.transaction()
        client.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(MAIL)):
            client.send(MAIL[at : at + 1])
            await asyncio.sleep(0)
        assert (await client.ask(b".\r\n")).startswith("250 ")
        ((_, raw),) = office.inbox.mails()
        assert raw == MAIL


async def test_a_client_that_talks_before_the_greeting() -> None:
    async with post() as office:
        # The kernel completes the connection while our loop is still busy here: the bytes are there first.
        with socket.create_connection(office.address) as early:
            early.sendall(b"EHLO early.example\r\nMAIL FROM:<a@b.example>\r\n")
            early.setblocking(False)
            loop = asyncio.get_running_loop()
            answer = b""
            while chunk := await asyncio.wait_for(loop.sock_recv(early, 1000), PATIENCE_S):
                answer += chunk
        assert answer == b"554 5.5.1 spoke before the greeting, closing\r\n"


async def test_a_client_that_goes_after_the_dot_has_its_mail_kept_and_its_retry_is_the_same_row() -> None:
    inbox, may_go, started = Inbox(), threading.Event(), threading.Event()

    def slow(batch: Sequence[Kept]) -> None:
        started.set()
        assert may_go.wait(PATIENCE_S)
        inbox.insert(batch)

    async with post(insert=slow) as office:
        client = await office.connect()
        await client.hello()
        await client.transaction()
        client.send(MAIL + b".\r\n")
        await until(started.is_set)
        (connection,) = office.listener.reception.open
        client.reset()
        # The listener has noticed, and the commit is still under way.
        await asyncio.wait_for(asyncio.wait([connection.gone]), PATIENCE_S)
        assert inbox.rows == {}
        assert office.events.accepted_ids == []
        assert office.woken == []
        may_go.set()
        again = await office.connect()
        await again.hello()
        assert (await again.mail()).startswith("250 ")
        assert len(inbox.rows) == 1
        await office.keeper.settled()
        assert len(office.events.accepted_ids) == 2
        assert office.woken == [None, None]


async def test_another_sender_recipient_or_text_is_another_mail() -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        for sender, recipient, content in [
            (GP, OURS, MAIL),
            ("ander@praktijk.example", OURS, MAIL),
            (GP, OURS.upper(), MAIL),
            (GP, OURS, MAIL + b"\r\n"),
        ]:
            await client.transaction(sender, recipient)
            assert (await client.ask(content + b".\r\n")).startswith("250 ")
        assert len(office.inbox.rows) == 4


async def test_half_closed_connection_still_gets_its_answers() -> None:
    async with post() as office:
        client = await office.connect()
        assert (await client.reply()).startswith("220 ")
        await client.ask("HELO client.example")
        await client.transaction()
        client.send(MAIL + b".\r\nNOOP\r\nNOOP without an end")
        client.writer.write_eof()
        assert (await client.reply()).startswith("250 2.0.0 kept ")
        assert (await client.reply()) == "250 2.0.0 ok"
        assert await client.rest() == b""
        assert len(office.inbox.rows) == 1


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "half-close"])
async def test_content_that_breaks_off_is_forgotten(reset: bool) -> None:
    async with post() as office:
        client = await office.connect()
        await client.hello()
        await client.transaction()
        client.send(MAIL)
        await until(lambda: office.listener.reception.memory.used > 0)
        (connection,) = office.listener.reception.open
        if reset:
            client.reset()
        else:
            client.writer.write_eof()
            assert await client.rest() == b""
        await asyncio.wait_for(asyncio.wait([connection.gone]), PATIENCE_S)
        await asyncio.sleep(0)
        assert office.listener.reception.memory.used == 0
        assert office.inbox.rows == {}
        assert office.events.failures == []


RETURNS = "retour+geheim@handover.example"


@pytest.mark.parametrize(
    ("sender", "recipient", "answer"),
    [
        # What we sent comes back: from the null sender, to the address it left with.
        ("", RETURNS, "250 2.1.5 "),
        ("", OURS, "250 2.1.5 "),
        (GP, OURS, "250 2.1.5 "),
        # Nobody writes to it.
        (GP, RETURNS, "550 5.1.1 "),
        ("", "retour+geraden@handover.example", "550 5.1.1 "),
    ],
)
async def test_a_return_address_takes_returned_mail_only(sender: str, recipient: str, answer: str) -> None:
    async with post(is_return_address=lambda address: address == RETURNS) as office:
        client = await office.connect()
        await client.hello()
        assert (await client.ask(f"MAIL FROM:<{sender}>")).startswith("250 ")
        assert (await client.ask(f"RCPT TO:<{recipient}>")).startswith(answer)
        if answer.startswith("250 "):
            assert (await client.ask("DATA")).startswith("354 ")
            assert (await client.ask(MAIL + b".\r\n")).startswith("250 ")
            ((envelope, _),) = office.inbox.mails()
            assert (envelope.mail_from, envelope.rcpt_tos) == (sender, (recipient,))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"GET / HTTP/1.1\r\n", "not_smtp"),
        (b"JUNK\r\n" * 60, "strikes"),
        (
            b"EHLO x.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@elsewhere.example>\r\n",
            "no_such_recipient",
        ),
        (b"EHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\nX" % OURS.encode(), "talked_first"),
    ],
    ids=["not SMTP", "junk", "relaying", "too early"],
)
async def test_who_abuses_us_is_told_with_the_address_and_a_front_never(said: bytes, reason: str) -> None:
    for trusted in (False, True):
        async with post(trusted=trusted, require_tls=False) as office:
            client = await office.connect()
            assert (await client.reply()).startswith("220 ")
            client.send(said)
            client.writer.write_eof()
            await client.rest()
            assert office.events.abuses == ([] if trusted else [("127.0.0.1", reason)])


async def test_plain_text_where_a_handshake_should_be(tls: Certificates) -> None:
    async with post(trusted=False, tls=tls.server) as office:
        client = await office.connect()
        await client.hello()
        assert (await client.ask("STARTTLS")).startswith("220 ")
        client.send(b"EHLO client.example\r\n" * 20)
        await client.rest()
        assert office.events.refusals[-1] == (454, "handshake")
        assert office.listener.reception.connections.total == 0


async def test_a_client_certificate_is_in_the_envelope(tls: Certificates) -> None:
    async with post(trusted=False, tls=tls.server) as office:
        client = await office.connect()
        await client.hello()
        await client.starttls(tls.client_with_certificate)
        await client.ask("EHLO client.example")
        assert (await client.mail()).startswith("250 ")
        ((envelope, _),) = office.inbox.mails()
        assert envelope.client_certificate is not None
        assert len(bytes.fromhex(envelope.client_certificate)) == 32


async def test_a_login_is_in_the_envelope_and_gone_after_a_new_connection(tls: Certificates) -> None:
    def check(name: str, password: str) -> bool:
        return (name, password) == ("front", "geheim")

    async with post(trusted=False, tls=tls.server, matches=check) as office:
        for login in ("AUTH PLAIN AGZyb250AGdlaGVpbQ==", "NOOP"):
            client = await office.connect()
            await client.hello()
            await client.starttls(tls.client)
            await client.ask("EHLO client.example")
            assert (await client.ask(login))[0] == "2"
            assert (await client.mail(MAIL + login[:4].encode() + b"\r\n")).startswith("250 ")
        assert [envelope.login for envelope, _ in office.inbox.mails()] == ["front", None]


async def test_a_client_that_never_reads_its_answers_is_no_longer_read() -> None:
    async with post(limits=replace(Limits(), strikes=10**9)) as office:
        loop = asyncio.get_running_loop()
        with socket.socket() as deaf:
            # A small window, so that what is not read fills soon.
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(office.address)
            deaf.setblocking(False)
            assert (await loop.sock_recv(deaf, 1000)).startswith(b"220 ")
            flood = b"NOOP\r\n" * 2_000_000
            sending = asyncio.create_task(loop.sock_sendall(deaf, flood))

            open = office.listener.reception.open
            await until(lambda: any(connection._paused for connection in open))
            (connection,) = open
            # Were the flood still being read, its answers would pile up now.
            for _ in range(2000):
                await asyncio.sleep(0)
            assert connection.transport is not None
            assert connection.transport.get_write_buffer_size() < 1_000_000
            assert not sending.done()
            sending.cancel()


async def test_stop_lets_a_mail_on_its_way_finish() -> None:
    async with post() as office:
        idle, busy = await office.connect(), await office.connect()
        await idle.hello()
        await busy.hello()
        await busy.transaction()
        stopping = asyncio.create_task(office.listener.stop(10))
        assert (await idle.reply()).startswith("421 4.3.2 ")
        assert await idle.rest() == b""
        idle.writer.close()
        assert (await busy.ask(MAIL + b".\r\n")).startswith("250 ")
        assert (await busy.reply()).startswith("421 4.3.2 ")
        busy.writer.close()
        await asyncio.wait_for(stopping, PATIENCE_S)
        assert len(office.inbox.rows) == 1
        with pytest.raises(OSError):
            await office.connect()


@asynccontextmanager
async def other_process() -> AsyncIterator[tuple[Client, int]]:
    """A listener in a process of its own, and a client of it inside DATA; gives the client and the pid."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.wire.listen",
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        port = int(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))
        client = Client(*await asyncio.open_connection("127.0.0.1", port))
        try:
            await client.hello()
            assert (await client.mail()).startswith("250 ")
            await client.transaction()
            yield client, process.pid
        finally:
            client.reset()
    finally:
        process.kill()
        await process.communicate()


def peak_memory(pid: int) -> int:
    """The most memory the process has had resident so far, in bytes (VmHWM of proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs proc(5), of a Linux kernel")
@pytest.mark.parametrize(
    ("piece", "pieces", "answers"),
    [
        # 32 MiB of empty lines, and their end.
        (b"\r\n" * 32768, 512, (b"552 5.3.4 ",)),
        # 100 MiB without a line end: after `drain_bytes` nobody listens, a reset may overtake the answer.
        (b"x" * 65536, 1600, (b"552 5.3.4 ", b"")),
    ],
    ids=["empty lines", "no line end"],
)
async def test_floods_take_less_than_40_mb(piece: bytes, pieces: int, answers: tuple[bytes, ...]) -> None:
    async with other_process() as (client, pid):
        before = peak_memory(pid)
        answer = asyncio.create_task(client.rest())
        try:
            for _ in range(pieces):
                client.send(piece)
                await client.writer.drain()
            client.send(b"\r\n.\r\nQUIT\r\n")
        except ConnectionError:
            assert b"" in answers
        assert (await answer)[:10] in answers
        assert peak_memory(pid) - before < 40_000_000
