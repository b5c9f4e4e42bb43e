"""A folder into which files are dropped for a team, on a disk of ours or on its SFTP server.

It promises that a file appears whole or not at all and is on the disk when `write` returns (over SFTP: as far
as the server says so), that names never lead out of the folder, and that it raises nothing but `TryLater` and
`Refused`. The SFTP server must show the key that was agreed. The library for SFTP (extra `sftp`) is loaded
when it is first used.
"""

import asyncio
import contextlib
import errno
import os
import re
import stat
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from socket import gaierror
from typing import Any, Protocol, TypeVar

from adapters.base import Refused, TryLater

T = TypeVar("T")
NAME = re.compile(r"[^/\\\x00-\x1f]{1,200}")
MOST_FILES = 10_000


class FileReason(StrEnum):
    """Closed codes of everything that goes wrong with a folder."""

    UNREACHABLE = "file_unreachable"
    FULL = "file_full"
    BUSY = "file_busy"
    DENIED = "file_denied"
    # Everybody on this machine may write there, and so report for the team.
    OPEN = "file_open_to_all"
    UNTRUSTED = "file_untrusted"
    LOGIN = "file_login"
    FILES = "file_files"
    NO_LIBRARY = "file_no_library"


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it was seen: name, size, and when it was last written, by the other side's clock."""

    name: str
    size: int
    changed: int


class Folder(Protocol):
    """What the adapter needs of a folder; `under` is "" or the name of one folder in it."""

    async def look(self, under: str = "") -> list[SeenFile]:
        """The files there; a folder in it that isn't there is empty."""
        ...

    async def make(self, under: str) -> None:
        """Let there be a folder of that name in it."""
        ...

    async def read(self, under: str, name: str, limit: int) -> bytes:
        """At most `limit` + 1 bytes of a file."""
        ...

    async def write(self, under: str, name: str, content: bytes) -> None:
        """Let a file appear with this content, in the place of an older one."""
        ...

    async def move(self, under: str, name: str, to: str, new: str) -> bool:
        """Move a file into another folder; False if it isn't there (any more)."""
        ...

    async def probe(self) -> None:
        """Whether it is there and may be written to."""
        ...

    async def close(self) -> None: ...


def translate(error: Exception) -> TryLater | Refused:
    """Our word for what went wrong with a disk."""
    if isinstance(error, TryLater | Refused):
        return error
    code = error.errno if isinstance(error, OSError) else None
    if code in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Refused(FileReason.DENIED.value)
    if code in (errno.ENOSPC, errno.EDQUOT):
        return TryLater(FileReason.FULL.value)
    away = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENODEV, errno.EIO)
    # Over SFTP: the line, or the name of the server.
    line = (errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EPIPE)
    if code in away + line or isinstance(error, gaierror):
        return TryLater(FileReason.UNREACHABLE.value)
    return TryLater(FileReason.BUSY.value)


def safe(name: str) -> str:
    """The name itself; Refused if it could lead elsewhere."""
    if not NAME.fullmatch(name) or name in (".", ".."):
        raise Refused(FileReason.DENIED.value)
    return name


