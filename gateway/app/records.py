"""Every DNS record that the domain of a gateway needs, made of its configuration and keys, and looked up.

It promises that what only the operator can know (what is certified, where a relay sends from) is marked as
left to them, that a record which differs without harm (a longer SPF, another rua) is not called wrong, that
"there is none" is empty while "could not tell" is raised, and that an answer is called authentic only if the
resolver validated it (AD).
"""

import hashlib
import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import dns.exception
import dns.flags
import dns.name
import dns.nameserver
import dns.rcode
import dns.resolver
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.app.findings import Finding, Level
from gateway.errors import ConfigError
from gateway.gate.authenticity import DnsTrouble
from gateway.settings import Settings

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


Judge = Callable[[tuple[str, ...]], str | None]
"""From the records that were found to what is wrong with them."""

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """One record to publish. `about` says what it is for, `left` that the operator must fill it in or may
    leave it out; `judge` finds what is wrong with what is there."""

    code: str
    name: str
    kind: str
    value: str
    about: str
    judge: Judge = field(repr=False)
    left: bool = False

    def line(self) -> str:
        """As it stands in a zone file. A string of TXT has 255 bytes at most."""
        value = self.value
        if self.kind == "TXT":
            parts = [value[at : at + 255] for at in range(0, len(value), 255)]
            value = " ".join(f'"{part}"' for part in parts)
        return f"{self.name}. 3600 IN {self.kind} {value}"

    def problem(self, zone: Zone) -> str | None:
        """What is wrong with what DNS says; raises `DnsTrouble`."""
        return self.judge(zone.look_up(self.name, self.kind).records)


def mx_hosts(settings: Settings) -> tuple[str, ...]:
    """The names that our MX records should have."""
    return settings.smtp.mx or (settings.gateway.domain,)


def records(
    settings: Settings,
    certificate: x509.Certificate | None = None,
    dkim: Mapping[str, str] | None = None,
    policy_id: str = "",
    reports: str = "",
    today: date | None = None,
) -> Iterator[DnsRecord]:
    """All of them. `dkim` gives the record of each selector, `policy_id` that of our MTA-STS policy;
    `reports` reads what others say of our mail."""
    domain, hosts = settings.gateway.domain, mx_hosts(settings)
    for host in hosts:
        yield DnsRecord("dns-mx", domain, "MX", f"10 {host}.", "where mail for us goes", _mx(hosts))
    web = urlsplit(settings.web.public_url).hostname or ""
    for host in dict.fromkeys((*hosts, *([web] if web else []))):
        about = "the address of that host (AAAA beside it)"
        yield DnsRecord("dns-host", host, "A", "192.0.2.1", about, _some("has no address"), left=True)
    yield DnsRecord("dns-spf", domain, "TXT", _spf(settings), "who sends in our name", _spf_wrong)
    for selector, value in (dkim or {}).items():
        name = f"{selector}._domainkey.{domain}"
        yield DnsRecord("dns-dkim", name, "TXT", value, "the key of our signatures", _dkim(value))
    if not dkim:
        name = f"SELECTOR._domainkey.{domain}"
        about = "the key with which your relay signs; or sign here: inbeeld keys generate dkim"
        yield DnsRecord("dns-dkim", name, "TXT", "v=DKIM1; k=rsa; p=…", about, lambda _: None, left=True)
    value = f"v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:{reports or f'postmaster@{domain}'}"
    yield DnsRecord("dns-dmarc", f"_dmarc.{domain}", "TXT", value, "what others do with forgeries", _dmarc)
    yield from _tls(settings, hosts, certificate, policy_id)
    about = "which authority may make certificates for us; put yours"
    value = f'0 issue "{_issuer(certificate)}"'
    yield DnsRecord("dns-caa", domain, "CAA", value, about, _some("there is none"), left=True)
    value = f"v=NTA7516-1;startdate=JJJJ-MM;enddate=JJJJ-MM;provider=NAAM;ntamx=10 {hosts[0]}"
    about = "only if you are certified for NTA 7516: fill in the dates and provider of your certificate"
    judge = _nta7516(today or datetime.now(UTC).date(), hosts)
    yield DnsRecord("dns-nta7516", domain, "TXT", value, about, judge, left=True)


