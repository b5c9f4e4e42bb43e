"""The reading process itself: the other end of the pool. It does tasks over mails within its bounds."""

import json
import os
import resource
import signal
import socket
from dataclasses import asdict
from pathlib import Path

from gateway.reading.patient.wijken import Gazetteer
from gateway.sandbox.frames import DONE, FAILED, OUT_OF_MEMORY, framed, receive
from gateway.sandbox.tasks import FUNCTIONS, Place

_WARM_UP = (
    b"Subject: aanmelding\r\nContent-Type: text/html\r\n\r\n<p>Naam: mw. A. Jansen<br>Tel: 06-11111111</p>"
)


def work() -> None:
    """Do what comes over standard input, a socket, until that closes."""
    channel = socket.socket(fileno=os.dup(0))
    start = json.loads(receive(channel))
    place = Place(
        Gazetteer.parse(start["wijken"], start["postcodes"]),
        frozenset(start["urgent_words"]),
    )
    # What the libraries load on first use is loaded before memory is bounded.
    FUNCTIONS["read"](_WARM_UP, {"phones": [], "known": None}, place)
    _bound_memory(start["growth"])
    channel.sendall(framed(DONE))
    while True:
        try:
            asked = json.loads(receive(channel))
            raw = receive(channel)
        except EOFError:
            return
        _bound_processor(start["cpu_seconds"])
        try:
            told = FUNCTIONS[asked["task"]](raw, asked, place)
            answer = DONE + json.dumps(told, default=asdict).encode()
        except MemoryError:
            channel.sendall(framed(OUT_OF_MEMORY))
            return
        except Exception:  # noqa: BLE001
            # The parent needs the fact alone: the exception's text could hold what stands in the mail.
            channel.sendall(framed(FAILED))
            return
        channel.sendall(framed(answer))


def _bound_memory(growth: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + growth
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(kind, (0, 0))


def _bound_processor(seconds: float) -> None:
    """The processor time this mail may take; then the kernel ends the process with SIGPROF."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
