"""A bell per organisation: rung when something was put in its mailbox, heard by whoever waits for that.

It may be rung from any thread. It is for one process only: who waits must also look into the store now and
then, because another process may have put it there.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Bell:
    """Rings for those who wait; nothing is kept for those who come later."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[asyncio.Event, asyncio.AbstractEventLoop]] = {}
        self.silenced = False

    @contextmanager
    def listening(self, organisation_id: str) -> Iterator[asyncio.Event]:
        """An event that is set when the bell rings while the block runs."""
        heard = asyncio.Event()
        if self.silenced:
            heard.set()
        listeners = self._waiting.setdefault(organisation_id, {})
        listeners[heard] = asyncio.get_running_loop()
        try:
            yield heard
        finally:
            listeners.pop(heard, None)
            if not listeners:
                self._waiting.pop(organisation_id, None)

    def listeners(self, organisation_id: str) -> int:
        """How many wait for an organisation's bell."""
        return len(self._waiting.get(organisation_id, ()))

    def ring(self, organisation_id: str) -> None:
        """Wake everybody who waits for this organisation."""
        for heard, loop in list(self._waiting.get(organisation_id, {}).items()):
            loop.call_soon_threadsafe(heard.set)

    def silence(self) -> None:
        """Wake everybody, and let nobody wait any more: the process stops."""
        self.silenced = True
        for organisation_id in list(self._waiting):
            self.ring(organisation_id)