def _tls(
    settings: Settings, hosts: tuple[str, ...], certificate: x509.Certificate | None, policy_id: str
) -> Iterator[DnsRecord]:
    """What others need to insist on TLS, and to tell that it failed."""
    domain = settings.gateway.domain
    if policy_id:
        name, value = f"_mta-sts.{domain}", f"v=STSv1; id={policy_id}"
        about = "that there is a policy (https://mta-sts.…/.well-known/mta-sts.txt); its id changes with it"
        yield DnsRecord("dns-mta-sts", name, "TXT", value, about, _exactly(value))
        name = f"mta-sts.{domain}"
        about = "where that policy is served: at web.listen, port 443, with a certificate for this name"
        yield DnsRecord("dns-mta-sts", name, "A", "192.0.2.1", about, _some("has no address"), left=True)
    else:
        name, about = f"_mta-sts.{domain}", "a policy for TLS; set web.mta_sts to serve one here"
        yield DnsRecord("dns-mta-sts", name, "TXT", "v=STSv1; id=…", about, _begins("v=STSv1"), left=True)
    reports = settings.smtp.tls_reports or f"postmaster@{domain}"
    value = f"v=TLSRPTv1; rua=mailto:{reports}"
    name = f"_smtp._tls.{domain}"
    yield DnsRecord("dns-tls-rpt", name, "TXT", value, "whom others tell of failures", _begins("v=TLSRPTv1"))
    # Behind a front server it is that server's certificate which others see.
    front = settings.gate.proof == "front"
    digest = spki_digest(certificate) if certificate else "…"
    about = "the certificate of that host, for DANE (the zone must be signed)"
    about += "; of your front server, so this value is ours only if it has the same key" if front else ""
    for host in hosts:
        value = f"3 1 1 {digest}"
        judge = _some("there is none") if front or certificate is None else _tlsa(certificate)
        name = f"_25._tcp.{host}"
        yield DnsRecord("dns-tlsa", name, "TLSA", value, about, judge, left=front or certificate is None)


def compared(settings: Settings, zone: Zone, wanted: Iterable[DnsRecord]) -> Iterator[Finding]:
    """What DNS says, beside what it should; nothing is asked about a name that is only for examples."""
    domain = settings.gateway.domain
    if domain.endswith(".example") and not settings.gate.dns_servers:
        yield Finding(
            "trial", "warning", "dns", f"{domain} is a name for examples, so its records are not looked at"
        )
        return
    try:
        vouched = zone.look_up(domain, "MX").authentic
    except DnsTrouble:
        level: Level = "error" if settings.gate.proof == "self" else "warning"
        yield Finding("dns", level, "dns", f"no answer about {domain}")
        return
    if not vouched:
        yield Finding("dnssec", "warning", "dns", f"no answer about {domain} is validated with DNSSEC")
    for record in wanted:
        if "SELECTOR" in record.name:
            continue
        what = f"{record.kind} {record.name}"
        try:
            problem = record.problem(zone)
        except DnsTrouble:
            problem = "could not be looked up"
        if problem is None:
            yield Finding(record.code, "ok", what, "as it should be")
        elif not (record.left and record.code in SPARED):
            yield Finding(record.code, "error" if record.code == "dns-mx" else "warning", what, problem)


SPARED = frozenset({"dns-nta7516"})
"""What an operator may leave out for good reason."""


def spki_digest(certificate: x509.Certificate) -> str:
    """The SHA-256 of a certificate's public key, as `TLSA 3 1 1` has it."""
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(key).hexdigest()


def _spf(settings: Settings) -> str:
    host = settings.delivery.relay.rpartition(":")[0].strip("[]")
    if not host or host == "localhost":
        return "v=spf1 mx -all"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"v=spf1 mx a:{host} -all"
    return f"v=spf1 mx ip{address.version}:{address} -all" if address.is_global else "v=spf1 mx -all"


def _issuer(certificate: x509.Certificate | None) -> str:
    names = certificate.issuer.rfc4514_string() if certificate else ""
    return "letsencrypt.org" if "Let's Encrypt" in names else "AUTHORITY"


