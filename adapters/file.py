"""Delivery as an encrypted file, for a team that works from a folder or a portal, and its reports from a CSV.

It promises that a file appears whole, named after its kenmerk, deadline and delivery, and holds nothing but
ciphertext; that `index.csv` beside it lists what lies there and says nothing about anybody; and that a report
which the team drops in `retour/` is settled once: a file is taken away before it is read, what became of each
row is written into `verwerkt/` once all is committed, and a file that was in hand when the gateway stopped is
read again, which changes nothing that was settled.

Who may write into the folder may report for the team: its access rights are the proof.
"""

import asyncio
import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, ClassVar, Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from adapters import base
from adapters.base import Context, Parcel, Receipt, Refused, TryLater, utc_now
from adapters.dropfolder import DiskFolder, Folder, SeenFile, SftpFolder, SftpPlace
from adapters.reportcsv import LONGEST, NoReportList, Reject, ReportRow, read_reports
from adapters.told import Polled, Settlement, Unfit

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_OURS = re.compile(
    r"(?P<kenmerk>[A-Za-z0-9-]{1,40})_(?P<due>\d{8}T\d{4}Z)_(?P<id>[A-Za-z0-9._-]{1,64}?)(?P<spoed>_spoed)?"
    r"\.(?:asc|p7m|jwe)"
)
EXTENSIONS: Final = {base.PGP: "asc", base.SMIME: "p7m", base.JOSE: "jwe"}

INDEX, RETURNS, IN_HAND, DONE = "index.csv", "retour", "in-behandeling", "verwerkt"
MOST_AT_ONCE = 50
"""So many files with reports are read in one go; the rest comes next time."""

_UNFIT: Final = {
    Unfit.UNKNOWN: "dit kenmerk hoort niet bij een aanmelding van u",
    Unfit.DAY: "de datum ligt in de toekomst of voor de aanmelding",
    Unfit.CONTACT_FIRST: "meld eerst het contact waaruit dit volgt",
    Unfit.NOT_NOW: "deze status past nu niet bij de aanmelding",
    Unfit.AGAIN: "wordt opnieuw geprobeerd",
}


class FileOptions(base.Options):
    """A folder on a disk (`folder`, from the working directory), or one on an SFTP server (`sftp`, with our
    private key and the server's public one)."""

    folder: Path | None = Field(None, description="Name the folder, or write sftp")
    sftp: str | None = Field(None, description="Write sftp://user@host:port/path, or name a folder")
    sftp_key: Path | None = Field(None, description="Name the file of our private SSH key (mode 0600)")
    sftp_host_key: Path | None = Field(None, description="Name the file of the server's public SSH key")
    timeout: Annotated[float, Field(gt=0, le=60)] = Field(20.0, description="Use at most 60 seconds")
    minutes: Annotated[int, Field(ge=1, le=1440)] = Field(5, description="Use 1 to 1440 minutes")

    @model_validator(mode="after")
    def _one_place(self) -> "FileOptions":
        if (self.folder is None) == (self.sftp is None):
            raise ValueError("folder: must be set, or sftp, and not both")
        if self.sftp is not None:
            _sftp_parts(self.sftp)
            if self.sftp_key is None or self.sftp_host_key is None:
                raise ValueError("sftp: needs sftp_key and sftp_host_key")
            if find_spec("asyncssh") is None:
                raise ValueError("sftp: needs a library that is not installed, pip install 'inbeeld[sftp]'")
        return self


