"""Whether a referrer states that the patient consents, in the referrer's own text.

Pure, and conservative: only plain phrases count, and any denial, condition or question in the same sentence
takes them away. Who is misread is asked, and can answer "ja".
"""

import re

from gateway.reading.patient.words import plain

_STATED = re.compile(
    r"\btoestemming\s?(?::\s?)?(?:ja|gegeven|verkregen|gekregen|akkoord|aanwezig|mondeling|schriftelijk)\b"
    r"|\b(?:geeft|gaf|gegeven|verleent|verleend|heb|hebben|heeft|met|kreeg|gekregen|verkregen"
    r"|is)\b[^.!?;]{0,60}\btoestemming\b"
    r"|\btoestemming\b[^.!?;]{0,40}\b(?:gegeven|verleend|verkregen|gekregen|gaf|geeft)\b"
    r"|\b(?:is|gaat|was|ging|zijn|ben)\b[^.!?;]{0,40}\bakkoord\b|\bakkoord\s?:\s?ja\b"
    r"|\bgeeft aan dat\b[^.!?;]{0,80}\bmag\b|\b(?:stemt|stemde) (?:hier)?(?:mee )?(?:in|toe)\b"
    r"|\bvindt? het goed\b|\bvond het goed\b|\bwil graag (?:gebeld|benaderd)\b|\bconsents?\b"
)
_TAKEN_AWAY = re.compile(
    r"\b(?:geen|niet|nog|nooit|zonder|weigert|nee|not|no|without|vragen|vraag|nagaan|of|als|indien"
    r"|mits|zodra|"
    r"moet|onbekend|ingetrokken)\b"
)
_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;\n]?")
_YES = re.compile(
    r"^\W*(?:ja|yes|klopt|akkoord|zeker|inderdaad|jazeker)\b(?!\s*(?:,|maar)?\s*(?:maar|niet|nog))"
)


def states_consent(text: str) -> bool:
    """Whether a sentence of the text says that the patient agreed."""
    for sentence in _SENTENCE.findall(plain(text)):
        if _STATED.search(sentence) and not _TAKEN_AWAY.search(sentence) and not sentence.endswith("?"):
            return True
    return False


def answers_yes(text: str) -> bool:
    """Whether an answer to the question for consent says yes: by its first word, or in plain phrases."""
    first = next((line for line in plain(text).splitlines() if line.strip()), "")
    return (_YES.match(first) is not None and "?" not in first) or states_consent(text)
