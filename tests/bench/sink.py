"""A mail server that counts: its own process, STARTTLS, keeps nothing.

`python -m tests.bench.sink CERT KEY N M`: it prints "port PORT", then "handovers SECONDS" when it has taken N
encrypted mails, and again M later, and "replies SECONDS" for mails that are not encrypted; the seconds are
the machine's monotonic clock, which all processes share.
"""

import asyncio
import ssl
import sys
import time
from pathlib import Path
from typing import Any

import uvloop
from aiosmtpd.smtp import SMTP, Envelope, Session


class Counter:
    """aiosmtpd's handler."""

    def __init__(self, marks: set[int]) -> None:
        self._marks = marks
        self._taken = {"handovers": 0, "replies": 0}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Look whether it is an encrypted one, and forget it."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        kind = "handovers" if b"application/pgp-encrypted" in content else "replies"
        self._taken[kind] += 1
        if self._taken[kind] in self._marks:
            print(kind, time.monotonic(), flush=True)
        return "250 2.0.0 Ok"

    async def handle_exception(self, error: Exception) -> str:
        """Without it aiosmtpd logs the trace of a client that goes away."""
        return "421 4.3.0 Closing"


async def run(cert: Path, key: Path, first: int, then: int) -> None:
    """Serve until the process is ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    counter = Counter({first, first + then})

    def line() -> SMTP:
        options: dict[str, Any] = {"hostname": "localhost", "tls_context": context, "require_starttls": True}
        return SMTP(counter, **options)

    server = await asyncio.get_running_loop().create_server(line, "127.0.0.1", 0)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(run(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:5])))
