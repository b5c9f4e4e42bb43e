"""The lines of a passage about several patients, parted into one group a patient.

Only what stands plainly apart is parted: the rows of a table, the items of a numbered list, paragraphs, or
lines that hold a number each. Whether each group is a whole record is for the reader to see.
"""

import re
from collections.abc import Iterator

from gateway.reading.patient.labels import heads

MOST = 6

_ITEM = re.compile(
    r"\s*(?:(?:aanmelding|pati[eë]nt|cli[eë]nt|nr|nummer)\s*)?\d{1,2}\s?[.:)-]\s", re.IGNORECASE
)
_NUMBER = re.compile(r"(?:\+|\d)(?:[ ().-]{0,3}\d){8,12}")


def parted(lines: list[str]) -> Iterator[list[list[str]]]:
    """The ways in which the lines can be one group a patient, the plainest first."""
    for way in (_rows(lines), _items(lines), _paragraphs(lines), _single(lines)):
        if 2 <= len(way) <= MOST:
            yield way


def _rows(lines: list[str]) -> list[list[str]]:
    for at, line in enumerate(lines):
        if heads(line):
            return [[line, row] for row in lines[at + 1 :] if _NUMBER.search(row)]
    return []


def _items(lines: list[str]) -> list[list[str]]:
    begins = [at for at, line in enumerate(lines) if _ITEM.match(line)]
    if not begins:
        return []
    ends = [*begins[1:], len(lines)]
    groups = [lines[begin:end] for begin, end in zip(begins, ends, strict=True)]
    for group in groups[-1:]:
        # The last item ends with its paragraph.
        if "" in group:
            del group[group.index("") :]
    return [[_ITEM.sub("", group[0]), *group[1:]] for group in groups]


def _paragraphs(lines: list[str]) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if any(_NUMBER.search(line) for line in group)]


def _single(lines: list[str]) -> list[list[str]]:
    return [[line] for line in lines if _NUMBER.search(line)]
