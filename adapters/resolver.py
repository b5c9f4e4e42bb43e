"""Look-ups for direct delivery, through a resolver that validates DNSSEC and that we trust to say so (AD).

It promises that "there is none" and "could not tell" are never confused: the first is an empty answer, the
second raises `TryLater`; and that an answer counts as secure only if every part of it was validated.
"""

from dataclasses import dataclass
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.name
import dns.nameserver
import dns.resolver

from adapters.base import TryLater

TROUBLE = "dns_trouble"
SECONDS = 10.0
CACHED = 1000


@dataclass(frozen=True, slots=True)
class SecureAnswer:
    """The records, the name to which aliases led, and whether DNSSEC vouches for all of it."""

    records: tuple[Any, ...]
    name: str
    secure: bool


class ValidatingResolver:
    """Asks these servers (address and port)."""

    def __init__(self, servers: tuple[tuple[str, int], ...]) -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=False)
        self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*server) for server in servers]
        self._resolver.use_edns(0, dns.flags.DO, 1232)
        self._resolver.flags = dns.flags.RD | dns.flags.AD
        self._resolver.cache = dns.resolver.LRUCache(CACHED)

    async def look_up(self, name: str, kind: str) -> SecureAnswer:
        """The records of a name as dnspython gives them; raises `TryLater`."""
        try:
            found = await self._resolver.resolve(
                dns.name.from_text(name), kind, lifetime=SECONDS, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            # That there is none may be forged where nothing was signed; nobody builds on it.
            return SecureAnswer((), name, False)
        except (dns.exception.DNSException, OSError, UnicodeError):
            raise TryLater(TROUBLE) from None
        secure = bool(found.response.flags & dns.flags.AD)
        alias = found.canonical_name.to_text(omit_final_dot=True).lower()
        return SecureAnswer(tuple(found.rrset or ()), alias, secure)