def _mx(hosts: tuple[str, ...]) -> Judge:
    def judge(found: tuple[str, ...]) -> str | None:
        there = {record.split()[-1].rstrip(".").lower() for record in found}
        if not there:
            return "there is none"
        return (
            None if there == set(hosts) else f"names {', '.join(sorted(there))}, we expect {', '.join(hosts)}"
        )

    return judge


def _some(problem: str) -> Judge:
    return lambda found: None if found else problem


def _begins(tag: str) -> Judge:
    def judge(found: tuple[str, ...]) -> str | None:
        number = sum(record.startswith(tag) for record in found)
        return None if number == 1 else "there is none" if not number else f"there are {number}"

    return judge


def _exactly(value: str) -> Judge:
    tag = value.partition(";")[0]

    def judge(found: tuple[str, ...]) -> str | None:
        if problem := _begins(tag)(found):
            return problem
        same = any(_tags(record) == _tags(value) for record in found if record.startswith(tag))
        return None if same else f"is not: {value}"

    return judge


def _spf_wrong(found: tuple[str, ...]) -> str | None:
    spf = [record for record in found if record.lower().split(" ")[0] == "v=spf1"]
    if len(spf) != 1:
        return "there is none" if not spf else f"there are {len(spf)}, which counts as none"
    last = spf[0].lower().split()[-1]
    if last in ("-all", "~all") or "redirect=" in last:
        return None
    return "does not end in -all: anybody may send in our name"


def _dkim(value: str) -> Judge:
    wanted = _tags(value)["p"]

    def judge(found: tuple[str, ...]) -> str | None:
        if not found:
            return "there is none"
        return None if any(_tags(record).get("p") == wanted for record in found) else "holds another key"

    return judge


def _dmarc(found: tuple[str, ...]) -> str | None:
    if problem := _begins("v=DMARC1")(found):
        return problem
    (record,) = (each for each in found if each.startswith("v=DMARC1"))
    policy = _tags(record).get("p", "")
    return (
        None
        if policy in ("reject", "quarantine")
        else f"has p={policy or '(nothing)'}, which refuses nothing"
    )


def _tlsa(certificate: x509.Certificate) -> Judge:
    whole = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    ours = {f"3 1 1 {spki_digest(certificate)}", f"3 0 1 {whole}"}

    def judge(found: tuple[str, ...]) -> str | None:
        if not found:
            return "there is none"
        there = {
            " ".join(record.lower().split()[:3]) + " " + "".join(record.lower().split()[3:])
            for record in found
        }
        if there & ours:
            return None
        # What names an authority (2) may well hold: that takes its certificate to be told.
        return None if any(record.startswith("2") for record in there) else "is not of our certificate"

    return judge


def _nta7516(today: date, hosts: tuple[str, ...]) -> Judge:
    """A record that says we are certified, if there is one: whole, not over, and of our own servers."""

    def judge(found: tuple[str, ...]) -> str | None:
        there = [record for record in found if record.startswith("v=NTA7516")]
        if len(there) != 1:
            return f"there are {len(there)}" if there else None
        parts = [part.strip().partition("=") for part in there[0].split(";") if part.strip()]
        tags = {name.strip(): value.strip() for name, _, value in parts}
        if tags.get("v") != "NTA7516-1" or not tags.get("provider"):
            return "names no version 1 or no provider"
        months = [_MONTH.fullmatch(tags.get(name, "")) for name in ("startdate", "enddate")]
        begin, end = ((int(month[1]), int(month[2])) if month else None for month in months)
        if begin is None or end is None or begin > end:
            return "has no startdate and enddate as YYYY-MM, in this order"
        if not begin <= (today.year, today.month) <= end:
            return "is not valid now: look at its startdate and enddate"
        named = [value.split() for name, _, value in parts if name.strip() == "ntamx"]
        if any(len(words) != 2 or not words[0].isdecimal() for words in named):
            return "has an ntamx that is not a number and a name"
        strange = [words[1] for words in named if words[1].rstrip(".").lower() not in hosts]
        return f"sends others to {strange[0]}, which is not ours" if strange else None

    return judge


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";") if part.strip())
    return {name.strip(): "".join(value.split()) for name, _, value in pairs}
