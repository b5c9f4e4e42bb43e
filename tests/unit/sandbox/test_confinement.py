"""What a reading process can't do, tried in one; and what no process can."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.sandbox import confinement
from gateway.sandbox.pool import Readers
from tests.patience import PATIENCE_S
from tests.unit.reading.conftest import almere_texts

CONFINED = """
import ctypes, mmap, os, resource, signal, socket, sys, threading
opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
target = open(sys.argv[1], "rb")
parent = os.getppid()
from gateway.sandbox.confinement import confine
confine(64 << 20)
try:
    {attempt}
except BaseException as refused:
    print("refused", type(refused).__name__)
else:
    print("done")
"""

ATTEMPTS = {
    "read a key": "open(sys.argv[1], 'rb').read()",
    "read a key by another way": "os.open('/proc/self/root' + sys.argv[1], os.O_RDONLY)",
    "look whether it is there": "os.stat(sys.argv[1])",
    "list a folder": "os.listdir('/')",
    "write a file": "open('/tmp/inbeeld-confined', 'w')",
    "remove a file": "os.unlink(sys.argv[1])",
    "make a link": "os.symlink('/x', '/tmp/inbeeld-confined')",
    "read what another process holds": "open(f'/proc/{parent}/mem', 'rb')",
    "open a socket": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "open a local socket": "socket.socketpair()",
    "connect a socket it had": "opened.connect(('127.0.0.1', 9))",
    "listen on a socket it had": "opened.listen()",
    "start a process": "os.fork()",
    "start a program": "os.execv('/bin/true', ['true'])",
    "start a thread": "threading.Thread(target=print).start()",
    "kill its parent": "os.kill(parent, 0)",
    "make memory a program": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "take its limits back": "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
    "become root": "os.setresuid(0, 0, 0)",
    "take memory without end": "bytearray(1 << 30)",
    "a second descriptor": "os.dup(target.fileno())",
}


def in_process(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    return done.stdout.strip()


def test_a_process_that_gave_it_up_can_still_compute_and_answer(tmp_path: Path) -> None:
    key = tmp_path / "intake.key"
    key.write_text("secret")
    told = in_process(CONFINED.format(attempt="assert sum(range(10)) == 45; os.getpid()"), str(key))
    assert told == "done"


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_it_can_not(attempt: str, tmp_path: Path) -> None:
    if confinement.lacks():
        assert not os.environ.get("CI"), f"this machine lacks {confinement.lacks()}"
        pytest.skip(f"this machine lacks {confinement.lacks()}")
    key = tmp_path / "intake.key"
    key.write_text("secret")
    told = in_process(CONFINED.format(attempt=ATTEMPTS[attempt]), str(key))
    assert told.startswith("refused"), told
    assert key.read_text() == "secret"


@pytest.mark.parametrize("attempt", ["read a key", "open a socket", "write a file", "a second descriptor"])
def test_nor_where_the_kernel_offers_less(attempt: str, tmp_path: Path) -> None:
    """Without seccomp and Landlock there are still no more descriptors and no rights."""
    key = tmp_path / "intake.key"
    key.write_text("secret")
    less = "from gateway.sandbox import confinement\nconfinement._seccomp = lambda: None\n"
    less += "confinement._close_files = lambda: None\n"
    assert in_process(less + CONFINED.format(attempt=ATTEMPTS[attempt]), str(key)).startswith("refused")


def test_a_machine_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "_seccomp", lambda: None)
    monkeypatch.setattr(confinement, "_landlock_version", lambda: -1)
    assert confinement.lacks() == ("seccomp", "landlock")


def status(pid: int) -> dict[str, str]:
    lines = (Path("/proc") / str(pid) / "status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_the_pool_reads_in_such_processes() -> None:
    pool = Readers(*almere_texts(), workers=1)
    try:
        pool.read(b"Subject: x\r\n\r\nNaam: Iris Blok")
        (process,) = pool._all
        told = status(process.child.pid)
        assert told["NoNewPrivs"] == "1"
        assert int(told["CapEff"], 16) == 0
        if os.getuid() == 0:
            assert set(told["Uid"].split()) == {str(confinement.NOBODY)}
            assert told["Groups"] == ""
        if not confinement.lacks():
            assert told["Seccomp"] == "2"
    finally:
        pool.close()


def test_serve_keeps_its_memory_out_of_the_swap_where_it_may() -> None:
    program = (
        "from gateway.sandbox.limits import lock_memory, may_lock\n"
        "may, did = may_lock(), lock_memory()\n"
        "more = bytearray(50_000_000)\n"
        "told = open('/proc/self/status').read().partition('VmLck:')[2].split()[0]\n"
        "print(may == did, (int(told) > 50_000) == did)"
    )
    assert in_process(program) == "True True"


def test_every_process_keeps_its_memory_to_itself() -> None:
    program = (
        "import ctypes, resource; from gateway.sandbox.limits import harden; harden(); harden()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0),"
        " ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))"
    )
    assert in_process(program) == "(0, 0) 0 1"


def test_what_held_a_large_mail_is_given_back_at_once() -> None:
    """After the first of them, glibc kept the next one's memory in its heap, with the mail in it."""
    program = (
        "import ctypes; from gateway.sandbox.limits import harden; harden()\n"
        "first = bytearray(8 << 20); del first\n"
        "mail = bytearray(b'x' * (4 << 20)); behind = bytearray(100_000)\n"
        "at = ctypes.addressof(ctypes.c_char.from_buffer(mail)); del mail\n"
        "maps = [line.split()[0].split('-') for line in open('/proc/self/maps')]\n"
        "print(any(int(low, 16) <= at < int(high, 16) for low, high in maps))"
    )
    assert in_process(program) == "False"
