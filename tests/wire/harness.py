"""A listener on a real socket with a real committer, and the client's side of a dialogue."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import trustme

from gateway.gate.authenticity import Envelope, unpack
from gateway.intake.committer import Committer, Keeper
from gateway.intake.guessing import Guessing
from gateway.intake.limits import Limits, MailRoom
from gateway.intake.listener import Listener, tls_context
from gateway.store.inbox import Kept
from tests.patience import PATIENCE_S

NOW = datetime(2026, 3, 28, 9, 30, tzinfo=UTC)
OURS = "aanmelding@handover.example"
GP = "huisarts@praktijk.example"
MAIL = b"From: huisarts@praktijk.example\r\nSubject: proef\r\n\r\nDit is een proef.\r\n"


@dataclass
class Recorder:
    """The events of one listener."""

    accepted_ids: list[str] = field(default_factory=list)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    abuses: list[tuple[str, str]] = field(default_factory=list)

    def accepted(self, mails: Sequence[tuple[str, int]]) -> None:
        self.accepted_ids += [id for id, _ in mails]

    def abuse(self, peer_ip: str, reason: str) -> None:
        self.abuses.append((peer_ip, reason))

    def refused(self, code: int, reason: str) -> None:
        self.refusals.append((code, reason))

    def limit(self, name: str) -> None:
        self.limits.append(name)

    def failed(self, step: str, kind: str) -> None:
        self.failures.append((step, kind))


class Inbox:
    """The store's side: one row per digest. `insert` is replaced by tests that want trouble."""

    def __init__(self) -> None:
        self.rows: dict[str, Kept] = {}

    def insert(self, batch: Sequence[Kept]) -> None:
        for kept in batch:
            self.rows.setdefault(kept.digest, kept)

    def mails(self) -> list[tuple[Envelope, bytes]]:
        return [unseal(kept) for kept in self.rows.values()]


def seal(plaintext: bytes, context: str) -> bytes:
    """Stands for the box: bound to its context, and nothing of the mail is readable in it."""
    return context.encode() + b"\0" + bytes(byte ^ 0x5A for byte in plaintext)


def unseal(kept: Kept) -> tuple[Envelope, bytes]:
    context, _, sealed = kept.sealed.partition(b"\0")
    assert context == f"inbox:{kept.id}".encode()
    return unpack(bytes(byte ^ 0x5A for byte in sealed))


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until the condition holds; fails after `PATIENCE_S` seconds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


class Client:
    """One connection to the listener; every read gives up after `PATIENCE_S` seconds."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def line(self) -> bytes:
        return await asyncio.wait_for(self.reader.readline(), PATIENCE_S)

    async def reply(self) -> str:
        """A whole reply, its lines joined by newlines; empty at the end of the connection."""
        lines: list[str] = []
        while True:
            line = (await self.line()).decode("ascii")
            if line:
                assert line.endswith("\r\n")
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(lines)

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def ask(self, command: str | bytes) -> str:
        self.send(command.encode() + b"\r\n" if isinstance(command, str) else command)
        return await self.reply()

    async def rest(self) -> bytes:
        """Everything until the connection ends, however it ends."""
        received = b""
        try:
            while chunk := await asyncio.wait_for(self.reader.read(65536), PATIENCE_S):
                received += chunk
        except ConnectionError:
            pass
        return received

    async def hello(self) -> str:
        assert (await self.reply()).startswith("220 ")
        return await self.ask("EHLO client.example")

    async def starttls(self, context: ssl.SSLContext) -> None:
        assert (await self.ask("STARTTLS")).startswith("220 ")
        await self.writer.start_tls(context, server_hostname="localhost")

    async def transaction(self, sender: str = GP, recipient: str = OURS) -> None:
        """MAIL, RCPT and DATA up to the 354."""
        assert (await self.ask(f"MAIL FROM:<{sender}>")).startswith("250 ")
        assert (await self.ask(f"RCPT TO:<{recipient}>")).startswith("250 ")
        assert (await self.ask("DATA")).startswith("354 ")

    async def mail(self, content: bytes = MAIL) -> str:
        """A whole transaction; the answer to the final dot. The content must be dot-stuffed already."""
        await self.transaction()
        return await self.ask(content + b".\r\n")

    def reset(self) -> None:
        """Go away with a TCP reset."""
        linger = struct.pack("ii", 1, 0)
        if not self.writer.transport.is_closing():
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


@dataclass
class Post:
    """Everything a wire test touches."""

    listener: Listener
    inbox: Inbox
    events: Recorder
    keeper: Keeper
    address: tuple[str, int]
    woken: list[None]
    clients: list[Client] = field(default_factory=list)

    async def connect(self, source: str = "127.0.0.1") -> Client:
        """A new client, from one of the addresses of loopback."""
        self.clients.append(Client(*await asyncio.open_connection(*self.address, local_addr=(source, 0))))
        return self.clients[-1]


@asynccontextmanager
async def post(
    *,
    limits: Limits | None = None,
    insert: Callable[[Sequence[Kept]], None] | None = None,
    trusted: bool = True,
    trusted_relays: Sequence[str] = (),
    require_tls: bool = True,
    tls: ssl.SSLContext | None = None,
    matches: Callable[[str, str], bool] | None = None,
    room: MailRoom | None = None,
    is_return_address: Callable[[str], bool] = lambda address: False,
    seal: Callable[[bytes, str], bytes] = seal,
    max_waiting: int = 1024,
) -> AsyncIterator[Post]:
    """A running listener; `trusted` makes loopback a trusted relay, so that no STARTTLS is needed."""
    inbox, events, woken = Inbox(), Recorder(), []
    committer = Committer(insert or inbox.insert, max_waiting=max_waiting)
    keeper = Keeper(
        committer=committer,
        seal=seal,
        digest_key=b"k" * 32,
        now=lambda: NOW,
        events=events,
        on_kept=lambda: woken.append(None),
    )
    listener = Listener(
        host="127.0.0.1",
        port=0,
        hostname="mx.handover.example",
        accepts=lambda address: address.lower() == OURS,
        keeper=keeper,
        events=events,
        limits=limits,
        tls=tls,
        require_tls=require_tls,
        trusted_relays=["127.0.0.0/8"] if trusted else trusted_relays,
        guessing=Guessing(matches) if matches else None,
        room=room,
        is_return_address=is_return_address,
    )
    address = await listener.start()
    office = Post(listener, inbox, events, keeper, address, woken)
    try:
        yield office
    finally:
        for client in office.clients:
            client.reset()
        await listener.stop(0)
        await committer.close()


@dataclass(frozen=True)
class Certificates:
    """Both sides' TLS contexts, from one trial CA."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    client_with_certificate: ssl.SSLContext


def certificates(directory: Path) -> Certificates:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    server = authority.issue_cert("localhost")
    server.cert_chain_pems[0].write_to_path(directory / "server.pem")
    server.private_key_pem.write_to_path(directory / "server.key")
    plain, own = ssl.create_default_context(), ssl.create_default_context()
    for context in (plain, own):
        authority.configure_trust(context)
    authority.issue_cert("front@handover.example").configure_cert(own)
    return Certificates(
        server=tls_context(directory / "server.pem", directory / "server.key", directory / "ca.pem"),
        client=plain,
        client_with_certificate=own,
    )
