"""The reading process itself: the other end of the pool. It does tasks over mails within its bounds."""

import encodings
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import types
from dataclasses import asdict

from gateway.sandbox.confinement import confine
from gateway.sandbox.frames import DONE, FAILED, OUT_OF_MEMORY, framed, receive


def work() -> None:
    """Do what comes over standard input, a socket, until that closes."""
    channel = socket.socket(fileno=os.dup(0))
    os.dup2(1, 0)
    start = json.loads(receive(channel))
    _leave_out_dns()
    # Imported here, because what they import must find no library of DNS.
    from gateway.reading.patient.wijken import Gazetteer
    from gateway.sandbox.tasks import FUNCTIONS, Place, warm_up

    place = Place(
        Gazetteer.parse(start["wijken"], start["postcodes"]),
        frozenset(start["urgent_words"]),
    )
    _load_charsets()
    warm_up(place)
    confine(start["growth"])
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


def _leave_out_dns() -> None:
    """pyspf and dkimpy want a library that asks the network, here of no use; its code takes 5 MB."""
    stand_in = types.ModuleType("dns")
    stand_in.rdatatype = types.SimpleNamespace(SPF=99)  # type: ignore[attr-defined]
    for name in ("dns", "dns.resolver", "dns.exception"):
        sys.modules[name] = stand_in
    # What pyspf would write a header with.
    sys.modules["authres"] = None  # type: ignore[assignment]


def _load_charsets() -> None:
    """Python loads each at its first use, and later no file can be opened."""
    for module in pkgutil.iter_modules(encodings.__path__):
        if module.name not in {"mbcs", "oem"}:
            importlib.import_module(f"encodings.{module.name}")


def _bound_processor(seconds: float) -> None:
    """The processor time this mail may take; then the kernel ends the process with SIGPROF."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
