"""The mail server of the demo: it plays the GP's and the organisation's side of the wire.

It promises to be a real SMTP server on loopback that requires STARTTLS, and to keep every message it took,
with its envelope and TLS version, in memory. It relays nothing.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

PATIENCE_S = 300.0
"""How long to wait for what must come, in seconds: so long that no busy machine reaches it."""

TAKEN = "250 2.0.0 Ok: queued as 4CK7XQ0Z1"


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came over the wire; `envelope_from` is "" for the null return path."""

    envelope_from: str
    recipients: tuple[str, ...]
    content: bytes
    tls: str


class DemoPeer:
    """`async with DemoPeer(cert, key) as peer: … await peer.wait_for(1)`."""

    def __init__(
        self, cert: Path, key: Path, *, host: str = "127.0.0.1", port: int = 0, hostname: str = "peer.example"
    ) -> None:
        self.messages: list[Received] = []
        self.tls_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls_context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.tls_context.load_cert_chain(cert, key)
        self.host, self.port, self._hostname = host, port, hostname
        self._arrived = asyncio.Condition()
        self._server: asyncio.Server | None = None

    async def start(self) -> tuple[str, int]:
        """Listen, and give the address; a stopped peer comes back on the same port."""
        self._server = await self._listen()
        self.port = self._server.sockets[0].getsockname()[1]
        return self.host, self.port

    async def stop(self) -> None:
        """Stop listening; what was received stays readable."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def wait_for(
        self,
        wanted: int | Callable[[Sequence[Received]], bool],
        timeout: float = PATIENCE_S,  # noqa: ASYNC109 - the demo says how long beside what
    ) -> list[Received]:
        """The messages, once there are `wanted` many or the predicate holds; TimeoutError otherwise."""

        def enough() -> bool:
            return len(self.messages) >= wanted if isinstance(wanted, int) else wanted(self.messages)

        async with asyncio.timeout(timeout), self._arrived:
            await self._arrived.wait_for(enough)
        return list(self.messages)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._keep(server, envelope)
        return TAKEN

    async def handle_exception(self, error: Exception) -> str:
        """Without it aiosmtpd logs the trace of every client that breaks off its handshake."""
        return "421 4.3.0 Closing"

    async def _listen(self) -> asyncio.Server:
        def line() -> SMTP:
            return SMTP(
                self,
                hostname=self._hostname,
                ident="InBeeld peer",
                enable_SMTPUTF8=True,
                tls_context=self.tls_context,
                require_starttls=True,
            )

        return await asyncio.get_running_loop().create_server(line, self.host, self.port)

    async def _keep(self, line: SMTP, envelope: Envelope) -> None:
        encrypted = line.transport.get_extra_info("ssl_object") if line.transport is not None else None
        # aiosmtpd's parser tells the null return path as "<>".
        sender = (envelope.mail_from or "").removeprefix("<>")
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        tls = (encrypted.version() or "") if encrypted is not None else ""
        async with self._arrived:
            self.messages.append(Received(sender, tuple(envelope.rcpt_tos), content, tls))
            self._arrived.notify_all()
