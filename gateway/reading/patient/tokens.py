"""A text as tokens: words by what they do on a path, names, numbers, places and marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.reading.patient.vocabulary import Sense, kind_of, kind_of_short
from gateway.reading.patient.words import plain, words_of

DETERMINERS = words_of(
    """de het een haar zijn hun z'n zn d'r diens mijn onze ons the a his her their deze die uw"""
)
POSSESSIVES = words_of("haar zijn hun z'n zn d'r diens his her their")

_TOKEN = re.compile(
    r"(?<![^\W_])(?:[a-z]\.){2,}(?:[a-z](?![^\W_]))?|['’]s\b|[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]"
)
_ABBREVIATED = words_of(
    """
    tel mob nr dhr mw mevr fam geb bijv evt aub dr drs mr ir ing prof pt pat vast telnr hr tlf pr
    tfn vd m.i wv ca resp incl excl
    """
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark. `kind` is a `Sense`, or name, stranger, candidate, number, blank, place, mark, stop.

    A candidate is somebody else who may be a patient as well; a stranger is anybody else's name.
    """

    kind: str
    text: str
    start: int
    end: int
    word: str = ""

    @property
    def capital(self) -> bool:
        """Written with a capital as a name is, not all in capitals."""
        return self.text[:1].isupper() and (len(self.text) == 1 or not self.text.isupper())


def sentences(row: list[Token]) -> Iterator[list[Token]]:
    """The sentences of a row, last first."""
    sentence: list[Token] = []
    for token in reversed(row):
        if token.kind == "stop":
            if sentence:
                yield sentence[::-1]
            sentence = []
        else:
            sentence.append(token)
    if sentence:
        yield sentence[::-1]


def begun(row: list[Token], place: int) -> list[Token]:
    """The sentence in which token `place` stands, up to it."""
    begin = next((n + 1 for n in range(place - 1, -1, -1) if row[n].kind == "stop"), 0)
    return row[begin:place]


def words_in(text: str, start: int, end: int) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start, end):
        raw = match[0]
        if raw == "·":
            yield Token("blank", raw, match.start(), match.end())
        elif raw[0].isalnum() or (raw[0] in "'’" and len(raw) > 1):
            # "i.v.m."
            word = plain(raw).replace("’", "'").replace(".", "")
            kind = kind_of(word)
            if kind is Sense.UNKNOWN and raw.islower() and _SHORT.match(text, match.end()):
                # "fin. probl.", but not "fin. 06-…"
                kind = kind_of_short(word)
            if kind is Sense.UNKNOWN and raw[0].isdigit():
                kind = Sense.LINK
            elif (
                kind is Sense.UNKNOWN and len(raw) <= 4 and sum(map(str.isupper, raw[1:])) == 1 < len(raw) - 1
            ):
                # "de VvE", "KvK"
                kind = Sense.BODY
            yield Token(kind, raw, match.start(), match.end(), word)
        elif raw in ".!?" and _ends(text, match.start()):
            yield Token("stop", raw, match.start(), match.end())
        else:
            yield Token("mark", raw, match.start(), match.end())


_SHORT = re.compile(r"\.(?!\s*[\d+(·])")
_DIALLED = re.compile(r"\d(?:[ .-]?\d){5}$")


_BEFORE_STOP = re.compile(r"(?<![^\W_])[a-z]{5,}$")


def _is_whole_word(before: str) -> bool:
    found = _BEFORE_STOP.search(before[-24:])
    return found is not None and kind_of(found[0]) is not Sense.UNKNOWN and found[0] not in _ABBREVIATED


def _ends(text: str, at: int) -> bool:
    """Whether a full stop ends a sentence."""
    rest = text[at + 1 :]
    if rest and not rest[0].isspace():
        return False
    before = re.search(r"([^\W_]+)$", text[max(0, at - 12) : at])
    if text[at] == "." and _DIALLED.search(text[max(0, at - 12) : at]):
        # "… 06-12345678. fabriek gesloten": on a telephone nobody types capitals.
        return True
    if text[at] == "." and before and rest.strip():
        short = len(before[1]) == 1 and not before[1].isdigit()
        if short or (
            plain(before[1]) in _ABBREVIATED and not (before[1] == "vast" and rest.lstrip()[0].isupper())
        ):
            return False
    following = rest.lstrip()
    if text[at] == "." and following[:1].islower() and _is_whole_word(text[:at]):
        # "… heeft een achterstand. tel. 06-…": whoever types no capitals shortens no such word.
        return True
    return not following or text[at] in "!?" or not following[0].islower()
