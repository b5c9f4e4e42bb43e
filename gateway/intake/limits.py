"""Every cap of the intake, and the two counters that are shared by all connections.

Promises: no client can make the listener hold more than `memory_bytes` of mail, keep more than `connections`
sockets, or stay longer than `session_s`. The defaults are chapter 10 of the design.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times (`_s`) in seconds, the others are counts. Each name is also the event's code."""

    message_bytes: int = 10 * 1024 * 1024
    line_bytes: int = 998
    header_bytes: int = 100 * 1024
    received_hops: int = 50
    recipients: int = 20
    connections: int = 100
    connections_per_address: int = 20
    # Refusals and commands that bring a mail no further (NOOP, RSET, VRFY, …), since the last kept mail.
    strikes: int = 50
    login_failures: int = 3
    command_bytes: int = 1024
    idle_s: float = 120
    data_s: float = 300
    session_s: float = 1800
    handshake_s: float = 30
    # A client in DATA must bring `data_rate` bytes a second, measured over every `data_rate_s`.
    data_rate: int = 500
    data_rate_s: float = 30
    # After a mail has outgrown its limit so much is still read, so that the client hears why.
    drain_bytes: int = 64 * 1024 * 1024
    # All mails together that are being received or wait for their commit.
    memory_bytes: int = 64 * 1024 * 1024
    # How long a connection that was told to leave may still exist.
    linger_s: float = 2


class Memory:
    """Counts the bytes of all mails in flight."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.used = 0

    def take(self, size: int) -> bool:
        """Whether `size` more bytes fit; if so they count until `give`."""
        if self.used + size > self._limit:
            return False
        self.used += size
        return True

    def give(self, size: int) -> None:
        """Return what was taken."""
        self.used -= size


class Connections:
    """Counts open connections, in total and per address (an IPv6 /64 counts as one address)."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._per_address: dict[str, int] = {}
        self.total = 0

    def enter(self, peer_ip: str, *, trusted: bool) -> str | None:
        """None when the client may come in (call `leave` later), else the name of the limit it hit.

        A trusted relay brings everybody's mail from one address, so only the total holds for it.
        """
        if self.total >= self._limits.connections:
            return "connections"
        address = _origin(peer_ip)
        count = self._per_address.get(address, 0)
        if count >= self._limits.connections_per_address and not trusted:
            return "connections_per_address"
        self._per_address[address] = count + 1
        self.total += 1
        return None

    def leave(self, peer_ip: str) -> None:
        """The client of `enter` is gone."""
        address = _origin(peer_ip)
        self.total -= 1
        if self._per_address[address] == 1:
            del self._per_address[address]
        else:
            self._per_address[address] -= 1


def _origin(peer_ip: str) -> str:
    if ":" not in peer_ip:
        return peer_ip
    address = ip_address(peer_ip)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return (address.packed[:8]).hex()
    return str(address)
