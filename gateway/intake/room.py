"""Whether there is room for more mail: on the disk, and in what nobody has proven yet.

Promises: mail is refused (451) before the disk is so full that the database fails; the mails of strangers
that wait or stand in quarantine are bounded in number and size, of one network and in all, whatever they
send, and so is how many they send in a day; networks from which a practice's proven mail came are never
refused for what others send. Nothing is asked of disk or database while a client waits: a look every few
seconds, in a thread, and a count in between.

A network is known by a keyed mark only, so that the database doesn't tell who sent.
"""

import asyncio
import hashlib
import math
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from pathlib import Path

from gateway.intake.limits import Limits, network
from gateway.store.inbox import Share

EVERY_S = 5.0
"""So often it is looked how much room there is."""

_DAY_S, _MARKS = 86_400.0, 10_000

_KNOWN_EVERY = 60
"""Which networks are known changes slowly: it is asked at every so many looks."""


class DayCount:
    """How many mails came in a day from a network, or in all (""): what came counts less by the second."""

    def __init__(self, tick: Callable[[], float]) -> None:
        self._tick = tick
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def used(self, mark: str, most: int) -> int:
        """How many count now, of so many in a day; a part of one counts whole."""
        return math.ceil(self._left(mark, most))

    def _left(self, mark: str, most: int) -> float:
        used, at = self._used.get(mark, (0.0, 0.0))
        return max(0.0, used - (self._tick() - at) * most / _DAY_S)

    def count(self, mark: str, most: int) -> None:
        """Another one came."""
        self._used[mark] = self._left(mark, most) + 1, self._tick()
        self._used.move_to_end(mark)
        while len(self._used) > _MARKS:
            self._used.popitem(last=False)


class MailRoom:
    """`free` gives the bytes that are free where the store writes, or is None where that isn't ours to see;
    `unproven` what is kept of mails that are not proven, by the mark of the network, and `known` the marks of
    the networks that brought proven mail."""

    def __init__(
        self,
        limits: Limits,
        *,
        key: bytes = b"",
        free: Callable[[], int] | None = None,
        unproven: Callable[[], Mapping[str, Share]] = dict,
        known: Callable[[], Collection[str]] = tuple,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._day = DayCount(tick)
        self._read_free, self._read_unproven, self._read_known = free, unproven, known
        self._free: int | None = None
        self._known: frozenset[str] = frozenset()
        self._shares: dict[str, Share] = {}
        self._all = Share(0, 0)
        self._looks = 0
        # Told from the address again and again; clients are few.
        self.mark = lru_cache(4096)(lambda peer_ip: _mark(key, peer_ip))

    def change(self, limits: Limits) -> None:
        """Let these hold from now on."""
        self._limits = limits

    @property
    def disk_full(self) -> bool:
        """Whether no mail is taken for want of room on the disk: then we are not ready."""
        return self._free is not None and self._free < self._limits.free_disk_bytes

    def knows(self, peer_ip: str) -> bool:
        """Whether a practice's proven mail came from this network before."""
        return bool(self._known) and self.mark(peer_ip) in self._known

    def full(self, mark: str | None, *, everybody: bool = False) -> str | None:
        """The limit that leaves no room for another mail, if any; `mark` is the network's, None for a client
        that is known by more than its address. With `everybody` all senders come from that one: no stranger
        among them may use up its share."""
        if self.disk_full:
            return "free_disk_bytes"
        if mark is None or mark in self._known:
            return None
        limits, share, total = self._limits, self._shares.get(mark, Share(0, 0)), self._all
        for name, used in (
            ("unproven_mails_per_network", share.mails),
            ("unproven_bytes_per_network", share.bytes),
            ("unproven_mails", total.mails),
            ("unproven_bytes", total.bytes),
            ("stranger_mails_per_network", self._day.used(mark, limits.stranger_mails_per_network)),
            ("stranger_mails", self._day.used("", limits.stranger_mails)),
        ):
            if used >= getattr(limits, name) and not (everybody and name.endswith("_network")):
                return name
        return None

    def took(self, mark: str | None, size: int) -> None:
        """A mail of this size was kept; it counts until the next look."""
        if self._free is not None:
            self._free -= size
        if mark is not None and mark not in self._known:
            before = self._shares.get(mark, Share(0, 0))
            self._shares[mark] = Share(before.mails + 1, before.bytes + size)
            self._all = Share(self._all.mails + 1, self._all.bytes + size)
            self._day.count(mark, self._limits.stranger_mails_per_network)
            self._day.count("", self._limits.stranger_mails)

    def look(self) -> None:
        """Ask disk and database, which takes a while. A disk that can't be asked counts as full."""
        if self._read_free is not None:
            try:
                self._free = self._read_free()
            except OSError:
                self._free = 0
        if self._looks % _KNOWN_EVERY == 0:
            self._known = frozenset(self._read_known())
        self._looks += 1
        known = self._known
        shares = {mark: share for mark, share in self._read_unproven().items() if mark not in known}
        self._all = Share(
            sum(share.mails for share in shares.values()), sum(share.bytes for share in shares.values())
        )
        self._shares = shares

    async def watch(self, failed: Callable[[str], None], every: float = EVERY_S) -> None:
        """Look for ever. What fails is told once, by its class, until it works again; meanwhile what was last
        seen holds."""
        works = True
        while True:
            try:
                await asyncio.to_thread(self.look)
                works = True
            except Exception as error:  # noqa: BLE001
                if works:
                    failed(type(error).__name__)
                works = False
            await asyncio.sleep(every)


def _mark(key: bytes, peer_ip: str) -> str:
    return hashlib.blake2b(b"network:" + network(peer_ip).encode(), key=key, digest_size=16).hexdigest()


def free_bytes(folder: Path) -> int:
    """How much room the disk has on which this folder is."""
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize
