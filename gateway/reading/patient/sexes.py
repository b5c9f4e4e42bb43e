"""Whether a passage speaks of a woman, a man or both, and whether two numbers are one of each."""

import re
from itertools import pairwise

from gateway.reading.patient.binding import Line
from gateway.reading.patient.layout import Block
from gateway.reading.patient.names import is_greeting
from gateway.reading.patient.speech import Whose
from gateway.reading.patient.tokens import Token
from gateway.reading.patient.words import plain

_FEMALE = re.compile(r"\b(?:mw|mevr|mevrouw|mvr|patiente|clie?nte)\b")
_MALE = re.compile(r"\b(?:dhr|de heer|meneer|mnr|mijnheer)\b")


def sexes(found: list[Block]) -> set[str]:
    # "Geachte heer/mevrouw" is said to whoever reads it.
    told = [block for block in found if not is_greeting(block.text.partition(",")[0])]
    said = plain(" ".join(block.text + " " + block.phrase for block in told)[:4000])
    return {sex for sex, words in (("v", _FEMALE), ("m", _MALE)) if words.search(said)}


_HERS = frozenset({"zij", "haar", "haarzelf", "mevrouw", "mevr", "mw", "vrouw"})
_HIS = frozenset({"hij", "hem", "hijzelf", "meneer", "mijnheer", "dhr", "heer", "man"})
_ITS = frozenset({"nummer", "telefoonnummer", "mobiel", "mobiele", "telefoon", "tel", "06", "nr", "gsm"})


def each_their_own(
    phones: list[str], found: list[Block], rows: list[list[Token]], called: list[Line], *, both_named: bool
) -> bool:
    """ "Zij: 06-…. Hij: 06-…": a couple of whom each has a number of their own.

    Where only one is named, both numbers must have been taken for the patient's.
    """
    told: dict[str, set[str]] = {"v": set(), "m": set()}
    theirs = False
    for line in called:
        if line.e164 is None or line.whose in {Whose.OTHER, Whose.OLD, Whose.SENDER}:
            continue
        if not both_named and (line.e164 not in phones or line.whose is not Whose.PATIENT):
            continue
        near = rows[line.block][max(0, line.place - 3) : line.place]
        said = [*plain(found[line.block].phrase).split(), *(t.word for t in near)]
        said = ["hij" if t == "zijn" and following in _ITS else t for t, following in pairwise([*said, ""])]
        last = next((word for word in reversed(said) if word in _HERS | _HIS), None)
        if last:
            told["v" if last in _HERS else "m"].add(line.e164)
            theirs = theirs or line.whose is Whose.PATIENT
    return theirs and bool(told["v"] and told["m"] and told["v"] != told["m"])