class DiskFolder:
    """A folder of this machine, or one that is mounted here."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def look(self, under: str = "") -> list[SeenFile]:
        return await self._off(self._look, under)

    async def make(self, under: str) -> None:
        await self._off(self._make, under)

    async def read(self, under: str, name: str, limit: int) -> bytes:
        return await self._off(self._read, under, safe(name), limit)

    async def write(self, under: str, name: str, content: bytes) -> None:
        await self._off(self._write, under, safe(name), content)

    async def move(self, under: str, name: str, to: str, new: str) -> bool:
        return await self._off(self._move, under, safe(name), to, safe(new))

    async def probe(self) -> None:
        await self._off(self._probe)

    async def close(self) -> None:
        """Nothing to give back."""

    async def _off(self, act: Callable[..., T], *arguments: Any) -> T:
        try:
            return await asyncio.to_thread(act, *arguments)
        except Exception as error:  # noqa: BLE001 - every failure gets a word of ours
            raise translate(error) from None

    def _look(self, under: str) -> list[SeenFile]:
        if under and not (self._path / under).is_dir():
            self._path.stat()
            return []
        found: list[SeenFile] = []
        with os.scandir(self._path / under) as entries:
            for entry in entries:
                if len(found) == MOST_FILES:
                    break
                # One that was taken away or renamed since it was listed is not there any more.
                with contextlib.suppress(FileNotFoundError):
                    if not entry.is_file(follow_symlinks=False):
                        continue
                    facts = entry.stat(follow_symlinks=False)
                    found.append(SeenFile(entry.name, facts.st_size, facts.st_mtime_ns))
        return found

    def _make(self, under: str) -> None:
        self._path.stat()
        (self._path / under).mkdir(mode=0o770, exist_ok=True)

    def _read(self, under: str, name: str, limit: int) -> bytes:
        # A link in a folder of others could point at a file of ours.
        handle = os.open(self._path / under / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as file:  # noqa: PTH123 - it is a handle
            return file.read(limit + 1)

    def _write(self, under: str, name: str, content: bytes) -> None:
        folder = self._path / under
        if under:
            self._make(under)
        draft = folder / f".{name}.{os.getpid()}.{id(content)}.deel"
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
            with open(handle, "wb") as file:  # noqa: PTH123 - it is a handle
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(folder / name)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise
        _sync(folder)

    def _move(self, under: str, name: str, to: str, new: str) -> bool:
        self._make(to)
        try:
            (self._path / under / name).rename(self._path / to / new)
        except FileNotFoundError:
            return False
        _sync(self._path / to)
        return True

    def _probe(self) -> None:
        if self._path.stat().st_mode & stat.S_IWOTH:
            raise Refused(FileReason.OPEN.value)
        if not os.access(self._path, os.R_OK | os.W_OK | os.X_OK):
            raise Refused(FileReason.DENIED.value)
        self._look("")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class SftpPlace:
    """Where the server is, who we are there, and the files with our private key and its public one."""

    host: str
    port: int
    user: str
    path: str
    key: Path
    host_key: Path
    timeout: float


class SftpFolder:
    """A folder on an SFTP server; one connection is kept."""

    def __init__(self, place: SftpPlace) -> None:
        self._place = place
        self._line: Any = None
        self._client: Any = None
        self._lock = asyncio.Lock()

    async def look(self, under: str = "") -> list[SeenFile]:
        async with self._talking() as sftp:
            folder = self._at(under)
            if under and not await sftp.isdir(folder):
                await sftp.stat(self._at(""))
                return []
            found: list[SeenFile] = []
            async for entry in sftp.scandir(folder):
                if len(found) == MOST_FILES:
                    break
                facts = entry.attrs
                if stat.S_ISREG(facts.permissions or 0) or facts.type == 1:
                    name = entry.filename
                    found.append(SeenFile(_text(name), facts.size or 0, int(facts.mtime or 0)))
            return found

    async def make(self, under: str) -> None:
        async with self._talking() as sftp:
            await self._make(sftp, under)

    async def read(self, under: str, name: str, limit: int) -> bytes:
        async with self._talking() as sftp, sftp.open(self._at(under, safe(name)), "rb") as file:
            return bytes(await file.read(limit + 1))

    async def write(self, under: str, name: str, content: bytes) -> None:
        async with self._talking() as sftp:
            if under:
                await self._make(sftp, under)
            draft = self._at(under, f".{safe(name)}.{id(content)}.deel")
            async with sftp.open(draft, "wb") as file:
                await file.write(content)
                # An extension that OpenSSH has.
                with contextlib.suppress(Exception):
                    await file.fsync()
            if (await sftp.stat(draft)).size != len(content):
                raise TryLater(FileReason.BUSY.value)
            await sftp.posix_rename(draft, self._at(under, name))

    async def move(self, under: str, name: str, to: str, new: str) -> bool:
        async with self._talking() as sftp:
            await self._make(sftp, to)
            if not await sftp.exists(self._at(under, safe(name))):
                return False
            await sftp.posix_rename(self._at(under, name), self._at(to, safe(new)))
            return True

    async def probe(self) -> None:
        async with self._talking() as sftp:
            await sftp.stat(self._at(""))

    async def close(self) -> None:
        line, self._line, self._client = self._line, None, None
        if line is not None:
            line.close()
            with contextlib.suppress(Exception):
                await line.wait_closed()

    async def _make(self, sftp: Any, under: str) -> None:
        await sftp.stat(self._at(""))
        if not await sftp.isdir(self._at(under)):
            await sftp.makedirs(self._at(under), exist_ok=True)

    def _at(self, under: str, name: str = "") -> str:
        return "/".join(part for part in (self._place.path.rstrip("/") or "/", under, name) if part)

    @contextlib.asynccontextmanager
    async def _talking(self) -> AsyncIterator[Any]:
        """The server; whatever goes wrong with it becomes a word of ours."""
        try:
            async with asyncio.timeout(2 * self._place.timeout):
                yield await self._connect()
        except ModuleNotFoundError:
            raise Refused(FileReason.NO_LIBRARY.value) from None
        except Exception as error:  # noqa: BLE001 - every failure gets a word of ours
            trouble = _of_sftp(error)
            if isinstance(trouble, TryLater):
                # The next try begins with a line of its own.
                await self.close()
            raise trouble from None

    async def _connect(self) -> Any:
        import asyncssh

        async with self._lock:
            if self._client is None or self._line.is_closed():
                place = self._place
                try:
                    if stat.S_IMODE(place.key.stat().st_mode) & 0o077:
                        raise Refused(FileReason.FILES.value)
                    keys = [asyncssh.read_private_key(place.key)]
                    known = asyncssh.read_public_key(place.host_key)
                except (OSError, ValueError):
                    raise Refused(FileReason.FILES.value) from None
                self._line = await asyncssh.connect(
                    place.host,
                    place.port,
                    username=place.user,
                    client_keys=keys,
                    known_hosts=([known], [], []),
                    # Nothing comes in through the environment: no agent, no configuration, no password.
                    config=None,
                    agent_path=None,
                    preferred_auth="publickey",
                    login_timeout=place.timeout,
                )
                self._client = await self._line.start_sftp_client()
            return self._client


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


def _of_sftp(error: Exception) -> TryLater | Refused:
    import asyncssh

    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return Refused(FileReason.UNTRUSTED.value)
    if isinstance(error, asyncssh.PermissionDenied):
        return Refused(FileReason.LOGIN.value)
    if isinstance(error, asyncssh.SFTPPermissionDenied):
        return Refused(FileReason.DENIED.value)
    if isinstance(error, asyncssh.SFTPNoSpaceOnFilesystem | asyncssh.SFTPQuotaExceeded):
        return TryLater(FileReason.FULL.value)
    if isinstance(error, asyncssh.Error | TimeoutError):
        return TryLater(FileReason.UNREACHABLE.value)
    return translate(error)
