"""A bare aiosmtpd listener: its own process, with a handler that says 250 and keeps nothing.

It is the most that the library could do: no seal, no disk, no limits. `python -m tests.bench.bare` prints
"smtp HOST:PORT", then "ready".
"""

import asyncio

import uvloop
from aiosmtpd.smtp import SMTP, Envelope, Session


class Forgetful:
    """aiosmtpd's handler."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Say yes."""
        return "250 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Without it aiosmtpd logs the trace of a client that goes away."""
        return "421 Closing"


async def run() -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Forgetful(), hostname="bare.example"), "127.0.0.1", 0)
    print(f"smtp 127.0.0.1:{server.sockets[0].getsockname()[1]}\nready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(run())
