"""Which of a passage's numbers are the patient's, and between which a person must choose.

Two numbers of which one may be somebody else's, old or mistyped are never both passed on. Pure.
"""

import re
from itertools import pairwise

from gateway.reading.patient.alike import is_swapped, twins
from gateway.reading.patient.corrections import Retraction, is_corrected
from gateway.reading.patient.facts import Facts
from gateway.reading.patient.layout import Block
from gateway.reading.patient.phones import is_mobile
from gateway.reading.patient.speech import Line, Whose
from gateway.reading.patient.tokens import Token, sentences
from gateway.reading.patient.vocabulary import Sense


def _is_of_the_old(taken_back: Retraction, called: list[Line]) -> bool:
    """ "Een nieuw nummer: 06-…. Het oude (06-…) doet het niet meer": only the old one is taken back."""
    told = [
        line
        for line in called
        if line.block == taken_back.block and line.place >= taken_back.place and line.e164
    ]
    renewed = {line.e164 for line in called if line.new and line.whose is Whose.PATIENT}
    return bool(told and renewed) and all(
        line.whose is Whose.OLD and line.e164 not in renewed for line in told
    )


def _right_one(own: list[Line], rows: list[list[Token]]) -> Line | None:
    """The last of the patient's numbers, where the words before it say that it is the right one."""
    last = own[-1] if len({line.e164 for line in own}) > 1 else None
    if last is None or last.e164 is None:
        return None
    lead = next(sentences(rows[last.block][: last.place]), [])
    return last if is_corrected(lead) else None


def choose_phone(
    result: Facts,
    called: list[Line],
    taken_back: Retraction | None,
    rows: list[list[Token]],
    found: list[Block],
) -> None:
    if taken_back is not None and not _is_of_the_old(taken_back, called):
        result.doubted = True
        later = [each for each in called if (each.block, each.place) >= (taken_back.block, taken_back.place)]
        before = [each for each in called if each not in later]
        if taken_back.of_older and not later and any(line.whose is Whose.PATIENT for line in before):
            called = before
        elif taken_back.renews and any(line.whose is Whose.PATIENT and line.e164 for line in later):
            called = later
        elif any(line.whose is Whose.PATIENT for line in called):
            result.phone_problem = "ambiguous_phone"
            return
    own = [line for line in called if line.whose is Whose.PATIENT]
    if right := _right_one(own, rows):
        called = [line for line in called if line.whose is not Whose.PATIENT or line is right]
        own = [right]
    valid = list(dict.fromkeys(line.e164 for line in own if line.e164))
    theirs = {line.e164 for line in called if line.whose in {Whose.OTHER, Whose.OLD, Whose.SENDER}}
    if len({line.e164 for line in called if line.e164}) > 1 and _nobody_says_which(rows):
        result.phone_problem = "ambiguous_phone"
        result.choices = tuple(dict.fromkeys(line.e164 for line in called if line.e164))
        return
    direct = any(line.direct for line in own)
    unknown = {
        line.e164
        for line in called
        if (line.whose in {Whose.UNKNOWN, Whose.CANDIDATE} or (line.whose is Whose.OWNED and not direct))
        and line.e164
        and line.e164 not in theirs
    }
    renewed = [line for line in own if line.new]
    doubted = len(valid) > 1 and (_doubts_between(own, rows) or _differs_from_subject(own, found))
    owned = [
        line.e164
        for line in called
        if line.e164
        and line.e164 not in valid
        and (
            line.whose in {Whose.OWNED, Whose.UNKNOWN}
            or (line.whose in {Whose.OTHER, Whose.SENDER} and is_swapped(line.e164, valid))
        )
    ]
    if (
        unknown
        or set(valid) & theirs
        or twins([*valid, *owned])
        or doubted
        or (0 < len(renewed) < len(own) and len(valid) > 1)
    ):
        result.phone_problem = "ambiguous_phone"
        result.choices = tuple(
            dict.fromkeys(line.e164 for line in called if line.e164 and line.e164 in {*valid, *unknown})
        )
    elif valid:
        result.phones = valid
        return
    elif any(line.e164 is None and line.whose in {Whose.PATIENT, Whose.UNKNOWN} for line in called):
        result.phone_problem = "invalid_phone"
    elif any(line.whose in {Whose.OTHER, Whose.OWNED} and line.e164 for line in called):
        result.phone_problem = "ambiguous_phone"
    told = dict.fromkeys(line.e164 for line in called if line.e164 and line.whose is not Whose.SENDER)
    if result.phone_problem == "ambiguous_phone" and not result.choices and len(told) == 1:
        # Nobody says that it is out of use, so whoever wrote it can confirm it with a word.
        result.choices = tuple(told) if all(line.whose is not Whose.OLD for line in called) else ()


_ONE_OF_THEM = re.compile(
    r"\b(?:een|1|eentje|ene) (?:van (?:beide|de twee|die twee)|daarvan|ervan|is|hoort)\b"
)
_WHICH = re.compile(
    r"\bwelke? (?:van|er|nummer)\b.*\b(?:niet|geen idee|onbekend|onduidelijk)\b"
    r"|\b(?:niet|onduidelijk|onbekend) welke?\b"
)


def _nobody_says_which(rows: list[list[Token]]) -> bool:
    """ "(een van beide is zijn broer)", "welke nog werkt weet ik niet": nobody says which of two it is."""
    for row in rows:
        for sentence in sentences(row):
            said = " ".join(t.word or t.text for t in sentence)
            another = any(t.kind in {Sense.OTHER, Sense.BODY} for t in sentence)
            if (another and _ONE_OF_THEM.search(said)) or _WHICH.search(said):
                return True
    return False


_DOUBTS = re.compile(
    r"\b(?:o nee|oh nee|nee|oeps|ho|wacht|stop|sorry|excuus|excuses|verkeerd\w*|fout\w*|vergis\w*"
    r"|correctie\w*|toch niet|klopt niet|moet zijn|in plaats van|ipv|namelijk niet|gewijzigd|veranderd)\b"
)


def _differs_from_subject(own: list[Line], found: list[Block]) -> bool:
    """Whether the subject gives one mobile number and the text only another."""
    above = {line.e164 for line in own if line.e164 and found[line.block].line < 0 and is_mobile(line.e164)}
    told = {line.e164 for line in own if line.e164 and found[line.block].line >= 0}
    return bool(above and told) and not above & told and any(e164 and is_mobile(e164) for e164 in told)


def _doubts_between(own: list[Line], rows: list[list[Token]]) -> bool:
    """Whether what stands between two of the patient's numbers takes something back."""
    for one, other in pairwise(own):
        between = rows[one.block][one.place + 1 :] if one.block < other.block else []
        between += [token for row in rows[one.block + 1 : other.block] for token in row]
        between += rows[other.block][one.place + 1 if one.block == other.block else 0 : other.place]
        if one.e164 != other.e164 and _DOUBTS.search(" ".join(t.word or t.text for t in between)):
            return True
    return False
