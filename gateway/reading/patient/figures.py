"""What is said of a number's figures: a slip that a newer text mends, and a last figure that is told again.

A number that is an older one of the patient's but for a figure or two is that number written right, where a
text gives it as such and says nothing else of it. Pure, over lines and tokens.
"""

import re
from collections.abc import Iterable

from gateway.reading.patient.alike import twins
from gateway.reading.patient.phones import mask, numbers
from gateway.reading.patient.tokens import Token, words_in
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import plain, words_of

_RUN = re.compile(r"(?<![\d+])\+?\d(?:[ ()./-]{0,3}\d){7,12}(?!\d)")
# What may stand between a comma, or the sentence's beginning, and a number that is given as the right one.
_IT_IS = words_of(
    """het is dus moet zijn nummer telefoonnummer mobiel goede juiste correcte wordt namelijk nl correctie
    klopt ja nee sorry excuus hier"""
)
# "…, niet …37": the wrong figures once more.
_NOT_SO = re.compile(r"[\s,;(]*(?:en |dus,? ?)?niet (?:op )?[.…x*\s-]*\d{1,4}\)?(?= ?[.,;!\n]|\s*$)")
_SPEAKS = frozenset({Sense.PHONE, Sense.CALL, Sense.OTHER, Sense.BODY, Sense.NEGATION})


def mended(lines: list[str], older: Iterable[str]) -> tuple[str, bool] | None:
    """The one number of a text, where an older line gives it with a slip; and whether the text gives it as
    right."""
    text = "\n".join(lines)
    found = [(e164, start, end) for e164, start, end in numbers(mask(text)) if e164]
    if len(found) != 1:
        return None
    e164, start, end = found[0]
    runs = {re.sub(r"\D", "", run[0]) for line in older for run in _RUN.finditer(line)}
    if not any(_is_slip_of(run, _dialled(e164)) for run in runs):
        return None
    lead = re.split(r"[.,:;!\n]", plain(text[:start]))
    led = set(re.findall(r"[^\W\d_]+", lead[-1]))
    behind = _NOT_SO.sub("", text[end:], count=1)
    said = [t for t in words_in(behind, 0, len(behind)) if t.word]
    goes_on = re.match(r"\s*(?:[.!]|$|\n|,? en )", behind) is not None
    if "?" in text or not led <= _IT_IS or not goes_on or any(t.kind in _SPEAKS for t in said):
        return e164, False
    return e164, True


def _dialled(e164: str) -> str:
    return f"0{e164[3:]}" if e164.startswith("+31") else e164.strip("+")


def _is_slip_of(run: str, number: str) -> bool:
    """Whether figures are a number's with one left out, one too many, or two that differ."""
    if run == number:
        return False
    longer, shorter = (run, number) if len(run) > len(number) else (number, run)
    if len(longer) == len(shorter) + 1:
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    return len(run) == len(number) and twins([run, number])


# What takes it back that figures are said to be so: turned round, or only thought.
_UNSURE = ("omge", "dacht", "denk", "gok", "geloof", "volgens", "misschien", "waarschijnlijk", "vermoed")


def tells_again(sentence: list[Token], rows: list[list[Token]]) -> bool:
    """ "Het laatste cijfer is een 7", below numbers that all end so."""
    words = [t.word for t in sentence]
    figures = [word for word in words if word.isdigit()]
    given = [re.sub(r"\D", "", t.text) for row in rows for t in row if t.kind == "number"]
    ends = "laatste" in words and any(word.startswith("cijfer") for word in words)
    plainly = not any(t.kind == "number" or t.kind == Sense.NEGATION for t in sentence)
    is_so = bool({"is", "zijn"} & set(words)) and not any(word.startswith(_UNSURE) for word in words)
    return (
        ends
        and plainly
        and is_so
        and len(figures) == 1
        and bool(given)
        and all(each.endswith(figures[0]) for each in given)
    )
