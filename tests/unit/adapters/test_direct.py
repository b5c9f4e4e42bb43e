"""Direct delivery against a real SMTP server, real TLS and real DNS on loopback: proven, or not at all."""

import hashlib
import ipaddress
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.answers import Reason
from adapters.base import Refused, TryLater
from adapters.direct import NO_MAIL, NO_WAY, UNPROVEN, UNVALIDATED, Direct
from adapters.mtasts import StsPolicies, StsPolicy
from adapters.relay import Relay, RelayOptions, WayOut
from adapters.resolver import TROUBLE, ValidatingResolver
from gateway.web.server import WebServer
from tests.dnsserver import DnsServer
from tests.peers.mail import ANSWER_LOST, NO_SUCH_USER, MailPeer

FROM, TO = "aanmelding@gateway.example", "team@welzijn.example"
DOMAIN, MX, OTHER = "welzijn.example", "mx.welzijn.example", "mx2.welzijn.example"
MESSAGE = b"Subject: versleuteld\r\n\r\nx\r\n"
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@dataclass
class Shown:
    """The certificate of the mail server, with its authority."""

    cert: Path
    key: Path
    ca: Path
    leaf: x509.Certificate
    authority: x509.Certificate

    def tlsa(self, usage: int, selector: int, matching: int) -> str:
        """A record that is right."""
        one = self.leaf if usage in (1, 3) else self.authority
        data = (
            one.public_bytes(Encoding.DER)
            if selector == 0
            else one.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        )
        if matching:
            data = {1: hashlib.sha256, 2: hashlib.sha512}[matching](data).digest()
        return f"{usage} {selector} {matching} {data.hex()}"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder, authority = tmp_path_factory.mktemp("mx"), trustme.CA()
    leaf = authority.issue_cert(MX, f"mta-sts.{DOMAIN}")
    cert, key, ca = folder / "cert.pem", folder / "key.pem", folder / "ca.pem"
    # The server shows its authority too, as DANE-TA asks.
    chain = b"".join(one.bytes() for one in leaf.cert_chain_pems) + authority.cert_pem.bytes()
    cert.write_bytes(chain)
    leaf.private_key_pem.write_to_path(str(key))
    authority.cert_pem.write_to_path(str(ca))
    first = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    return Shown(cert, key, ca, first, x509.load_pem_x509_certificate(authority.cert_pem.bytes()))


@pytest.fixture
async def server(shown: Shown) -> AsyncIterator[MailPeer]:
    async with MailPeer(shown.cert, shown.key, hostname=MX) as running:
        yield running


@pytest.fixture
async def relay(shown: Shown) -> AsyncIterator[MailPeer]:
    """Where everything goes that can't be proven; it is called by its address, which its pin proves."""
    async with MailPeer(shown.cert, shown.key, hostname="relay.example") as running:
        yield running


@pytest.fixture
def dns(server: MailPeer) -> Iterator[DnsServer]:
    zone = {(DOMAIN, "MX"): [f"10 {MX}."], (MX, "A"): ["127.0.0.1"], (".", "SOA"): [". . 1 1 1 1 1"]}
    with DnsServer(zone, validates=True) as running:
        yield running


@pytest.fixture
async def direct(dns: DnsServer, server: MailPeer, relay: MailPeer, shown: Shown) -> AsyncIterator[Any]:
    made: list[Direct] = []

    def make(*, fallback: bool = True, **more: Any) -> Direct:
        pin = hashlib.sha256(shown.leaf.public_bytes(Encoding.DER)).hexdigest()
        options = RelayOptions(host="127.0.0.1", port=relay.port, helo="gateway.example", tls=f"pinned:{pin}")
        settings: dict[str, Any] = {
            "helo": "gateway.example",
            "port": server.port,
            "networks": LOOPBACK,
            "timeout": 10.0,
        }
        resolver = ValidatingResolver((("127.0.0.1", dns.port),))
        made.append(Direct(resolver, relay=Relay(options) if fallback else None, **(settings | more)))
        return made[-1]

    yield make
    for one in made:
        await one.close()


def tlsa_at(dns: DnsServer, server: MailPeer, *records: str, host: str = MX) -> None:
    dns.zone[f"_{server.port}._tcp.{host}", "TLSA"] = records


async def reason_of(attempt: Any, kind: type[TryLater] | type[Refused] = TryLater) -> str:
    with pytest.raises(kind) as caught:
        await attempt
    return str(caught.value.reason)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("usage", "selector", "matching"),
    [(3, 1, 1), (3, 0, 1), (3, 1, 2), (3, 0, 0), (2, 0, 1), (2, 1, 2), (2, 0, 0)],
)
async def test_what_the_records_name_is_trusted(
    direct: Any,
    dns: DnsServer,
    server: MailPeer,
    relay: MailPeer,
    shown: Shown,
    usage: int,
    selector: int,
    matching: int,
) -> None:
    tlsa_at(dns, server, "3 1 1 " + "00" * 32, shown.tlsa(usage, selector, matching))
    receipt = await direct(fallback=False).send(FROM, [TO], MESSAGE)
    (message,) = server.messages
    assert (message.recipients, message.content, message.tls) == ((TO,), MESSAGE, "TLSv1.3")
    assert receipt.peer == f"{MX}:{server.port}"
    assert relay.messages == []


