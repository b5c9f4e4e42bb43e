"""Looking up our own records, once, for `inbeeld check`.

It promises that "there is none" and "could not tell" are never confused: the first is empty, the second is
raised; and that an answer is called authentic only if the resolver validated it (AD).
"""

from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.name
import dns.nameserver
import dns.rcode
import dns.resolver

from gateway.errors import ConfigError
from gateway.gate.answers import DnsTrouble

SECONDS = 5.0
"""For one question."""


@dataclass(frozen=True, slots=True)
class ZoneAnswer:
    """The records as text (the strings of TXT joined), in order, and whether DNSSEC vouches for them."""

    records: tuple[str, ...]
    authentic: bool


class Zone:
    """The system's resolver, or the given servers; raises ConfigError if there is none."""

    def __init__(self, servers: tuple[tuple[str, int], ...] = ()) -> None:
        try:
            self._resolver = dns.resolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            remedy = "Name a DNS server there."
            raise ConfigError("/etc/resolv.conf", "nameserver", "no DNS server is known", remedy) from None
        if servers:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*server) for server in servers]
        self._resolver.use_edns(0, dns.flags.DO, 1232)
        self._resolver.flags = dns.flags.RD | dns.flags.AD

    def look_up(self, name: str, kind: str) -> ZoneAnswer:
        """The records of a name; raises `DnsTrouble`."""
        try:
            found = self._resolver.resolve(
                dns.name.from_text(name), kind, lifetime=SECONDS, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return ZoneAnswer((), False)
        except (dns.exception.DNSException, OSError):
            raise DnsTrouble from None
        texts = (
            b"".join(rdata.strings).decode("latin-1") if kind == "TXT" else rdata.to_text()
            for rdata in (found.rrset or ())
        )
        return ZoneAnswer(tuple(sorted(texts)), bool(found.response.flags & dns.flags.AD))
