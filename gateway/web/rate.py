"""How often somebody may ask: a bucket of requests for each, that fills again by time.

It promises bounded memory, and that one caller's haste costs no other anything.
"""

import ipaddress
import math
import threading
from collections import OrderedDict

MOST = 10_000
"""So many callers are remembered; of more, those longest unseen are forgotten and start full."""


class Rate:
    """At most `per_minute` requests at once and on average."""

    def __init__(self, per_minute: int) -> None:
        self._size, self._per_second = float(per_minute), per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, who: str, now: float) -> int:
        """Count a request at `now` (seconds of a steady clock): 0, or the seconds until one may come."""
        with self._lock:
            left, at = self._buckets.pop(who, (self._size, now))
            left = min(self._size, left + (now - at) * self._per_second)
            allowed = left >= 1
            self._buckets[who] = (left - allowed, now)
            while len(self._buckets) > MOST:
                self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) / self._per_second))


def neighbourhood(host: str, bits: int = 64) -> str:
    """Where somebody is: their address, of IPv6 its first half, which one customer has whole, or less."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, bits), strict=False))
    return str(address)
