"""Of whom a clause speaks that reports contact: the one patient, or something and somebody else.

It promises that contact is taken from no clause whose known words, as they stand there, tell of a referral,
of several persons, of any person at all, of one who went before, or of what somebody else did.
"""

import re
from typing import Final

from gateway.reading.letters.beside import OPENERS, SPOKEN_OF
from gateway.reading.letters.closing import words_of
from gateway.reading.letters.limits import ANYBODY
from gateway.reading.letters.record import ReportCode
from gateway.reading.letters.reports import IMPLY_CONTACT, Phrase
from gateway.reading.letters.sentences import PATIENT, Sentence

R = ReportCode

TOLD_OF_CONTACT: Final = IMPLY_CONTACT | {R.APPOINTMENT_HELD, R.EXPERT_TALK, R.THREE_WAY_TALK}
_MATTER = words_of(
    """aanmelding melding bericht mail kenmerk status update terugkoppeling rapportage dossier zaak van
    betreft inzake"""
)
"""What may be in sight, begun with or closed in place of the patient, and what only names the matter."""

_PERSON = rf"(?:{'|'.join(sorted(SPOKEN_OF - {'hem', 'haar', 'zij', 'ze', 'hij'}))})"
_OVER = re.compile(rf"(?<!#)\bover(?= (?:hem|haar|{_PERSON})(?!\w))")
"""A talk about somebody."""

_WITH_NOBODY = re.compile(rf"\bmet\b(?! (?:(?:de|deze) )?(?:{_PERSON}|{PATIENT}|hem|haar|hen)(?!\w))")
"""Whoever stands behind "met" could not be read, or is nobody who was named."""

_BY_OTHERS = re.compile(r"\bheeft\b|^(?!.*\b(?:wij|we)\b).*\b(?:(?:zij|ze) hebben|hebben (?:zij|ze))\b")
"""Who "heeft gesproken" is neither "ik" nor "wij"; that a patient called is a phrase of its own."""

_BUSY = re.compile(r"\b(?:heb|hebben)\b.*\bafspraak\b(?! (?:gemaakt|gepland|ingepland|staat)\b)")
"""Who "has an appointment", and does not say with whom, is busy."""

_WE = words_of("ik wij we")
_TODAY = re.compile(r"\bvandaag\b|\bdeze week\b")
_SOME_TIME = re.compile(
    r"\b(?:vandaag|nu|moment|momenteel|week|weken|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|wel)\b"
)
"""Who is full today, or wants no help on Monday, may not be so tomorrow."""

_OUR_NUMBER = re.compile(r"\bon(?:s|ze)(?: \w+)? (?:telefoon)?nummer\b")
_EMPTY = re.compile(r":\s*[-–—.…]*\s*$")


def of_another(clause: tuple[str, ...], here: list[Phrase], sentence: Sentence) -> list[str]:
    """The words of a clause that make its report of contact one of something or somebody else."""
    reports = {each.report for each in here}
    if reports & {R.DECLINED, R.WRONG_NUMBER}:
        return _of_less(" ".join(clause), here)
    if not reports & TOLD_OF_CONTACT:
        return []
    if _EMPTY.search(sentence.raw):
        # A field of a form that nobody filled in.
        return ["#empty"]
    words = _without_label(clause, sentence.label)
    text = " ".join(words)
    # "IB-… in beeld" names the patient by the kenmerk.
    found = [word for word in words[words[:1] == ("kenmerk",) :] if word in _MATTER]
    found += [match[0] for pattern in (ANYBODY, _OVER) for match in pattern.finditer(text)]
    if R.CONTACTED in reports:
        found += [match[0] for match in _WITH_NOBODY.finditer(text)]
    if R.CONTACTED in reports and R.SELF_CONTACT not in reports and _BY_OTHERS.search(text):
        found.append("heeft")
    if R.NO_SHOW in reports and _WE & set(words) and not SPOKEN_OF.intersection(words):
        found.append("wij")
    if _BUSY.search(text) and not SPOKEN_OF.intersection(words):
        found.append("afspraak")
    return found


def _of_less(text: str, here: list[Phrase]) -> list[str]:
    """The words that make a refusal one for the moment, or the wrong number one of theirs."""
    reasons = {each.reason for each in here}
    limit = _TODAY if reasons <= {None, "capacity", "area", "duplicate"} else _SOME_TIME
    return [found[0] for found in (limit.search(text), _OUR_NUMBER.search(text)) if found]


def _without_label(clause: tuple[str, ...], label: frozenset[str]) -> tuple[str, ...]:
    """A clause without the words before its colon that say what it is about ("Betreft IB-…: in beeld")."""
    at = 0
    while label <= OPENERS and at < len(clause) and clause[at] in label:
        at += 1
    return clause[at:]
