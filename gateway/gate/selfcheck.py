"""Proof that we find out ourselves: SPF, DKIM and DMARC (RFC 7208, 6376, 7489).

It promises that a mail is proven only by a DKIM signature or an SPF pass that is aligned with the From
domain, whatever that domain's DMARC policy asks; that `p=none` lets nobody in; that trouble with DNS is
"temporary" and never a pass; and that every search starts at a domain of the From domain's owner, so a mail
can't send us to look up a stranger's names. SPF comes to one of the seven results of RFC 7208 section 2.6,
whatever the mail and the DNS hold. Pure: it asks a resolver, mostly one of known answers.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

import spf

from gateway.gate.authenticity import DnsTrouble, Envelope, Kind, Proof, Resolver
from gateway.gate.header import aligned, domain_of, fields, fold_domain, organisational, sender_of
from gateway.gate.signatures import verify

_VERSION = re.compile(rb"v[ \t]*=[ \t]*DMARC1[ \t]*(;|$)")


SpfResult = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]


class _Query(spf.query):  # type: ignore[misc]
    """`pyspf`'s evaluation, which looks up names with a module-wide function, on a resolver of its own."""

    def __init__(self, resolver: Resolver, *, ip: str, sender: str, helo: str) -> None:
        super().__init__(i=ip, s=sender, h=helo)
        self._resolver = resolver

    def dns(self, name: str, qtype: Kind, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        """The records as `pyspf` wants them; it counts the empty answers (RFC 7208 section 4.6.4)."""
        try:
            records = self._resolver.look_up(str(name).lower().removesuffix("."), qtype)
        except DnsTrouble:
            raise spf.TempError("DNS") from None
        if not records and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many void look-ups")
        return [[record] if qtype == "TXT" else record for record in records]

    def get_explanation(self, spec: str) -> None:
        """Nobody is told the domain's explanation, so nothing is looked up for it."""


def spf_result(resolver: Resolver, *, peer_ip: str, mail_from: str, helo: str) -> SpfResult:
    """Check the sender, or `postmaster@helo` for a null return path (RFC 7208 section 2.4)."""
    try:
        result, _, _ = _Query(resolver, ip=peer_ip, sender=mail_from, helo=helo).check()
    except (spf.PermError, ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError):
        return "permerror"
    except (TypeError, ValueError):
        return "permerror"
    return cast("SpfResult", result)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a domain asks in its DMARC record: how strict alignment is, and what to do with failures."""

    strict_dkim: bool = False
    strict_spf: bool = False
    asks: str = "nothing"


class SelfCheck:
    """Proof by our own checks of the mail as it came, before anything was added or removed.

    `ours` is our domain, as the `others` were, `signature_age` how old a DKIM signature may be; `waits` says
    whether something must be looked up before this can come to an end. Codes: dkim,
    spf (proven); from, not_aligned (no DMARC record), dmarc_none, dmarc_quarantine, dmarc_reject; dkim_open,
    dkim_old, dkim_not_to_us (see `Signature.flaw`), dkim_alone (a signature that holds, and wants an SPF pass
    beside it); dns (temporary).
    """

    def __init__(
        self,
        resolver: Resolver,
        ours: str,
        signature_age: timedelta = timedelta(days=5),
        others: Sequence[str] = (),
        waits: Callable[[], bool] = lambda: False,
    ) -> None:
        self._resolver, self._ours, self._age = resolver, (ours, *others), signature_age
        self._waits = waits

    def prove(self, envelope: Envelope, raw: bytes, now: datetime) -> Proof:
        """Proven if an aligned signature holds or the peer may send for an aligned envelope sender."""
        header = fields(raw) or []
        address = sender_of(header)
        if address is None:
            return Proof("unproven", "self", "from")
        domain = domain_of(address)
        try:
            policy = dmarc_policy(self._resolver, domain)
        except DnsTrouble:
            policy = None

        def may_sign(signer: str) -> bool:
            return aligned(domain, signer, strict=policy is not None and policy.strict_dkim)

        # All is asked before anything is answered: what is not known yet is then looked up together.
        sent = self._spf(envelope, domain, policy)
        signed = verify(raw, header, self._resolver, now, wanted=may_sign, waits=self._waits)
        if policy is None:
            return Proof("temporary", "self", "dns")
        flaws = [one.flaw(header, self._ours, now, self._age) for one in signed.passed]
        sound = [one for one, flaw in zip(signed.passed, flaws, strict=True) if flaw is None]
        for one in sound:
            if sent == "pass" or one.alone(header, self._ours):
                return Proof("proven", "self", "dkim", address, tuple(sorted(one.covers)), one.digest)
        if sent == "pass":
            return Proof("proven", "self", "spf", address)
        if signed.unknown or sent == "temperror":
            return Proof("temporary", "self", "dns")
        if signed.passed:
            return Proof("unproven", "self", "dkim_alone" if sound else str(flaws[0]))
        return Proof(
            "unproven", "self", "not_aligned" if policy.asks == "nothing" else f"dmarc_{policy.asks}"
        )

    def _spf(self, envelope: Envelope, domain: str, policy: Policy | None) -> str:
        """The result for an aligned envelope sender; "none" where SPF says nothing about the From domain."""
        # Behind a relay of our own, the peer is that relay and not the server that sent the mail.
        if envelope.trusted_relay:
            return "none"
        sender = fold_domain((envelope.mail_from or envelope.helo).rpartition("@")[2])
        strict = policy is not None and policy.strict_spf
        if sender is None or not aligned(domain, sender, strict=strict):
            return "none"
        return spf_result(
            self._resolver, peer_ip=envelope.peer_ip, mail_from=envelope.mail_from, helo=envelope.helo
        )


def dmarc_policy(resolver: Resolver, domain: str) -> Policy:
    """The policy for a folded From domain: its own record, else that of its organisational domain (RFC 7489
    section 6.6.3). Two records, or one that can't be read, are none. Raises DnsTrouble."""
    owner = organisational(domain)
    for name in dict.fromkeys((domain, owner)):
        if name is None:
            continue
        texts = [text for text in resolver.look_up(f"_dmarc.{name}", "TXT") if isinstance(text, bytes)]
        records = [text for text in texts if _VERSION.match(text)]
        if len(records) > 1:
            break
        if records:
            return _read(records[0].decode("ascii", "replace"), inherited=name != domain)
    return Policy()


def _read(record: str, inherited: bool) -> Policy:
    tags: dict[str, str] = {}
    for piece in record.split(";"):
        name, _, value = piece.partition("=")
        tags.setdefault(name.strip().lower(), value.strip().lower())
    asked = tags.get("sp" if inherited and "sp" in tags else "p", "")
    asks = asked if asked in {"none", "quarantine", "reject"} else "nothing"
    # A record without a policy is none (RFC 7489 section 6.6.3).
    if asks == "nothing":
        return Policy()
    return Policy(tags.get("adkim") == "s", tags.get("aspf") == "s", asks)
