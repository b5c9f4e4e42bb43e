"""The dates in a sentence, and the months that are none.

It promises that the word for a month is part of a date only right beside its day or its year: "gesproken met
Jan" and "het nummer van April" tell of people.
"""

import re

_MONTH = (
    r"(?:januari|jan|februari|feb|maart|mrt|april|apr|mei|juni|jun|juli|jul|augustus|aug|september|sept|sep"
    r"|oktober|okt|november|nov|december|dec|january|february|march|may|june|july|august|october)"
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?<![\w.:,/+-])(?:0?[1-9]|[12]\d|3[01])"
_DATE = re.compile(rf"{_DAY} {_MONTH}\b\.?(?: {_YEAR}\b)?|(?<![\w-]){_MONTH} {_YEAR}\b")
_WITH = re.compile(r"\bmet (?:maan|dins|woens|donder|vrij|zater|zon)dag\b")
"""Whoever is spoken with is somebody of that name."""


def without_months(text: str, mark: str) -> str:
    """A text of plain words with `mark` in place of each date that names its month."""
    return _WITH.sub("met #strange ", _DATE.sub(f" {mark} ", text))
