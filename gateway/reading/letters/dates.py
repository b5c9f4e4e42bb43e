"""The dates in a sentence, and the months that are none.

It promises that the word for a month is part of a date only right beside its day or its year: "gesproken met
Jan" and "het nummer van April" tell of people; and that a date without its year is the nearest of its kind.
"""

import re
from collections.abc import Iterator
from datetime import date

from gateway.reading.patient.words import plain

_MONTH = (
    r"(?:januari|jan|februari|feb|maart|mrt|april|apr|mei|juni|jun|juli|jul|augustus|aug|september|sept|sep"
    r"|oktober|okt|november|nov|december|dec|january|february|march|may|june|july|august|october)"
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?<![\w.:,/+-])(?:0?[1-9]|[12]\d|3[01])"
_DATE = re.compile(rf"{_DAY} {_MONTH}\b\.?(?: {_YEAR}\b)?|(?<![\w-]){_MONTH} {_YEAR}\b")
_WITH = re.compile(r"\bmet (?:maan|dins|woens|donder|vrij|zater|zon)dag\b")
"""Whoever is spoken with is somebody of that name."""

_NAMED = re.compile(rf"({_DAY}) ({_MONTH})\b\.?(?: ({_YEAR})\b)?")
_FIGURES = re.compile(r"(?<![\d/.-])(\d{1,2})([-/.])(\d{1,2})(?:\2((?:19|20)?\d\d))?(?![\d/:-])")
_LONE_YEAR = re.compile(rf"(?<![\d/.-]){_YEAR}(?![\d/-])")
_BEGINNINGS = ("ja", "fe", "ma mr", "ap", "mei may", "jun", "jul", "au", "se", "ok oc", "no", "de")
"""How the months begin, those of both languages; "maart" before "may" is told by its whole word."""


def without_months(text: str, mark: str) -> str:
    """A text of plain words with `mark` in place of each date that names its month."""
    return _WITH.sub("met #strange ", _DATE.sub(f" {mark} ", text))


def are_between(text: str, first: date, last: date, near: date) -> bool:
    """Whether each day that a text dates may be one of these; a year alone must be one of theirs."""
    said = plain(text)
    years = {int(year) for year in _LONE_YEAR.findall(said)}
    return all(first.year <= year <= last.year for year in years) and all(
        day is not None and first <= day <= last for day in _dated(said, near)
    )


def _dated(said: str, near: date) -> Iterator[date | None]:
    for day, word, year in _NAMED.findall(said):
        yield _nearest(int(day), _month(word), year, near)
    for day, mark, month, year in _FIGURES.findall(said):
        # "10.30" is an hour.
        if year or mark != ".":
            yield _nearest(int(day), int(month), year, near)


def _month(word: str) -> int:
    if word in ("mei", "may"):
        return 5
    return next(at for at, each in enumerate(_BEGINNINGS, 1) if word.startswith(tuple(each.split())))


def _nearest(day: int, month: int, year: str, near: date) -> date | None:
    """This day, of the year in which it is nearest where it names none; None if there is no such day."""
    years = (2000 + int(year) % 100 if len(year) == 2 else int(year),) if year else range(-1, 2)
    found: list[date] = []
    for each in years:
        try:
            found.append(date(each if year else near.year + each, month, day))
        except ValueError:
            continue
    return min(found, key=lambda each: abs(each - near), default=None)
