"""A mail server that counts: its own process, STARTTLS, keeps nothing, and costs as little as one can.

`python -m tests.bench.sink CERT KEY N M`: it prints "port PORT", then "handovers SECONDS" when it has taken N
encrypted mails, and again M later, and "replies SECONDS" for mails that are not encrypted; the seconds are
the machine's monotonic clock, which all processes share.
"""

import asyncio
import ssl
import sys
import time
from pathlib import Path

import uvloop

LARGEST = 1 << 20
_TELLS = b"250-localhost\r\n250-SIZE 1048576\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 STARTTLS\r\n"


class Sink:
    """Takes mails over TLS, and tells when it has taken as many as one of the marks."""

    def __init__(self, context: ssl.SSLContext, marks: set[int]) -> None:
        self._context, self._marks = context, marks
        self._taken = {"handovers": 0, "replies": 0}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the other side goes."""
        writer.write(b"220 localhost\r\n")
        while line := await reader.readline():
            match line[:4].upper():
                case b"EHLO":
                    writer.write(_TELLS)
                case b"STAR":
                    writer.write(b"220 Go\r\n")
                    await writer.start_tls(self._context)
                case b"DATA":
                    writer.write(b"354 Go\r\n")
                    self._take(await reader.readuntil(b"\r\n.\r\n"))
                    writer.write(b"250 2.0.0 Ok\r\n")
                case b"QUIT":
                    break
                case _:
                    writer.write(b"250 Ok\r\n")
        writer.close()

    def _take(self, content: bytes) -> None:
        kind = "handovers" if b"application/pgp-encrypted" in content else "replies"
        self._taken[kind] += 1
        if self._taken[kind] in self._marks:
            print(kind, time.monotonic(), flush=True)


async def run(cert: Path, key: Path, first: int, then: int) -> None:
    """Serve until the process is ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    sink = Sink(context, {first, first + then})
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=LARGEST)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(run(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:5])))
