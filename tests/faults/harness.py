"""The test's side of `tests.faults.launcher`: runs that start fast, and how they ended."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


@dataclass
class Run:
    """One command that runs; `errors` is the file that gets its standard error."""

    pid: int
    launcher: "Launcher"
    output: asyncio.StreamReader
    transport: asyncio.ReadTransport
    errors: Path
    said: bytes = b""

    async def ready(self) -> tuple[str, int]:
        """The address at which `serve` listens for mail, once it is ready."""
        address = await self.started()
        assert address, "this role does not listen for mail"
        return address

    async def started(self) -> tuple[str, int] | None:
        """The same for a role that may not listen for mail."""
        address = None
        async with asyncio.timeout(PATIENCE_S):
            while line := await self.output.readline():
                self.said += line
                word, _, rest = line.decode().strip().partition(" ")
                if word == "smtp":
                    host, _, port = rest.rpartition(":")
                    address = (host, int(port))
                if word == "ready":
                    return address
        raise AssertionError(f"it ended before it was ready: {self.errors.read_text()}")

    async def ended(self) -> int:
        """The exit code, or the number of the signal that ended it as a negative one."""
        async with asyncio.timeout(PATIENCE_S):
            self.said += await self.output.read()
        self.transport.close()
        return await asyncio.to_thread(self.launcher.wait, self.pid)

    async def stop(self) -> None:
        """Tell it to stop, and see that it does so cleanly."""
        self.terminate()
        assert await self.ended() == 0, self.errors.read_text()

    def terminate(self) -> None:
        """Tell it to stop."""
        os.kill(self.pid, signal.SIGTERM)

    async def dies(self) -> None:
        """See that it was killed at the point that was asked for."""
        assert await self.ended() == -signal.SIGKILL, f"the point was not reached: {self.errors.read_text()}"


class Launcher:
    """The process that forks runs."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.launcher", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._running: set[int] = set()
        self._line.settimeout(PATIENCE_S)
        assert self._line.recv(64) == b"ready"

    async def run(
        self,
        directory: Path,
        *words: str,
        die: str | None = None,
        nth: int = 1,
        seen: Path | None = None,
        spoil: Sequence[str] = (),
        lease: float | None = None,
        again: float | None = None,
        grace: float | None = None,
        file_size: int | None = None,
        environment: dict[str, str] | None = None,
    ) -> Run:
        """Start `inbeeld --dir DIRECTORY WORDS`.

        `die` is the point at which it is killed when it comes there for the `nth` time, `seen` a file that
        gets the name of every point it passes. `spoil` names steps that fail, `lease` and `grace` are
        seconds, and so is `again`, after which a delivery is first tried anew; `file_size` is the most that a
        file may hold (a full disk).
        """
        request = {
            "die": die,
            "nth": nth,
            "seen": str(seen) if seen else None,
            "spoil": list(spoil),
            "lease": lease,
            "again": again,
            "grace": grace,
            "file_size": file_size,
            "environment": environment or {},
        }
        errors = directory.parent / "stderr"
        with errors.open("ab") as file:
            pid, reading = self.fork(directory, words, file.fileno(), request)
        output = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(output), os.fdopen(reading, "rb", 0)
        )
        return Run(pid, self, output, transport, errors)

    def fork(
        self, directory: Path, words: Sequence[str], errors: int, request: dict[str, Any] | None = None
    ) -> tuple[int, int]:
        """Start it, with what the request says: its number, and the descriptor of its standard output."""
        whole = {"words": ["--dir", str(directory), *words], "cwd": str(directory.parent), **(request or {})}
        reading, writing = os.pipe()
        socket.send_fds(self._line, [json.dumps(whole).encode()], [writing, errors])
        os.close(writing)
        pid = int(self._line.recv(64))
        self._running.add(pid)
        return pid, reading

    def wait(self, pid: int) -> int:
        """How a run ended."""
        self._line.send(json.dumps({"wait": pid}).encode())
        code = int(self._line.recv(64))
        self._running.discard(pid)
        return code

    def __enter__(self) -> "Launcher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What a failed test left behind; nobody waited for it, so its number is still its own.
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
        self._line.close()
        self._process.wait(PATIENCE_S)
