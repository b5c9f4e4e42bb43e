"""A gateway to measure: a trial working directory with many practices, served as its own process.

It promises that every process it starts ends with its block, and that nothing of what it measures stands in
the gateway itself: memory and processor time come from /proc.
"""

import atexit
import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ADDRESS = "aanmelding@handover.example"
FRONT = "mx.handover.example"
PRACTICES = 100
STOP_SECONDS = 60.0
Process = subprocess.Popen[str]
TICKS = os.sysconf("SC_CLK_TCK")


def practice(number: int) -> str:
    """The mail domain of one of the practices, counted round."""
    return f"praktijk{number % PRACTICES}.example"


@functools.cache
def _laid_out() -> Path:
    """A new working directory to copy, since making its keys takes a second; it goes with this process."""
    # Whoever only sends or takes mails needs nothing of the gateway.
    from gateway.cli.init import lay_out

    folder = Path(tempfile.mkdtemp(prefix="inbeeld-bench-"))
    atexit.register(shutil.rmtree, folder)
    lay_out(folder / "new")
    return folder / "new"


def make(directory: Path, relay_port: int = 587) -> Path:
    """A working directory whose relay is on this machine; all ports are free ones."""
    shutil.copytree(_laid_out(), directory)
    config = directory / "config"
    text = (config / "inbeeld.toml").read_text()
    for before, after in (
        ('listen = "127.0.0.1:2525"', 'listen = "127.0.0.1:0"'),
        ('listen = "127.0.0.1:8443"', 'listen = "127.0.0.1:0"'),
        ('relay = "localhost:587"', f'relay = "localhost:{relay_port}"'),
        ('# ca_file = "keys/tls/ca.pem"', 'ca_file = "keys/tls/ca.pem"'),
    ):
        if before not in text:
            raise ValueError(f"config/inbeeld.toml has no line {before}")
        text = text.replace(before, after)
    (config / "inbeeld.toml").write_text(text)
    with (config / "practices.toml").open("a") as file:
        for number in range(PRACTICES):
            file.write(f'\n[[practice]]\nid = "p{number}"\nname = "Praktijk {number}"\n')
            file.write(f'domains = ["{practice(number)}"]\nphones = []\n')
    return directory


@dataclass(frozen=True, slots=True)
class Use:
    """What a process tree has used: seconds of processor time and MiB of memory."""

    own: float
    ended: float
    readers: float
    memory: float
    peak: float
    reader_memory: tuple[float, ...]
    descriptors: int
    threads: int


class Serving:
    """A running `inbeeld serve`."""

    def __init__(self, process: Process, said: dict[str, str]) -> None:
        self.process, self.web = process, said.get("web", "")
        self.port = port_of(said)

    def processor_seconds(self) -> float:
        """What it has used until now by itself."""
        return sum(times_of(self.process.pid)[:2])

    def use(self) -> Use:
        """What it has used until now; its reading processes apart, gpg under `ended`."""
        pid = self.process.pid
        times = times_of(pid)
        readers = [child for child in _descendants(pid) if "gateway.sandbox.process" in _command(child)]
        return Use(
            own=times[0] + times[1],
            ended=times[2] + times[3],
            # A reading process that ended is counted by the one that waited for it.
            readers=sum(sum(times_of(child)) for child in readers),
            memory=_mebibytes(pid, "VmRSS"),
            peak=_mebibytes(pid, "VmHWM"),
            reader_memory=tuple(_mebibytes(child, "VmRSS") for child in readers),
            descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
            threads=len(list(Path(f"/proc/{pid}/task").iterdir())),
        )


def command(directory: Path, words: Sequence[str], out: int, errors: IO[bytes] | None) -> Process:
    """Start a command of the gateway as a process of its own."""
    line = [sys.executable, "-m", "gateway", "--dir", str(directory), *words]
    return subprocess.Popen(line, stdout=out, stderr=errors, text=True)


@contextlib.contextmanager
def serving(directory: Path, role: str = "all", name: str = "serve") -> Iterator[Serving]:
    """`inbeeld serve --role …`, ready; its log goes to serve.log, or that of its name, in the directory."""
    with (directory / f"{name}.log").open("wb") as log:
        process = command(directory, ("serve", "--role", role), subprocess.PIPE, log)
    try:
        yield Serving(process, started(process))
    finally:
        stop(process)


def stop(process: Process) -> None:
    """End a process that was started here, and wait for it."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def started(process: Process) -> dict[str, str]:
    """What a starting server prints until it is ready: a word and its value on each line."""
    said: dict[str, str] = {}
    for line in process.stdout or ():
        word, _, rest = line.strip().partition(" ")
        if word == "ready":
            return said
        said[word] = rest
    raise RuntimeError("a server did not start; see serve.log in its working directory")


def port_of(said: dict[str, str]) -> int:
    """The SMTP port among what a server printed; 0 without one."""
    return int(said.get("smtp", ":0").rpartition(":")[2])


def times_of(pid: int) -> list[float]:
    """utime, stime, cutime, cstime in seconds (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(ticks) / TICKS for ticks in fields[11:15]]


def children_of(pid: int) -> list[int]:
    """The processes that this one started and that live."""
    return [
        int(word)
        for path in Path(f"/proc/{pid}/task").glob("*/children")
        for word in path.read_text().split()
    ]


def _descendants(pid: int) -> list[int]:
    found = children_of(pid)
    return [*found, *(each for child in found for each in _descendants(child))]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def memory_of(pid: int) -> float:
    """The most resident memory that a process of ours had since it began, in MiB; 0 when it has ended."""
    try:
        return _mebibytes(pid, "VmHWM")
    except OSError:
        return 0.0


def _mebibytes(pid: int, field: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    return 0.0
