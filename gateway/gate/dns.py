"""Looking up names, for the gate's own checks: what it asks of a resolver, and the real one.

It promises that "there is no such record" and "could not tell" are never confused: the first is an empty
answer, the second is `DnsTrouble`, and nothing else is raised.
"""

from typing import Literal, Protocol

import dns.exception
import dns.name
import dns.nameserver
import dns.rdata
import dns.resolver

from gateway.errors import ConfigError, InbeeldError

Kind = Literal["A", "AAAA", "MX", "PTR", "TXT"]
Record = str | bytes | tuple[int, str]


class DnsTrouble(InbeeldError):
    """The name could not be looked up now."""


class Resolver(Protocol):
    """Anything that answers look-ups; it follows CNAMEs itself."""

    def look_up(self, name: str, kind: Kind, seconds: float) -> tuple[Record, ...]:
        """The records, or an empty tuple if there are none or the name can't exist. A and AAAA give text,
        PTR a name without its closing dot, MX (preference, name), and TXT bytes, its strings joined.
        Raises DnsTrouble, at the latest after `seconds`."""
        ...


class Dns:
    """The system's resolver, or the given servers (address and port), with a cache that keeps every answer as
    long as it says (its TTL, also for "no such name"). May be shared by threads. Raises ConfigError if there
    is no server."""

    def __init__(self, servers: tuple[tuple[str, int], ...] = (), *, cached_names: int = 5_000) -> None:
        try:
            self._resolver = dns.resolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            remedy = "Name a DNS server there."
            raise ConfigError("/etc/resolv.conf", "nameserver", "no DNS server is known", remedy) from None
        if servers:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*server) for server in servers]
        self._resolver.cache = dns.resolver.LRUCache(cached_names)

    def look_up(self, name: str, kind: Kind, seconds: float) -> tuple[Record, ...]:
        """See `Resolver.look_up`."""
        try:
            absolute = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return ()
        try:
            answer = self._resolver.resolve(absolute, kind, lifetime=seconds, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.exception.DNSException, OSError):
            raise DnsTrouble from None
        return tuple(_record(rdata, kind) for rdata in answer)


def _record(rdata: dns.rdata.Rdata, kind: Kind) -> Record:
    match kind:
        case "A" | "AAAA":
            return str(rdata.address)  # type: ignore[attr-defined]
        case "PTR":
            return str(rdata.target.to_text(omit_final_dot=True))  # type: ignore[attr-defined]
        case "MX":
            return rdata.preference, rdata.exchange.to_text(omit_final_dot=True)  # type: ignore[attr-defined]
        case "TXT":
            return b"".join(rdata.strings)  # type: ignore[attr-defined]
