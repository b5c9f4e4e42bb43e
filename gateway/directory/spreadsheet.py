"""The first sheet of an Excel workbook (.xlsx) as CSV: as that CBS publishes its tables.

It promises that a workbook is read as data alone (no formula is worked out, nothing is fetched), and that one
which is larger than a table of CBS is refused before it fills the memory.
"""

import csv
import io
import re
import zlib
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

LARGEST = 300_000_000
"""So many bytes one part of a workbook may have, unpacked."""

_DAMAGED = (BadZipFile, zlib.error, EOFError, ElementTree.ParseError, LookupError, RuntimeError)
"""What reading one that is cut off, spoilt, encrypted or packed in a strange way ends in."""

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")


def is_workbook(content: bytes) -> bool:
    """Whether these are the first bytes of one."""
    return content.startswith(b"PK\x03\x04")


def sheet_as_csv(content: bytes) -> str:
    """Its first sheet; raises `ValueError` for what is no workbook."""
    try:
        with ZipFile(io.BytesIO(content)) as parts:
            sheets = sorted(
                (int(found[1]), name) for name in parts.namelist() if (found := _SHEET.fullmatch(name))
            )
            if not sheets or any(part.file_size > LARGEST for part in parts.infolist()):
                raise ValueError("it is no workbook, or too large")
            shared: list[str] = []
            if "xl/sharedStrings.xml" in parts.namelist():
                with parts.open("xl/sharedStrings.xml") as part:
                    shared = [_text(each) for each in _elements(part, "si")]
            out = io.StringIO()
            with parts.open(sheets[0][1]) as part:
                csv.writer(out, lineterminator="\n").writerows(
                    _row(each, shared) for each in _elements(part, "row")
                )
            return out.getvalue()
    except _DAMAGED as error:
        raise ValueError("it is no workbook") from error


def _elements(part: IO[bytes], name: str) -> Iterator[ElementTree.Element]:
    """Each element of that name, thrown away once it was looked at."""
    # A beheerder downloaded it; expat itself bounds what entities may grow to.
    for _, element in ElementTree.iterparse(part):  # noqa: S314
        if element.tag == _NAMESPACE + name:
            yield element
            element.clear()


def _row(row: ElementTree.Element, shared: list[str]) -> list[str]:
    """The values of a row; a cell that is left out is empty."""
    values: list[str] = []
    for cell in row.iter(f"{_NAMESPACE}c"):
        at = _column(cell.get("r", "")) or len(values) + 1
        values += [""] * (min(at, 16_384) - 1 - len(values))
        value = cell.find(f"{_NAMESPACE}v")
        told = value.text or "" if value is not None else ""
        kind = cell.get("t")
        values.append(
            _text(cell) if kind == "inlineStr" else shared[int(told)] if kind == "s" and told else told
        )
    return values


def _column(reference: str) -> int:
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter.upper()) - 64
    return number


def _text(element: ElementTree.Element) -> str:
    return "".join(each.text or "" for each in element.iter(f"{_NAMESPACE}t"))
