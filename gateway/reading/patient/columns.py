"""Columns that are people, before a passage's lines are read: only the patient's own are kept.

A head of people ("Verwijzer | Patiënt"), or a head in groups over another head; a table parted by commas is
made one parted by tabs. What it can't tell apart stays as it was, and costs a question.
"""

import re

from gateway.reading.patient.labels import COUNTED, cells, column_at, heads, label_of, placed
from gateway.reading.patient.words import PATIENT, plain

_ROW = 160
_PARTED = re.compile(r"[\t|;]|\S {2,}\S|,.*,")


def without_other_columns(lines: list[str]) -> list[str]:
    """The lines, with each table whose columns are people as the lines of the patient's column."""
    done: list[str] = []
    at = end = 0
    while at < len(lines):
        if at >= end:
            end = next(
                (n for n in range(at, len(lines)) if not 0 < len(lines[n].strip()) <= _ROW), len(lines)
            )
        rows = lines[at:end] if _PARTED.search(lines[at]) else []
        told = _of_commas(rows) or _of_groups(rows) or _of_people(rows) if len(rows) > 1 else []
        done += ["", *told, ""] if told else lines[at : at + 1]
        at = end if told else at + 1
    return done


def _is_patients(cell: str) -> bool:
    return label_of(cell) == "name" and bool(set(re.findall(r"[^\W_]+", plain(cell))) & PATIENT)


def _is_head(named: list[str]) -> bool:
    return len(named) >= 2 and not any(re.search(r"\d{3}|[:=]", cell) or len(cell) > 40 for cell in named)


def _of_people(rows: list[str]) -> list[str]:
    """Under "Verwijzer | Patiënt": the patient's cells, each behind its row's label."""
    if len(rows) < 2 or not _is_head([cell for cell in cells(rows[0]) if cell]):
        return []
    places, head = placed(rows[0])
    theirs = [at for at, cell in enumerate(head) if _is_patients(cell)]
    others = [cell for at, cell in enumerate(head) if at not in theirs]
    # Under a blank corner, which spaces may have lost, every column is somebody's, whatever they are called.
    # "Geb. datum  01-09-1962  M/V: M" is two fields of one person.
    below = [cell for n, cell in enumerate(cells(rows[1])) if not n or ":" not in cell]
    corned = any(
        start < places[0] - 2 * (not COUNTED.search(row)) for row in rows[1:] for start in placed(row)[0]
    )
    corner = corned or (len(below) == len(head) + 1 and label_of(below[0].strip(" :.*")) is not None)
    if len(theirs) != 1 or not (corner or all(label_of(c) in {"sender", "relative"} for c in others)):
        return []
    return _column(rows[1:], places, theirs[0], counted=COUNTED.search(rows[0]) is not None)


def _column(rows: list[str], places: list[int], wanted: int, *, counted: bool) -> list[str]:
    """One column's cells, each behind the label of its row where it has one."""
    done = []
    for row in rows:
        starts, found = placed(row)
        # Empty cells at a line's end may have lost their tabs.
        starts = [0] if counted and not COUNTED.search(row) else starts
        shift = int(counted and places[0] == 0 and len(found) > len(places))
        label = value = ""
        for start, cell in zip(starts, found, strict=True):
            # By their count cells begin where their heads do.
            if column_at(places, start - shift - 2 * counted) == wanted:
                value = f"{value} {cell}".strip()
            elif start == starts[0] and label_of(cell.strip(" :.*")):
                label = cell.strip(" :.*") + ": "
        done += [label + value] if value else []
    return done


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
