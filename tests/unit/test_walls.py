"""The walls around gpg and openssl: what a program behind them, and what it starts, can't do."""

import os
import socket
import sys
from pathlib import Path

import pytest

from gateway import walls
from gateway.sandbox.confinement import lacks
from gateway.sealing.engine import run

pytestmark = pytest.mark.skipif(bool(lacks()), reason=f"this machine lacks {lacks()}")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A key of the gateway's, which its own user may read."""
    path = tmp_path / "keys" / "intake.key"
    path.parent.mkdir()
    path.write_text("secret")
    path.chmod(0o600)
    return path


def shell(text: str, folder: Path | None = None, *reads: Path) -> tuple[int, bytes]:
    """Run a line behind the walls; gives the code and the output."""
    done = run(("sh", "-c", text), b"", folder=folder, reads=reads)
    return done.code, done.output


def test_it_works_in_its_own_folder_and_reads_what_it_is_given(tmp_path: Path, secret: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert shell(f"echo x > {home}/a && mkdir {home}/b && cat {home}/a", home) == (0, b"x\n")
    assert shell(f"cat {secret}", home, secret) == (0, b"secret")
    assert shell(f"echo x > {secret}", home, secret)[0] != 0


@pytest.mark.parametrize(
    "attempt",
    [
        "cat {secret}",
        "ls {secret.parent}",
        "cp {secret} {home}",
        "ln {secret} {home}/link && cat {home}/link",
        "ln -s {secret} {home}/link && cat {home}/link",
        "echo x > {secret.parent}/new",
        "rm -f {secret}",
        "cat /proc/{parent}/environ",
        "cat /proc/{parent}/mem",
        "kill -0 {parent}",
        # In its own folder it may write, and not start what it wrote.
        "cp /bin/true {home}/x && {home}/x",
        "cat /etc/hostname",
    ],
)
def test_it_reaches_nothing_else(attempt: str, tmp_path: Path, secret: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert shell(attempt.format(secret=secret, home=home, parent=os.getpid()), home)[0] != 0
    assert secret.read_text() == "secret"


CALLS = """
import ctypes, socket, sys
call = ctypes.CDLL(None, use_errno=True)
tries = {
    "internet": lambda: socket.socket(socket.AF_INET),
    "internet 6": lambda: socket.socket(socket.AF_INET6),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "abstract": lambda: socket.socket(socket.AF_UNIX).connect("\\0" + sys.argv[1]),
    "trace": lambda: failed(call.ptrace(16, int(sys.argv[2]), 0, 0)),
    "read memory": lambda: failed(call.process_vm_readv(int(sys.argv[2]), None, 0, None, 0, 0)),
    "name space": lambda: failed(call.unshare(0x10000000)),
}
def failed(code):
    if code < 0:
        raise OSError
for name, attempt in tries.items():
    try:
        attempt()
        print(name)
    except OSError:
        pass
socket.socketpair()
print("well")
"""


def test_it_makes_no_call_that_leads_out() -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        name = f"inbeeld-test-{os.getpid()}"
        listener.bind(f"\0{name}")
        listener.listen()
        command = (sys.executable, "-S", "-c", CALLS, name, str(os.getpid()))
        done = run(command, b"", reads=[Path(sys.prefix), Path(sys.base_prefix), Path("/usr/local")])
    assert (done.code, done.output) == (0, b"well\n"), done.errors[-400:]


def test_nothing_stays_open_here(tmp_path: Path) -> None:
    shell("true", tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        shell("true", tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_machine_without_them_runs_programs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "closed_ruleset", lambda scopes=0: None)
    monkeypatch.setattr(walls, "_filter", lambda: None)
    assert shell("cat /etc/hostname")[0] == 0


def test_what_can_not_be_closed_is_not_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="does not close"):
        walls.restrict_self(-1)
    known = walls.landlock_version()
    monkeypatch.setattr(walls, "landlock_version", lambda: known)
    monkeypatch.setattr(walls, "syscall", lambda *arguments: -1)
    with pytest.raises(OSError, match="no Landlock ruleset"):
        walls.closed_ruleset()
