"""A home directory for gpg that exists only for a while.

It promises mode 0700, a path short enough for gpg's sockets, and that at the end the agents are stopped
and the directory is gone.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.sealing.engine import EngineError, run

# A socket's path may have 108 bytes (unix(7)); gpg's longest name and our own suffix take about 40.
_LONGEST_ROOT = 64
_PREFIX = "ib-"

QUIET = ("--batch", "--no-tty", "--no-options", "--status-fd", "2", "--no-auto-check-trustdb")
# Nothing about a key is ever fetched: what counts is the file the administrator put there.
OFFLINE = ("--disable-dirmngr", "--no-auto-key-locate", "--no-auto-key-retrieve")
# With these, parallel calls do not wait for each other: gpg locks its random seed file for the whole of
# a call (measured on two cores: 31 messages a second instead of 230).
UNLOCKED = ("--lock-never", "--no-random-seed-file")


@contextmanager
def temporary_home(root: Path) -> Iterator[Path]:
    """A fresh home below `root`, or below the system's temporary directory if `root` is too long a path."""
    if len(str(root.absolute())) > _LONGEST_ROOT:
        root = Path(tempfile.gettempdir())
    else:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
    home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
    try:
        yield home
    finally:
        _remove(home)


def remove_leftovers(root: Path) -> int:
    """Remove homes that a killed process left below `root`, with any key in them; returns how many.

    To be called once at start, before anything is sealed or opened, by the one process that uses `root`.
    """
    homes = list(root.glob(f"{_PREFIX}*")) if root.is_dir() else []
    for home in homes:
        _remove(home)
    return len(homes)


def _remove(home: Path) -> None:
    # Without gpgconf no agent was started either; a lost agent ends by itself when its home is gone.
    with suppress(EngineError):
        run(("gpgconf", "--homedir", home, "--kill", "all"), b"", seconds=10)
    shutil.rmtree(home, ignore_errors=True)