def _sftp_parts(url: str) -> tuple[str, int, str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 22
    except ValueError:
        host = None
    if not host or parts.scheme != "sftp" or not parts.username or parts.password or parts.query:
        raise ValueError("sftp: must be sftp://user@host:port/path, without a password")
    return host, port, unquote(parts.username), unquote(parts.path) or "/"


@dataclass
class _InHand:
    """A file with reports that is being settled; `rows` are its rows, and `unread` why there are none."""

    name: str
    rows: list[ReportRow] = field(default_factory=list)
    unread: Reject | None = None


class FileAdapter:
    """Drops files for one team and reads what it reports."""

    name: ClassVar[str] = "file"
    channel: ClassVar[str] = "file"
    Options: ClassVar[type[FileOptions]] = FileOptions

    def __init__(
        self, options: FileOptions, context: Context, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._options, self._now = options, now
        self._folder = _folder(options, context)
        self._indexing = asyncio.Lock()
        self._in_hand: list[_InHand] = []
        self._seen: dict[str, SeenFile] = {}

    @property
    def poll_every(self) -> timedelta:
        """How often it is looked for reports."""
        return timedelta(minutes=self._options.minutes)

    async def send(self, parcel: Parcel) -> Receipt:
        """Let the file appear, then stand in the index; the receipt holds its name."""
        name = _name(parcel)
        await self._folder.write("", name, parcel.ciphertext)
        await self._index()
        return Receipt(peer=self._peer, text=name)

    async def probe(self) -> None:
        """Whether the folder is there, ours to write to, and not everybody's."""
        await self._folder.probe()

    async def close(self) -> None:
        await self._folder.close()

    async def poll(self, since: datetime | None) -> Polled:
        """What the team reported in files that are finished; each is taken away before it is read."""
        # Whatever everybody may write is no report of the team's.
        await self._folder.probe()
        await self._folder.make(RETURNS)
        await self._take()
        self._in_hand = []
        for seen in sorted(await self._folder.look(IN_HAND), key=lambda one: one.name)[:MOST_AT_ONCE]:
            if (file := await self._read(seen)) is not None:
                self._in_hand.append(file)
        rows = [row for file in self._in_hand for row in file.rows]
        told = [row.told for row in rows if row.told is not None]
        unread = sum(file.unread is not None for file in self._in_hand)
        return Polled(tuple(told), unread + len(rows) - len(told))

    async def answered(self, outcomes: Sequence[Settlement]) -> None:
        """Write what became of each row, and put the files where the team sees that they are done."""
        in_hand, self._in_hand = self._in_hand, []
        left = iter(outcomes)
        for file in in_hand:
            unfit = [next(left).unfit if row.told is not None else None for row in file.rows]
            if Unfit.AGAIN in unfit:
                # It stays in hand and is read again; what was settled stays settled.
                continue
            stem = file.name.removesuffix(".csv")
            await self._folder.write(DONE, f"{stem}-uitslag.csv", _result(file, unfit))
            await self._folder.move(IN_HAND, file.name, DONE, file.name)

    async def _take(self) -> None:
        """Move every finished file out of the team's hands: one that looks as it did the last time."""
        now_there = {seen.name: seen for seen in await self._folder.look(RETURNS) if _is_report(seen.name)}
        finished = [seen for name, seen in now_there.items() if self._seen.get(name) == seen]
        self._seen = now_there
        stamp = self._now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        for seen in finished[:MOST_AT_ONCE]:
            del self._seen[seen.name]
            new = f"{seen.name[:-4][:120]}.{stamp}.csv"
            try:
                await self._folder.move(RETURNS, seen.name, IN_HAND, new)
            except (TryLater, Refused):
                # Excel still has it open, or its name can't be used; the others don't wait for it.
                continue

    async def _read(self, seen: SeenFile) -> _InHand | None:
        try:
            if seen.size > LONGEST:
                raise NoReportList(Reject.TOO_LARGE)
            content = await self._folder.read(IN_HAND, seen.name, LONGEST)
            return _InHand(seen.name, read_reports(content))
        except NoReportList as problem:
            return _InHand(seen.name, unread=problem.reject)
        except TryLater:
            # Another worker was quicker, or it is tried again.
            return None

    async def _index(self) -> None:
        """Write the index anew from what lies there: no file of it can be forgotten, whoever else writes."""
        async with self._indexing:
            names = [seen.name for seen in await self._folder.look()]
            await self._folder.write("", INDEX, _indexed(names))

    @property
    def _peer(self) -> str:
        return _sftp_parts(self._options.sftp)[0] if self._options.sftp else "map"


def _folder(options: FileOptions, context: Context) -> Folder:
    if options.folder is not None:
        return DiskFolder(context.directory / options.folder)
    host, port, user, path = _sftp_parts(options.sftp or "")
    key, host_key = options.sftp_key or Path(), options.sftp_host_key or Path()
    directory = context.directory
    place = SftpPlace(host, port, user, path, directory / key, directory / host_key, options.timeout)
    return SftpFolder(place)


def _name(parcel: Parcel) -> str:
    """`IB-7K3F-9QXM_20261125T1305Z_0193-d1_spoed.asc`; Refused if the parcel isn't fit for it."""
    base.check_parcel(parcel)
    due = parcel.due_at.astimezone(UTC).strftime("%Y%m%dT%H%MZ")
    hurry = "_spoed" if parcel.urgent else ""
    return f"{parcel.kenmerk}_{due}_{parcel.delivery_id}{hurry}.{EXTENSIONS[parcel.media_type]}"


def _indexed(names: Sequence[str]) -> bytes:
    """The index as Excel in Dutch opens it by a double click; the most pressing stands first."""
    rows = []
    for name in names:
        found = _OURS.fullmatch(name)
        if found is not None:
            due = datetime.strptime(found["due"], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
            local = due.astimezone(_AMSTERDAM).strftime("%d-%m-%Y %H:%M")
            rows.append((due, [found["kenmerk"], local, "ja" if found["spoed"] else "nee", name]))
    lines = [row for _, row in sorted(rows)]
    return _csv([["kenmerk", "contact uiterlijk", "spoed", "bestand"], *lines])


def _result(file: _InHand, unfit: Sequence[Unfit | None]) -> bytes:
    """What became of each row; nothing of the file but kenmerken and words of the list stands in it."""
    lines = [["regel", "kenmerk", "status", "uitslag", "uitleg"]]
    if file.unread is not None:
        lines.append(["", "", "", "niet gelezen", file.unread.value])
    for row, why in zip(file.rows, unfit, strict=True):
        reject = row.reject.value if row.reject else _UNFIT[why] if why else ""
        result = "niet verwerkt" if reject else "verwerkt"
        lines.append([str(row.number), row.kenmerk, row.status, result, reject])
    return _csv(lines)


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(lines)
    return out.getvalue().encode("utf-8-sig")


def _is_report(name: str) -> bool:
    """A CSV that is nobody's draft: programs begin the names of those with a tilde or a dot."""
    return name.casefold().endswith(".csv") and not name.startswith(("~", ".", "$"))
