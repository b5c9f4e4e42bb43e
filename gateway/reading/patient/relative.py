"""What a relative or a neighbour writes of the patient, in a mail that a practice passes on.

Where somebody from outside writes of one other alone, as "mijn vader", that one is the patient, and whether
the writer may be called instead is asked. Pure, over lines.
"""

import re

from gateway.reading.patient.phones import mask, numbers
from gateway.reading.patient.vocabulary import KIN, Sense, kind_of
from gateway.reading.patient.words import plain

_ANYONE = "|".join(sorted({*KIN, "pa", "ma", "papa", "mama", "buurman", "buurvrouw"}, key=len, reverse=True))
_MINE = re.compile(rf"(?i)\b(?:mijn|m['’]n|onze|my|our) (?P<who>{_ANYONE})\b")
# "Pa (Theo Bos) heeft …": who is meant by the word alone.
_BARE = re.compile(r"(?m)^ *(?P<who>Pa|Ma|Papa|Mama|Vader|Moeder)\b(?= \(?[A-ZÀ-Þ])")
_NAMED = re.compile(r"(?P<before>Patiënt),? ?\((?P<name>[A-ZÀ-Þ][^(),\d]{2,40})\)")
_MYSELF = re.compile(r"\b(?:ik|mij|me|mijn|m'n|wij|we|ons|onze|i|my|us|our)\b")
_I = re.compile(r"\b(?:ik|wij|we|i)\b")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def of_one_relative(lines: list[str]) -> list[str] | None:
    """The lines with "patiënt" for the one relative of whom they tell, None if it isn't one."""
    text = "\n".join(lines)
    told = [*_MINE.finditer(text), *_BARE.finditer(text)]
    if not told or len({plain(each["who"]) for each in told}) > 1:
        return None
    at = {n for each in told for n in range(each.start(), each.end())}
    others = [word for word in _WORD.finditer(text) if word.start() not in at]
    if any(kind_of(plain(word[0])) in {Sense.OTHER, Sense.BODY} for word in others):
        return None
    if any(map(_is_of_writer, re.split(r"[.!?\n]+(?=\s|$)", text))):
        return None
    text = _BARE.sub("Patiënt", _MINE.sub("Patiënt", text))
    return _NAMED.sub(r"\g<before> \g<name>", text).split("\n")


def _is_of_writer(sentence: str) -> bool:
    """ "Ik heb schulden", "bel mijn man maar": then the writer is in need, and the relative only answers."""
    words = _WORD.findall(plain(sentence))
    if _I.search(plain(sentence)) and any(kind_of(word) is Sense.THING for word in words):
        return True
    told = _MINE.search(sentence)
    before = _WORD.findall(plain(sentence[: told.start()])) if told else []
    return any(kind_of(word) in {Sense.CALL, Sense.PHONE} for word in before)


def only_number(lines: list[str]) -> str | None:
    """The one number of the lines, if there is but one."""
    found = {e164 for line in lines for e164, _, _ in numbers(mask(line)) if e164}
    return found.pop() if len(found) == 1 else None


def is_in_own_hands(lines: list[str]) -> bool:
    """ "Ik heb zijn telefoon: 06-…": whether the writer speaks of themself where a number stands."""
    told = [each for line in lines for each in re.split(r"(?<=[^\W\d])[.!?](?= |$)", line)]
    return any(numbers(mask(each)) and _MYSELF.search(plain(each)) for each in told)
