"""What all connections of one listener share."""

import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING

from gateway.intake.keeper import Events, Keeper
from gateway.intake.limits import Connections, Limits, Memory

if TYPE_CHECKING:
    from gateway.intake.session import Conversation


@dataclass(frozen=True, slots=True)
class Reception:
    """The rules and counters of one listener; see `Listener` for the meaning of each."""

    hostname: str
    limits: Limits
    accepts: Callable[[str], bool]
    keeper: Keeper
    events: Events
    tls: ssl.SSLContext | None
    require_tls: bool
    trusted_relays: tuple[IPv4Network | IPv6Network, ...]
    check_login: Callable[[str, str], Awaitable[bool]] | None
    connections: Connections
    memory: Memory
    long_line: re.Pattern[bytes]
    open: "set[Conversation]"

    def trusts(self, peer_ip: str) -> bool:
        """Whether this address is one of our own front servers."""
        if not self.trusted_relays:
            return False
        address = ip_address(peer_ip)
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.trusted_relays)
