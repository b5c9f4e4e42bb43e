"""How a referrer wants the patient approached: whether the patient calls the organisation themselves ("de
patiënt belt zelf"), and what they can do alone (the "inschatting van de situatie" of Lijn 2, as a code).

It promises that either follows only from a clause of which every word is known, and that nothing in the same
text speaks against it: a condition, a doubt, a question, a denial or another judgement gives nothing.
"""

import re
from typing import Final

from gateway.reading.patient.words import PROFESSION_ENDINGS, PROFESSIONS, RELATIVES, plain

LONGEST: Final = 240
SHORT: Final = 4
"""So few words say nothing but that the sentence before them does not hold."""

_WHO: Final = (
    r"(?:de |het |onze |deze |mijn )?(?:patiente?|pat|pte?|clie?nte?|inwoner|inwoonster|mevrouw|mevr|mw"
    r"|meneer|dhr|hr|heer|hij|zij|ze|betrokkene)\.?(?: zal| gaat)?"
)
_TO: Final = (
    r"(?:u|jullie|hen|jou|je|(?:met |naar )?(?:u|jullie|hen|(?:de|het|uw|jullie) (?:organisatie|team|wijkteam"
    r"|sociaal team|contactpersoon|nummer(?: op de (?:verwijs)?kaart)?)))"
)
_WHEN: Final = (
    r"(?:eerst|vandaag|morgen|overmorgen|van(?:ochtend|middag|avond)|binnenkort"
    r"|(?:deze|volgende|komende) week|een dezer dagen"
    r"|binnen (?:een paar|enkele|een|twee|drie|\d)(?: werk| )dag(?:en)?|spoedig|snel|zo snel mogelijk|zsm"
    r"|wel|graag|liever|het liefst|telefonisch"
    r"|(?:aanstaande |komende |op )?(?:maandag|dinsdag|woensdag|donderdag|vrijdag))"
)
_WHY: Final = (
    r"(?:(?:voor|om) (?:een |de |het )?(?:afspraak|gesprek|intake|kennismaking)(?: te maken)?"
    r"|(?:ivm|in verband met|vanwege|wegens|over) (?:de |het |zijn |haar )?(?:schuld\w*|geld\w*|aanmelding)"
    r"|(?:hier|daar)(?:over|voor))"
)
_MORE: Final = rf"(?: (?:{_TO}|{_WHEN}|{_WHY})){{0,3}}"
_SELF: Final = rf"{_MORE} zelf{_MORE}"
_WILL: Final = r"(?:zal|gaat|wil|wilt|wenst|zegt|geeft aan|heeft (?:aangegeven|beloofd|gezegd|toegezegd))"
_DOES: Final = "|".join(
    (
        rf"belt{_SELF}(?: op)?{_MORE}",
        rf"(?:neemt|zoekt){_SELF} contact{_MORE}(?: op)?{_MORE}",
        rf"meldt (?:zich{_SELF}|zichzelf)(?: aan)?{_MORE}",
        rf"(?:zal|gaat|wil) zich{_SELF} (?:aan)?melden{_MORE}",
        # "zal zelf bellen", "gaat zelf contact opnemen", "wil liever zelf bellen".
        rf"{_WILL}(?: graag| liever| het liefst)?{_SELF} (?:te (?:willen )?)?"
        rf"(?:bellen|contact{_MORE} (?:te )?(?:op ?(?:te )?nemen|zoeken)){_MORE}",
        # After "dat": "dat de patiënt zelf belt".
        rf"zelf{_MORE} (?:(?:zal |gaat )bellen|belt|contact{_MORE} (?:opneemt|zoekt|(?:zal|gaat) opnemen))"
        rf"{_MORE}",
    )
)
_LEAD: Final = (
    r"(?:(?:let op|nb|ps|p s|n b|ter info|afspraak|afgesproken)[: ]+"
    r"|(?:opmerking(?:en)?|bijzonderheden|toelichting|betreft|contact|notitie) ?: )?"
    r"(?:(?:is |er is |het is |ik heb |wij hebben |we hebben )?(?:met \w+ )?(?:afgesproken|besproken)"
    r"(?: is)? dat |(?:zoals )?besproken )?"
)
_SAID: Final = re.compile(rf"{_LEAD}(?:(?P<who>{_WHO}) )?(?:{_DOES})")
_OF_PATIENT: Final = re.compile(rf"{_LEAD}{_WHO} ")
_LABEL: Final = re.compile(
    rf"(?:{_WHO} )?(?:belt zelf|zelf bellen|belt u zelf|neemt zelf contact op)"
    r"\s*(?:\(?ja ?/ ?nee\)?)?\s*[:=?]\s*(?P<answer>\w*)"
)
_TOPIC: Final = re.compile(
    r"\b(?:zich)?zelf\b.*\b(?:bel(?:t|len|de)?|contact|meld\w*)\b"
    r"|\b(?:bel(?:t|len|de)?|contact|(?:aan)?meld\w*)\b.*\b(?:zich)?zelf\b"
)
_DOUBT: Final = re.compile(
    r"\b(?:niet|geen|nooit|als|indien|mits|tenzij|wanneer|mocht|misschien|mogelijk|wellicht|waarschijnlijk"
    r"|nee|lukt|denkt?|dacht|hoopt?|hopelijk|(?:ten|al)?minste|zei|vorige?|voorheen|eerder|ja ?/ ?nee"
    r"|anders|of|probeert|durft|kan|kunt|moeder|vader|zoon|dochter|partner|man|vrouw|mantelzorger)\b"
)
_TAKEN_BACK: Final = re.compile(r"\b(?:niet|nee|toch|lukt)\b")
_NUMBER: Final = re.compile(r"(?<=[a-z] )\(?\+?\d[\d ().-]{7,}\d\)?")
"""A telephone number behind a word, as in "Vrolijkstra 06-… belt zelf"."""

