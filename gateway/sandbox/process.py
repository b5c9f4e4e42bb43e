"""The reading process itself: the other end of the pool, forked by its nursery (see there)."""

import contextlib
import encodings
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import types
from collections.abc import Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter
from typing import TYPE_CHECKING

from gateway.reading.record import members
from gateway.sandbox.confinement import confine, lacks, renounce
from gateway.sandbox.tasks import DONE, FAILED, OUT_OF_MEMORY, framed, receive

if TYPE_CHECKING:
    from gateway.sandbox.functions import ReaderContext


def nurse() -> None:
    """Load everything, then fork a reading process for each socket that comes over standard input."""
    control = socket.socket(fileno=os.dup(0))
    os.dup2(1, 0)
    start = json.loads(receive(control))
    context = load(start["wijken"], start["postcodes"], start["urgent_words"])
    # It loads what its children confine themselves with, who may open no file to find it in.
    lacks()
    # What is not loaded now does not exist: looking for it would fail in other ways on other machines.
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter]
    renounce()
    # What is loaded is shared with the children, and collecting garbage in it would make copies of it.
    gc.freeze()
    signal.signal(signal.SIGCHLD, lambda number, frame: _bury(control))
    control.sendall(b"ready\n")
    while True:
        message, fds, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            # Nothing above this may run in the child: it ends here, whatever happens.
            try:
                work(socket.socket(fileno=fds[0]), context, start["growth"], start["cpu_seconds"])
            finally:
                os._exit(0)
        os.close(fds[0])
        control.sendall(b"+%d\n" % child)


def load(wijken: Sequence[str], postcodes: Sequence[str], urgent_words: Sequence[str]) -> "ReaderContext":
    """Load everything that reads, and do every task once; gives what they are done with."""
    _leave_out_dns()
    # Imported here, because what they import must find no library of DNS.
    from gateway.reading.patient.wijken import Gazetteer
    from gateway.sandbox.functions import ReaderContext, warm_up

    context = ReaderContext(Gazetteer.parse(wijken, postcodes), frozenset(urgent_words))
    _load_charsets()
    warm_up(context)
    return context


def _bury(control: socket.socket) -> None:
    """Tell how children ended."""
    with contextlib.suppress(ChildProcessError, OSError):
        while (found := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            child, status = found
            control.sendall(b"-%d %d\n" % (child, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0))


def work(channel: socket.socket, context: "ReaderContext", growth: int, cpu_seconds: float) -> None:
    """Give up all rights, then do what comes over the channel until that closes."""
    from gateway.reading.reader import forget
    from gateway.sandbox.functions import FUNCTIONS

    confine(growth)
    channel.sendall(framed(DONE))
    while True:
        try:
            asked = json.loads(receive(channel))
            raw = receive(channel)
        except EOFError:
            return
        _bound_processor(cpu_seconds)
        try:
            told = FUNCTIONS[asked["task"]](raw, asked, context)
            answer = DONE + json.dumps(told, default=members).encode()
        except MemoryError:
            channel.sendall(framed(OUT_OF_MEMORY))
            return
        except Exception:  # noqa: BLE001
            # The parent needs the fact alone: the exception's text could hold what stands in the mail.
            channel.sendall(framed(FAILED))
            return
        channel.sendall(framed(answer))
        forget()


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
