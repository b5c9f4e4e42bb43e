"""Whom an address in a configuration may lead us to.

It promises that a name is looked up once and that nobody is called but at the addresses that were looked at
(a name that leads elsewhere a moment later gains nothing), and that nothing inside our own network is reached
unless the administrator listed it: not loopback, private, link-local, shared or multicast addresses, in
whatever way they are written.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from adapters.base import Refused, TryLater

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From a host name and port to its addresses; raises OSError if there are none."""

FORBIDDEN, UNKNOWN = "host_forbidden", "host_unknown"
TRIES = 4
"""No more addresses of one host than these are called."""

# What the internet uses of IPv6 (RFC 4291 section 2.4); in it, 6to4 (RFC 3056) hides IPv4 ones.
_OUTSIDE, _TUNNEL = ipaddress.IPv6Network("2000::/3"), ipaddress.IPv6Network("2002::/16")


def check_https(url: str) -> str:
    """The address itself; ValueError unless it is https and holds neither a login nor a fragment."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.username or parts.password or parts.fragment:
        raise ValueError("must be an https:// address without a user name or fragment")
    return url


Https = Annotated[str, AfterValidator(check_https)]


def may_call(address: str, networks: Iterable[Network]) -> bool:
    """Whether an IP address is out on the internet, or in a network that was listed."""
    found = ipaddress.ip_address(address)
    # ::ffff:10.0.0.1 is 10.0.0.1.
    plain = getattr(found, "ipv4_mapped", None) or found
    if any(plain in network for network in networks):
        return True
    if plain.version == 6 and (plain not in _OUTSIDE or plain in _TUNNEL):
        return False
    return plain.is_global and not (plain.is_multicast or plain.is_reserved)


async def system(host: str, port: int) -> list[str]:
    """As the machine's own resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def addresses_of(host: str, port: int, networks: Iterable[Network], resolve: Resolve) -> list[str]:
    """The addresses to call, one at least; `Refused` if any of them may not be called, or `TryLater`."""
    try:
        found = await resolve(host, port)
    # A name that can't be written for DNS is a UnicodeError.
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise TryLater(UNKNOWN)
    if not all(may_call(address, networks) for address in found):
        raise Refused(FORBIDDEN)
    return found[:TRIES]
