"""Every cap of the intake: sizes, counts and times, who gets a connection and for how long, and whether there
is room for more mail: on the disk, and in what nobody has proven yet.

Promises: no client can make the listener hold more than `memory_bytes` of mail, keep more than `connections`
sockets, or stay longer than `session_s`. Strangers never take the last connections: some are kept for
networks from which practices' mail came before, and some more for our own front servers. When the strangers'
share is nearly full, those who bring no mail have to hurry. Times are the event loop's seconds.

Mail is refused (451) before the disk is so full that the database fails; the mails of strangers that wait or
stand in quarantine are bounded in number and size, of one network and in all, whatever they send, and so is
how many they send in a day; networks from which a practice's proven mail came are never refused for what
others send. Nothing is asked of disk or database while a client waits: a look every few seconds, in a thread,
and a count in between. A network is known by a keyed mark only, so that the database doesn't tell who sent.
"""

import asyncio
import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Protocol

from gateway.intake.daycount import DayCount
from gateway.store.inbox import Share


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times (`_s`) in seconds, the others are counts. Each name is also the event's code."""

    message_bytes: int = 10 * 1024 * 1024
    line_bytes: int = 998
    header_bytes: int = 100 * 1024
    received_hops: int = 50
    recipients: int = 20
    connections: int = 100
    connections_per_address: int = 20
    # IPv4 addresses count as one network by their first 24 bits, IPv6 addresses by their first 48.
    connections_per_network: int = 40
    # Of all connections, so many are kept for known networks and fronts, and so many for fronts alone.
    reserved_known: int = 30
    reserved_fronts: int = 10
    # Refusals and commands that bring a mail no further (NOOP, RSET, VRFY, …), since the last kept mail.
    strikes: int = 50
    login_failures: int = 3
    command_bytes: int = 1024
    idle_s: float = 120
    data_s: float = 300
    session_s: float = 1800
    handshake_s: float = 30
    # A client in DATA must bring `data_rate` bytes a second, measured over every `data_rate_s`.
    data_rate: int = 500
    data_rate_s: float = 30
    # When three quarters of the strangers' connections are taken, a stranger may be silent for so long, and
    # be there for so long without a kept mail (Postfix calls this stress).
    stress_idle_s: float = 10
    stress_session_s: float = 60
    # After a mail has outgrown its limit so much is still read, so that the client hears why.
    drain_bytes: int = 64 * 1024 * 1024
    # All mails together that are being received or wait for their commit.
    memory_bytes: int = 64 * 1024 * 1024
    # How long a connection that was told to leave may still exist.
    linger_s: float = 2
    # Below so much free room on the disk no mail is taken any more.
    free_disk_bytes: int = 512 * 1024 * 1024
    # What strangers' mails that nobody has proven may take: of one network, and in all.
    unproven_mails_per_network: int = 200
    unproven_bytes_per_network: int = 100 * 1024 * 1024
    unproven_mails: int = 5000
    unproven_bytes: int = 1024 * 1024 * 1024
    # What strangers may send in a day, whatever becomes of it: each mail leaves a row and an event for good.
    stranger_mails_per_network: int = 1000
    stranger_mails: int = 20_000


class Memory:
    """Counts the bytes of all mails in flight."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def take(self, size: int) -> bool:
        """Whether `size` more bytes fit; if so they count until `give`."""
        if self.used + size > self.limit:
            return False
        self.used += size
        return True

    def give(self, size: int) -> None:
        """Return what was taken."""
        self.used -= size


class Standing(IntEnum):
    """What a client's address tells of it before it has said a word."""

    STRANGER = 0
    KNOWN = 1
    """Mail of a practice, proven as its own, came from this network before."""
    FRONT = 2
    """One of our own front servers."""


