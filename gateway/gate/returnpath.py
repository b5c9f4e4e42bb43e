"""The return address of a mail of ours: where the mail server that can't deliver it says so.

It promises that only a holder of the secret can make one, that it names one delivery and no other, and that
nothing given to it makes it raise. A bounce that comes to such an address is about that delivery, whatever it
looks like; one that doesn't proves nothing (compare BATV). Mail to it is accepted from the null sender alone.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence

_MIN_SECRET = 32
_MAC_BYTES = 10
_RETURN = re.compile(r"[a-z0-9._-]{1,32}\+b\.([a-z2-7]{26})\.([a-z2-7]{16})")
_DELIVERY = re.compile(r"[0-9a-f]{32}")
_LONGEST = 64
"""Octets of a local part (RFC 5321 section 4.5.3.1.1)."""


def has_return_form(address: str, own: str) -> bool:
    """Whether an address looks like a return address of `own`: what SMTP can ask without the secret."""
    local, _, domain = address.lower().rpartition("@")
    ours, _, home = own.lower().rpartition("@")
    return domain == home and local.partition("+")[0] == ours and _RETURN.fullmatch(local) is not None


class ReturnPaths:
    """Makes and reads return addresses.

    `secret` makes, `secret` and `previous` are known; each has at least 32 bytes. `address` is the gateway's
    own, and those at `aliases`, which it had before, are known too; what follows its `+` is "b.", the
    delivery id in base32 and a MAC of 80 bits, all in lower case, because some servers fold addresses to one
    case.
    """

    def __init__(
        self, secret: bytes, address: str, previous: tuple[bytes, ...] = (), aliases: Sequence[str] = ()
    ) -> None:
        if any(len(key) < _MIN_SECRET for key in (secret, *previous)):
            raise ValueError(f"a secret for return addresses has at least {_MIN_SECRET} bytes")
        self._keys = (secret, *previous)
        self._local, _, self._domain = address.lower().rpartition("@")
        parts = (each.lower().rpartition("@") for each in (address, *aliases))
        self._ours = {(name, domain) for name, _, domain in parts}
        if len(self._local) + 46 > _LONGEST:
            raise ValueError("the return address is too long: give the gateway a shorter local part")

    def address(self, delivery: str) -> str:
        """The return address of a delivery, by its id of 32 hex digits; ValueError for anything else."""
        if not _DELIVERY.fullmatch(delivery):
            raise ValueError("not a delivery id")
        name = base64.b32encode(bytes.fromhex(delivery)).decode().rstrip("=").lower()
        return f"{self._local}+b.{name}.{self._mac(self._keys[0], name)}@{self._domain}"

    def delivery(self, address: str) -> str | None:
        """The delivery id in an address, or in its local part alone, if we made it."""
        local, at, domain = address.lower().rpartition("@")
        if not at:
            local, domain = domain, ""
        match, name = _RETURN.fullmatch(local), local.partition("+")[0]
        ours = (name, domain) in self._ours if domain else any(name == one for one, _ in self._ours)
        if match is None or not ours:
            return None
        if not sum(hmac.compare_digest(match[2], self._mac(key, match[1])) for key in self._keys):
            return None
        try:
            return base64.b32decode(f"{match[1].upper()}======").hex()
        except binascii.Error:
            return None

    @staticmethod
    def _mac(key: bytes, name: str) -> str:
        digest = hmac.digest(key, f"inbeeld return 1\0{name}".encode(), "sha256")
        return base64.b32encode(digest[:_MAC_BYTES]).decode().lower()
