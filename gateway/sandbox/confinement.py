"""What a reading process gives up before it sees the first mail.

`confine` promises, in a process that has loaded all it needs: no file and no socket can be opened and no
program or thread be started (no more descriptors and processes at all, and by seccomp no call of the kernel
but the few that computing and answering need); no memory can become a program; no core is left behind; the
user is nobody's where it was root's, and no privilege ever comes back. Where the kernel has Landlock, the
file system is closed off by that as well. What this machine can't do is named by `lacks`, for the operator;
the rest holds all the same.
"""

import ctypes
import errno
import os
import resource
import types
from pathlib import Path

from gateway.sandbox.limits import harden

NOBODY = 65_534

# What computing needs, and reading and answering on a socket that is open already.
_ALLOWED = """
read readv recvfrom recvmsg write writev sendto sendmsg close fstat lseek poll ppoll
brk munmap mremap madvise futex membarrier
rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall
clock_gettime clock_getres gettimeofday time nanosleep clock_nanosleep sched_yield getcpu
getpid gettid getuid geteuid getgid getegid getrusage setitimer getitimer times
getrandom sysinfo uname exit exit_group rseq set_robust_list
"""

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_VERSION = 1
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_FILE_RIGHTS_NOW = (1 << 16) - 1
_NET_RIGHTS = 3
_PROT_EXEC = 4


def lacks() -> tuple[str, ...]:
    """What this machine can't take from a reading process: seccomp, landlock."""
    missing = []
    if _seccomp() is None:
        missing.append("seccomp")
    if _landlock_version() < 1:
        missing.append("landlock")
    return tuple(missing)


def confine(growth: int) -> None:
    """Give it all up; memory may grow by so many bytes. Raises OSError where a promise can't be kept that
    every machine can keep."""
    # Later not even a file could be opened to find the library in.
    seccomp = _seccomp()
    _bound_memory(growth)
    renounce()
    _close_files()
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
        resource.setrlimit(kind, (0, 0))
    if seccomp is not None:
        _filter(seccomp)


def renounce() -> None:
    """Become nobody where we are root, and gain no privilege any more."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    # A change of user makes a process readable for others again, so this comes after it.
    harden()


def _bound_memory(growth: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + growth
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _seccomp() -> types.ModuleType | None:
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError, AttributeError):
        # The Debian package libseccomp2 is missing, or too old.
        return None
    return pyseccomp  # type: ignore[no-any-return]


def _filter(seccomp: types.ModuleType) -> None:
    """Let every call fail that is not among the few; EPERM, so that code which tries one fails in order."""
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in _ALLOWED.split():
        _allow(seccomp, rules, name)
    for name in ("mmap", "mprotect"):
        _allow(seccomp, rules, name, seccomp.Arg(2, seccomp.MASKED_EQ, _PROT_EXEC, 0))
    rules.load()


def _allow(seccomp: types.ModuleType, rules: object, name: str, *arguments: object) -> None:
    try:
        rules.add_rule(seccomp.ALLOW, name, *arguments)  # type: ignore[attr-defined]
    except (OSError, ValueError, RuntimeError):
        # Not every processor has every call.
        return


def _landlock_version() -> int:
    return int(_syscall(_CREATE_RULESET, None, 0, _VERSION))


def _close_files() -> None:
    """Close off the file system and the network with a Landlock ruleset that allows nothing."""
    version = _landlock_version()
    if version < 1:
        return
    rights = (ctypes.c_uint64 * 2)(_FILE_RIGHTS.get(version, _FILE_RIGHTS_NOW), _NET_RIGHTS)
    size = 16 if version >= 4 else 8
    ruleset = _syscall(_CREATE_RULESET, ctypes.byref(rights), size, 0)
    if ruleset < 0:
        return
    try:
        _syscall(_RESTRICT_SELF, ruleset, 0, 0)
    finally:
        os.close(ruleset)


def _syscall(number: int, *arguments: object) -> int:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(call(ctypes.c_long(number), *wide))