@pytest.mark.parametrize("record", ["3 1 1 " + "00" * 32, "2 0 1 " + "00" * 32, "3 0 0 00"])
async def test_a_server_that_is_another_gets_nothing_and_no_weaker_way_is_tried(
    direct: Any, dns: DnsServer, server: MailPeer, relay: MailPeer, record: str
) -> None:
    tlsa_at(dns, server, record)
    assert await reason_of(direct().send(FROM, [TO], MESSAGE)) == Reason.UNTRUSTED
    assert (server.messages, relay.messages) == ([], [])


async def test_records_that_can_not_be_looked_up_are_no_absence(
    direct: Any, dns: DnsServer, server: MailPeer, relay: MailPeer
) -> None:
    tlsa_at(dns, server)
    assert await reason_of(direct().send(FROM, [TO], MESSAGE)) == TROUBLE
    assert (server.messages, relay.messages) == ([], [])


async def test_an_authority_counts_for_the_name_of_the_server_only(
    direct: Any, dns: DnsServer, server: MailPeer, shown: Shown
) -> None:
    dns.zone[DOMAIN, "MX"] = [f"10 {OTHER}."]
    dns.zone[OTHER, "A"] = ["127.0.0.1"]
    tlsa_at(dns, server, shown.tlsa(2, 0, 1), host=OTHER)
    assert await reason_of(direct().send(FROM, [TO], MESSAGE)) == Reason.UNTRUSTED
    # The key alone is enough where it is named itself.
    tlsa_at(dns, server, shown.tlsa(3, 1, 1), host=OTHER)
    await direct().send(FROM, [TO], MESSAGE)
    assert len(server.messages) == 1


@pytest.mark.parametrize("insecure", [DOMAIN, MX, "tlsa"])
async def test_what_nobody_signed_proves_nothing(
    direct: Any, dns: DnsServer, server: MailPeer, relay: MailPeer, shown: Shown, insecure: str
) -> None:
    tlsa_at(dns, server, shown.tlsa(3, 1, 1))
    dns.insecure.add(f"_{server.port}._tcp.{MX}" if insecure == "tlsa" else insecure)
    await direct().send(FROM, [TO], MESSAGE)
    assert (len(server.messages), len(relay.messages)) == (0, 1)
    assert await reason_of(direct(fallback=False).send(FROM, [TO], MESSAGE)) == NO_WAY


@pytest.mark.parametrize("record", ["0 0 1 " + "00" * 32, "1 1 1 " + "00" * 32, "3 1 9 00"])
async def test_records_that_count_for_nothing_are_none(
    direct: Any, dns: DnsServer, server: MailPeer, relay: MailPeer, record: str
) -> None:
    tlsa_at(dns, server, record)
    await direct().send(FROM, [TO], MESSAGE)
    assert (len(server.messages), len(relay.messages)) == (0, 1)


async def test_the_next_server_is_tried_and_an_answer_that_was_lost_is_not_repeated(
    direct: Any, dns: DnsServer, server: MailPeer, shown: Shown
) -> None:
    dns.zone[DOMAIN, "MX"] = [f"5 {OTHER}.", f"10 {MX}."]
    dns.zone[OTHER, "A"] = ["127.0.0.1"]
    tlsa_at(dns, server, "3 1 1 " + "00" * 32, host=OTHER)
    tlsa_at(dns, server, shown.tlsa(3, 1, 1))
    way = direct()
    await way.send(FROM, [TO], MESSAGE)
    server.next(ANSWER_LOST)
    assert await reason_of(way.send(FROM, [TO], MESSAGE)) == Reason.ANSWER_LOST
    assert len(server.messages) == 2
    server.next(NO_SUCH_USER)
    assert "550" in await reason_of(way.send(FROM, [TO], MESSAGE), Refused)


async def test_a_domain_that_takes_no_mail(direct: Any, dns: DnsServer) -> None:
    dns.zone[DOMAIN, "MX"] = ["0 ."]
    assert await reason_of(direct().send(FROM, [TO], MESSAGE), Refused) == NO_MAIL
    dns.zone[DOMAIN, "MX"] = []
    assert await reason_of(direct().send(FROM, [TO], MESSAGE)) == TROUBLE


async def test_no_name_leads_into_our_own_network(
    direct: Any, dns: DnsServer, server: MailPeer, shown: Shown
) -> None:
    tlsa_at(dns, server, shown.tlsa(3, 1, 1))
    assert await reason_of(direct(networks=()).send(FROM, [TO], MESSAGE)) == Reason.UNREACHABLE
    assert server.messages == []