class Connections:
    """Counts open connections: in total, of strangers, per address and per network."""

    def __init__(self, limits: Limits) -> None:
        self._per_address: Counter[str] = Counter()
        self._per_network: Counter[str] = Counter()
        self._strangers = 0
        self.total = 0
        self.change(limits)

    def change(self, limits: Limits) -> None:
        """Let these hold from now on; whoever is in stays."""
        self._limits = limits
        fronts = max(1, limits.connections - limits.reserved_fronts)
        self._room = {
            Standing.FRONT: limits.connections,
            Standing.KNOWN: fronts,
            Standing.STRANGER: max(1, fronts - limits.reserved_known),
        }
        self._nearly_full = self._room[Standing.STRANGER] * 3 / 4

    @property
    def stressed(self) -> bool:
        """Whether strangers must hurry."""
        return self._strangers >= self._nearly_full

    def enter(self, peer_ip: str, standing: Standing) -> str | None:
        """None when the client may come in (call `leave` later), else the name of the limit it hit.

        A front brings everybody's mail from one address, so only the total holds for it.
        """
        limits = self._limits
        taken = self._strangers if standing is Standing.STRANGER else self.total
        if taken >= self._room[standing] or self.total >= limits.connections:
            return "connections"
        if standing is not Standing.FRONT:
            if self._per_address[origin(peer_ip)] >= limits.connections_per_address:
                return "connections_per_address"
            if self._per_network[network(peer_ip)] >= limits.connections_per_network:
                return "connections_per_network"
            self._per_address[origin(peer_ip)] += 1
            self._per_network[network(peer_ip)] += 1
        self._strangers += standing is Standing.STRANGER
        self.total += 1
        return None

    def leave(self, peer_ip: str, standing: Standing) -> None:
        """The client of `enter` is gone."""
        self.total -= 1
        self._strangers -= standing is Standing.STRANGER
        if standing is not Standing.FRONT:
            for counts, name in (
                (self._per_address, origin(peer_ip)),
                (self._per_network, network(peer_ip)),
            ):
                counts[name] -= 1
                if not counts[name]:
                    del counts[name]


@lru_cache(4096)
def origin(peer_ip: str) -> str:
    """One client: its IPv4 address, or its IPv6 network of 64 bits, which one customer has whole."""
    return _prefix(peer_ip, 4, 8)


@lru_cache(4096)
def network(peer_ip: str) -> str:
    """Where a client is: 24 bits of IPv4, or 48 of IPv6, which one customer may have."""
    return _prefix(peer_ip, 3, 6)


def _prefix(peer_ip: str, bytes_of_4: int, bytes_of_6: int) -> str:
    address = ip_address(peer_ip)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return f"6:{address.packed[:bytes_of_6].hex()}"
        address = address.ipv4_mapped
    return f"4:{address.packed[:bytes_of_4].hex()}"


class Arriving(Protocol):
    """The content of a mail on its way in, as far as time is concerned."""

    received: int


class Patience:
    """How long one client may take. While `content` is set, the client is inside DATA.

    It promises that a client which is silent, drips its commands or its content, or never stops is over one
    of the limits in time.
    """

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        # Looking this often finds every deadline on time, because none is set less far ahead.
        self._period = min(limits.idle_s, limits.data_s, limits.session_s, limits.data_rate_s)
        self._session_end = now + limits.session_s
        self._heard_at = self._kept_at = now
        self._data_end = self._rate_end = 0.0
        self._rate_seen = 0
        self.content: Arriving | None = None

    def heard(self, now: float) -> None:
        """The client has completed a command. Bytes of one don't count: they could drip for ever."""
        self._heard_at = now

    def kept(self, now: float) -> None:
        """The client has brought a mail."""
        self._kept_at = now

    def start_content(self, content: Arriving, now: float) -> None:
        """From now on the limits of DATA hold."""
        self.content = content
        self._data_end = now + self._limits.data_s
        self._start_rate(content, now)

    def end_content(self, now: float) -> None:
        """The content is complete or given up."""
        self.content = None
        self._heard_at = now

    def ended(self, now: float, *, hurry: bool = False) -> str | None:
        """The limit that the client is over, by its name; `hurry` where the limits of stress hold."""
        limits = self._limits
        if now >= self._session_end:
            return "session_s"
        if hurry and now >= self._kept_at + limits.stress_session_s:
            return "stress_session_s"
        if self.content is None:
            if hurry and now >= self._heard_at + limits.stress_idle_s:
                return "stress_idle_s"
            return "idle_s" if now >= self._heard_at + limits.idle_s else None
        if now >= self._data_end:
            return "data_s"
        if now >= self._rate_end:
            if self.content.received - self._rate_seen < limits.data_rate * limits.data_rate_s:
                return "data_rate"
            self._start_rate(self.content, now)
        return None

    def next_look(self, now: float, *, hurry: bool = False) -> float:
        """When to ask again."""
        limits = self._limits
        ends = [self._session_end]
        if hurry:
            ends.append(self._kept_at + limits.stress_session_s)
        if self.content is not None:
            ends += [self._data_end, self._rate_end]
        else:
            ends.append(self._heard_at + limits.idle_s)
            if hurry:
                ends.append(self._heard_at + limits.stress_idle_s)
        # What has passed already was excused (we were the slow ones), and is asked again at the next look.
        period = min(self._period, limits.stress_idle_s) if hurry else self._period
        return min([now + period, *(end for end in ends if end > now)])

    def _start_rate(self, content: Arriving, now: float) -> None:
        self._rate_end = now + self._limits.data_rate_s
        self._rate_seen = content.received


EVERY_S = 5.0
"""So often it is looked how much room there is."""

_KNOWN_EVERY = 60
"""Which networks are known changes slowly: it is asked at every so many looks."""


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
