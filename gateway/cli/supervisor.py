"""Tells the service manager how the process does: ready, alive, stopping (sd_notify(3)).

Without a service manager that asks for it nothing is told. The address is taken out of the environment, so
that no child of ours, a reading process least of all, can speak in our name.
"""

import asyncio
import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress


class Supervisor:
    """The service manager, as seen from the process that it started."""

    def __init__(self, address: str = "", watchdog_us: int = 0) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._every = watchdog_us / 2_000_000
        self._beating: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, environment: MutableMapping[str, str] = os.environ) -> "Supervisor":
        """The one that the environment names, which afterwards names none."""
        address = environment.pop("NOTIFY_SOCKET", "")
        every = environment.pop("WATCHDOG_USEC", "")
        whom = environment.pop("WATCHDOG_PID", "")
        mine = whom in ("", str(os.getpid()))
        return cls(address, int(every) if every.isdecimal() and mine else 0)

    def ready(self) -> None:
        """Everything listens. From now on the event loop itself says that it is alive."""
        self._tell("READY=1")
        if self._address and self._every:
            self._beating = asyncio.get_running_loop().create_task(self._beat())

    def stopping(self) -> None:
        """The process ends because it was asked to, and may still need a while."""
        if self._beating:
            self._beating.cancel()
        self._tell("STOPPING=1")

    async def _beat(self) -> None:
        while True:
            self._tell("WATCHDOG=1")
            await asyncio.sleep(self._every)

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        # A service manager that doesn't listen is no reason to stop taking mail.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.connect(self._address)
            to.send(state.encode())
