"""How many statements and commits a referral costs, from its mail in the inbox to its two mails at the relay.

Counted in one process for batches of one, sixteen and sixty-four: neither may grow with the batch.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from adapters.base import Receipt
from adapters.relay import Relay
from gateway.app import Gateway
from gateway.gate.authenticity import Envelope, pack
from gateway.log import Log, Nowhere
from gateway.sealing import box
from gateway.store import inbox
from gateway.store.inbox import Kept
from gateway.store.migrate import migrate
from tests.bench.place import ADDRESS, make, practice
from tests.bench.sender import referral

BATCHES = (1, 16, 64)
HOST = "front.example"


class Taking(Relay):
    """A relay that takes everything."""

    def __init__(self) -> None:
        self.taken = 0

    async def send(self, envelope_from: str, recipients: Sequence[str], message: bytes) -> Receipt:
        """As `adapters.relay.Relay.send`."""
        self.taken += 1
        return Receipt("bench", "250")

    async def close(self) -> None:
        """Nothing to give back."""


def measure(directory: Path, largest: int) -> dict[str, float]:
    """`statements_N` and `commits_N` a referral, for each size of batch up to the largest."""
    sizes = [size for size in BATCHES if size <= largest]
    return asyncio.run(_measure(Gateway.at(make(directory), log=Log(Nowhere())), sizes))


async def _measure(gateway: Gateway, sizes: list[int]) -> dict[str, float]:
    store, relay, first = gateway.store, Taking(), 0
    counts = {"statements": 0, "commits": 0}

    def statement(*_: Any) -> None:
        counts["statements"] += 1

    def commit(*_: Any) -> None:
        counts["commits"] += 1

    migrate(store)
    gateway.worker.__dict__["relay"] = relay
    schedule = gateway.worker.schedule()
    steps = [step for step in schedule.steps if step.name in ("receive", "dispatch")]
    figures: dict[str, float] = {}
    try:
        # The first mails start the reading processes and fill what is kept ready.
        for at, size in enumerate((2, *sizes)):
            _keep(gateway, first, size)
            first += size
            if at:
                counts.update(statements=0, commits=0)
                event.listen(store.engine, "before_cursor_execute", statement)
                event.listen(store.engine, "commit", commit)
            for step in steps:
                while await step.run(datetime.now(UTC)):
                    await step.finish()
            if at:
                event.remove(store.engine, "before_cursor_execute", statement)
                event.remove(store.engine, "commit", commit)
                figures |= {f"{name}_{size}": number / size for name, number in counts.items()}
    finally:
        await schedule.stop()
        await gateway.close()
    if relay.taken != 2 * first:
        raise RuntimeError(f"{relay.taken} mails left instead of {2 * first}")
    return figures


def _keep(gateway: Gateway, first: int, number: int) -> None:
    """Mails in the inbox, as the intake keeps them."""
    public, now, kept = gateway.keys.public(), datetime.now(UTC), []
    for at in range(first, first + number):
        raw, id_ = referral(at), f"bench-{at}"
        envelope = Envelope(f"a{at // 25}@{practice(at)}", (ADDRESS,), "127.0.0.1", HOST, trusted_relay=True)
        sealed = box.seal(pack(envelope, raw), public, f"inbox:{id_}")
        kept.append(Kept(id_, now, id_, sealed, len(raw)))
    inbox.insert(gateway.store, kept)
