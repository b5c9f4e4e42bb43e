"""Tries, when a beheerder asks, whether the relay or an organisation's channel is reached. Nothing is sent.

It promises to try each once, within a bounded time, and to say what is wrong in a closed code.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from adapters.base import Refused, TryLater
from gateway.log import Log
from gateway.pipeline.schedule import Step
from gateway.store import probes
from gateway.store.engine import Store

RELAY = "relay"
CHANNEL = "channel:"
SECONDS = 60.0
GONE, FAILED, TIMED_OUT = "not_found", "failed", "timeout"


class Probed(Protocol):
    """What can be tried."""

    async def probe(self) -> None:
        """Raises `TryLater` or `Refused`."""


class Probing(Step):
    """The step."""

    name = "probes"

    def __init__(
        self, *, store: Store, relay: Callable[[], Probed], adapters: Mapping[str, Probed], log: Log
    ) -> None:
        self._store, self._relay, self._adapters, self._log = store, relay, adapters, log

    async def run(self, now: datetime) -> int:
        """Try one; gives 1 if there was one."""
        row = await asyncio.to_thread(self._take, now)
        if row is None:
            return 0
        id_, target = row
        problem = await self._try(target)
        await asyncio.to_thread(self._end, id_, now, problem)
        return 1

    async def _try(self, target: str) -> str:
        try:
            probed = self._relay() if target == RELAY else self._adapters[target.removeprefix(CHANNEL)]
            async with asyncio.timeout(SECONDS):
                await probed.probe()
        except KeyError:
            return GONE
        except TimeoutError:
            return TIMED_OUT
        except (TryLater, Refused) as trouble:
            return trouble.reason
        except Exception as error:  # noqa: BLE001 - whatever it is, it must be told on the page
            self._log.failed("probes", error)
            return FAILED
        return ""

    def _take(self, now: datetime) -> tuple[str, str] | None:
        with self._store.read() as session:
            if not any(row.taken_at is None for row in probes.latest(session)):
                return None
        with self._store.write() as session:
            row = probes.take(session, now)
            return (row.id, row.target) if row is not None else None

    def _end(self, id_: str, now: datetime, problem: str) -> None:
        with self._store.write() as session:
            probes.end(session, id_, now, problem)