async def test_who_took_it_is_not_handed_it_again(
    direct: Any, dns: DnsServer, server: MailPeer, relay: MailPeer, shown: Shown
) -> None:
    tlsa_at(dns, server, shown.tlsa(3, 1, 1))
    dns.zone["elders.example", "MX"] = []
    way, both = direct(), [TO, "x@elders.example"]
    assert await reason_of(way.send(FROM, both, MESSAGE)) == TROUBLE
    del dns.zone["elders.example", "MX"]
    receipt = await way.send(FROM, both, MESSAGE)
    assert [one.recipients for one in server.messages] == [(TO,)]
    assert [one.recipients for one in relay.messages] == [("x@elders.example",)]
    assert receipt.peer.startswith(f"{MX}:")


async def test_probe_asks_whether_the_resolver_validates(direct: Any, dns: DnsServer) -> None:
    way = direct()
    assert isinstance(way, WayOut)
    await way.probe()
    dns.validates = False
    assert await reason_of(direct().probe()) == UNVALIDATED


POLICY = f"version: STSv1\r\nmode: enforce\r\nmx: *.{DOMAIN}\r\nmax_age: 86400\r\n"


@dataclass
class PolicyPage:
    """What a domain serves as its policy."""

    text: str = POLICY
    kind: str = "text/plain; charset=utf-8"
    asked: int = 0

    async def show(self, _: Request) -> Response:
        """The file."""
        self.asked += 1
        return PlainTextResponse(self.text, headers={"Content-Type": self.kind})


@pytest.fixture
async def page(dns: DnsServer, shown: Shown, direct: Any) -> AsyncIterator[Any]:
    """A policy, and a way out that believes the authority of its certificate; the domain is not signed."""
    made, clock = PolicyPage(), [0.0]
    web = WebServer(
        Starlette(routes=[Route("/.well-known/mta-sts.txt", made.show)]),
        "127.0.0.1",
        0,
        shown.cert,
        shown.key,
    )
    port = int((await web.start()).rpartition(":")[2])
    dns.validates = False
    dns.zone[f"_mta-sts.{DOMAIN}", "TXT"] = ['"v=STSv1; id=20260401;"']

    async def here(*_: object) -> list[str]:
        return ["127.0.0.1"]

    resolver = ValidatingResolver((("127.0.0.1", dns.port),))
    context = lambda: ssl.create_default_context(cafile=str(shown.ca))  # noqa: E731
    policies = StsPolicies(resolver, context, lambda: clock[0], networks=LOOPBACK, resolve=here, port=port)
    yield made, direct(policies=policies, ca_file=shown.ca), clock
    await web.stop()


async def test_a_policy_is_enforced_where_there_is_no_dane(
    page: Any, server: MailPeer, relay: MailPeer
) -> None:
    made, way, _ = page
    await way.send(FROM, [TO], MESSAGE)
    await way.send(FROM, [TO], MESSAGE)
    assert (len(server.messages), len(relay.messages), made.asked) == (2, 0, 1)


async def test_a_server_that_the_policy_does_not_name_gets_nothing(
    page: Any, dns: DnsServer, server: MailPeer, relay: MailPeer
) -> None:
    made, way, _ = page
    made.text = POLICY.replace(f"*.{DOMAIN}", "mx.elders.example")
    assert await reason_of(way.send(FROM, [TO], MESSAGE)) == UNPROVEN
    assert (server.messages, relay.messages) == ([], [])


async def test_a_certificate_of_nobody_known_gets_nothing(
    page: Any, dns: DnsServer, direct: Any, server: MailPeer, relay: MailPeer
) -> None:
    _, way, _ = page
    stranger = direct(policies=way._policies)
    assert await reason_of(stranger.send(FROM, [TO], MESSAGE)) == Reason.UNTRUSTED
    assert (server.messages, relay.messages) == ([], [])


async def test_a_policy_that_was_seen_holds_until_its_end(
    page: Any, dns: DnsServer, server: MailPeer, relay: MailPeer
) -> None:
    made, way, clock = page
    await way.send(FROM, [TO], MESSAGE)
    del dns.zone[f"_mta-sts.{DOMAIN}", "TXT"]
    made.text = "weg"
    await way.send(FROM, [TO], MESSAGE)
    assert (len(server.messages), len(relay.messages)) == (2, 0)
    clock[0] = 90_000.0
    await way.send(FROM, [TO], MESSAGE)
    assert (len(server.messages), len(relay.messages)) == (2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 70_000,
        POLICY.replace("STSv1", "STSv2"),
        POLICY.replace("enforce", "testing"),
        POLICY.replace("86400", "morgen"),
        POLICY.replace(f"mx: *.{DOMAIN}\r\n", ""),
    ],
)
async def test_what_is_no_policy_to_enforce_leaves_it_to_the_relay(
    page: Any, server: MailPeer, relay: MailPeer, text: str
) -> None:
    made, way, _ = page
    made.text = text
    await way.send(FROM, [TO], MESSAGE)
    assert (len(server.messages), len(relay.messages)) == (0, 1)


def test_a_star_stands_for_one_label() -> None:
    policy = StsPolicy.parse(POLICY)
    assert policy.names("MX.welzijn.example.")
    assert not policy.names(DOMAIN)
    assert not policy.names(f"a.b.{DOMAIN}")
