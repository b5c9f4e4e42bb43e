"""What somebody who runs the gateway sees of a fault: readiness, the health page, and the log.

It promises to tell only what is there beyond a day on which all is well.
"""

import asyncio
import contextlib
import json
import ssl
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2

from gateway.web.auth import COOKIE

EVERY_S = 0.5
LEVELS = ("warning", "error")


class Watch:
    """Looks at a gateway from `begin` until `end`."""

    def __init__(self, port: int, ca: Path, cookie: str, logs: Path) -> None:
        self._url, self._logs = f"https://localhost:{port}", logs
        self._context = ssl.create_default_context(cafile=ca)
        self._cookie = cookie
        self.seen: Counter[str] = Counter()
        self._read: dict[Path, int] = {}

    def begin(self) -> None:
        """Look from now on."""
        self._read = {path: path.stat().st_size for path in self._logs.glob("*.log")}
        self._task = asyncio.create_task(self._look())

    async def end(self) -> None:
        """Look no more, and read what was logged meanwhile."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for path in self._logs.glob("*.log"):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                for line in file:
                    self._note_line(line)

    def told(self) -> str:
        """Everything that was seen, the most often seen first."""
        return ", ".join(f"{what} ×{n}" if n > 1 else what for what, n in self.seen.most_common())

    async def _look(self) -> None:
        limits = httpx2.Limits(max_keepalive_connections=0)
        async with httpx2.AsyncClient(verify=self._context, timeout=5, limits=limits) as client:
            while True:
                await self._once(client)
                await asyncio.sleep(EVERY_S)

    async def _once(self, client: httpx2.AsyncClient) -> None:
        try:
            ready = await client.get(f"{self._url}/readyz")
            if ready.status_code != 200:
                found = ready.json()
                words = " ".join(f"{key}={value}" for key, value in found.items() if key != "ready")
                self.seen[f"not ready {words}".strip()] += 1
        except httpx2.TransportError:
            self.seen["pages away"] += 1
            return
        with contextlib.suppress(httpx2.TransportError, ValueError):
            headers = {"Cookie": f"{COOKIE}={self._cookie}"}
            health = await client.get(f"{self._url}/gezondheid.json", headers=headers)
            if health.status_code == 200:
                self._note_health(health.json())

    def _note_health(self, facts: dict[str, Any]) -> None:
        for way in facts["ways_out"]:
            if way["reason"]:
                self.seen[f"health: {way['organisation'] or 'relay'} {str(way['reason'])[:40]}"] += 1
        if facts["worker"]["work_waits_since"]:
            self.seen["health: work waits"] += 1
        for trouble in facts.get("trouble", ()):
            self.seen[f"health: {trouble.get('code', trouble)}"] += 1

    def _note_line(self, line: bytes) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            self.seen["log: a line that is no event"] += 1
            return
        if event.get("level") not in LEVELS:
            return
        words = [
            event["event"],
            *(str(event[key])[:40] for key in ("code", "kind", "reason", "error", "limit") if event.get(key)),
        ]
        self.seen[f"log: {' '.join(words)}"] += 1
