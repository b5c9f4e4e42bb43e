"""What no process of the gateway may do: leave its memory behind on a disk, or show it to another process.

Every process that may hold a key or a mail calls `harden` as its first act. It promises no core file, no
`/proc/PID/mem` and no debugger for other processes of the same user, and no privilege gained by a program
that it starts; and that it changes nothing else, so that it may be called by anybody, twice.
"""

import ctypes
import resource

_SET_DUMPABLE = 4
_SET_NO_NEW_PRIVS = 38


def harden() -> None:
    """Take this process's right to dump core, to be traced, and to gain privileges. Linux only; raises
    OSError where the kernel refuses."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    control(_SET_DUMPABLE, 0)
    control(_SET_NO_NEW_PRIVS, 1)


def control(option: int, value: int) -> None:
    """`prctl(2)`; raises OSError."""
    if _libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option} failed")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
