"""How surely a name is the patient's, by itself.

Whoever is nobody else (others.py) is the patient, whatever words stand around the name; where several are
left, the surer one is.
"""

import re
from collections.abc import Iterable

from gateway.reading.patient.alike import key_words
from gateway.reading.patient.names import Name
from gateway.reading.patient.words import ORGANISATIONS, TITLES, plain

LABELLED = 5
ADDRESSED = 4
TOLD = 3
ALONE = 2
MERE = 1

# "Ik kom bij Joke Bakema".
_VISITED = re.compile(
    r"\b[a-z]*bezoek\b[^.,]{0,15}\bbij $|\blangs (?:geweest )?bij $"
    r"|\b(?:kom|kwam|ben|was)(?: (?:ik|wij|we|wekelijks|dagelijks|geregeld|al|nu|thuis)){0,3} bij $"
)
_SPOKEN_WITH = re.compile(r"[^.,?!]{0,20}\bspreken\b")
# "schulden bij …", "volgens …": what follows mostly is an organisation.
_FROM = re.compile(r"\b(?:bij|volgens|door|tegen)(?: de| het)? $")
_DOTTED = re.compile(rf"\b({'|'.join(sorted(TITLES))}|mw|mevr|dhr|hr|fam|tel|nr)\.")


def without_dots(text: str) -> str:
    """Abbreviations without their full stops, so that they end no sentence."""
    return _DOTTED.sub(r"\1 ", text)


# "Het betreft een 38-jarige vrouw, Simone Drost": not "zijn vrouw", nor "met een vrouw".
IN_APPOSITION = re.compile(
    r"(?:^|\b(?:betreft|gaat om|gaat over|zag|sprak|ken|is|meld ik aan|aanmelding van|hulp voor)"
    r" )"
    r"een (?:[a-z-]+e ){0,2}(?:\d{1,3}[- ]?jarige )?(?:[a-z-]+e ){0,2}(?:man|vrouw|dame|heer)[,:(–-]{1,2} ?$"
)


def weight_of(text: str, found: Name) -> int:
    """How surely a name without "mw." or its like is the patient's, if it is nobody else's.

    Whatever words stand around it, it is TOLD, and ADDRESSED behind "patiënt". A line's only name is ALONE.
    It is no more than MERE where it may be an organisation's, or is asked for.
    """
    before = without_dots(plain(text[max(0, found.start - 80) : found.start]))
    sentence = re.split(r"(?<=[.!?]) |\n", before)[-1]
    behind = plain(text[found.end : found.end + 40])
    if IN_APPOSITION.search(sentence):
        return TOLD
    if re.search(r"\b(?:patient|patiente|client|cliente)[ :]{1,2}$", sentence):
        return ADDRESSED
    if _SPOKEN_WITH.match(behind) and re.search(r"\b(?:mag|wil|zou) (?:ik|wij|we) (?:\w+ )?$", sentence):
        # "Mag ik Els Dam even spreken?": a colleague.
        return MERE
    of_others = _FROM.search(sentence) and not _VISITED.search(sentence)
    if of_others and not re.match(r"\s*[(,]\s*◊", text[found.end :]):
        return MERE
    # Before it may stand a number and a wijk, which are blanked out.
    alone = not text[found.end :].strip(" .,;:!()") and not text[: found.start].strip(" -*•\t\"'“·◊,;/|")
    return ALONE if alone else TOLD


# "komt uit Sierra Leone", "spreekt Sranan Tongo", "op de Laan van Meerdervoort".
# Or behind a code of illnesses: "P15 CHRONISCH ALCOHOLMISBRUIK".
_THING_BEFORE = re.compile(r"\b(?:uit|vanuit|in|te|spreekt|spreken|de|het|een|'t|[a-z]\d\d(?:\.\d\d?)?:?) $")


# "Sinds haar huwelijk is het Noor Bak": there it is no thing's article.
_NOW_IT_IS = re.compile(
    r"\b(?:na|sinds|nu|voortaan|inmiddels|vandaag)\b[^.,;:]{0,30} ?\b(?:is|betreft) het $"
)


def is_said_now(before: str) -> bool:
    """Whether who somebody is now is said next."""
    return _NOW_IT_IS.search(before) is not None


def is_thing_called(text: str, found: Name) -> bool:
    """ "het Ronald McDonaldhuis", "Microsoft Teams": what is called so without being somebody."""
    words = plain(found.text).split()
    article = found.text.startswith(("het ", "'t ", "de ")) and len(words) > 2
    last = words[-1]
    body = (last.endswith("s") and last[:-1] in ORGANISATIONS) or last in {"bv", "nv", "vof"}
    before = plain(text[max(0, found.start - 60) : found.start])
    return article or body or (_THING_BEFORE.search(before) is not None and not is_said_now(before))


_STREET = re.compile(
    r"(?:straat|laan|weg|plein|dreef|gracht|kade|singel|pad|hof|park|dijk|steeg|hoek|plantsoen)$"
)
_HOUSE = re.compile(r",? ?(?:nr\.? ?|nummer )?\d{1,4}(?:[ -]?[a-z]|-\d{1,3})?\b(?! ?(?:jaar|jr|j\b|\d))")
_ALONG = re.compile(r"\b(?:aan|op|in) (?:de|het) $")


def is_street(text: str, found: Name) -> bool:
    """ "aan de Joop den Uylweg 88": a street, though its words may be a person's."""
    return _STREET.search(plain(found.text)) is not None and (
        _HOUSE.match(plain(text[found.end : found.end + 20])) is not None
        or _ALONG.search(plain(text[max(0, found.start - 12) : found.start])) is not None
    )


def is_sender(name: str, sender: frozenset[str], *, saluted: bool = False) -> bool:
    """Whether a name is the sender's own: the same words, and initials that don't contradict.

    "Mevrouw Jansen" is not how a Jansen speaks of herself, so a salutation asks for the given name as well.
    """
    words = key_words(name)
    long = [word for word in words if len(word) >= 3]
    if not long or not all(word in sender for word in long):
        return False
    initials = {mark[0] for mark in sender if mark.endswith(".")}
    if len(words) == 1:
        return not (saluted and initials)
    return not initials or words[0][0] in initials


_NAMESAKE = re.compile(
    r"\bnaamgeno|\b(?:heet|heten|heb|hebben|heeft|draagt)\b[^.!?]{0,40}"
    r"\b(?:(?:precies|net|toevallig|ook) (?:zo|hetzelfde|als (?:ik|mij))\b"
    r"|(?:de)?zelfde (?:achter|voor)?naam)"
)


def tells_of_namesake(lines: Iterable[str]) -> bool:
    """ "Onze patiënte heet toevallig precies zo": the patient's name is the sender's as well."""
    return any(_NAMESAKE.search(plain(line)) for line in lines)
