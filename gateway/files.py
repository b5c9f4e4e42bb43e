"""Files on disk: how ours are written, and how a key file is read.

It promises that a file appears whole or not at all, a private one readable by its owner only and never over
another; that what root writes belongs to whom the file before it, or its folder, belongs, so that a service
which runs as somebody else can still read it; that a private file which others may read is refused; and that
reading stops at 64 kB.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gateway.errors import ConfigError

# No key, certificate or revocation list we use comes near this; a larger file is a mistake or an attack.
LIMIT = 64 * 1024


class FileTooLargeError(ValueError):
    """The key file is larger than 64 kB."""


def write_private(path: Path, content: bytes, mode: int = 0o600, like: Path | None = None) -> None:
    """Write a new file of `mode`, synced to disk, in one step; an existing file is never replaced.

    It belongs to whom `like` belongs, or else its folder.
    """
    with _draft(path, content, mode, like or path.parent) as draft:
        try:
            # A hard link fails where a rename would overwrite somebody's key.
            os.link(draft, path)
        except FileExistsError:
            raise ConfigError(
                str(path), "key file", "it exists already", "Move it away first if it must be replaced"
            ) from None
    sync_folder(path.parent)


def write_public(path: Path, content: bytes) -> None:
    """Write a new file that others may read; the same promises otherwise."""
    write_private(path, content, mode=0o644)


def replace_public(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file that others may read, in one step, also in the place of another, whose owner and mode it
    keeps."""
    there = path.exists()
    if mode is None:
        mode = stat.S_IMODE(path.stat().st_mode) if there else 0o644
    with _draft(path, content, mode, path if there else path.parent) as draft:
        draft.replace(path)
    sync_folder(path.parent)


def read_private(path: Path) -> bytes:
    """The content of one of the gateway's private files; `ConfigError` if it is missing or not private."""
    try:
        with opened(path) as file:
            facts = os.fstat(file.fileno())
            if stat.S_IMODE(facts.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
                raise ConfigError(
                    str(path), "private key", "others on this machine may read it", f"Run: chmod 600 {path}"
                )
            content = file.read(LIMIT + 1)
    except OSError as error:
        raise ConfigError(
            str(path), "private key", f"it can't be read ({_reason(error)})", "See keys/README.md"
        ) from None
    if len(content) > LIMIT:
        raise ConfigError(str(path), "private key", "it is larger than 64 kB", "See keys/README.md")
    return content


def read_limited(path: Path) -> bytes:
    """The content of a public key file; `OSError` as the system gives it, `FileTooLargeError` above 64 kB."""
    with opened(path) as file:
        content = file.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise FileTooLargeError
    return content


def opened(path: Path) -> BinaryIO:
    """A file to be read; `OSError` where it is a pipe or a device, which might let us wait for ever."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise (
            OSError(errno.EISDIR, "Is a directory")
            if stat.S_ISDIR(mode)
            else OSError(errno.EINVAL, "Is a pipe or a device")
        )
    return os.fdopen(descriptor, "rb")


@contextmanager
def _draft(path: Path, content: bytes, mode: int, like: Path) -> Iterator[Path]:
    """A file with the content beside `path`, synced to disk, and gone afterwards unless it was renamed."""
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            own_like(file.fileno(), like)
            # The umask may have taken bits away; the mode asked for is the mode given.
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def own_like(descriptor: int, like: Path) -> None:
    """Let an open file that root made belong to whom another file or folder belongs."""
    if os.geteuid() == 0:
        facts = like.stat()
        os.fchown(descriptor, facts.st_uid, facts.st_gid)


def make_folder(path: Path) -> None:
    """Make a folder for its owner alone if it is not there; root's belongs to whom the one above belongs."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        own_like(descriptor, path.parent)
    finally:
        os.close(descriptor)


def sync_folder(directory: Path) -> None:
    """Make what was made, renamed or removed in a folder survive power loss."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
