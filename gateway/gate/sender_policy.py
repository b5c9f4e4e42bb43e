"""SPF (RFC 7208): whether a server may send for the domain of an envelope sender.

It promises one of the seven results of RFC 7208 section 2.6, whatever the mail and the DNS hold, and that a
look-up that failed for now gives `temperror`.
"""

from typing import Any, Literal, cast

import spf

from gateway.gate.answers import DnsTrouble, Kind, Resolver

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
