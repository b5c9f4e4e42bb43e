"""Direct delivery: to the mail servers of a recipient's own domain, over TLS that is proven, or not at all.

In this order: DANE where the domain is signed and has TLSA records (RFC 7672), MTA-STS where it has a policy
to enforce (RFC 8461), and else the relay, where there is one. It promises that a message leaves over no
connection which was not proven by one of these; that a server whose TLSA records don't match, or can't be
looked up, is not reached by a weaker way; and that a message for several domains is not handed again to one
that took it, as long as we run.
"""

import asyncio
import hashlib
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.answers import Reason
from adapters.base import Receipt, Refused, TryLater
from adapters.dane import DaneTrust, usable
from adapters.hosts import Network, may_call
from adapters.mtasts import StsPolicies
from adapters.relay import Relay, RelayOptions, Sign, Trust, is_address
from adapters.resolver import ValidatingResolver
from adapters.trust import client_context

HOSTS, ADDRESSES = 5, 2
"""So many servers of a domain, and addresses of one, are tried."""

LINKS = 32
"""To so many servers connections are kept."""

TAKEN = 1000

NO_MAIL, NO_WAY, UNPROVEN = "direct_no_mail", "direct_no_trusted_way", "direct_untrusted"
UNVALIDATED = "direct_resolver_does_not_validate"


class PkixTrust:
    """Trusts a certificate of a known authority for the server's name."""

    def __init__(self, ca_file: Path | None) -> None:
        self._ca_file = ca_file

    def context(self) -> ssl.SSLContext:
        """Checks chain and name in the handshake."""
        return client_context(None, self._ca_file)

    def accepts(self, _: ssl.SSLObject | None) -> bool:
        """The handshake did it."""
        return True


@dataclass(frozen=True, slots=True)
class ProvenServer:
    """How one server is reached and trusted; `key` is the same as long as that is."""

    host: str
    addresses: tuple[str, ...]
    trust: Trust
    key: tuple[object, ...]


