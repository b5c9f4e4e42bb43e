"""The records that our domain needs, and what `inbeeld check` makes of those that DNS has, over real DNS."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from trustme import CA

from gateway.app.records import DnsRecord, Zone, compared, records, spki_digest
from tests.dnsserver import DnsServer

DOMAIN, MX = "overdracht.nl", "mx.overdracht.nl"
CERTIFICATE = x509.load_pem_x509_certificate(CA().issue_cert(MX).cert_chain_pems[0].bytes())
DKIM = {"ib1": "v=DKIM1; k=ed25519; p=AAAA"}
GOOD: dict[tuple[str, str], list[str]] = {
    (DOMAIN, "MX"): [f"10 {MX}."],
    (MX, "A"): ["192.0.2.7"],
    ("pagina.overdracht.nl", "A"): ["192.0.2.8"],
    (DOMAIN, "TXT"): ['"v=spf1 include:relay.nl ~all"', '"iets anders"'],
    (f"ib1._domainkey.{DOMAIN}", "TXT"): ['"v=DKIM1; k=ed25519; " "p=AAAA"'],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=quarantine; rua=mailto:x@y.nl"'],
    (f"_mta-sts.{DOMAIN}", "TXT"): ['"v=STSv1;id=abc;"'],
    (f"mta-sts.{DOMAIN}", "A"): ["192.0.2.8"],
    (f"_smtp._tls.{DOMAIN}", "TXT"): ['"v=TLSRPTv1; rua=https://x.nl"'],
    (f"_25._tcp.{MX}", "TLSA"): [f"3 1 1 {spki_digest(CERTIFICATE)}", "3 1 1 " + "00" * 32],
    (DOMAIN, "CAA"): ['0 issue "letsencrypt.org"'],
}


def settings(server: DnsServer | None = None, proof: str = "self", domain: str = DOMAIN) -> Any:
    return SimpleNamespace(
        gateway=SimpleNamespace(domain=domain),
        smtp=SimpleNamespace(mx=(MX,), tls_reports=""),
        gate=SimpleNamespace(proof=proof, dns_servers=(("127.0.0.1", server.port),) if server else ()),
        web=SimpleNamespace(public_url="https://pagina.overdracht.nl"),
        alarm=SimpleNamespace(to=()),
        delivery=SimpleNamespace(relay="relay.example:587"),
    )


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer(GOOD, validates=True) as made:
        yield made


def found(server: DnsServer) -> dict[str, tuple[str, str]]:
    given = settings(server)
    wanted = [*records(given, CERTIFICATE, DKIM, "abc")]
    return {
        f"{one.code} {one.what}": (one.level, one.told)
        for one in compared(given, Zone(given.gate.dns_servers), wanted)
        if one.level != "ok"
    }


def test_where_all_is_published_nothing_is_told(server: DnsServer) -> None:
    assert found(server) == {}
    assert (MX, "A") in server.asked


@pytest.mark.parametrize(
    ("name", "kind", "there", "code", "told"),
    [
        (DOMAIN, "MX", ["10 elders.nl."], "dns-mx", "names elders.nl, we expect mx.overdracht.nl"),
        (MX, "A", None, "dns-host", "has no address"),
        (
            DOMAIN,
            "TXT",
            ['"v=spf1 mx ?all"'],
            "dns-spf",
            "does not end in -all: anybody may send in our name",
        ),
        (
            DOMAIN,
            "TXT",
            ['"v=spf1 mx -all"', '"v=spf1 a -all"'],
            "dns-spf",
            "there are 2, which counts as none",
        ),
        (f"ib1._domainkey.{DOMAIN}", "TXT", ['"v=DKIM1; p=BBBB"'], "dns-dkim", "holds another key"),
        (f"_dmarc.{DOMAIN}", "TXT", ['"v=DMARC1; p=none"'], "dns-dmarc", "has p=none, which refuses nothing"),
        (f"_mta-sts.{DOMAIN}", "TXT", ['"v=STSv1; id=old"'], "dns-mta-sts", "is not: v=STSv1; id=abc"),
        (f"_smtp._tls.{DOMAIN}", "TXT", None, "dns-tls-rpt", "there is none"),
        (f"_25._tcp.{MX}", "TLSA", ["3 1 1 " + "11" * 32], "dns-tlsa", "is not of our certificate"),
        (f"_25._tcp.{MX}", "TLSA", [], "dns-tlsa", "could not be looked up"),
        (DOMAIN, "CAA", None, "dns-caa", "there is none"),
        (
            DOMAIN,
            "TXT",
            ['"v=spf1 -all"', '"v=NTA7516-1;x"', '"v=NTA7516-1;y"'],
            "",
            "",
        ),
    ],
)
def test_each_that_is_not_right_is_named(
    server: DnsServer, name: str, kind: str, there: list[str] | None, code: str, told: str
) -> None:
    if there is None:
        del server.zone[name, kind]
    else:
        server.zone[name, kind] = there
    said = [(what.split()[0], text) for what, (_, text) in found(server).items()]
    assert said == ([(code, told)] if code else [])


def test_without_an_mx_nothing_arrives(server: DnsServer) -> None:
    del server.zone[DOMAIN, "MX"]
    assert found(server)[f"dns-mx MX {DOMAIN}"] == ("error", "there is none")


def test_a_resolver_that_vouches_for_nothing(server: DnsServer) -> None:
    server.validates = False
    assert [*found(server)] == ["dnssec dns"]


@pytest.mark.parametrize(("proof", "level"), [("self", "error"), ("front", "warning")])
def test_dns_that_is_down_is_one_finding(server: DnsServer, proof: str, level: str) -> None:
    server.zone[DOMAIN, "MX"] = []
    given = settings(server, proof)
    (one,) = compared(given, Zone(given.gate.dns_servers), records(given, CERTIFICATE))
    assert (one.code, one.level) == ("dns", level)


def test_a_name_for_examples_is_not_asked_about(server: DnsServer) -> None:
    given = settings(domain="handover.example")
    (one,) = compared(given, Zone((("127.0.0.1", server.port),)), records(given))
    assert (one.code, server.asked) == ("trial", [])


def test_what_is_printed_is_what_is_looked_for(server: DnsServer) -> None:
    lines = [record.line() for record in records(settings(server), CERTIFICATE, DKIM, "abc")]
    assert f"{DOMAIN}. 3600 IN MX 10 {MX}." in lines
    assert f'{DOMAIN}. 3600 IN TXT "v=spf1 mx a:relay.example -all"' in lines
    assert f"_25._tcp.{MX}. 3600 IN TLSA 3 1 1 {spki_digest(CERTIFICATE)}" in lines
    assert any("NTA7516-1" in line for line in lines)
    for record in records(settings(server), CERTIFICATE, DKIM, "abc"):
        if not record.left and record.kind == "TXT":
            assert record.judge((record.value,)) is None, record


NTA = "v=NTA7516-1;startdate=2026-01;enddate=2026-11;provider=Voorbeeld"


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (NTA, None),
        (f"{NTA};ntamx=10 {MX}", None),
        (f"{NTA}; ntamx = 10 {MX.upper()}.", None),
        (f"{NTA};ntamx=10 elders.nl", "sends others to elders.nl, which is not ours"),
        (f"{NTA};ntamx={MX}", "has an ntamx that is not a number and a name"),
        (NTA.replace("2026-11", "2026-10"), "is not valid now: look at its startdate and enddate"),
        (NTA.replace("2026-01", "2026-12"), "has no startdate and enddate as YYYY-MM, in this order"),
        (NTA.replace("2026-01", "2026-13"), "has no startdate and enddate as YYYY-MM, in this order"),
        (NTA.replace("provider=Voorbeeld", ""), "names no version 1 or no provider"),
        (NTA.replace("7516-1", "7516-2"), "names no version 1 or no provider"),
    ],
)
def test_a_record_of_nta_7516_is_read(record: str, told: str | None) -> None:
    wanted = records(settings(), today=date(2026, 11, 29))
    (judge,) = (one.judge for one in wanted if one.code == "dns-nta7516")
    assert judge((record, "v=spf1 -all")) == told


def test_behind_a_front_server_the_certificate_is_that_servers(server: DnsServer) -> None:
    (tlsa,) = (one for one in records(settings(server, "front"), CERTIFICATE) if one.kind == "TLSA")
    assert tlsa.left
    assert tlsa.judge(("3 1 1 ff",)) is None


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_no_record_of_others_raises(text: str) -> None:
    wanted: list[DnsRecord] = [*records(settings(), CERTIFICATE, DKIM, "abc", "beheer@hulp.example")]
    assert [
        one.value.endswith("rua=mailto:beheer@hulp.example") for one in wanted if one.code == "dns-dmarc"
    ] == [True], "who reads alarms now, as the directory has it"
    for record in wanted:
        if record.kind == "TXT":
            for start in ("", record.value[:6], record.value[:9] + ";"):
                record.judge((start + text,))
