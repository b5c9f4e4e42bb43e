"""Who really sent a mail: the proof, and the way to it that needs nothing but the connection.

`Client` trusts a login or a client certificate; `gateway.gate.front` trusts what a named server in front of
us found, and `gateway.gate.selfcheck` finds out for itself. Each promises to raise nothing, to prove one
single From address or nothing, and never to take "could not tell" for a pass. A proof says where a mail came
from, not whether that sender may send: that is `Senders.practice_of(proof.address)`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from gateway.gate.envelope import Envelope
from gateway.gate.header import from_address
from gateway.gate.senders import Practice, Senders

Outcome = Literal["proven", "unproven", "temporary"]
Method = Literal["front", "client", "self"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found out. `code` is from a closed list and safe to log; `address` is the folded From address,
    only there when it is proven (it comes from a mail, so it is kept out of `repr`)."""

    result: Outcome
    method: Method
    code: str
    address: str | None = field(default=None, repr=False)
    covers: tuple[str, ...] = ()
    """The header fields that the signature covers, on which the proof rests; none if it rests on another."""
    signature: str | None = None
    """A digest of what that signature protects: a mail with the same one is the same mail, whatever else was
    changed in it."""

    def satisfies(self, practice: Practice) -> bool:
        """Whether it is as strong as the practice asks: some want no mail of theirs believed on its server's
        address alone."""
        return self.result == "proven" and not (practice.dkim_required and self.code == "spf")


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
