"""Columns that are people, before a passage's lines are read: only the patient's own are kept.

A head of people ("Verwijzer | Patiënt"), a head in groups over another head, and rows that give a name to
each of two people; a table parted by commas is made one parted by tabs. What it can't tell apart stays as it
was, and costs a question.
"""

import re

from gateway.reading.patient.alike import same_person
from gateway.reading.patient.labels import cells, heads, label_of
from gateway.reading.patient.values import value_name
from gateway.reading.patient.words import BARE_RELATIVES, PATIENT, plain

_ROW = 160
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"\S(?:.*?\S)??(?= {2,}|\s*$)")


def without_other_columns(lines: list[str]) -> list[str]:
    """The lines, with each table whose columns are people as the lines of the patient's column."""
    done: list[str] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].strip() and len(lines[end]) <= _ROW:
            end += 1
        told = (
            _of_commas(lines[at:end])
            or _of_groups(lines[at:end])
            or _of_people(lines[at:end])
            or _of_several(lines[at:end])
        )
        done += ["", *told, ""] if told else lines[at : at + 1]
        at = end if told else at + 1
    return done


def _is_patients(cell: str) -> bool:
    return label_of(cell) == "name" and bool(set(_WORD.findall(plain(cell))) & PATIENT)


def _is_head(named: list[str]) -> bool:
    return len(named) >= 2 and not any(re.search(r"\d{3}|[:=]", cell) or len(cell) > 40 for cell in named)


def _of_people(rows: list[str]) -> list[str]:
    """Under "Verwijzer | Patiënt": the patient's cells, each behind its row's label."""
    if len(rows) < 2 or not _is_head([cell for cell in cells(rows[0]) if cell]):
        return []
    places, head = _placed(rows[0])
    theirs = [at for at, cell in enumerate(head) if _is_patients(cell)]
    others = [cell for at, cell in enumerate(head) if at not in theirs]
    # Under a blank corner, which spaces may have lost, every column is somebody's, whatever they are called.
    below = cells(rows[1])
    corner = places[0] > 0 or (len(below) == len(head) + 1 and label_of(below[0].strip(" :.*")) is not None)
    if len(theirs) != 1 or not (corner or all(label_of(c) in {"sender", "relative"} for c in others)):
        return []
    return _column(rows[1:], places, theirs[0], counted=_COUNTED.search(rows[0]) is not None)


def _column(rows: list[str], places: list[int], wanted: int, *, counted: bool) -> list[str]:
    """One column's cells, each behind the label of its row where it has one."""
    done = []
    for row in rows:
        starts, found = _placed(row)
        # Empty cells at a line's end may have lost their tabs.
        starts = [0] if counted and not _COUNTED.search(row) else starts
        shift = int(counted and places[0] == 0 and len(found) > len(places))
        label = value = ""
        for start, cell in zip(starts, found, strict=True):
            # By characters a cell may begin a little before its head.
            reach = start - shift + (0 if counted else 2)
            if max((n for n, place in enumerate(places) if place <= reach), default=-1) == wanted:
                value = f"{value} {cell}".strip()
            elif start == starts[0] and label_of(cell.strip(" :.*")):
                label = cell.strip(" :.*") + ": "
        done += [label + value] if value else []
    return done


_COUNTED = re.compile(r"[\t|;]")


def _placed(row: str) -> tuple[list[int], list[str]]:
    """Where a row's cells begin, by their count or by their characters, and the cells."""
    if _COUNTED.search(row):
        told = [(at, cell) for at, cell in enumerate(cells(row)) if cell]
    else:
        told = [(found.start(), found[0]) for found in _GAP.finditer(row)]
    return [at for at, _ in told], [cell for _, cell in told]


def _of_commas(rows: list[str]) -> list[str]:
    """ "Naam,Telefoon,Wijk" over rows with as many commas, as a table that tabs part."""
    width = rows[0].count(",") if rows else 0
    head = [label_of(cell.strip()) for cell in rows[0].split(",")] if width >= 2 else [None]
    if None in head or len(rows) < 2 or any(row.count(",") != width for row in rows[1:]):
        return []
    return ["\t".join(cell.strip(' "') for cell in row.split(",")) for row in rows]


def _of_groups(rows: list[str]) -> list[str]:
    """Under "Patiënt | Huisarts" over "Naam | Telefoon | Naam | Telefoon": the patient's part."""
    titles = [cell for cell in cells(rows[0]) if cell] if len(rows) > 2 else []
    head = heads(rows[1]) if _is_head(titles) else []
    labels = [label for label, _ in head]
    begins = [at for at, label in enumerate(labels) if label == labels[0]]
    theirs = [at for at, title in enumerate(titles) if _is_patients(title)]
    if len(begins) != len(titles) or len(theirs) != 1:
        return []
    ends = [*begins[1:], len(head)]
    part = slice(begins[theirs[0]], ends[theirs[0]])
    return ["\t".join(cells(row)[part]) for row in rows[1:]]


def _of_several(rows: list[str]) -> list[str]:
    """ "Naam | Jan Bos | Els Vos": each person's cells as a paragraph, below the head if there is one."""
    table = [cells(row) for row in rows]
    named = next((n for n, row in enumerate(table[:2]) if label_of(row[0].strip(" :.*")) == "name"), None)
    if named is None or len(table) < named + 2:
        return []
    names = [value_name(cell) for cell in table[named][1:]]
    found = [name.text for name in names if name]
    if not 2 <= len(found) == len(names) or any(same_person(found[0], other) for other in found[1:]):
        return []
    head = [cell for cell in table[0] if cell] if named else []
    if named and (len(head) != len(names) or not _is_head(head)):
        return []
    if all(set(_WORD.findall(plain(cell))) <= BARE_RELATIVES for cell in head):
        # "Vader | Moeder": who is in the family, and none of them the other's helper.
        head = []
    done: list[str] = []
    for n in range(len(names)):
        done += [f"{head[n]}:"] if head else []
        done += [f"{row[0].strip(' :.*')}: {row[n + 1]}" for row in table[named:] if len(row) > n + 1]
        done.append("")
    return done
