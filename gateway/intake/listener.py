"""The listening socket of the intake, in the event loop it is started in (asyncio's or uvloop's).

Promises: `stop` accepts no new connection, lets mails on their way in finish until `grace` is over, and
returns only when every commit under way has ended; no name is looked up in DNS for a connection.
"""

import asyncio
import logging
import re
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path

from gateway.intake.commands import Smtp
from gateway.intake.committer import Events, Keeper
from gateway.intake.content import long_line
from gateway.intake.conversation import SmtpConversation
from gateway.intake.guessing import Guessing
from gateway.intake.limits import Connections, Limits, MailRoom, Memory, Standing


@dataclass(frozen=True, slots=True)
class Reception:
    """What all connections of one listener share: its rules and its counters; see `Listener` for each."""

    hostname: str
    limits: Limits
    accepts: Callable[[str], bool]
    is_return_address: Callable[[str], bool]
    keeper: Keeper
    events: Events
    tls: ssl.SSLContext | None
    require_tls: bool
    standing: Callable[[str], Standing]
    guessing: Guessing | None
    room: MailRoom
    connections: Connections
    memory: Memory
    long_line: re.Pattern[bytes]
    open: set[SmtpConversation]


class Listener:
    """Receives mail on one address.

    `accepts(address)` says which recipients are ours; `is_return_address(address)` which ones are those that
    what we send leaves with: these are taken from the null sender only. `trusted_relays` are networks
    ("127.0.0.0/8"). `guessing` judges logins; without it AUTH is not offered. `room` says when there is none.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        hostname: str,
        accepts: Callable[[str], bool],
        is_return_address: Callable[[str], bool] = lambda address: False,
        keeper: Keeper,
        events: Events,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
        require_tls: bool = True,
        trusted_relays: Sequence[str] = (),
        guessing: Guessing | None = None,
        room: MailRoom | None = None,
    ) -> None:
        limits = limits or Limits()
        self._address = (host, port)
        self._keeper = keeper
        self._events = events
        self._server: asyncio.Server | None = None
        self._watching: asyncio.Task[None] | None = None
        self._fronts = tuple(ip_network(network) for network in trusted_relays)
        self._is_front = lru_cache(4096)(self._look_for_front)
        self.room = room or MailRoom(limits)
        keeper.took = self.room.took
        self.reception = Reception(
            hostname=hostname,
            limits=limits,
            accepts=accepts,
            is_return_address=is_return_address,
            keeper=keeper,
            events=events,
            tls=tls,
            require_tls=require_tls,
            standing=self._standing,
            guessing=guessing,
            room=self.room,
            connections=Connections(limits),
            memory=Memory(limits.memory_bytes),
            long_line=long_line(limits),
            open=set(),
        )

    def change(self, limits: Limits) -> None:
        """Let these limits hold for connections to come; those that are open go on with the ones they began
        with, and all count together."""
        self.room.change(limits)
        self.reception.connections.change(limits)
        self.reception.memory.limit = limits.memory_bytes
        self.reception = replace(self.reception, limits=limits, long_line=long_line(limits))

    async def start(self) -> tuple[str, int]:
        """Listen; gives the address it really has (port 0 asks for any free port)."""
        # aiosmtpd logs commands and lines of mails there.
        logging.getLogger("mail.log").disabled = True
        loop = asyncio.get_running_loop()
        host, port = self._address
        self._watching = loop.create_task(
            self.room.watch(lambda kind: self._events.failed("room", kind)), name="room"
        )
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
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        if self.reception.guessing is not None:
            self.reception.guessing.close()

    def _standing(self, peer_ip: str) -> Standing:
        if self._is_front(peer_ip):
            return Standing.FRONT
        return Standing.KNOWN if self.room.knows(peer_ip) else Standing.STRANGER

    def _look_for_front(self, peer_ip: str) -> bool:
        if not self._fronts:
            return False
        address = ip_address(peer_ip)
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._fronts)


def tls_context(cert: Path, key: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    """TLS ≥ 1.2 with this certificate chain and key (PEM); with `client_ca`, clients may show one from it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context
