"""Whether a passage speaks of a woman, a man or both, and whether two numbers are one of each."""

import re
from itertools import pairwise

from gateway.reading.patient.layout import Block
from gateway.reading.patient.names import is_greeting
from gateway.reading.patient.phones import is_mobile
from gateway.reading.patient.speech import Line, Whose
from gateway.reading.patient.tokens import Token
from gateway.reading.patient.words import plain, words_of

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


# "De heer en mevrouw Snoek": of two mobile numbers nobody knows whose each is.
_COUPLE = re.compile(
    r"\b(?:(?:heer|dhr\.?) (en|&) (?:mevr\w*|mw)|m(?:evrouw|evr\.?|w\.?) (en|&) (?:de heer|dhr)|echtpaar)\b"
)


def each_their_own(
    phones: list[str], found: list[Block], rows: list[list[Token]], called: list[Line], *, both_named: bool
) -> bool:
    """ "Zij: 06-…. Hij: 06-…": a couple of whom each has a number of their own.

    Where only one is named, both numbers must have been taken for the patient's.
    """
    if len(set(map(is_mobile, phones))) < len(phones) and any(_COUPLE.search(plain(b.text)) for b in found):
        return True
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


_EACH = words_of("elk ieder allebei beiden")


def both_want_help(rows: list[list[Token]], called: list[Line]) -> bool:
    """ "A 06-… en haar dochter B 06-…, elk met eigen schulden": two telephones and what each of them has."""
    theirs = {Whose.PATIENT, Whose.OTHER, Whose.CANDIDATE, Whose.OWNED}
    told = {line.e164: line.whose for line in called if line.e164 and line.whose in theirs}
    return (
        len(told) > 1
        and Whose.PATIENT in told.values()
        and any(
            one.word in _EACH or (one.word == "beide" and other.kind == "place")
            for row in rows
            for one, other in pairwise(row)
        )
    )


_HE, _SHE = words_of("meneer dhr heer mijnheer hij"), words_of("mevrouw mw mevr zij")


def is_one_of_two(tail: list[Token], rows: list[list[Token]]) -> bool:
    """ "06-… (meneer)", in a mail that speaks of a mevrouw as well."""
    if len(tail) < 3 or tail[0].text != "(" or tail[2].text != ")":
        return False
    other = _SHE if tail[1].word in _HE else _HE if tail[1].word in _SHE else frozenset[str]()
    return any(t.word in other for row in rows for t in row)
