"""Who really sent a mail: the proof, and the two ways to it that need no look-up of our own.

`Front` trusts what a named server in front of us found; `Client` trusts a login or a client certificate
(`gateway.gate.selfcheck` finds out for itself). Each promises to raise nothing, to prove one single From
address or nothing, and never to take "could not tell" for a pass. A proof says where a mail came from, not
whether that sender may send: that is `Senders.practice_of(proof.address)`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import authres

from gateway.gate.domains import aligned, fold_domain
from gateway.gate.envelope import Envelope
from gateway.gate.header import Field, domain_of, fields, from_address
from gateway.gate.senders import Senders

Result = Literal["proven", "unproven", "temporary"]
Method = Literal["front", "client", "self"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found out. `code` is from a closed list and safe to log; `address` is the folded From address,
    only there when it is proven (it comes from a mail, so it is kept out of `repr`)."""

    result: Result
    method: Method
    code: str
    address: str | None = field(default=None, repr=False)


class Strategy(Protocol):
    """One way to prove the sender of a mail."""

    def prove(self, envelope: Envelope, raw: bytes, now: datetime) -> Proof:
        """Say whether the From address of `raw`, as it came over SMTP, is proven; `now` is aware UTC."""
        ...


class Client:
    """Proof by the connection itself: the login or client certificate of the practice the mail is from.

    Codes: login, certificate (proven); from, unknown_sender, no_credentials, other_practice.
    """

    def __init__(self, senders: Senders) -> None:
        self._senders = senders

    def prove(self, envelope: Envelope, raw: bytes, now: datetime) -> Proof:
        """Proven if the credentials are those of the practice whose address stands in From."""
        return self.prove_address(envelope, from_address(raw))

    def prove_address(self, envelope: Envelope, address: str | None) -> Proof:
        """The same for a From address that was read already."""
        if address is None:
            return Proof("unproven", "client", "from")
        practice = self._senders.practice_of(address)
        if practice is None:
            return Proof("unproven", "client", "unknown_sender")
        if envelope.login and envelope.login == practice.login:
            return Proof("proven", "client", "login", address)
        if envelope.client_certificate and envelope.client_certificate.lower() in practice.certificates:
            return Proof("proven", "client", "certificate", address)
        shown = envelope.login or envelope.client_certificate
        return Proof("unproven", "client", "other_practice" if shown else "no_credentials")


# What servers put above the mail they were given; the first field of any other name is the sender's own.
_TRACE = frozenset(
    {"authentication-results", "delivered-to", "dkim-filter", "dmarc-filter", "received", "received-spf"}
    | {"return-path"}
)
_MAX_RESULTS = 4_000


class Front:
    """Proof by the Authentication-Results (RFC 8601) of a named server of ours in front of the gateway.

    Only fields with its authserv-id count, and only those in the block that it put on top itself: above the
    second Received field and above the sender's own fields. The front must remove fields that claim its name
    from what it accepts (RFC 8601 section 5); as a second line, every DMARC result must agree, a DMARC pass
    beside SPF and DKIM results of which none passed is not believed, and one unreadable field spoils all.

    Codes: dmarc, dkim, spf (proven); from, not_trusted, unreadable, no_result, dmarc_fail, not_aligned;
    temperror (temporary, though the same mail read again says the same).
    """

    def __init__(self, front_id: str) -> None:
        self._front_id = front_id.lower()

    def prove(self, envelope: Envelope, raw: bytes, now: datetime) -> Proof:
        """Proven if the front says dmarc=pass for the From domain, or, where that domain has no DMARC policy,
        an aligned dkim=pass or spf=pass."""
        address = from_address(raw)
        if address is None:
            return Proof("unproven", "front", "from")
        if not envelope.trusted_relay:
            return Proof("unproven", "front", "not_trusted")
        verdicts = []
        for item in _block(fields(raw) or []):
            read = _read(item)
            if read is None:
                return Proof("unproven", "front", "unreadable")
            if self._is_ours(read) and read.results:
                verdicts.append(read.results)
        result, code = _weigh(verdicts, domain_of(address))
        return Proof(result, "front", code, address if result == "proven" else None)

    def strip(self, raw: bytes, *, trusted: bool) -> bytes:
        """The mail without the Authentication-Results fields that do not count; all of them, if the peer is
        not trusted. A header that can't be read in one way only is left as it is, and proves nothing."""
        header = fields(raw)
        if header is None:
            return raw
        own = {item.start for item in _block(header) if self._is_ours(_read(item))} if trusted else set()
        kept, position = [], 0
        for item in header:
            if item.name == "authentication-results" and item.start not in own:
                kept.append(raw[position : item.start])
                position = item.end
        return b"".join([*kept, raw[position:]])

    def _is_ours(self, read: authres.AuthenticationResultsHeader | None) -> bool:
        return read is not None and bool(read.authserv_id) and read.authserv_id.lower() == self._front_id


