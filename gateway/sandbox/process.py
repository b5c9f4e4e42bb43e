"""The reading process itself: the other end of `readers`. It reads mails from a socket within its bounds."""

import json
import os
import resource
import socket
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway.reading.letters.answer import own_text
from gateway.reading.mail.display import display
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import complete, known_reading, read
from gateway.sandbox.frames import receive, send

_WARM_UP = (
    b"Subject: aanmelding\r\nContent-Type: text/html\r\n\r\n<p>Naam: mw. A. Jansen<br>Tel: 06-11111111</p>"
)


def work() -> None:
    """The worker process: reads mails from its standard input, a socket, until that closes."""
    channel = socket.socket(fileno=os.dup(0))
    start = json.loads(receive(channel))
    gazetteer = Gazetteer.parse(start["wijken"], start["postcodes"])
    urgent = frozenset(start["urgent_words"])
    # What the libraries load on first use is loaded before memory is bounded.
    read(_WARM_UP, gazetteer)
    _bound_memory(start["growth"])
    send(channel, b"{}")
    while True:
        try:
            asked = json.loads(receive(channel))
            raw = receive(channel)
        except EOFError:
            return
        _bound_processor(start["cpu_seconds"])
        try:
            told = _answer(asked, raw, gazetteer, urgent)
        except MemoryError:
            send(channel, b'{"code": "memory"}')
            return
        except Exception:  # noqa: BLE001
            # The parent needs the fact alone: the exception's text could hold what stands in the mail.
            send(channel, b'{"code": "crash"}')
            return
        send(channel, json.dumps(told).encode())


def _answer(
    asked: dict[str, Any], raw: bytes, gazetteer: Gazetteer, urgent: frozenset[str]
) -> dict[str, Any]:
    if "own" in asked:
        return {"own": own_text(raw)}
    if "display" in asked:
        return asdict(display(raw))
    phones = frozenset(asked["phones"])
    if asked["known"] is None:
        return asdict(read(raw, gazetteer, phones, urgent))
    return asdict(complete(raw, gazetteer, phones, known_reading(asked["known"]), urgent))


def _bound_memory(growth: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + growth
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(kind, (0, 0))


def _bound_processor(seconds: int) -> None:
    """The processor time this mail may still take; the limit counts from the process's start."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))
