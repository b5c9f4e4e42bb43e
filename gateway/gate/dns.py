"""Looking up names on the network, for the gate's own checks.

It promises that "there is no such record" and "could not tell" are never confused: the first is an empty
answer, the second is None, and nothing is raised; and that slow names keep nobody waiting longer than was
said: they go on in the background, on a thread of their own.
"""

import asyncio
import threading
import time
from collections.abc import Collection
from concurrent.futures import Future, wait
from typing import Protocol

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdata
import dns.resolver

from gateway.errors import ConfigError
from gateway.gate.authenticity import DnsTrouble, Kind, Question, Record

AT_ONCE = 64
"""So many questions are open at a time."""

CACHED = 5_000
"""So many names are remembered."""

LIFETIME = 10.0
"""The seconds for one question; whoever asks it waits less."""


SILENT, SILENT_S = 3, 20.0
"""So many look-ups in a row without any answer, over so many seconds, mean that the servers are away."""


class LooksUp(Protocol):
    """Anything that looks up names for a batch of mails."""

    def look_up_all(
        self, questions: Collection[Question], seconds: float
    ) -> dict[Question, tuple[Record, ...] | None]:
        """The answer to each question, at the latest after `seconds`; None if it could not be had."""
        ...


class Dns:
    """The system's resolver, or the given servers (address and port), with a cache that keeps every answer as
    long as it says (its TTL, also for "no such name"). To be shared by threads, and closed at the end. Raises
    ConfigError if there is no server."""

    def __init__(self, servers: tuple[tuple[str, int], ...] = ()) -> None:
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            remedy = "Name a DNS server there."
            raise ConfigError("/etc/resolv.conf", "nameserver", "no DNS server is known", remedy) from None
        if servers:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*server) for server in servers]
        self._resolver.cache = dns.resolver.LRUCache(CACHED)
        self._lock = threading.RLock()
        self._under_way: dict[Question, Future[tuple[Record, ...] | None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._silent_since: float | None = None
        self._silent = 0

    @property
    def away(self) -> bool:
        """Whether nothing at all could be looked up for a while: the servers are away, and not some names."""
        since = self._silent_since
        return since is not None and self._silent >= SILENT and time.monotonic() - since >= SILENT_S

    def look_up_all(
        self, questions: Collection[Question], seconds: float
    ) -> dict[Question, tuple[Record, ...] | None]:
        """See `LooksUp.look_up_all`. What is late goes on being looked up, for whoever asks it next."""
        asked = {question: self._asked(question) for question in questions}
        wait(asked.values(), timeout=seconds)
        return {question: one.result() if one.done() else None for question, one in asked.items()}

    def look_up(self, name: str, kind: Kind) -> tuple[Record, ...]:
        records = self.look_up_all([(kind, name)], LIFETIME)[kind, name]
        if records is None:
            raise DnsTrouble
        return records

    def close(self) -> None:
        """Give up what is being looked up, and end the thread."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join()
            loop.close()

    def _asked(self, question: Question) -> Future[tuple[Record, ...] | None]:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._gate = asyncio.Semaphore(AT_ONCE)
                self._thread = threading.Thread(target=self._loop.run_forever, name="dns", daemon=True)
                self._thread.start()
            one = self._under_way.get(question)
            if one is None:
                one = asyncio.run_coroutine_threadsafe(self._one(*question), self._loop)
                self._under_way[question] = one
                one.add_done_callback(lambda _: self._under_way.pop(question, None))
            return one

    async def _one(self, kind: Kind, name: str) -> tuple[Record, ...] | None:
        async with self._gate:
            return await self._look_up(kind, name)

    async def _look_up(self, kind: Kind, name: str) -> tuple[Record, ...] | None:
        try:
            absolute = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return ()
        try:
            answer = await self._resolver.resolve(absolute, kind, lifetime=LIFETIME, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            self._silent_since = None
            return ()
        except (dns.exception.DNSException, OSError):
            if self._silent_since is None:
                self._silent_since, self._silent = time.monotonic(), 0
            self._silent += 1
            return None
        self._silent_since = None
        return tuple(_record(rdata, kind) for rdata in answer)


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _record(rdata: dns.rdata.Rdata, kind: Kind) -> Record:
    match kind:
        case "A" | "AAAA":
            return str(rdata.address)  # type: ignore[attr-defined]
        case "PTR":
            return str(rdata.target.to_text(omit_final_dot=True))  # type: ignore[attr-defined]
        case "MX":
            return rdata.preference, rdata.exchange.to_text(omit_final_dot=True)  # type: ignore[attr-defined]
        case "TXT":
            return b"".join(rdata.strings)  # type: ignore[attr-defined]