class Direct:
    """Delivers to everybody. `relay` takes what can't be proven otherwise; `networks` are those of our own
    into which names may lead (none: only the internet)."""

    def __init__(
        self,
        resolver: ValidatingResolver,
        *,
        helo: str,
        relay: Relay | None = None,
        policies: StsPolicies | None = None,
        sign: Sign = lambda message: message,
        ca_file: Path | None = None,
        port: int = 25,
        timeout: float = 60.0,
        networks: Iterable[Network] = (),
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._resolver, self._relay, self._sign = resolver, relay, sign
        self._helo, self._ca_file, self._port, self._timeout = helo, ca_file, port, timeout
        self._networks = tuple(networks)
        self._policies = policies or StsPolicies(
            resolver, lambda: client_context(None, ca_file), seconds, networks=self._networks
        )
        self._links: dict[tuple[object, ...], Relay] = {}
        self._taken: dict[bytes, Receipt] = {}
        self._leaving: set[asyncio.Future[None]] = set()

    async def send(self, envelope_from: str, recipients: Sequence[str], message: bytes) -> Receipt:
        """See `Relay.send`; with several domains the receipt names each server."""
        if not recipients or not all(map(is_address, recipients)):
            raise Refused(Reason.ADDRESS.value)
        domains: dict[str, list[str]] = {}
        for address in recipients:
            domains.setdefault(_ascii(address.rpartition("@")[2]), []).append(address)
        receipts = []
        for domain, addresses in domains.items():
            mark = hashlib.sha256(repr((domain, addresses)).encode() + message).digest()
            if mark not in self._taken:
                receipt = await self._to(domain, envelope_from, addresses, message)
                self._taken[mark] = receipt
                if len(self._taken) > TAKEN:
                    self._taken.pop(next(iter(self._taken)))
            receipts.append(self._taken[mark])
        if len(receipts) == 1:
            # It is recorded as sent, and not asked about again.
            self._taken.pop(mark, None)
            return receipts[0]
        peers, texts = (", ".join(getattr(one, name) for one in receipts) for name in ("peer", "text"))
        return Receipt(peers, texts)

    async def probe(self, sender: str = "", to: str = "") -> None:
        """Whether the resolver validates (the root is signed) and the relay, if there is one, is well."""
        if not (await self._resolver.look_up(".", "SOA")).secure:
            raise TryLater(UNVALIDATED)
        if self._relay is not None:
            await self._relay.probe(sender, to)

    async def close(self) -> None:
        """Say goodbye everywhere; it may be used again after it."""
        links, self._links = [*self._links.values()], {}
        for link in (*links, *([self._relay] if self._relay else [])):
            await link.close()

    async def _to(self, domain: str, envelope_from: str, addresses: Sequence[str], message: bytes) -> Receipt:
        hosts, secure = await self._servers(domain)
        trouble: TryLater | None = None
        for host in hosts[:HOSTS]:
            try:
                way = await self._way(domain, host, secure)
            except TryLater as error:
                # Whether it has TLSA records is not known: nothing weaker may be tried.
                trouble = error
                continue
            if way is None:
                continue
            for address in way.addresses[:ADDRESSES]:
                try:
                    return await self._link(way, address).send(envelope_from, addresses, message)
                except TryLater as error:
                    if error.reason == Reason.ANSWER_LOST:
                        raise
                    trouble = error
        if trouble is not None:
            raise trouble
        if self._relay is not None:
            return await self._relay.send(envelope_from, addresses, message)
        raise TryLater(NO_WAY)

    async def _servers(self, domain: str) -> tuple[list[str], bool]:
        """The servers of a domain, the preferred first; the domain itself where it names none (RFC 5321)."""
        answer = await self._resolver.look_up(domain, "MX")
        found = sorted((one.preference, one.exchange.to_text(True).lower()) for one in answer.records)
        if any(name in ("", ".", "@") for _, name in found):
            # A null MX (RFC 7505).
            raise Refused(NO_MAIL)
        return [name for _, name in found] or [domain], answer.secure

    async def _way(self, domain: str, host: str, secure: bool) -> ProvenServer | None:
        """How a server is proven; None if it can't be."""
        answers = [await self._resolver.look_up(host, kind) for kind in ("A", "AAAA")]
        addresses = tuple(str(record.address) for answer in answers for record in answer.records)
        if secure and all(answer.secure for answer in answers if answer.records) and addresses:
            for name in dict.fromkeys((answers[0].name, host)):
                tlsa = await self._resolver.look_up(f"_{self._port}._tcp.{name}", "TLSA")
                if tlsa.secure and (records := usable(tlsa.records)):
                    trust = DaneTrust(records, tuple(dict.fromkeys((name, host, domain))))
                    return ProvenServer(host, self._callable(addresses), trust, (host, records))
        policy = await self._policies.of(domain)
        if policy is None:
            return None
        if not policy.names(host):
            raise TryLater(UNPROVEN)
        if not addresses:
            raise TryLater(Reason.UNREACHABLE.value)
        return ProvenServer(host, self._callable(addresses), PkixTrust(self._ca_file), (host, "mta-sts"))

    def _callable(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        allowed = tuple(address for address in addresses if may_call(address, self._networks))
        if not allowed:
            raise TryLater(Reason.UNREACHABLE.value)
        return allowed

    def _link(self, way: ProvenServer, address: str) -> Relay:
        """Connections to one server, as long as it is trusted in the same way."""
        key = (*way.key, address)
        if key not in self._links:
            options = RelayOptions(host=way.host, port=self._port, helo=self._helo, timeout=self._timeout)
            if len(self._links) >= LINKS:
                oldest = self._links.pop(next(iter(self._links)))
                self._leaving.add(task := asyncio.ensure_future(oldest.close()))
                task.add_done_callback(self._leaving.discard)
            self._links[key] = Relay(options, sign=self._sign, trust=way.trust, address=address)
        return self._links[key]


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode().lower()
    except UnicodeError:
        raise Refused(Reason.ADDRESS.value) from None
