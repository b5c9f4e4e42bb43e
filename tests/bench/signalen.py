"""Signalen a second to the peer program of the tests: mutual TLS, signed, both sides in one process."""

import asyncio
import time
from pathlib import Path

from tests.contract.signaal.stage import make_stage

AT_ONCE = 8


def measure(directory: Path, signalen: int) -> dict[str, float]:
    """One run, in a new directory."""
    directory.mkdir()
    return asyncio.run(_measure(directory, signalen))


async def _measure(directory: Path, signalen: int) -> dict[str, float]:
    stage = make_stage(directory)
    peer = stage.municipality()
    async with peer:
        adapter = stage.adapter(peer)
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with turns:
                await adapter.send(stage.parcel(delivery_id=f"bench-{number}"))

        try:
            await one(0)
            began = time.perf_counter()
            await asyncio.gather(*(one(number) for number in range(1, signalen + 1)))
            seconds = time.perf_counter() - began
        finally:
            await adapter.close()
    if len(peer.desk.kept) != signalen + 1:
        raise RuntimeError("the peer did not keep every signaal")
    return {
        "signalen": signalen,
        "signalen_per_second": signalen / seconds,
        "ms_per_signaal": 1000 * seconds / signalen,
    }