def _block(header: list[Field]) -> list[Field]:
    """The Authentication-Results fields that stand where the front puts its own.

    Every server that relays adds a Received field (RFC 5321 section 4.4). In a mail without any, the trusted
    relay itself is the origin of the whole header, and the place of a field says nothing.
    """
    if not any(item.name == "received" for item in header):
        return [item for item in header if item.name == "authentication-results"]
    found: list[Field] = []
    received = 0
    for item in header:
        received += item.name == "received"
        if received > 1 or not (item.name in _TRACE or item.name.startswith("x-")):
            break
        if item.name == "authentication-results":
            found.append(item)
    return found


def _read(item: Field) -> authres.AuthenticationResultsHeader | None:
    """The field as `authres` reads it, or None if it can't; it takes square time and recurses on comments."""
    if len(item.value) > _MAX_RESULTS:
        return None
    try:
        return authres.all_features().parse_value(item.value.decode("ascii").strip())
    except (authres.AuthResError, ValueError, TypeError, AttributeError, IndexError, RecursionError):
        return None


def _weigh(verdicts: list[list[authres.AuthenticationResult]], domain: str) -> tuple[Result, str]:
    """Weigh the front's fields, topmost first, each as the list of its results, for a From domain."""
    if not verdicts:
        return "unproven", "no_result"
    by_method = {name: [_of(name, results) for results in verdicts] for name in ("dmarc", "dkim", "spf")}
    dmarc = [one for results in by_method["dmarc"] for one in results]
    # A field that stands lower may be the sender's, so for these the topmost field that has any counts.
    dkim, spf = (next(filter(None, by_method[name]), []) for name in ("dkim", "spf"))
    if any(one.result == "temperror" for one in dmarc):
        return "temporary", "temperror"
    # "none" is what a front says of a domain without a policy.
    if any(one.result != "none" for one in dmarc):
        agreed = all(one.result == "pass" and fold_domain(one.header_from or "") == domain for one in dmarc)
        backed = not (dkim or spf) or any(one.result == "pass" for one in (*dkim, *spf))
        return ("proven", "dmarc") if agreed and backed else ("unproven", "dmarc_fail")
    if any(one.result == "pass" and _speaks(one.header_d or one.header_i, domain) for one in dkim):
        return "proven", "dkim"
    if spf and all(one.result == "pass" and _speaks(one.smtp_mailfrom, domain) for one in spf):
        return "proven", "spf"
    if any(one.result == "temperror" for one in (*dkim, *spf)):
        return "temporary", "temperror"
    return "unproven", "not_aligned"


def _of(method: str, results: list[authres.AuthenticationResult]) -> list[authres.AuthenticationResult]:
    return [one for one in results if one.method == method]


def _speaks(identifier: str | None, domain: str) -> bool:
    """Whether `user@host` or `host` of a result is aligned with the From domain."""
    folded = fold_domain((identifier or "").rpartition("@")[2])
    return folded is not None and aligned(domain, folded)
