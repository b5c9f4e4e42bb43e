"""Milliseconds of the two parts of a referral that are neither reading nor sealing: a commit, and the relay.

A commit is one durable transaction with one audit event; a referral has three. The relay hands over a mail on
a kept TLS connection, one after the other, to the tests' own mail server in the same process.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from adapters.relay import Relay
from gateway.domain.trail import AuditEvent
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from tests.contract.adapters.wire import make_certificates, relay_options
from tests.peers.mail import MailPeer

MAIL = b"Subject: bench\r\n\r\n" + (b"x" * 70 + b"\r\n") * 40


def measure(directory: Path, times: int) -> dict[str, float]:
    """Medians, in a new directory."""
    directory.mkdir()
    return {"commit": _commit(directory, times), "relay": asyncio.run(_relayed(directory, times))}


def _commit(directory: Path, times: int) -> float:
    store = Store.at(directory)
    found = []
    try:
        migrate(store)
        for _ in range(times):
            began = time.perf_counter()
            with store.write() as session:
                audit.append(session, AuditEvent.CASE_ROUTED, now=datetime.now(UTC), actor="gateway")
            found.append((time.perf_counter() - began) * 1000)
    finally:
        store.close()
    return statistics.median(found)


async def _relayed(directory: Path, times: int) -> float:
    found = []
    async with _sending(directory) as send:
        for _ in range(times):
            began = time.perf_counter()
            await send()
            found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


@asynccontextmanager
async def _sending(directory: Path) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    certificates = make_certificates(directory)
    async with MailPeer(certificates.cert, certificates.key) as peer:
        relay = Relay(relay_options(peer, certificates, connections=1))
        try:
            yield lambda: relay.send("a@gateway.example", ["b@peer.example"], MAIL)
        finally:
            await relay.close()
