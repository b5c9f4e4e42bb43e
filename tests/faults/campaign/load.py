"""A front server under whose load the faults happen: it sends referrals, and keeps what got no 250.

It promises that each mail has its own patient and Message-ID, that it is sent again until it is accepted (as
every mail server does), and that it never ends by itself.
"""

import asyncio
import time
from collections import Counter

from tests.bench.place import ADDRESS, practice
from tests.bench.sender import referral

AGAIN_S = 0.5
PATIENCE_S = 90.0


class Refused(Exception):
    """The gateway answered otherwise than it should; the text is the code."""


class Load:
    """`offered` and `accepted` say when, by Message-ID; `codes` counts what else it answered."""

    def __init__(self, port: int, per_second: float, *, wijk: str | None = None, share: int = 4) -> None:
        self._port, self._pause = port, 1 / per_second
        self._wijk, self._share = wijk, share
        self.offered: dict[str, float] = {}
        self.accepted: dict[str, float] = {}
        self.elsewhere: set[str] = set()
        """Those about a patient in `wijk`, one in `share`."""
        self.codes: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()

    def start(self) -> None:
        """Begin to send."""
        self._sender = asyncio.create_task(self._send())

    async def no_more(self) -> None:
        """Offer nothing new; what got no 250 is sent again all the same."""
        self._sender.cancel()
        await asyncio.gather(self._sender, return_exceptions=True)

    async def stop(self) -> None:
        """Give up."""
        await self.no_more()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self) -> None:
        number = 0
        while True:
            task = asyncio.create_task(self._one(number))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            number += 1
            await asyncio.sleep(self._pause)

    async def _one(self, number: int) -> None:
        id_ = f"<bench.{number}@{practice(number)}>"
        mail = referral(number)
        if self._wijk and number % self._share == 0:
            line = next(line for line in mail.split(b"\r\n") if line.startswith(b"Wijk: "))
            mail = mail.replace(line, f"Wijk: {self._wijk}".encode())
            self.elsewhere.add(id_)
        self.offered[id_] = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._try(number, mail)
            except Refused as refused:
                self.codes[str(refused)] += 1
            except TimeoutError:
                self.codes["silence"] += 1
            except OSError:
                # Nobody listens, or the connection broke: a mail server tells nobody.
                self.codes["no line"] += 1
            else:
                self.accepted[id_] = time.monotonic()
                return
            await asyncio.sleep(AGAIN_S)

    async def _try(self, number: int, mail: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            await _ask(reader, writer, b"", b"220")
            await _ask(reader, writer, b"EHLO front.example\r\n", b"250")
            sender = f"a{number // 25}@{practice(number)}"
            await _ask(reader, writer, f"MAIL FROM:<{sender}>\r\n".encode(), b"250")
            await _ask(reader, writer, f"RCPT TO:<{ADDRESS}>\r\n".encode(), b"250")
            await _ask(reader, writer, b"DATA\r\n", b"354")
            await _ask(reader, writer, mail + b".\r\n", b"250")
            writer.write(b"QUIT\r\n")
        finally:
            writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes, code: bytes) -> None:
    writer.write(data)
    while True:
        line = await reader.readline()
        if not line:
            raise ConnectionResetError
        if not line.startswith(code):
            raise Refused(line[:3].decode("ascii", "replace"))
        if line[3:4] == b" ":
            return
