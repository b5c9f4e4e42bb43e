"""A private Postfix for comparison: Debian's programs with a configuration, queue and port of its own.

It promises to leave the system's own Postfix alone. Every mail is put on hold, so that only accepting is
measured: nothing is scheduled, looked up or delivered.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.place import children_of, times_of
from tests.ports import free_port

FOLDERS = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/postfix/sbin"))
START_SECONDS = 20.0

_MAIN = """compatibility_level = 3.6
queue_directory = {place}/queue
data_directory = {place}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.example
mydestination = handover.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
maillog_file = {place}/log/postfix.log
maillog_file_prefixes = {place}/log
smtpd_recipient_restrictions = check_client_access static:HOLD, permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
"""

_MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
local unix - n n - - local
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""


def why_not() -> str | None:
    """Why it can't run here, if it can't."""
    if not shutil.which("postfix", path=FOLDERS):
        return "Postfix is missing: apt-get install postfix"
    if os.geteuid() != 0:
        return "Postfix starts for root only"
    return None


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running instance."""

    place: Path
    port: int

    def kept(self) -> int:
        """How many mails stand in its queue."""
        return sum(path.is_file() for path in (self.place / "queue" / "hold").rglob("*"))

    def processor_seconds(self) -> float:
        """What all its processes have used until now, those that ended included."""
        master = int((self.place / "queue" / "pid" / "master.pid").read_text())
        return sum(sum(times_of(pid)) for pid in (master, *children_of(master)))

    def empty(self) -> None:
        """Throw away what it keeps."""
        _run(["postsuper", "-c", str(self.place / "etc"), "-d", "ALL", "hold"])


@contextlib.contextmanager
def running(place: Path) -> Iterator[Postfix]:
    """Postfix, accepting mail on a free port of loopback; `place` must be reachable for its user."""
    for folder in ("etc", "queue", "data", "log"):
        (place / folder).mkdir(parents=True)
    shutil.chown(place / "data", "postfix")
    port = free_port()
    (place / "etc" / "main.cf").write_text(_MAIN.format(place=place))
    (place / "etc" / "master.cf").write_text(_MASTER.format(port=port))
    command = ["postfix", "-c", str(place / "etc")]
    _run([*command, "start"])
    try:
        _wait(port)
        yield Postfix(place, port)
    finally:
        _run([*command, "stop"])


def _run(command: list[str]) -> None:
    environment = {"PATH": FOLDERS, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")


def _wait(port: int) -> None:
    """Until its greeting comes."""
    end = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5.0) as one:
            if one.recv(3) == b"220":
                return
        if time.monotonic() > end:
            raise TimeoutError("Postfix does not answer")
        time.sleep(0.1)
