"""What a reading process gives up before it sees the first mail.

`confine` promises, in a process that has loaded all it needs: no file and no socket can be opened and no
program or thread be started (no more descriptors and processes at all, and by seccomp no call of the kernel
but the few that computing and answering need); no memory can become a program; no core is left behind; the
user is nobody's where it was root's, and no privilege ever comes back. Where the kernel has Landlock, the
file system is closed off by that as well. What this machine can't do is named by `lacks`, for the operator;
the rest holds all the same.
"""

import errno
import os
import resource
import types
from pathlib import Path

from gateway.sandbox.limits import harden
from gateway.walls import closed_ruleset, restrict_self
from gateway.walls import landlock_version as _landlock_version
from gateway.walls import seccomp as _seccomp

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


def _close_files() -> None:
    """Close off the file system and the network with a Landlock ruleset that allows nothing."""
    ruleset = closed_ruleset()
    if ruleset is None:
        return
    try:
        restrict_self(ruleset)
    finally:
        os.close(ruleset)
