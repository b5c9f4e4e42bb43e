"""How a referrer judges what a patient can do alone: the "inschatting van de situatie" of Lijn 2, as a code.

It promises that a code follows only from a statement of which every word is known, by one judgement that
nothing in the same text contradicts; what is asked, doubted or said otherwise gives none.
"""

import re
from typing import Final

from gateway.reading.patient.words import plain

SELF_RELIANT: Final = "zelfredzaam"
WITH_GUIDANCE: Final = "met_begeleiding"
NOT: Final = "niet_zelfredzaam"

_LABEL: Final = re.compile(
    r"^(?:(?:mijn |onze )?inschatting(?: van de (?:situatie|zelfredzaamheid))?|zelfredzaamheid|zelfredzaam)"
    r"\s*[:=]\s*(?P<said>.+)$"
)
_TOPIC: Final = re.compile(r"\b(?:zelfredzaam|redzaam|zelfredzaamheid)\b")
_SUBJECT: Final = re.compile(
    r"^(?:(?:ik schat in dat|(?:naar )?mijn inschatting(?: is)?(?: dat)?|volgens mij(?: is)?)\s*)?"
    r"(?:de |het )?(?:patiente?|pat|pt|clie?nte?|mevrouw|mevr|mw|meneer|dhr|hij|zij|ze|betrokkene)?\s*"
    r"(?:is |lijkt )?(?P<said>.+?)(?: is)?$"
)
_MEANS: Final = {
    SELF_RELIANT: r"(?:wel |voldoende |goed |volledig |geheel |heel )?(?:zelfredzaam|redzaam)"
    r"|(?:kan|redt) (?:het|zich) (?:zelf|alleen|zelfstandig)|zelfstandig|ja",
    WITH_GUIDANCE: r"(?:zelfredzaam |redzaam )?(?:mits |alleen |wel )?met (?:enige |wat |een beetje )?"
    r"(?:begeleiding|hulp|ondersteuning|steun)(?: zelfredzaam| redzaam)?"
    r"|(?:beperkt|deels|gedeeltelijk|matig|verminderd) (?:zelfredzaam|redzaam)"
    r"(?: met (?:begeleiding|hulp|ondersteuning|steun))?|beperkt|deels|gedeeltelijk",
    NOT: r"(?:niet|onvoldoende|nauwelijks|helemaal niet)(?: (?:zelfredzaam|redzaam))?"
    r"(?: ook niet met (?:begeleiding|hulp|ondersteuning))?|nee|niet zelfstandig",
}
_WHOLE: Final = {code: re.compile(rf"(?:{pattern})") for code, pattern in _MEANS.items()}
LONGEST: Final = 160


def assessment_in(text: str) -> str | None:
    """The one judgement that a text states; None where it states none, or more than one."""
    found: set[str | None] = set()
    for line in text.split("\n"):
        for part in re.split(r"(?<=[.;!?])\s+|[;]", line[:LONGEST]):
            if (said := _stated(part.strip())) is not None:
                found.add(_code(said))
    return found.pop() if len(found) == 1 else None


def _stated(part: str) -> str | None:
    """What is said of it in a sentence; None in one about something else. A question says nothing."""
    words = plain(part).strip(" .!-*\t")
    if label := _LABEL.match(words):
        return label["said"]
    if not _TOPIC.search(words):
        return None
    subject = _SUBJECT.match(words)
    return subject["said"] if subject else words


def _code(said: str) -> str | None:
    said = re.sub(r"[(),]", " ", said)
    said = re.sub(r"\s+", " ", said).strip(" .!")
    return next((code for code, pattern in _WHOLE.items() if pattern.fullmatch(said)), None)
