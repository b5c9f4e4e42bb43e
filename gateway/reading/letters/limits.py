"""What limits a stop that a practice writes to somebody else, to a time, a way or a matter of its own.

It promises that no sentence stops a referral, though each of its words is known there, if it says so of
another person than the patient, of calls at a time or by somebody, or of a mail, a question or a talk alone.
"""

import re

from gateway.reading.letters.beside import SPOKEN_OF
from gateway.reading.letters.record import Stop
from gateway.reading.letters.sentences import AMOUNT, Sentence

_NOUN = rf"(?:{'|'.join(sorted(SPOKEN_OF - {'hem', 'haar', 'zij', 'ze', 'hij'}))})(?!\w)"
ANYBODY = re.compile(
    rf"\b(?:een|vorige|haar|zijn) (?={_NOUN})|\bde vorige\b(?! week\b)"
    rf"|(?<!\w){_NOUN} (?:en|of) (?=(?:de )?(?:{_NOUN}|(?:ik|wij|we)\b))"
    rf"|(?<!\w){_NOUN} van (?=(?:de )?{_NOUN})"
)
"""Some patient or other, the one before, a couple, or somebody's husband or wife."""

_TIME = (
    rf"(?:{AMOUNT}|vandaag|morgen|nu|vanochtend|vanmorgen|vanmiddag|vanavond|ochtend|middag|avond|weekend"
    r"|week|moment|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|nacht|vannacht|afgelopen)"
)
_LIMIT = re.compile(rf"(?<!\w){_TIME}(?!\w)|\b(?:voor|met|via|door|in|op|tijdens|tot|na|bij|van|naar|om)\b")
_NO_LIMIT = re.compile(
    r"\bop(?= (?:te )?nemen\b)|\bop$|\b(?:met|van|door) (?:ons|jullie|u)\b|\bvan (?=af\b|afzie)"
    r"|\b(?:voor|van) (?:(?:de|deze|het|dit) )?(?:aanmelding|verwijzing|hulp\w*|traject)\b|\b(?:er|hier)van\b"
    r"|\bop eigen verzoek\b|\bom (?=dringend|graag)"
)
_OF_CALLS = re.compile(r"\b(?:bel\w*|gebeld|contact\w*|benader\w*|gesprek|toestemming|prijs)\b")
_MATTER = re.compile(
    r"\b(?:mijn|onze|mail|email|bericht|vraag)\b.*\bopgelost\b|\bopgelost\b.*\b(?:mail|email|bericht|vraag)\b"
    r"|\bgesprek\b|\b(?:vorige|oude) (?:aanmelding|verwijzing)\b|\b(?:ons|mij|me)\b.*\bniet meer nodig\b"
)
_RECEIVED = re.compile(r"\b(?:kreeg|kregen|krijg|gekregen|ontvangen|ontving)\b")


def is_limited(sentence: Sentence, reason: Stop, pattern: str) -> bool:
    """Whether a sentence whose words all speak of a stop says so of less than this patient's referral."""
    text = sentence.text
    if ANYBODY.search(text):
        return True
    if reason in (Stop.ADMITTED, Stop.MOVED):
        # Who was admitted may be home again.
        return re.search(r"\bwas\b", text) is not None
    if reason is Stop.WITHDRAWN:
        return _MATTER.search(text) is not None
    if reason is Stop.WRONG_PATIENT:
        # Somebody got what was meant for another: that is more than a slip of the practice.
        return _RECEIVED.search(text) is not None
    if reason in (Stop.PATIENT_DECLINED, Stop.DO_NOT_CALL):
        return any(_is_partial(" ".join(clause), pattern) for clause in sentence.clauses)
    return False


def _is_partial(clause: str, pattern: str) -> bool:
    """Whether a clause refuses a call at a time or by a way, or help of one kind."""
    found = re.search(pattern, clause)
    if found is None:
        return False
    said = clause if _OF_CALLS.search(found[0]) else clause[found.end() :]
    return _LIMIT.search(_NO_LIMIT.sub(" ", said)) is not None
