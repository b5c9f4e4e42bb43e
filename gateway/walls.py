"""Walls of the kernel around a program that we start: gpg and openssl, which parse what came from outside.

It promises, as far as this machine can (`sandbox.confinement.lacks` says): such a program opens no file but
what every program needs, what it is given to read and what stands in its own folder; it reaches no network;
it traces, reads and signals no process but what it started itself, and makes no name space. The walls hold
for all that it starts too, and nothing takes them down again.
"""

import contextlib
import ctypes
import errno
import os
import shutil
import types
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_FILE_RIGHTS_NOW = (1 << 16) - 1
_NET_RIGHTS = 3
_SCOPES = 3
"""No signal to a process outside, and no socket in the abstract name space."""

_SET_SECCOMP, _SET_NO_NEW_PRIVS, _FILTER = 22, 38, 2
_AF_UNIX = 1

# What every program reads: itself, its libraries, and the few settings of theirs that hold no secret.
_PROGRAMS = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/nix/store")
_SETTINGS = (
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld-musl-x86_64.path", "/etc/ssl/openssl.cnf"),
    *("/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/localtime", "/etc/gnupg", "/etc/gcrypt"),
    *("/dev/urandom", "/dev/random", "/dev/zero"),
)

# What neither of them needs, and what could reach another process, the network or the kernel itself.
_FORBIDDEN = """
ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_open pidfd_getfd pidfd_send_signal
bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
add_key request_key keyctl mount umount2 pivot_root chroot unshare setns move_mount open_tree fsopen
init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff
open_by_handle_at personality acct quotactl settimeofday clock_settime adjtimex
"""


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


@contextlib.contextmanager
def around(
    program: str | Path, *, folder: Path | None = None, reads: Collection[Path] = ()
) -> Iterator[Callable[[], None]]:
    """The walls for one start of a program: to be called between fork and exec, as Popen's `preexec_fn`.

    `folder` is its own, `reads` what it may read beside that.
    """
    ruleset = _ruleset(program, folder, reads)
    filter_, prctl, call = _filter(), ctypes.CDLL(None).prctl, _call()
    arguments = (
        (ctypes.c_int(_SET_NO_NEW_PRIVS), ctypes.c_ulong(1), *(ctypes.c_ulong(0),) * 3),
        (ctypes.c_int(_SET_SECCOMP), ctypes.c_ulong(_FILTER), ctypes.byref(filter_) if filter_ else None),
    )
    restrict = tuple(ctypes.c_long(each) for each in (_RESTRICT_SELF, ruleset or 0, 0))

    def enter() -> None:
        # Nothing is looked up or imported here: another thread may hold any lock at the moment of the fork.
        if prctl(*arguments[0]) or (ruleset is not None and call(*restrict)):
            raise OSError
        if filter_ and prctl(*arguments[1]):
            raise OSError

    try:
        yield enter
    finally:
        if ruleset is not None:
            os.close(ruleset)


def landlock_version() -> int:
    """Which Landlock the kernel has; less than 1 if none."""
    return syscall(_CREATE_RULESET, None, 0, _VERSION)


def closed_ruleset(scopes: int = 0) -> int | None:
    """A Landlock ruleset that allows nothing yet; None where the kernel has no Landlock.

    Raises OSError where it has and gives none, as without descriptors: nobody goes on in the open.
    """
    version = landlock_version()
    if version < 1:
        return None
    rights = (ctypes.c_uint64 * 3)(_FILE_RIGHTS.get(version, _FILE_RIGHTS_NOW), _NET_RIGHTS, scopes)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = syscall(_CREATE_RULESET, ctypes.byref(rights), size, 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "no Landlock ruleset")
    return ruleset


def restrict_self(ruleset: int) -> None:
    """Put this process behind a ruleset, for good; raises OSError where that fails."""
    if syscall(_RESTRICT_SELF, ruleset, 0, 0):
        raise OSError(ctypes.get_errno(), "Landlock does not close")


def seccomp() -> types.ModuleType | None:
    """The library; None where the Debian package libseccomp2 is missing, or too old."""
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError, AttributeError):
        return None
    return pyseccomp  # type: ignore[no-any-return]


def syscall(number: int, *arguments: object) -> int:
    """A call of the kernel for which libc has no name; -1 where it fails."""
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(_call()(ctypes.c_long(number), *wide))


def _call() -> "ctypes._NamedFuncPointer":
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    return call


def _ruleset(program: str | Path, folder: Path | None, reads: Collection[Path]) -> int | None:
    ruleset = closed_ruleset(_SCOPES)
    if ruleset is None:
        return None
    rights = _FILE_RIGHTS.get(landlock_version(), _FILE_RIGHTS_NOW)
    there = shutil.which(program)
    programs = [*map(Path, _PROGRAMS), *([Path(there).resolve().parent] if there else [])]
    for path in programs:
        _allow(ruleset, path, (_EXECUTE | _READ_FILE | _READ_DIR) & rights)
    for path in (*map(Path, _SETTINGS), *reads):
        _allow(ruleset, path, (_READ_FILE | _READ_DIR) & rights)
    _allow(ruleset, Path("/dev/null"), (_READ_FILE | _WRITE_FILE) & rights)
    # gpg looks there which descriptors it has; of other processes it sees their numbers and nothing else.
    _allow(ruleset, Path("/proc"), _READ_DIR & rights)
    if folder is not None:
        _allow(ruleset, folder, rights & ~_EXECUTE)
    return ruleset


def _allow(ruleset: int, path: Path, rights: int) -> None:
    """Allow this below a path; what is not there can't be opened anyway."""
    try:
        at = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _OF_FILES
        # `struct landlock_path_beneath_attr` is packed.
        rule = rights.to_bytes(8, "little") + at.to_bytes(4, "little", signed=True)
        syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.create_string_buffer(rule, len(rule)), 0)
    finally:
        os.close(at)


@cache
def _filter() -> _Program | None:
    """The filter of calls as the kernel reads it; None without the library."""
    library = seccomp()
    if library is None:
        return None
    rules = library.SyscallFilter(library.ALLOW)
    refused = library.ERRNO(errno.EPERM)
    for name in _FORBIDDEN.split():
        # Not every processor has every call.
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            rules.add_rule(refused, name)
    # gpg speaks with its agent over a socket of the file system; any other leads out.
    rules.add_rule(refused, "socket", library.Arg(0, library.NE, _AF_UNIX))
    if landlock_version() < 6:
        # Where Landlock doesn't bound signals, nobody is signalled.
        for name in ("kill", "tkill", "rt_sigqueueinfo"):
            rules.add_rule(refused, name)
    at = os.memfd_create("walls", os.MFD_CLOEXEC)
    with os.fdopen(at, "w+b") as file:
        rules.export_bpf(file)
        file.seek(0)
        content = file.read()
    held = ctypes.create_string_buffer(content, len(content))
    program = _Program(len(content) // 8, ctypes.cast(held, ctypes.c_void_p))
    program.held = held
    return program
