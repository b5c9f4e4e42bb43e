"""What no process of the gateway may do: leave its memory behind on a disk, or show it to another process.

Every process that may hold a key or a mail calls `harden` as its first act. It promises no core file, no
`/proc/PID/mem` and no debugger for other processes of the same user, no privilege gained by a program that it
starts, and that what held a large mail is given back to the kernel at once; and that it changes nothing else,
so that it may be called by anybody, twice. `serve` also locks its memory where it may.
"""

import ctypes
import resource
from pathlib import Path

_LOCK_EVERYTHING = 1 | 2 | 4
"""mlockall(2): what is there, what will be, each page when it is first used."""

_MMAP_THRESHOLD = -3
_LARGE = 256 * 1024
"""Memory of this size and more goes back to the kernel as soon as Python lets go of it."""

_ARENA_MAX = -8
_ARENAS = 2
"""Python's threads take turns, so that more of them only keep more memory apart that nobody uses."""

_IPC_LOCK = 14
_SET_DUMPABLE = 4
_SET_NO_NEW_PRIVS = 38


def harden() -> None:
    """Take this process's right to dump core, to be traced, and to gain privileges. Linux only; raises
    OSError where the kernel refuses."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    control(_SET_DUMPABLE, 0)
    control(_SET_NO_NEW_PRIVS, 1)
    # glibc would keep what a large mail took, with the mail in it, for the next one.
    mallopt = getattr(_libc(), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_ARENA_MAX, _ARENAS)


def lock_memory() -> bool:
    """Keep this process's memory out of the swap, if it may lock as much as it wants; says whether it does.

    Under a limit nothing is locked: the first allocation beyond it would fail.
    """
    if not may_lock():
        return False
    return bool(_libc().mlockall(_LOCK_EVERYTHING) == 0)


def may_lock() -> bool:
    """Whether this process may lock all its memory."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return False
    held = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    if int(held, 16) >> _IPC_LOCK & 1:
        return True
    return resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY


def control(option: int, value: int) -> None:
    """`prctl(2)`; raises OSError."""
    if _libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option} failed")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
