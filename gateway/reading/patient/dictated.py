"""Dictated and chatted text as it would be written: spoken marks become marks, spoken figures a number.

Of a chat's lines what is said stays, without when and by whom.

Dictation programs write "punt", "komma" and "nieuwe regel" out where they weren't told that these are marks,
and a number that is said in words; on a telephone a smiley stands where a sentence ends. Pure, over lines.
"""

import re

from gateway.reading.patient.chat import without_speakers
from gateway.reading.patient.words import NUMERALS, plain, words_of

_FULL_STOP = re.compile(r"(?<=\w)(?<![Hh]et)(?<![Ee]en)(?<![Dd]at)(?<![Dd]it) punt(?=\s|$)")
_COMMA = re.compile(r"(?<=\w) komma(?= )")
_COLON = re.compile(r"(?<=\w) dubbele ?punt(?= )")
_NEW_LINE = re.compile(r"[.,;]?(?<![^\s.,;])\s*\b[Nn]ieuwe (?:regel|alinea)\b[.,:;]?\s*")
# An article before it makes it the word itself: "het punt", "een komma".
_MARKS = re.compile(r"(?<![Hh]et)(?<![Ee]en)(?<![Dd]at)(?<![Dd]it)(?<!één) (?:punt|komma)(?=\s|$)")
# A face, a heart or a hand that ends a sentence: ":)", "😢".
_SMILEY = re.compile(
    r"(?<=\w)[ ]*(?:(?:[\u2600-\u2764\U0001F389\U0001F440-\U0001F4AF\U0001F600-\U0001F64F"
    r"\U0001F900-\U0001F9FF][\uFE0F\U0001F3FB-\U0001F3FF]*)+|(?<= )[:;]-?[)(DPp])(?=\s+[A-ZÀ-Þ]|\s*$)",
    re.MULTILINE,
)
# "06, 12, 34, 56, 78", "06·12·34·56·78", "06: 12345678": one mark between the figures, whichever it is.
_FIGURES = re.compile(r"(?<![\w+])06(?P<mark>[ ]?[·•∙⋅'’~;|\\=,:][ ]?)(?:\d(?:[ ]|(?P=mark))?){7}\d(?!\d)")
_BRACKETS = str.maketrans("[]", "()")
_SPOKEN = re.compile(r"[^\W\d_]+|\d+|[ ,.-]+|.", re.DOTALL)


def written(lines: list[str]) -> list[str]:
    """The lines of a text, more of them where a new one was dictated."""
    told = "\n".join(lines)
    if ":" in told or ";" in told or not told.isascii():
        told = _SMILEY.sub(".", told)
    if len(_MARKS.findall(told)) >= 2:
        told = _COLON.sub(":", told)
        told = "\n".join(_FULL_STOP.sub(".", _COMMA.sub(",", line)) for line in told.split("\n"))
    if "ieuwe regel" in told or "ieuwe alinea" in told:
        told = _NEW_LINE.sub(_line_end, told)
    told = "\n".join(map(_with_stops, told.split("\n")))
    told = _FIGURES.sub(lambda found: "06-" + re.sub(r"\D", "", found[0])[2:], told)
    told = without_speakers(told).translate(_BRACKETS)
    return [_with_figures(line) for line in told.split("\n")] if "nul " in plain(told) else told.split("\n")


# Where a clause begins: somebody as its subject, a telephone, or who reads the mail.
_CLAUSE = re.compile(
    r" (?P<begins>(?:(?:ze|zij|hij) (?:is|heeft|wil|woont|kan|moet|zit|komt|krijgt|kon|was|had|weet|durft"
    r"|spreekt|werkt|zou|mag)|(?:haar|zijn|zn) (?:nummer|nr|telefoon\w*|mobiel\w*|tel)"
    r"|(?:kunnen|kunt|kun|willen|wilt|zouden) (?:jullie|u|je)|(?:je|u|jullie) (?:kan|kunt|kunnen|mag|mogen)"
    r"|(?:tel|telefoon|telefoonnummer|mobiel|nummer|nr|mob)(?= [0+]))\b)"
)
# What a subordinate clause, or the rest of one, begins with.
_JOINS = words_of(
    """dat omdat want als of die waar en maar hoe wat toen dus sinds dan waarom zodat door van met op haar
    zijn zn mijn onze het de een"""
)
_WRITTEN_MARKS = re.compile(r"[.,;:!?](?!\d)")


def _with_stops(line: str) -> str:
    """A line typed without any mark, as on a telephone: a full stop where a clause plainly begins."""
    if len(line.split()) < 10 or _WRITTEN_MARKS.search(line):
        return line
    return _CLAUSE.sub(_begun, line)


def _begun(found: re.Match[str]) -> str:
    before = found.string[: found.start()].rpartition(" ")[2]
    begins = found["begins"]
    return found[0] if plain(before) in _JOINS else f". {begins[:1].upper()}{begins[1:]}"


def _line_end(found: re.Match[str]) -> str:
    return ".\n" if found[0].lstrip()[:1] == "." else "\n"


def _with_figures(line: str) -> str:
    """ "nul zes twaalf 34 56 78": ten figures, of which the first is said as "nul"."""
    parts = _SPOKEN.findall(line)
    at = 0
    while at < len(parts):
        if plain(parts[at]) == "nul":
            figures, end = "", at
            for n in range(at, len(parts)):
                part = plain(parts[n])
                figure = NUMERALS.get(part) or (part if part.isdecimal() else None)
                if figure is None and parts[n].strip(" ,.-"):
                    break
                if figure is not None:
                    figures, end = figures + figure, n + 1
                if len(figures) >= 10:
                    break
            if len(figures) == 10:
                parts[at:end] = [figures]
        at += 1
    return "".join(parts)
