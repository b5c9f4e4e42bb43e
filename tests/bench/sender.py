"""A front server that sends referrals: its own process.

`python -m tests.bench.sender PORT FIRST MAILS CONNECTIONS`: each mail, numbered from FIRST, is about another
patient; they come from many addresses of many practices. It prints "sent FIRST LAST": when it began and when
the last 250 had come, by the machine's monotonic clock.
"""

import asyncio
import sys
import time

import uvloop

from tests.bench.place import ADDRESS, FRONT, practice

SYLLABLES = ("ba", "de", "ko", "li", "ma", "ni", "ro", "sa", "te", "vu")
WIJKEN = ("Filmwijk", "Muziekwijk", "Stedenwijk", "Danswijk", "Parkwijk", "Waterwijk")


def referral(number: int) -> bytes:
    """One GP's mail; no two are alike."""
    name = "".join(SYLLABLES[int(digit)] for digit in f"{number:03d}").capitalize()
    domain = practice(number)
    text = (
        f"Authentication-Results: {FRONT}; dmarc=pass header.from={domain}\r\n"
        f"From: M. de Boer <a{number // 25}@{domain}>\r\n"
        f"To: {ADDRESS}\r\nSubject: aanmelding\r\nMessage-ID: <bench.{number}@{domain}>\r\n"
        "Date: Mon, 02 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        f"Beste collega,\r\n\r\nNaam: Fatima van {name}\r\nTelefoon: 06-{11000000 + number}\r\n"
        f"Wijk: {WIJKEN[number % len(WIJKEN)]}\r\n\r\n"
        "Mevrouw heeft schulden en slaapt slecht; zij weet dat u belt.\r\n\r\n"
        "Met vriendelijke groet,\r\nM. de Boer, huisarts\r\n"
    )
    return text.encode()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes, code: bytes) -> None:
    writer.write(data)
    while True:
        line = await reader.readline()
        if not line.startswith(code):
            raise RuntimeError(f"the gateway answered {line[:3].decode()} where {code.decode()} was expected")
        if line[3:4] == b" ":
            return


async def _connection(port: int, numbers: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await _ask(reader, writer, b"", b"220")
    await _ask(reader, writer, b"EHLO front.example\r\n", b"250")
    while numbers:
        number = numbers.pop()
        sender = f"a{number // 25}@{practice(number)}"
        await _ask(reader, writer, f"MAIL FROM:<{sender}>\r\n".encode(), b"250")
        await _ask(reader, writer, f"RCPT TO:<{ADDRESS}>\r\n".encode(), b"250")
        await _ask(reader, writer, b"DATA\r\n", b"354")
        await _ask(reader, writer, referral(number) + b".\r\n", b"250")
    await _ask(reader, writer, b"QUIT\r\n", b"221")
    writer.close()


async def run(port: int, first: int, mails: int, connections: int) -> None:
    """Send them all."""
    numbers = list(range(first, first + mails))
    began = time.monotonic()
    await asyncio.gather(*(_connection(port, numbers) for _ in range(connections)))
    print("sent", began, time.monotonic(), flush=True)


if __name__ == "__main__":
    uvloop.run(run(*map(int, sys.argv[1:5])))
