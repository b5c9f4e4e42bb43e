"""The mail reader in processes that may be killed.

A mail is bytes from outside, and reading it takes thousands of lines of other people's code. So it happens
in a few long-lived worker processes of our own, each with a bound on the processor time a mail may take
(`CPU_SECONDS`), on its memory (`GROWTH`) and on wall time, with no right to write files, without the
parent's environment, open files or keys. Whatever goes wrong there, the parent sees one thing:
`Unreadable` with a closed code. The worker is replaced and the next mail is read.

Both sides speak frames: four bytes of length, then that many bytes; the worker answers in JSON, because
what comes back from it is not to be trusted with pickle.
"""

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from gateway.errors import InbeeldError
from gateway.reading.mail.display import Display, told_display
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import URGENT_WORDS, Reading, known_reading
from gateway.sandbox.frames import receive, send

CPU_SECONDS = 2
WALL_SECONDS = 10.0
START_SECONDS = 60.0
GROWTH = 384 * 1024 * 1024
MAILS = 50_000
"""After so many mails a worker is replaced, so that nothing can pile up in it."""

T = TypeVar("T")

_REPLY_BYTES = 64 * 1024


class Unreadable(InbeeldError):
    """The mail could not be read; `code` is timeout, memory, crash or closed."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The mail could not be read: {code}.")
        self.code = code


class Readers:
    """A pool of reading processes. Thread-safe; `read` waits for an idle one.

    `wijken` and `postcodes` are the texts of the gazetteer's files, `growth` the bytes of address space a
    worker may take on top of what it needs to start.
    """

    def __init__(
        self,
        wijken: Iterable[str],
        postcodes: Iterable[str],
        *,
        workers: int = 2,
        urgent_words: frozenset[str] = URGENT_WORDS,
        cpu_seconds: int = CPU_SECONDS,
        wall_seconds: float = WALL_SECONDS,
        growth: int = GROWTH,
    ) -> None:
        start = {
            "wijken": list(wijken),
            "postcodes": list(postcodes),
            "urgent_words": sorted(urgent_words),
            "cpu_seconds": cpu_seconds,
            "growth": growth,
        }
        # A broken gazetteer must fail here, by name, and not as a worker that won't start.
        Gazetteer.parse(start["wijken"], start["postcodes"])  # type: ignore[arg-type]
        self._start = json.dumps(start).encode()
        self._wall = wall_seconds
        self._closed = threading.Event()
        self._idle: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        for _ in range(max(1, workers)):
            self._idle.put(self._spawn())

    def read(
        self, raw: bytes, practice_phones: frozenset[str] = frozenset(), known: Reading | None = None
    ) -> Reading:
        """What `reader.read` gives, or with `known` what `reader.complete` gives. Raises Unreadable."""
        told = None if known is None else asdict(known)
        return self._ask({"phones": sorted(practice_phones), "known": told}, raw, _reading)

    def own_text(self, raw: bytes) -> str:
        """What `answer.own_text` gives. Raises Unreadable."""
        return self._ask({"own": True}, raw, _own_text)

    def display(self, raw: bytes) -> Display:
        """What `display.display` gives. Raises Unreadable."""
        return self._ask({"display": True}, raw, _display)

    def _ask(self, asked: dict[str, Any], raw: bytes, understand: Callable[[bytes], T]) -> T:
        worker = self._idle.get()
        if worker is None or self._closed.is_set():
            self._idle.put(None)
            raise Unreadable("closed")
        try:
            answer = understand(worker.ask(json.dumps(asked).encode(), raw, self._wall))
        except Unreadable as failed:
            worker = self._replaced(worker)
            if self._closed.is_set():
                raise Unreadable("closed") from None
            raise failed from None
        else:
            if worker.asked >= MAILS:
                worker = self._replaced(worker)
            return answer
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """Ends the workers; a mail that is being read ends as Unreadable("closed")."""
        self._closed.set()
        with self._lock:
            for worker in self._all:
                worker.end()
            self._all.clear()
        self._idle.put(None)

    def _spawn(self) -> "_Worker":
        worker = _Worker(self._start)
        with self._lock:
            self._all.add(worker)
        return worker

    def _replaced(self, worker: "_Worker") -> "_Worker | None":
        worker.end()
        with self._lock:
            self._all.discard(worker)
        return None if self._closed.is_set() else self._spawn()


class _Worker:
    """The parent's end of one reading process."""

    def __init__(self, start: bytes) -> None:
        ours, theirs = socket.socketpair()
        root = str(Path(__file__).resolve().parents[2])
        self._socket = ours
        self._ready = False
        self.asked = 0
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", "from gateway.sandbox.process import work; work()"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                # A traceback could hold what stands in a mail.
                stderr=subprocess.DEVNULL,
                env={
                    "PYTHONPATH": root,
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
            send(ours, start)

    def ask(self, asked: bytes, raw: bytes, wall: float) -> bytes:
        try:
            if not self._ready:
                self._socket.settimeout(START_SECONDS)
                receive(self._socket, _REPLY_BYTES)
                self._ready = True
            deadline = time.monotonic() + wall
            self._socket.settimeout(wall)
            send(self._socket, asked, raw)
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            answer = receive(self._socket, _REPLY_BYTES)
        except TimeoutError:
            raise Unreadable("timeout") from None
        except (OSError, EOFError):
            raise Unreadable(self._why_ended()) from None
        self.asked += 1
        return answer

    def _why_ended(self) -> str:
        try:
            ended = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return "crash"
        # The kernel ends a process over its processor time with SIGXCPU, or SIGKILL at the hard limit.
        return "timeout" if ended in {-signal.SIGXCPU, -signal.SIGKILL} else "crash"

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        # Shutting down first wakes a thread that waits for the answer.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def _reading(answer: bytes) -> Reading:
    try:
        return known_reading(_told(answer))
    except (ValueError, KeyError, TypeError):
        raise Unreadable("crash") from None


def _display(answer: bytes) -> Display:
    try:
        return told_display(_told(answer))
    except (ValueError, KeyError, TypeError):
        raise Unreadable("crash") from None


def _own_text(answer: bytes) -> str:
    try:
        text = _told(answer)["own"]
    except (ValueError, KeyError, TypeError):
        raise Unreadable("crash") from None
    if not isinstance(text, str):
        raise Unreadable("crash")
    return text


def _told(answer: bytes) -> dict[str, object]:
    told: dict[str, object] = json.loads(answer)
    if "code" in told:
        raise Unreadable("memory" if told["code"] == "memory" else "crash")
    return told
