"""Where reading processes come from: one process that has loaded everything, and forks them.

Loading the readers takes a second and 60 MB; a fork takes milliseconds and shares both. The nursery itself
never sees a byte of a mail: it is told over a socket to fork, and tells how each child ended. It promises
that a child gets one end of a socket and nothing else that is open, that nobody is signalled who only bears
a number which a child once had, and that it and its children end with us.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gateway.reading.patient.wijken import Gazetteer

PROGRAM = "from gateway.sandbox.process import nurse; nurse()"
START_SECONDS = 60.0
_LINE = 64

Knowledge = tuple[Sequence[str], Sequence[str], frozenset[str]]
"""The texts of the gazetteer's files, of wijken and of postcodes, and the words that mean haste."""


def as_told(wijken: Iterable[str], postcodes: Iterable[str], urgent_words: frozenset[str]) -> dict[str, Any]:
    """The same as it is told to them; raises `ValueError` for a gazetteer that is none."""
    told = {"wijken": list(wijken), "postcodes": list(postcodes), "urgent_words": sorted(urgent_words)}
    # A broken gazetteer must fail here, by name, and not as a process that won't start.
    Gazetteer.parse(told["wijken"], told["postcodes"])
    return told


class Child:
    """One reading process, as we hold it: our end of its socket, and a handle on it that never goes over to
    another process of the same number."""

    def __init__(self, nursery: "Nursery", ours: socket.socket, pid: int) -> None:
        self._nursery, self.socket, self.pid = nursery, ours, pid
        try:
            self._handle: int | None = os.pidfd_open(pid)
        except OSError:
            # It is gone already.
            self._handle = None

    def kill(self) -> None:
        """End it, and wake whoever waits for its answer."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def signal_of_end(self, seconds: float = 1.0) -> int | None:
        """The signal that ended it, 0 if none did; None if it has not ended, or that is not known."""
        return self._nursery.signal_of_end(self.pid, seconds)

    def close(self) -> None:
        """End it, and let go of it."""
        self.kill()
        self.socket.close()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class Nursery:
    """Forks reading processes. Thread-safe; raises OSError or EOFError where it is gone or does not start."""

    def __init__(self, start: dict[str, Any]) -> None:
        self._lock = threading.Lock()
        self._ended: dict[int, int] = {}
        self._buffer = b""
        self._ready = False
        ours, theirs = socket.socketpair()
        self._control = ours
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", PROGRAM],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                # A traceback could hold what stands in a mail.
                stderr=subprocess.DEVNULL,
                env={
                    "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "LANG": "C.UTF-8",
                    "PATH": os.defpath,
                },
                cwd="/",
                close_fds=True,
            )
        finally:
            theirs.close()
        ours.settimeout(START_SECONDS)
        with contextlib.suppress(OSError):
            told = json.dumps(start).encode()
            ours.sendall(len(told).to_bytes(4, "big") + told)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def fork(self) -> Child:
        """A new reading process."""
        ours, theirs = socket.socketpair()
        try:
            with self._lock:
                if not self._ready:
                    self._line(START_SECONDS)
                    self._ready = True
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
                while (line := self._line(START_SECONDS))[:1] != b"+":
                    self._note(line)
            return Child(self, ours, int(line[1:]))
        except (OSError, EOFError, ValueError):
            ours.close()
            raise
        finally:
            theirs.close()

    def signal_of_end(self, pid: int, seconds: float) -> int | None:
        ends = time.monotonic() + seconds
        with self._lock, contextlib.suppress(OSError, EOFError, ValueError):
            while pid not in self._ended:
                self._note(self._line(max(0.0, ends - time.monotonic())))
        return self._ended.pop(pid, None)

    def close(self) -> None:
        """End it. Its children end with their sockets."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        self._control.close()

    def _note(self, line: bytes) -> None:
        """Remember how a child ended; a few, for nobody asks after most of them."""
        pid, ended = line[1:].split(b" ")
        self._ended[int(pid)] = int(ended)
        while len(self._ended) > _LINE:
            del self._ended[next(iter(self._ended))]

    def _line(self, seconds: float) -> bytes:
        while b"\n" not in self._buffer:
            if not select.select([self._control], [], [], seconds)[0]:
                raise TimeoutError
            piece = self._control.recv(4096)
            if not piece:
                raise EOFError
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line
