"""Proof that we find out ourselves: SPF, DKIM and DMARC (RFC 7208, 6376, 7489).

It promises that a mail is proven only by a DKIM signature or an SPF pass that is aligned with the From
domain, whatever that domain's DMARC policy asks; that `p=none` lets nobody in; that trouble with DNS is
"temporary" and never a pass; and that every search starts at a domain of the From domain's owner, so a mail
can't send us to look up a stranger's names. Pure: it asks a resolver, mostly one of known answers.
"""

from dataclasses import dataclass
from datetime import datetime

import dmarc

from gateway.gate.answers import DnsTrouble, Resolver
from gateway.gate.authenticity import Proof
from gateway.gate.domains import aligned, fold_domain, organisational
from gateway.gate.envelope import Envelope
from gateway.gate.header import domain_of, from_address
from gateway.gate.sender_policy import spf_result
from gateway.gate.signatures import signers


@dataclass(frozen=True, slots=True)
class Policy:
    """What a domain asks in its DMARC record: how strict alignment is, and what to do with failures."""

    strict_dkim: bool = False
    strict_spf: bool = False
    asks: str = "nothing"


class SelfCheck:
    """Proof by our own checks of the mail as it came, before anything was added or removed.

    Codes: dkim, spf (proven); from, not_aligned (no DMARC record), dmarc_none, dmarc_quarantine,
    dmarc_reject; dns (temporary).
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def prove(self, envelope: Envelope, raw: bytes, now: datetime) -> Proof:
        """Proven if an aligned signature holds or the peer may send for an aligned envelope sender."""
        address = from_address(raw)
        if address is None:
            return Proof("unproven", "self", "from")
        domain, resolver = domain_of(address), self._resolver
        try:
            policy = dmarc_policy(resolver, domain)
        except DnsTrouble:
            return Proof("temporary", "self", "dns")

        def may_sign(signer: str) -> bool:
            return aligned(domain, signer, strict=policy.strict_dkim)

        signed = signers(raw, resolver, now, wanted=may_sign)
        if signed.passed:
            return Proof("proven", "self", "dkim", address)
        sent = self._spf(resolver, envelope, domain, policy)
        if sent == "pass":
            return Proof("proven", "self", "spf", address)
        if signed.unknown or sent == "temperror":
            return Proof("temporary", "self", "dns")
        return Proof(
            "unproven", "self", "not_aligned" if policy.asks == "nothing" else f"dmarc_{policy.asks}"
        )

    def _spf(self, resolver: Resolver, envelope: Envelope, domain: str, policy: Policy) -> str:
        """The result for an aligned envelope sender; "none" where SPF says nothing about the From domain."""
        # Behind a relay of our own, the peer is that relay and not the server that sent the mail.
        if envelope.trusted_relay:
            return "none"
        sender = fold_domain((envelope.mail_from or envelope.helo).rpartition("@")[2])
        if sender is None or not aligned(domain, sender, strict=policy.strict_spf):
            return "none"
        return spf_result(
            resolver,
            peer_ip=envelope.peer_ip,
            mail_from=envelope.mail_from,
            helo=envelope.helo,
        )


def dmarc_policy(resolver: Resolver, domain: str) -> Policy:
    """The policy for a folded From domain: its own record, else that of its organisational domain (RFC 7489
    section 6.6.3). Two records, or one that can't be read, are none. Raises DnsTrouble."""
    owner = organisational(domain)
    for name in dict.fromkeys((domain, owner)):
        if name is None:
            continue
        texts = [text for text in resolver.look_up(f"_dmarc.{name}", "TXT") if isinstance(text, bytes)]
        records = [text for text in texts if text.startswith(b"v=DMARC1")]
        if len(records) > 1:
            break
        if records:
            return _read(records[0].decode("ascii", "replace"), domain, owner if name != domain else None)
    return Policy()


def _read(record: str, domain: str, owner: str | None) -> Policy:
    try:
        read = dmarc.DMARC().parse_record(record, domain, owner, strict=False)
    except (dmarc.Error, ValueError, LookupError):
        return Policy()
    asked = read.sp if owner and read.sp is not dmarc.DMARCDisposition.UNSPECIFIED else read.p
    strict = dmarc.DMARCAlignment.STRICT
    return Policy(read.adkim is strict, read.aspf is strict, asked.value or "none")