_JOINT: Final = re.compile(rf"[,;()]| en (?=(?:{_WHO} )?(?:belt|neemt|meldt|zal|gaat|wil)\b)")
_PRONOUN: Final = re.compile(r"(?:hij|zij|ze)\b")
_PEOPLE: Final = RELATIVES | PROFESSIONS
_ALONE: Final = re.compile(rf"{_LEAD}(?:belt|neemt|zoekt|zal|gaat|wil) zelf\b")
_OTHERS: Final = re.compile(r"\b(?:ik|wij|we|u (?:kunt|mag|zelf)|praktijk|assistente?|huisarts)\b")


def calls_first(text: str, name: str | None = None) -> bool | None:
    """True where it is announced, False where it is denied or put in doubt, None where it isn't spoken of.

    `name` is the patient's, which may stand where "de patiënt" does.
    """
    if "zelf" not in plain(text):
        return None
    found: set[bool] = set()
    beside = False
    for line in text.split("\n"):
        line = re.sub(r"\bi\.v\.m\.?(?=\s)", "ivm", line, flags=re.IGNORECASE)
        for part in re.split(r"(?<=[.;!?])\s+", line[:LONGEST]):
            words = " ".join(plain(part).strip(" .!-*•\t\"'“”„‘’").split())
            named = _names_another(words)
            said = _stated(" ".join(_NUMBER.sub("", words).split()), name, another=beside or named)
            if said is None and True in found and len(words.split()) <= SHORT and _TAKEN_BACK.search(words):
                # "Patiënt belt zelf. Lukt niet."
                said = False
            # An empty line, or a new line, does not part "haar zus regelt het" from "zij belt zelf".
            beside = named if words else beside
            if said is not None:
                found.add(said)
    return None if not found else found == {True}


def _names_another(words: str) -> bool:
    """Whether somebody besides the patient is spoken of, who may be whoever calls."""
    each = re.findall(r"[\w-]+", words)
    return "door" in each or any(word in _PEOPLE or word.endswith(PROFESSION_ENDINGS) for word in each)


def _stated(words: str, name: str | None, *, another: bool) -> bool | None:
    """What a sentence says of it. With another about, "zij belt zelf" is not surely the patient."""
    if label := _LABEL.fullmatch(words):
        return {"ja": True, "j": True, "nee": False, "n": False}.get(label["answer"], False)
    if not _TOPIC.search(words):
        return None
    if words.endswith("?") or _DOUBT.search(words):
        # A word that makes it doubtful counts against it only where it is about the patient calling.
        return None if _OTHERS.search(words) and not _OF_PATIENT.match(_without(words, name)) else False
    clauses = [_without(clause.strip(), name) for clause in _JOINT.split(words)]
    known = False
    for clause in clauses:
        known = known or _OF_PATIENT.match(f"{clause} ") is not None
        said = _SAID.fullmatch(clause)
        if said is None or (another and (not said["who"] or _PRONOUN.match(said["who"]))):
            continue
        if said["who"] or known or _ALONE.match(clause):
            return True
    # Somebody else who calls, or a sentence we don't know, announces nothing.
    return None


def _without(words: str, name: str | None) -> str:
    """The words with the patient's name as "patient"."""
    names = set(re.findall(r"[\w'-]+", plain(name))) if name else set()
    kept: list[str] = []
    for word in words.split():
        if word.strip(".,:") in names:
            word = "patient"
        if word == "patient" and kept and kept[-1].rstrip(".") in _TITLES:
            kept.pop()
        if not (word == "patient" and kept and kept[-1] == "patient"):
            kept.append(word)
    return " ".join(kept)


_TITLES: Final = frozenset(
    {"patient", "patiente", "mevrouw", "mevr", "mw", "meneer", "dhr", "hr", "heer", "pt"}
)


SELF_RELIANT: Final = "zelfredzaam"
WITH_GUIDANCE: Final = "met_begeleiding"
NOT: Final = "niet_zelfredzaam"

_JUDGEMENT_LABEL: Final = re.compile(
    r"^(?:(?:mijn |onze )?inschatting(?: van de (?:situatie|zelfredzaamheid))?|zelfredzaamheid|zelfredzaam)"
    r"\s*[:=]\s*(?P<said>.+)$"
)
_JUDGEMENT_TOPIC: Final = re.compile(r"\b(?:zelfredzaam|redzaam|zelfredzaamheid)\b")
_JUDGED: Final = re.compile("redzaam|inschatting")
"""What stands in every sentence that judges."""

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
LONGEST_JUDGEMENT: Final = 160


def assessment_in(text: str) -> str | None:
    """The one judgement that a text states; None where it states none, or more than one."""
    if not _JUDGED.search(plain(text)):
        return None
    found: set[str | None] = set()
    for line in text.split("\n"):
        for part in re.split(r"(?<=[.;!?])\s+|[;]", line[:LONGEST_JUDGEMENT]):
            if (said := _judged(part.strip())) is not None:
                found.add(_code(said))
    return found.pop() if len(found) == 1 else None


def _judged(part: str) -> str | None:
    """What is said of it in a sentence; None in one about something else. A question says nothing."""
    words = plain(part).strip(" .!-*\t")
    if label := _JUDGEMENT_LABEL.match(words):
        return label["said"]
    if not _JUDGEMENT_TOPIC.search(words):
        return None
    subject = _SUBJECT.match(words)
    return subject["said"] if subject else words


def _code(said: str) -> str | None:
    said = re.sub(r"[(),]", " ", said)
    said = re.sub(r"\s+", " ", said).strip(" .!")
    return next((code for code, pattern in _WHOLE.items() if pattern.fullmatch(said)), None)
