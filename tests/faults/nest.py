"""Where the runs of the launcher get their nurseries from: one process that has loaded what reads mail.

A nursery loads for most of a second, twice as long as the rest of a start, and a chain of lives starts many.
Here each is forked from a process that has loaded everything, and from there on does what every nursery does
(`gateway.sandbox.process`). `tests/unit/sandbox` starts nurseries as the gateway does.
"""

import contextlib
import os
import select
import signal
import socket
from typing import Any, NoReturn, Self

from gateway.sandbox import nursery, process


class Nest:
    """The process, and the line on which it is asked for nurseries."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    @classmethod
    def fork(cls) -> Self:
        """Begin to load, beside us."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork() == 0:
            ours.close()
            _serve(theirs)
        theirs.close()
        return cls(ours)

    def serves(self) -> None:
        """Let every nursery of this process come from here."""
        nursery.subprocess = self  # type: ignore[assignment, attr-defined]

    DEVNULL = -3

    def Popen(self, command: list[str], *, stdin: int, **_: Any) -> "Forked":  # noqa: N802
        """Takes the place of `subprocess.Popen`."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            socket.send_fds(self._line, [b"+"], [stdin, theirs.fileno()])
            return Forked(int(ours.recv(64)))


class Forked:
    """A nursery, as whoever started it holds it."""

    def __init__(self, pid: int) -> None:
        self.pid, self._handle = pid, os.fdopen(os.pidfd_open(pid))

    def kill(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle.fileno(), signal.SIGKILL)

    def wait(self) -> None:
        """Wait until it has ended."""
        if not self._handle.closed:
            select.select([self._handle], [], [])
            self._handle.close()


def _serve(line: socket.socket) -> NoReturn:
    """Load everything, then fork a nursery for each request; until nobody can ask any more."""
    process.load([], [], [])
    # Whoever asks knows how a nursery ended by its handle.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, *_ = socket.recv_fds(line, 1, 2)
        if not message:
            os._exit(0)
        control, answer = descriptors
        pid = os.fork()
        if pid == 0:
            _become(control)
        os.write(answer, str(pid).encode())
        for descriptor in descriptors:
            os.close(descriptor)


def _become(control: int) -> NoReturn:
    """Be a nursery that is told over this descriptor, with nothing else that is open."""
    os.dup2(control, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.closerange(3, 1 << 16)
    os.chdir("/")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        process.nurse()
    finally:
        os._exit(0)
