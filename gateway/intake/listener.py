"""The listening socket of the intake, in the event loop it is started in (asyncio's or uvloop's).

Promises: `stop` accepts no new connection, lets mails on their way in finish until `grace` is over, and
returns only when every commit under way has ended; no name is looked up in DNS for a connection.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_network
from pathlib import Path

from gateway.intake.content import long_line
from gateway.intake.keeper import Events, Keeper
from gateway.intake.limits import Connections, Limits, Memory
from gateway.intake.reception import Reception
from gateway.intake.smtp import Smtp


class Listener:
    """Receives mail on one address.

    `accepts(address)` says which recipients are ours; `trusted_relays` are networks ("127.0.0.0/8").
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        hostname: str,
        accepts: Callable[[str], bool],
        keeper: Keeper,
        events: Events,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
        require_tls: bool = True,
        trusted_relays: Sequence[str] = (),
        check_login: Callable[[str, str], Awaitable[bool]] | None = None,
    ) -> None:
        limits = limits or Limits()
        self._address = (host, port)
        self._keeper = keeper
        self._server: asyncio.Server | None = None
        self.reception = Reception(
            hostname=hostname,
            limits=limits,
            accepts=accepts,
            keeper=keeper,
            events=events,
            tls=tls,
            require_tls=require_tls,
            trusted_relays=tuple(ip_network(network) for network in trusted_relays),
            check_login=check_login,
            connections=Connections(limits),
            memory=Memory(limits.memory_bytes),
            long_line=long_line(limits),
            open=set(),
        )

    async def start(self) -> tuple[str, int]:
        """Listen; gives the address it really has (port 0 asks for any free port)."""
        # aiosmtpd logs commands and lines of mails there.
        logging.getLogger("mail.log").disabled = True
        loop = asyncio.get_running_loop()
        host, port = self._address
        self._server = await loop.create_server(
            lambda: Smtp(self.reception, loop), host, port, backlog=self.reception.limits.connections * 2
        )
        name = self._server.sockets[0].getsockname()
        return name[0], name[1]

    async def stop(self, grace: float) -> None:
        """End every connection: idle ones now, others when their mail is in, or after `grace` seconds."""
        if self._server is not None:
            self._server.close()
        loop = asyncio.get_running_loop()
        end = loop.time() + grace
        connections = self.reception.open
        for connection in list(connections):
            connection.stop()
        while connections and (left := end - loop.time()) > 0:
            gone = [connection.gone for connection in connections]
            await asyncio.wait(gone, timeout=left)
        for connection in list(connections):
            connection.abort()
        await self._keeper.settled()


def tls_context(cert: Path, key: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    """TLS ≥ 1.2 with this certificate chain and key (PEM); with `client_ca`, clients may show one from it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context
