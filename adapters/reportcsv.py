"""A list of reports as a team makes it in Excel: `kenmerk;status;datum;…`, read strictly, explained by row.

It promises that every spelling which Excel writes is read (UTF-8 with and without a mark, UTF-16, and
Windows-1252; semicolons, commas or tabs; `sep=;`; days as 2026-11-23, 23-11-2026 or 23/11/2026), that a row
means one closed code or is rejected with a reason that repeats nothing of it, that columns which it doesn't
know are never kept, and that it has limits.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from adapters.told import (
    DAY_PARTS,
    NEXT_STEPS,
    OUTCOMES,
    REASONS,
    STATUSES,
    TELLS_STEP,
    Fact,
    Meaning,
    ToldBack,
    word_of,
)

LONGEST: Final = 256 * 1024
MOST_ROWS: Final = 1000
MOST_COLUMNS: Final = 60


class Reject(StrEnum):
    """Why a file or a row was not taken."""

    TOO_LARGE = "het bestand is te groot"
    NOT_TEXT = "het bestand is geen tekst; bewaar het als CSV"
    NO_HEADER = "de eerste regel noemt de kolommen kenmerk en status niet"
    TOO_MANY = "er staan te veel regels in het bestand"
    BROKEN = "de regel is niet te lezen"
    KENMERK = "er staat geen kenmerk"
    STATUS = "de status is geen woord van de lijst"
    DATE = "de datum is geen dag, of ontbreekt bij een belpoging"
    DAY_PART = "het dagdeel is niet ochtend, middag of avond"
    REASON = "bij geweigerd hoort een reden van de lijst"
    OUTCOME = "de uitkomst is geen woord van de lijst"
    STEP = "het vervolg is geen woord, of hoort niet bij deze status"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row: its number in the file (the header is 1), and what it says or why it is rejected.

    `kenmerk` and `status` are there only if they look like ours: they are repeated to the team.
    """

    number: int
    kenmerk: str = ""
    status: str = ""
    told: ToldBack | None = None
    reject: Reject | None = None


_KENMERK = re.compile(r"[A-Z0-9]{2,4}(-[A-Z0-9]{2,8}){1,3}")
_DAY = re.compile(r"(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}))")
_STEP = re.compile(r"[^\W\d]+(?:[ -][^\W\d]+){0,4}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


class NoReportList(ValueError):
    """The file as a whole can't be read."""

    def __init__(self, reject: Reject) -> None:
        super().__init__(reject.name)
        self.reject = reject


def read_reports(content: bytes) -> list[ReportRow]:
    """The rows of a file; raises `NoReportList`."""
    if len(content) > LONGEST:
        raise NoReportList(Reject.TOO_LARGE)
    text = _text(content)
    first, _, rest = text.partition("\n")
    begins = 2
    if re.fullmatch(r"\s*\"?sep=(.)\"?\s*", first, re.IGNORECASE):
        text, begins = rest, 3
        first = rest.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    if delimiter not in first:
        raise NoReportList(Reject.NO_HEADER)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [word_of(name) for name in next(lines)]
    except (csv.Error, StopIteration):
        raise NoReportList(Reject.NO_HEADER) from None
    doubled = [name for name, number in Counter(header).items() if number > 1 and name in _COLUMNS]
    if not {"kenmerk", "status"} <= set(header) or doubled or len(header) > MOST_COLUMNS:
        raise NoReportList(Reject.NO_HEADER)
    return list(_rows(lines, header, begins))


_COLUMNS = ("kenmerk", "status", "datum", "dagdeel", "reden", "uitkomst", "vervolg")


def _text(content: bytes) -> str:
    """As Excel writes text, in Windows or on a Mac."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text) is None:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise NoReportList(Reject.NOT_TEXT)


def _rows(lines: Iterator[list[str]], header: list[str], begins: int) -> Iterator[ReportRow]:
    same: Counter[str] = Counter()
    number = begins - 1
    while True:
        number += 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error:
            # Where one row ends and the next begins is not known any more.
            yield ReportRow(number, reject=Reject.BROKEN)
            return
        if number - begins >= MOST_ROWS:
            yield ReportRow(number, reject=Reject.TOO_MANY)
            return
        if any(cell.strip() for cell in cells):
            said = dict(zip(header, cells, strict=False))
            yield _row(number, {name: said.get(name, "").strip() for name in _COLUMNS}, same)


def _row(number: int, said: Mapping[str, str], same: Counter[str]) -> ReportRow:
    kenmerk = re.sub(r"\s", "", said["kenmerk"]).upper()
    status = word_of(said["status"])
    kenmerk = kenmerk if _KENMERK.fullmatch(kenmerk) else ""
    status = status if status in STATUSES else ""
    found = _fact(said, kenmerk, status, same)
    if isinstance(found, Reject):
        return ReportRow(number, kenmerk, status, reject=found)
    return ReportRow(number, kenmerk, status, ToldBack("", (found,), kenmerk=kenmerk))


def _fact(said: Mapping[str, str], kenmerk: str, status: str, same: Counter[str]) -> Fact | Reject:
    if not kenmerk:
        return Reject.KENMERK
    if not status:
        return Reject.STATUS
    event, code = STATUSES[status], None
    day = day_of(said["datum"]) if said["datum"] else None
    # Two attempts are told apart by their days: without one, the second would pass for the first.
    if (said["datum"] or event == "attempted") and day is None:
        return Reject.DATE
    part = word_of(said["dagdeel"])
    if part and part not in DAY_PARTS:
        return Reject.DAY_PART
    if event == "declined":
        code = REASONS.get(word_of(said["reden"]))
        if code is None:
            return Reject.REASON
    if event == "stopped":
        code = OUTCOMES.get(word_of(said["uitkomst"]) or "anders")
        if code is None:
            return Reject.OUTCOME
    step = said["vervolg"]
    if step and (event not in TELLS_STEP or not _STEP.fullmatch(step)):
        return Reject.STEP
    step = NEXT_STEPS.get(word_of(step), step)
    name = f"csv/{event}/{code or ''}/{day or ''}/{part}"
    same[f"{kenmerk}/{name}"] += 1
    meaning = Meaning(event, code, step or None)
    return Fact(f"{name}/{same[f'{kenmerk}/{name}']}", meaning, meaning, day, part or None)


def day_of(text: str) -> date | None:
    found = _DAY.fullmatch(text.partition(" ")[0])
    if found is None:
        return None
    year, month, day = found[1] or found[6], found[2] or found[5], found[3] or found[4]
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
