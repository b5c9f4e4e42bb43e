"""How the machine and its files stand, for `inbeeld check`: rights, room, clock, what lies beside us.

It promises to read and never to write, and one finding for a weakness however many files it concerns.
"""

import ctypes
import os
import stat
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from gateway.app.findings import Finding, Level
from gateway.intake.limits import free_bytes
from gateway.web.pages import STATIC

SHOWN = 3
SKEW = timedelta(minutes=2)
_UNSYNC = 0x40
_TIMEX_BYTES, _STATUS_AT = 256, 40
"""Of `struct timex`, see adjtimex(2), on 64-bit Linux."""


def key_modes(folder: Path) -> Iterator[Finding]:
    """Private files that others may read, and anything that others may change."""
    loose = [path for path in _files(folder) if _mode(path) & (0o077 if is_private(path) else 0o022)]
    if loose:
        told = f"others on this machine may read or change {_some(loose, folder)}"
        yield Finding("key-modes", "error", "keys", told)


def config_modes(folder: Path) -> Iterator[Finding]:
    """Configuration that others may change, or that belongs to somebody who is neither root nor us."""
    files = [folder.parent, folder, *_files(folder)]
    loose = [path for path in files if _mode(path) & 0o002 and not _mode(path) & stat.S_ISVTX]
    foreign = [
        path
        for path in files
        if path.exists() and path.stat().st_uid not in (0, os.geteuid(), _owner(folder))
    ]
    if loose:
        yield Finding("config-modes", "error", "config", f"anybody may change {_some(loose, folder.parent)}")
    if foreign:
        told = f"{_some(foreign, folder.parent)} belongs to another user"
        yield Finding("config-modes", "warning", "config", told)


def data_modes(folder: Path, file: Path | None) -> Iterator[Finding]:
    """What is kept, where others than we may change it or see it: the folder's rights guard what is in it."""
    mode = _mode(folder)
    there = [folder, *(beside for beside in _database_files(file) if mode & 0o011)]
    if loose := [path for path in there if _mode(path) & 0o022]:
        told = f"others on this machine may change {_some(loose, folder)}"
        yield Finding("data-modes", "error", "data_dir", told)
    elif loose := [path for path in there if _mode(path) & 0o007]:
        told = f"anybody on this machine may look into {_some(loose, folder)}"
        yield Finding("data-modes", "warning", "data_dir", told)


def _database_files(file: Path | None) -> list[Path]:
    """SQLite's file and the logs beside it."""
    return sorted(file.parent.glob(f"{file.name}*")) if file is not None else []


def is_private(path: Path) -> bool:
    """Whether a key file is one that only we may read: by its name, or by what it holds."""
    if path.suffix in (".key", ".secret") or ".private." in path.name or "password" in path.name:
        return True
    try:
        with path.open("rb") as file:
            return b"PRIVATE KEY" in file.read(4096)
    except OSError:
        return False


def disk(folder: Path, floor: int) -> Finding:
    """Room on the disk of the data directory; below `floor` no mail is taken."""
    free = free_bytes(folder if folder.is_dir() else folder.parent)
    told = f"{free // 2**20} MiB are free; below {floor // 2**20} MiB no mail is taken"
    level: Level = "error" if free < floor else "warning" if free < 2 * floor else "ok"
    return Finding("disk", level, "data_dir", told)


def clock(wall: datetime, seen: Iterable[tuple[str, datetime]]) -> Iterator[Finding]:
    """Whether the machine's clock is kept, and agrees with other clocks and with what was written before."""
    for what, at in seen:
        if at - wall > SKEW:
            told = f"{what} is {int((at - wall).total_seconds())} seconds ahead of this machine's clock"
            yield Finding("clock", "error", "clock", told)
    if unsynchronised():
        yield Finding("clock", "warning", "clock", "the kernel says that nothing keeps it right")


def unsynchronised() -> bool:
    """Whether the kernel's clock is not disciplined by anything; False where that can't be told."""
    try:
        timex = ctypes.create_string_buffer(_TIMEX_BYTES)
        if ctypes.CDLL(None, use_errno=True).adjtimex(timex) < 0:
            return False
        return bool(int.from_bytes(timex.raw[_STATUS_AT : _STATUS_AT + 4], "little") & _UNSYNC)
    except (OSError, AttributeError):
        return False


def cores(proc: Path = Path("/proc")) -> Iterator[Finding]:
    """Whether a program that crashes beside us leaves its memory on a disk."""
    try:
        pattern = (proc / "sys/kernel/core_pattern").read_text().strip()
        limit = next(
            line.split()[4]
            for line in (proc / "1/limits").read_text().splitlines()
            if line.startswith("Max core")
        )
    except (OSError, StopIteration, IndexError):
        return
    # A pipe is given every core, whatever the limit says (core(5)).
    if pattern.startswith("|"):
        yield Finding("cores", "warning", "core dumps", f"they are handed to {pattern[1:].split()[0]}")
    elif pattern != "/dev/null" and limit != "0":
        yield Finding("cores", "warning", "core dumps", "programs of this machine may leave them")


def look() -> Finding:
    """Whether the look of the pages is there."""
    there = (STATIC / "vendor" / "theme.css").is_file()
    told = "is there" if there else "theme.css is missing"
    return Finding("look", "ok" if there else "warning", "look of the pages", told)


def certificate_names(certificate: x509.Certificate, wanted: Iterable[str]) -> Iterator[Finding]:
    """The names by which we are called and that our certificate lacks."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = {name.lower() for name in extension.get_values_for_type(x509.DNSName)}
    except x509.ExtensionNotFound:
        names = set()
    missing = [name for name in dict.fromkeys(wanted) if not _covered(name.lower(), names)]
    if missing:
        told = f"it is not for {', '.join(missing)}"
        yield Finding("certificate-names", "warning", "TLS certificate", told)


def _covered(name: str, names: set[str]) -> bool:
    return name in names or f"*.{name.partition('.')[2]}" in names


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_symlink())


def _mode(path: Path) -> int:
    try:
        # What counts is what a link leads to: the package makes config one to /etc/inbeeld.
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _owner(folder: Path) -> int:
    return folder.stat().st_uid if folder.exists() else 0


def _some(paths: list[Path], folder: Path) -> str:
    names = [str(path.relative_to(folder)) if path != folder else str(folder) for path in paths]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
